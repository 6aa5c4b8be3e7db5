"""One table of commands: menus, shortcuts, palette and the shortcut sheet are made from it. Free of Qt."""

from collections.abc import Callable

from talweg.commands.command import Command, ExportFormat, Situation, Target
from talweg.view.arrangement import LINKS, Link
from talweg.view.display_modes import DISPLAY_MODES, DisplayMode

EXPORTS = (
    ExportFormat(".ply", "PLY mesh", ("Ctrl+E",)),
    ExportFormat(".ply", "PLY for learnply, the OpenGL viewer", flavour="learnply"),
    ExportFormat(".obj", "OBJ mesh"),
    ExportFormat(".stl", "STL mesh"),
    ExportFormat(".glb", "glTF mesh"),
    ExportFormat(".vtp", "VTK mesh"),
    ExportFormat(".vtp", "VTK mesh as Li et al. write it", flavour="li2018"),
    ExportFormat(".pdf", "Map as a vector figure", group="map"),
    ExportFormat(".svg", "Map as a vector figure", group="map"),
    ExportFormat(".csv", "CSV table", group="numbers"),
    ExportFormat(".npz", "NumPy arrays", group="numbers"),
    ExportFormat(".vti", "VTK image data", group="numbers"),
    ExportFormat(".h5", "HDF5 surface as Li et al. write it", group="numbers"),
)
"""Formats that a landscape is exported to."""

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


_LINK_TIPS: dict[Link, str] = {
    "camera": "Turning one view turns all of them",
    "height": "All views show the same quantity as height, over the range that holds all of them",
    "colour": "All views show the same quantity as colour, over one range: one scalar bar holds for all",
}


def all_commands() -> tuple[Command, ...]:
    """Return the table, in the order of the menus."""
    return (
        *_file(),
        *_exports(),
        *_edit(),
        *_layers(),
        *_modes(),
        *_probes(),
        *_comparing(),
        *_cameras(),
        *_window(),
        *_job(),
        *_help(),
    )


def _file() -> tuple[Command, ...]:
    return (
        Command("file.new", "New landscape…", "File", lambda target: target.begin_landscape(), ("Ctrl+N",), icon="new",
                tip="Compute a landscape of a checkpoint"),
        Command("file.open", "Open…", "File", lambda target: target.ask_open(), ("Ctrl+O",), icon="open", tip=(
            "Open a document, a job file or a grid of numbers")),
        Command("file.start", "Start page", "File", lambda target: target.show_start(),
                tip="Recent documents, the example, and the figures of the papers"),
        Command("file.save_copy", "Save a copy as…", "File", lambda target: target.save_copy(), ("Ctrl+Shift+S",),
                _open, group="save"),
        Command("file.settings", "Settings…", "File", lambda target: target.show_settings(), ("Ctrl+,",),
                group="settings", tip="Colours, the device, downloads, and whose code may run"),
        Command("file.close", "Close", "File", lambda target: target.close_window(), ("Ctrl+W",), group="end"),
        Command("file.quit", "Quit", "File", lambda target: target.quit(), ("Ctrl+Q",), group="end"),
    )  # fmt: skip


def _exports() -> tuple[Command, ...]:
    formats = tuple(
        Command(
            form.id,
            f"{form.title} ({form.suffix})…",
            "Export",
            _export(form),
            form.keys,
            _open,
            group=form.group,
            icon="export" if form.keys else "",
        )
        for form in EXPORTS
    )
    return (
        *formats,
        Command("export.points", "Critical points (.csv)…", "Export", lambda target: target.export_points(), (),
                lambda now: now.points > 0, group="numbers", tip="Write the critical points that the table shows"),
        Command("export.figure", "Figure (.png)…", "Export", lambda target: target.export_figure(), ("Ctrl+Shift+E",),
                _open, group="figure", icon="figure", tip="Render what is shown at any size, for a slide or a paper"),
        Command("export.movie", "Movie (.mp4, .gif)…", "Export", lambda target: target.export_movie(), ("Ctrl+Alt+E",),
                _open_plane, group="figure", tip="Once around the landscape, or the training along time"),
        Command("export.screenshot", "Screenshot", "Export", lambda target: target.take_screenshot(clean=False),
                ("F12",), _open, group="figure", tip="Write the picture as it is, without a question"),
        Command("export.clean_screenshot", "Screenshot of the landscape alone", "Export",
                lambda target: target.take_screenshot(clean=True), ("Ctrl+F12",), _open, group="figure",
                tip="Without background, axes, scalar bar and legend"),
    )  # fmt: skip


