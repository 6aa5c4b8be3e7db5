"""View and Display: what of a landscape is drawn, how, and from where."""

from collections.abc import Callable

from talweg.commands.command import Command, Situation, Steering, Target, has_landscape, has_plane
from talweg.view.display_modes import DISPLAY_MODES, DisplayMode
from talweg.view.eye import toggle_flat

STANDARD_VIEWS = (
    ("isometric", "9"),
    ("top", "7"),
    ("front", "1"),
    ("right", "3"),
    ("back", "Ctrl+1"),
    ("left", "Ctrl+3"),
    ("bottom", "Ctrl+7"),
)
"""Names of the scene's standard views with their keys."""


def layer_commands() -> tuple[Command, ...]:
    """Return the switches of what is drawn."""
    return (
        _toggle("view.surface", "Surface", "surface", ("S",)),
        Command("view.contours", "Contours", "View", _toggle_contours, ("C",), has_landscape, _has_contours,
                group="layers"),
        _toggle("view.critical_points", "Critical points", "critical_points", ("P",)),
        _toggle("view.talwegs", "Talwegs", "talwegs", ("V",)),
        _toggle("view.separatrices", "Separatrices", "separatrices", ("Shift+V",)),
        _toggle("view.trajectory", "Trajectory", "trajectory", ("T",), lambda now: has_landscape(now) and now.has_path),
        Command("view.play", "Play the trajectory", "View", lambda target: target.play(), ("Space",),
                lambda now: has_landscape(now) and now.has_path, group="layers",
                tip="One checkpoint after the other joins the trajectory; again: stop"),
        _toggle("view.axes", "Axes and frame", "axes", ("X", "G")),
        _toggle("view.grid", "Reference grid", "grid", ("Shift+G",)),
        _toggle("view.centre", "Centre of the plane", "centre", ("M",)),
        _toggle("view.scalar_bar", "Scalar bar", "scalar_bar", ("B",)),
        _toggle("view.legend", "Legend", "legend", ("Shift+B",)),
        Command("view.log", "Logarithmic height", "View", _toggle_log, ("L",), has_landscape,
                lambda now: now.view is not None and now.view.height_scale == "log", group="layers"),
    )  # fmt: skip


def display_commands() -> tuple[Command, ...]:
    """Return the ways to draw the surface."""
    modes = tuple(
        Command(f"mode.{mode.name}", mode.title, "Display", _draw_as(mode), (f"Alt+{number}",), has_plane,
                _is_drawn_as(mode), group="modes", icon=f"mode-{mode.name}", tip=f"{mode.title}: {_begin(mode.tip)}")
        for number, mode in enumerate(DISPLAY_MODES, 1)
    )  # fmt: skip
    return (
        *modes,
        _toggle("view.faceted", "Faceted", "faceted", ("Shift+F",), menu="Display", words="facets"),
        _toggle("view.wireframe", "Wires in any colour", "wireframe", ("Shift+W",), menu="Display", words="wireframe"),
    )


def probe_commands() -> tuple[Command, ...]:
    """Return the tools that read the surface."""
    return (
        Command("probe.pin", "Pin a point", "View", lambda target: target.probe("pin"), ("N",), has_landscape,
                group="probe",
                tip="Click on the surface or the curve: loss and accuracy stay there as a label"),
        Command("probe.profile", "Draw a profile", "View", lambda target: target.probe("profile"), ("D",),
                has_plane,
                group="probe", tip="Two clicks on the surface: loss and accuracy between them; a curve is one already"),
        Command("probe.copy", "Copy pinned values", "View", lambda target: target.copy_pins(), ("Ctrl+Shift+C",),
                lambda now: now.view is not None and bool(now.view.pins), group="probe"),
        Command("probe.clear", "Remove pins and profile", "View",
                lambda target: target.change_view("remove pins and profile", pins=(), profile=None), ("Shift+N",),
                lambda now: now.view is not None and bool(now.view.pins or now.view.profile), group="probe"),
    )  # fmt: skip


_ORBIT, _PAN = 15.0, 0.1  # degrees; share of what is seen
_STEPS: tuple[tuple[str, str, Steering, float, float, tuple[str, ...]], ...] = (
    ("orbit_left", "Orbit to the left", "orbit", -_ORBIT, 0.0, ("Left",)),
    ("orbit_right", "Orbit to the right", "orbit", _ORBIT, 0.0, ("Right",)),
    ("orbit_up", "Orbit upwards", "orbit", 0.0, _ORBIT, ("Up",)),
    ("orbit_down", "Orbit downwards", "orbit", 0.0, -_ORBIT, ("Down",)),
    ("roll_left", "Roll to the left", "roll", -_ORBIT, 0.0, ("Ctrl+Left",)),
    ("roll_right", "Roll to the right", "roll", _ORBIT, 0.0, ("Ctrl+Right",)),
    ("zoom_in", "Zoom in", "zoom", 0.0, 1.0, ("+", "=")),
    ("zoom_out", "Zoom out", "zoom", 0.0, -1.0, ("-",)),
    ("pan_left", "Move to the left", "pan", -_PAN, 0.0, ("Shift+Left",)),
    ("pan_right", "Move to the right", "pan", _PAN, 0.0, ("Shift+Right",)),
    ("pan_up", "Move upwards", "pan", 0.0, _PAN, ("Shift+Up",)),
    ("pan_down", "Move downwards", "pan", 0.0, -_PAN, ("Shift+Down",)),
)
"""Ways to steer the camera by the keyboard."""