def _edit() -> tuple[Command, ...]:
    return (
        Command("edit.undo", "Undo", "Edit", lambda target: target.undo(), ("Ctrl+Z",),
                lambda now: now.undo is not None, icon="undo",
                label=lambda now: f"Undo: {now.undo}" if now.undo else "Undo"),
        Command("edit.redo", "Redo", "Edit", lambda target: target.redo(), ("Ctrl+Shift+Z", "Ctrl+Y"),
                lambda now: now.redo is not None, icon="redo",
                label=lambda now: f"Redo: {now.redo}" if now.redo else "Redo"),
        Command("edit.copy_figure", "Copy the figure", "Edit", lambda target: target.copy_figure(), ("Ctrl+Alt+C",),
                _open, group="copy", tip="The picture as it is, and its caption for whoever pastes text"),
        Command("edit.copy_points", "Copy critical points", "Edit", lambda target: target.copy_points(), ("Ctrl+C",),
                lambda now: now.selected > 0, group="copy", tip="Copy the selected rows, with tabs between columns"),
    )  # fmt: skip


def _layers() -> tuple[Command, ...]:
    return (
        _toggle("view.surface", "Surface", "surface", ("S",)),
        Command("view.contours", "Contours", "View", _toggle_contours, ("C",), _open, _has_contours, group="layers"),
        _toggle("view.critical_points", "Critical points", "critical_points", ("P",)),
        _toggle("view.talwegs", "Talwegs", "talwegs", ("V",)),
        _toggle("view.separatrices", "Separatrices", "separatrices", ("Shift+V",)),
        _toggle("view.trajectory", "Trajectory", "trajectory", ("T",), lambda now: _open(now) and now.has_path),
        Command("view.play", "Play the trajectory", "View", lambda target: target.play(), ("Space",),
                lambda now: _open(now) and now.has_path, group="layers",
                tip="One checkpoint after the other joins the trajectory; again: stop"),
        _toggle("view.axes", "Axes and frame", "axes", ("X", "G")),
        _toggle("view.grid", "Reference grid", "grid", ("Shift+G",)),
        _toggle("view.centre", "Centre of the plane", "centre", ("M",)),
        _toggle("view.scalar_bar", "Scalar bar", "scalar_bar", ("B",)),
        _toggle("view.legend", "Legend", "legend", ("Shift+B",)),
        Command("view.log", "Logarithmic height", "View", _toggle_log, ("L",), _open,
                lambda now: now.view is not None and now.view.height_scale == "log", group="layers"),
    )  # fmt: skip


def _modes() -> tuple[Command, ...]:
    modes = tuple(
        Command(f"mode.{mode.name}", mode.title, "Display", _draw_as(mode), (f"Alt+{number}",), _open,
                _is_drawn_as(mode), group="modes", tip=mode.tip)
        for number, mode in enumerate(DISPLAY_MODES, 1)
    )  # fmt: skip
    return (
        *modes,
        _toggle("view.faceted", "Faceted", "faceted", ("Shift+F",), menu="Display", words="facets"),
        _toggle("view.wireframe", "Wires in any colour", "wireframe", ("Shift+W",), menu="Display", words="wireframe"),
    )


def _probes() -> tuple[Command, ...]:
    return (
        Command("probe.pin", "Pin a point", "View", lambda target: target.probe("pin"), ("N",), _open, group="probe",
                tip="Click on the surface: loss and accuracy stay there as a label"),
        Command("probe.profile", "Draw a profile", "View", lambda target: target.probe("profile"), ("D",), _open,
                group="probe", tip="Two clicks on the surface: loss and accuracy along the line between them"),
        Command("probe.copy", "Copy pinned values", "View", lambda target: target.copy_pins(), ("Ctrl+Shift+C",),
                lambda now: now.view is not None and bool(now.view.pins), group="probe"),
        Command("probe.clear", "Remove pins and profile", "View",
                lambda target: target.change_view("remove pins and profile", pins=(), profile=None), ("Shift+N",),
                lambda now: now.view is not None and bool(now.view.pins or now.view.profile), group="probe"),
    )  # fmt: skip


def _comparing() -> tuple[Command, ...]:
    counts = tuple(
        Command(f"views.{words}", f"{words.capitalize()} view{'s' if count > 1 else ''}", "Compare", _split(count),
                (f"Ctrl+Alt+{count}",), _open, _has_views(count), group="views", tip=tip)
        for count, words, tip in (
            (1, "one", "Show the active view alone"),
            (2, "two", "Two landscapes side by side"),
            (4, "four", "Four landscapes, two by two"),
        )
    )  # fmt: skip
    links = tuple(
        Command(f"link.{link}", f"Link {words}", "Compare", _toggle_link(link), (),
                lambda now: now.views > 1, _is_linked(link), group="links", tip=_LINK_TIPS[link])
        for link, words in LINKS.items()
    )  # fmt: skip
    return (
        *counts,
        Command("views.next", "Next view", "Compare", lambda target: target.next_view(), ("F6",),
                lambda now: now.views > 1, group="views", tip="Let panels and commands act on the next view"),
        *links,
        Command("compare.lines", "All lines in one plot", "Compare", _toggle_lines, (),
                lambda now: now.lines > 1, lambda now: now.view is not None and now.view.all_lines, group="compare",
                tip="Draw every line of the document into the plot of the active view"),
        Command("compare.difference", "Show the difference", "Compare", lambda target: target.subtract(), (),
                lambda now: now.landscapes > 1, group="compare",
                tip="A further landscape: the first of two minus the second, as the compare panel has them"),
    )  # fmt: skip


def _cameras() -> tuple[Command, ...]:
    views = tuple(
        Command(f"camera.{name}", f"{name.capitalize()} view", "View", _look_from(name), (key,), _open, group="camera",
                icon=f"view-{name}")
        for name, key in STANDARD_VIEWS
    )  # fmt: skip
    return (
        Command("camera.reset", "Reset the camera", "View",
                lambda target: target.change_view("reset the camera", camera=None), ("Home", "R"), _open,
                group="camera", icon="fit", tip="Show everything from the standard side"),
        *views,
        Command("camera.undo", "Undo camera", "View", lambda target: target.go_back(), ("Alt+Left",),
                lambda now: now.back is not None, group="camera",
                label=lambda now: f"Undo camera: {now.back}" if now.back else "Undo camera",
                tip="Put the camera where it was before; nothing else changes"),
        Command("camera.redo", "Redo camera", "View", lambda target: target.go_forward(), ("Alt+Right",),
                lambda now: now.forward is not None, group="camera",
                label=lambda now: f"Redo camera: {now.forward}" if now.forward else "Redo camera"),
        Command("point.fly", "Fly to the selected point", "View", lambda target: target.fly(), ("F",),
                lambda now: now.selected > 0, group="camera", tip="Look at the selected critical point from near"),
        Command("camera.orthographic", "Orthographic", "View", _toggle_orthographic, ("5",), _open,
                lambda now: now.view is not None and now.view.orthographic, group="camera"),
    )  # fmt: skip


def _window() -> tuple[Command, ...]:
    panels = tuple(
        Command(f"panel.{name}", title, "View", _toggle_panel(name), checked=_panel_is_visible(name), group="panels")
        for name, title in (
            ("view", "View panel"),
            ("topology", "Topology panel"),
            ("job", "Job panel"),
            ("numbers", "Numbers panel"),
            ("profile", "Profile panel"),
            ("compare", "Compare panel"),
        )
    )
    appearances = tuple(
        Command(f"appearance.{name}", title, "View", _appear(name), checked=_has_appearance(name), group="appearance")
        for name, title in (("system", "Colours of the system"), ("light", "Light colours"), ("dark", "Dark colours"))
    )
    return (
        *panels,
        Command("panel.reset", "Reset the layout", "View", lambda target: target.reset_layout(), group="panels"),
        *appearances,
        Command("window.full_screen", "Full screen", "View", lambda target: target.toggle_full_screen(), ("F11",),
                checked=lambda now: now.full_screen, group="screen"),
    )  # fmt: skip