def move_commands() -> tuple[Command, ...]:
    """Return those that move the eye by a step, with keys while the picture has the focus."""
    return tuple(
        Command(f"camera.{name}", title, "Turn and move", _steer(way, right, up), keys,
                _turns if way == "roll" else has_plane, group=way,
                tip="While the picture has the focus, the key does the same", over_picture=True)
        for name, title, way, right, up, keys in _STEPS
    )  # fmt: skip


def camera_commands() -> tuple[Command, ...]:
    """Return those that move the eye."""
    views = tuple(
        Command(f"camera.{name}", f"{name.capitalize()} view", "View", _look_from(name), (key,), has_landscape,
                group="camera", icon=f"view-{name}")
        for name, key in STANDARD_VIEWS
    )  # fmt: skip
    return (
        Command("camera.reset", "Reset the camera", "View",
                lambda target: target.change_view("reset the camera", camera=None), ("Home", "R"), has_landscape,
                group="camera", icon="fit", tip="Show everything from the standard side"),
        Command("camera.fit", "Fit the view", "View", lambda target: target.fit_camera(), ("Shift+Home", "Shift+R"),
                has_plane, group="camera", tip="Show everything from the side where the camera is"),
        *views,
        Command("camera.flat", "Map from above", "View", _toggle_flat, ("K",), has_plane,
                lambda now: now.view is not None and now.view.flat, group="camera",
                tip="Seen straight from above: a drag moves it, the wheel zooms; again: back to where the camera was"),
        Command("camera.undo", "Undo camera", "View", lambda target: target.go_back(), ("Alt+Left",),
                lambda now: now.back is not None, group="camera",
                label=lambda now: f"Undo camera: {now.back}" if now.back else "Undo camera",
                tip="Put the camera where it was before; nothing else changes"),
        Command("camera.redo", "Redo camera", "View", lambda target: target.go_forward(), ("Alt+Right",),
                lambda now: now.forward is not None, group="camera",
                label=lambda now: f"Redo camera: {now.forward}" if now.forward else "Redo camera"),
        Command("point.fly", "Fly to the selected point", "View", lambda target: target.fly(), ("F",),
                lambda now: now.selected > 0, group="camera", tip="Look at the selected critical point from near"),
        Command("camera.orthographic", "Orthographic", "View", _toggle_orthographic, ("5",), has_landscape,
                lambda now: now.view is not None and now.view.orthographic, group="camera"),
    )  # fmt: skip


def _toggle(
    name: str,
    title: str,
    field: str,
    keys: tuple[str, ...],
    enabled: Callable[[Situation], bool] = has_landscape,
    *,
    menu: str = "View",
    words: str = "",
) -> Command:
    """A command that turns one boolean of the view on or off."""
    words = words or title.lower()

    def run(target: Target) -> None:
        on = target.view is not None and bool(getattr(target.view, field))
        target.change_view(f"hide {words}" if on else f"show {words}", **{field: not on})

    def checked(now: Situation) -> bool:
        return now.view is not None and bool(getattr(now.view, field))

    return Command(name, title, menu, run, keys, enabled, checked, group="layers")


def _has_contours(now: Situation) -> bool:
    return now.view is not None and (now.view.contours_on_surface or now.view.contours_on_floor)


def _toggle_contours(target: Target) -> None:
    """Hide all contours; or show those on the surface and on the floor."""
    on = target.view is not None and (target.view.contours_on_surface or target.view.contours_on_floor)
    title = "hide contours" if on else "show contours"
    target.change_view(title, contours_on_surface=not on, contours_on_floor=not on)


def _toggle_log(target: Target) -> None:
    on = target.view is not None and target.view.height_scale == "log"
    target.change_view("linear height" if on else "logarithmic height", height_scale="linear" if on else "log")


def _toggle_orthographic(target: Target) -> None:
    on = target.view is not None and target.view.orthographic
    target.change_view("perspective" if on else "orthographic", orthographic=not on)


def _draw_as(mode: DisplayMode) -> Callable[[Target], None]:
    def run(target: Target) -> None:
        if target.view is not None:
            target.change_view(f"display as {mode.title.lower()}", **mode.changes(target.view))

    return run


def _is_drawn_as(mode: DisplayMode) -> Callable[[Situation], bool]:
    return lambda now: now.view is not None and mode.holds(now.view)


def saved_view_commands() -> tuple[Command, ...]:
    """Return those of views that have a name; the views themselves stand behind them."""
    return (
        Command("camera.save", "Save this view…", "Saved views", lambda target: target.save_view(), ("Ctrl+Shift+V",),
                has_plane, group="saved", tip="Keep where the camera is under a name, with the document"),
        Command("camera.next_saved", "Next saved view", "Saved views", lambda target: target.look_from_next(),
                ("Ctrl+Shift+K",), lambda now: has_plane(now) and now.saved > 0, group="saved"),
    )  # fmt: skip


def _turns(now: Situation) -> bool:
    return has_plane(now) and now.view is not None and not now.view.flat


def _toggle_flat(target: Target) -> None:
    if target.view is not None:
        title = "leave the map" if target.view.flat else "map from above"
        target.change_view(title, **toggle_flat(target.view))


def _steer(way: Steering, right: float, up: float) -> Callable[[Target], None]:
    return lambda target: target.steer(way, right, up)


def _look_from(name: str) -> Callable[[Target], None]:
    return lambda target: target.look_from(name)


def _begin(sentence: str) -> str:
    """A sentence as it stands after a colon."""
    return sentence[0].lower() + sentence[1:]