def _job() -> tuple[Command, ...]:
    return (
        Command("job.compute", "Compute", "Job", lambda target: target.compute(), ("Ctrl+Return",),
                lambda now: now.can_compute and "points" not in now.pending, icon="compute",
                tip="Compute the points that are missing, once the jobs before it are over"),
        Command("job.certify", "Certify critical points", "Job", lambda target: target.certify(),
                ("Ctrl+Shift+Return",), lambda now: now.can_certify and "certification" not in now.pending,
                tip="Look for each critical point that is shown on the network itself"),
        Command("job.gradients", "Compute gradients", "Job", lambda target: target.compute_gradients(), (),
                lambda now: now.can_differentiate and "gradients" not in now.pending,
                tip="Take the gradient along the plane at every point on the network itself, to be shown as height or "
                    "colour"),
        Command("job.repeat", "Repeat with changes…", "Job", lambda target: target.repeat(),
                enabled=lambda now: now.can_compute,
                tip="Open New landscape with this job filled in, to change it; this landscape stays"),
        Command("point.finer", "Finer grid around the selected point", "Job",
                lambda target: target.compute_closer("finer"), enabled=_can_compute_there, group="closer",
                tip="Compute a further landscape: the same plane, a quarter of the sides, as many points"),
        Command("point.centre", "New plane through the selected point", "Job",
                lambda target: target.compute_closer("centre"), enabled=_can_compute_there, group="closer",
                tip="Compute a further landscape: new random directions, normalized at the weights of this point"),
        Command("job.refine", "Refine this region", "Job", lambda target: target.refine(), ("Z",),
                lambda now: now.is_plane, group="closer", icon="refine",
                tip="Compute finer grids where the camera looks, each twice as fine, until cancelled"),
        Command("job.pause", "Pause", "Job", lambda target: target.pause(), ("Ctrl+Shift+.",),
                lambda now: now.can_resume or (now.computing and not now.stopping), icon="pause", group="run",
                label=lambda now: "Resume the queue" if now.can_resume else "Pause",
                tip="Stop for now: what was computed stays, and the worker ends until the job is resumed"),
        Command("job.cancel", "Cancel", "Job", lambda target: target.cancel(), ("Esc", "Ctrl+."),
                lambda now: now.computing and not now.stopping, icon="stop", group="run",
                tip="Stop; what was computed stays, and the next job begins"),
        Command("job.force", "Force stop", "Job", lambda target: target.force_stop(),
                enabled=lambda now: now.can_force, group="run",
                tip="End the worker and its processes at once; what was computed stays"),
    )  # fmt: skip


def _help() -> tuple[Command, ...]:
    return (
        Command("help.palette", "Find a command…", "Help", lambda target: target.show_palette(), ("Ctrl+Shift+P",),
                tip="Type a few letters of what you want to do"),
        Command("help.shortcuts", "Shortcuts", "Help", lambda target: target.show_shortcuts(), ("F1", "Shift+?", "?")),
        Command("help.example", "Open the example", "Help", lambda target: target.open_example()),
        Command("help.about", "About Talweg", "Help", lambda target: target.show_about(), group="about"),
    )  # fmt: skip


def _can_compute_there(now: Situation) -> bool:
    return now.can_compute and now.selected > 0


def _open(situation: Situation) -> bool:
    return situation.view is not None


def _open_plane(situation: Situation) -> bool:
    return _open(situation) and not situation.is_line


def _toggle(
    name: str,
    title: str,
    field: str,
    keys: tuple[str, ...],
    enabled: Callable[[Situation], bool] = _open,
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
    return lambda target: target.change_view(f"display as {mode.title.lower()}", **mode.changes)


def _is_drawn_as(mode: DisplayMode) -> Callable[[Situation], bool]:
    return lambda now: now.view is not None and mode.holds(now.view)


def _export(form: ExportFormat) -> Callable[[Target], None]:
    return lambda target: target.export(form)


def _look_from(name: str) -> Callable[[Target], None]:
    return lambda target: target.look_from(name)


def _toggle_lines(target: Target) -> None:
    on = target.view is not None and target.view.all_lines
    target.change_view("one line" if on else "all lines in one plot", all_lines=not on)


def _split(count: int) -> Callable[[Target], None]:
    return lambda target: target.split(count)


def _has_views(count: int) -> Callable[[Situation], bool]:
    return lambda now: now.views == count


def _toggle_link(link: Link) -> Callable[[Target], None]:
    return lambda target: target.toggle_link(link)


def _is_linked(link: Link) -> Callable[[Situation], bool]:
    return lambda now: now.views > 1 and link in now.links


def _toggle_panel(name: str) -> Callable[[Target], None]:
    return lambda target: target.toggle_panel(name)


def _panel_is_visible(name: str) -> Callable[[Situation], bool]:
    return lambda now: name in now.panels


def _appear(name: str) -> Callable[[Target], None]:
    return lambda target: target.set_appearance(name)


def _has_appearance(name: str) -> Callable[[Situation], bool]:
    return lambda now: now.appearance == name
