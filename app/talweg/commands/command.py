"""What a command is: a name, keys, a condition and a deed. Free of Qt.

A command sees the window only as a ``Target`` and decides by a ``Situation`` whether it can run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from talweg.view.arrangement import Link
from talweg.view.state import ViewState
from talweg.work.tasks import Kind

MENUS = ("File", "Export", "Edit", "View", "Turn and move", "Saved views", "Display", "Compare", "Job", "Help")
"""Menus in the order in which they stand."""

INSIDE = {"Export": ("File", "file.close"), "Turn and move": ("View", "camera.undo"),
          "Saved views": ("View", "camera.undo")}  # fmt: skip
"""Menus that are inside another one, before a command of that."""


Steering = Literal["orbit", "roll", "pan", "zoom"]
"""Ways in which keys move the camera."""


@dataclass(frozen=True)
class ExportFormat:
    """A format that the Export menu offers.

    Attributes:
        suffix: Of the file, with its dot.
        title: As it stands in the menu.
        keys: Shortcuts.
        flavour: A variant of the format; "talweg" is the usual one.
        group: Formats of one group stand together.
    """

    suffix: str
    title: str
    keys: tuple[str, ...] = ()
    flavour: str = "talweg"
    group: str = "mesh"

    @property
    def id(self) -> str:
        """Name of its command."""
        variant = "" if self.flavour == "talweg" else f"_{self.flavour}"
        return f"export.{self.suffix[1:]}{variant}"


class Target(Protocol):
    """What commands act on."""

    @property
    def view(self) -> ViewState | None:
        """How the landscape is looked at, or None while none is open."""

    def ask_open(self) -> None:
        """Ask for a file and open it."""

    def ask_add(self) -> None:
        """Ask for files and add what they hold to the document."""

    def rename_landscape(self) -> None:
        """Ask for another name of the landscape that is shown."""

    def remove_landscape(self) -> None:
        """Ask whether the landscape that is shown is to be removed from the document."""

    def copy_comparison(self) -> None:
        """Put the numbers of the landscapes, side by side, on the clipboard."""

    def export_comparison(self) -> None:
        """Ask for a file name and write the numbers of the landscapes, side by side."""

    def show_start(self) -> None:
        """Show the start page."""

    def begin_landscape(self) -> None:
        """Show the page of a new landscape."""

    def open_example(self) -> None:
        """Open the embedded example."""

    def save(self) -> None:
        """Give a landscape that lies in no document yet one; others save themselves."""

    def save_copy(self) -> None:
        """Ask for a name and write the document there."""

    def export(self, form: ExportFormat) -> None:
        """Ask for a file name and export the landscape."""

    def export_figure(self) -> None:
        """Ask for a size and a file name and render a figure."""

    def export_movie(self) -> None:
        """Ask for a way, a length and a file name and render a movie."""

    def take_screenshot(self, *, clean: bool) -> None:
        """Write the picture as the window shows it; a clean one without background, axes, scalar bar and legend."""

    def copy_figure(self) -> None:
        """Put the picture on the clipboard, with a caption."""

    def change_view(self, title: str, **changes: Any) -> None:
        """Change the view; the change can be undone under its title."""

    def look_from(self, name: str) -> None:
        """Move the camera to a standard view."""

    def save_view(self) -> None:
        """Ask for a name and keep from where the picture is seen."""

    def look_from_next(self) -> None:
        """Look from the saved view after the one that is looked from, or from the first."""

    def fit_camera(self) -> None:
        """Show everything from the side where the camera is."""

    def copy_camera(self) -> None:
        """Put the camera on the clipboard, as text."""

    def paste_camera(self) -> None:
        """Look from where the text on the clipboard says."""

    def steer(self, way: Steering, right: float, up: float) -> None:
        """Move the camera by a step: "orbit" and "roll" by degrees, "pan" by shares, "zoom" by steps ``up``."""

    def fly(self) -> None:
        """Move the camera to the selected critical point."""

    def compute_closer(self, way: str) -> None:
        """Compute a landscape at the selected critical point: a "finer" grid, or a plane with it as its "centre"."""

    def refine(self) -> None:
        """Compute finer grids where the camera looks, until cancelled."""

    def probe(self, tool: str) -> None:
        """Let the next clicks on the surface "pin" a point or draw a "profile"."""

    def play(self) -> None:
        """Play the trajectory along time, or stop."""

    def split(self, count: int) -> None:
        """Show one, two or four views."""

    def next_view(self) -> None:
        """Let panels and commands act on the next view."""

    def toggle_link(self, link: Link) -> None:
        """Let all views have something in common, or no longer."""

    def subtract(self) -> None:
        """Show the difference of the two landscapes that are chosen for it."""

    def copy_pins(self) -> None:
        """Put the values of the pinned points on the clipboard."""

    def copy_points(self) -> None:
        """Put the selected critical points on the clipboard."""

    def export_points(self) -> None:
        """Ask for a file name and write the critical points that are shown."""

    def undo(self) -> None:
        """Take the last change of the view back."""

    def redo(self) -> None:
        """Do the change again that was taken back last."""

    def go_back(self) -> None:
        """Put the camera where it was before."""

    def go_forward(self) -> None:
        """Put the camera where it was taken back from."""

    def compute(self) -> None:
        """Start or resume computing the landscape that is shown; on the page of a new landscape, what is drafted."""

    def certify(self) -> None:
        """Look for the critical points that are shown on the network itself."""

    def compute_gradients(self) -> None:
        """Compute the gradient along the plane at the points of the landscape that is shown."""

    def repeat(self) -> None:
        """Show the page of a new landscape, filled with the job of the landscape that is shown."""

    def pause(self) -> None:
        """Ask the running job to stop for now, or go on with the first one of the queue."""

    def force_stop(self) -> None:
        """End the worker at once."""

    def cancel(self) -> None:
        """Ask the running job to stop."""

    def set_appearance(self, name: str) -> None:
        """Choose light, dark, or what the system says."""

    def toggle_panel(self, name: str) -> None:
        """Show or hide a panel."""

    def reset_layout(self) -> None:
        """Put every panel where it was at first."""

    def toggle_full_screen(self) -> None:
        """Fill the screen with the window, or no longer."""

    def show_settings(self) -> None:
        """Show the sheet of settings."""

    def show_palette(self) -> None:
        """Show the command palette."""

    def show_shortcuts(self) -> None:
        """Show the sheet of shortcuts."""

    def show_logs(self) -> None:
        """Show the folder of the log files in the system's file manager."""

    def show_about(self) -> None:
        """Say what this is and what it runs on."""

    def close_window(self) -> None:
        """Close the window."""

    def quit(self) -> None:
        """End the application."""


@dataclass(frozen=True)
class Situation:
    """What decides whether a command can run and whether it is ticked.

    Attributes:
        page: What stands in the landscape's place: "start", "new" for the page of a new landscape, or nothing.
        view: How the landscape is looked at; None while none is in view.
        computing: Whether a job is under way.
        stopping: Whether that job was asked to stop, or to pause.
        can_force: Whether stopping takes so long that the worker may be ended.
        can_resume: Whether no job runs, and one waits or is paused.
        pending: Kinds of work that run or wait for the landscape that is shown.
        can_compute: Whether the landscape that is shown has a job.
        can_certify: Whether it has critical points and a network behind them.
        can_differentiate: Whether it is a plane with computed points and a network behind them.
        is_plane: Whether it is a plane.
        has_path: Whether it has a training path.
        is_line: Whether it has one dimension and is drawn as a curve.
        undo: Title of the change that can be undone, or None.
        redo: Title of the change that can be done again, or None.
        back: Title of the camera's move that can be taken back, or None.
        forward: Title of the camera's move that can be done again, or None.
        landscapes: Number of landscapes of the document.
        writable: Whether the document can be written.
        compared: Whether the numbers of several landscapes stand side by side.
        lines: Number of those that are lines, where the active view shows one.
        views: Number of views.
        saved: Number of saved views.
        links: What they have in common.
        points: Number of critical points that are shown.
        selected: Number of those that are selected.
        panels: Panels that are visible.
        full_screen: Whether the window fills the screen.
        appearance: "system", "light" or "dark".
    """

    page: str = ""
    view: ViewState | None = None
    computing: bool = False
    stopping: bool = False
    can_force: bool = False
    can_resume: bool = False
    pending: frozenset[Kind] = frozenset()
    can_compute: bool = False
    can_certify: bool = False
    can_differentiate: bool = False
    is_plane: bool = False
    has_path: bool = False
    is_line: bool = False
    undo: str | None = None
    redo: str | None = None
    back: str | None = None
    forward: str | None = None
    landscapes: int = 0
    writable: bool = False
    compared: bool = False
    lines: int = 0
    views: int = 0
    saved: int = 0
    links: frozenset[Link] = frozenset()
    points: int = 0
    selected: int = 0
    panels: frozenset[str] = frozenset()
    full_screen: bool = False
    appearance: str = "system"


def _always(_: Situation) -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One thing that a user can do.

    Attributes:
        id: Its name, "menu.verb".
        title: As it stands in the menu.
        menu: One of ``MENUS``.
        run: Does it.
        keys: Shortcuts, the first one shown in the menu.
        enabled: Whether it can run.
        checked: Whether it is ticked, for what can be on or off; None for all others.
        label: A title that depends on the situation, instead of ``title``.
        group: Commands of one menu with equal groups stand together, between separators.
        icon: Name of its icon, or nothing.
        tip: One sentence for the tool tip.
        over_picture: Whether its keys work only while the picture has the focus; others may have them elsewhere.
    """

    id: str
    title: str
    menu: str
    run: Callable[[Target], None]
    keys: tuple[str, ...] = ()
    enabled: Callable[[Situation], bool] = _always
    checked: Callable[[Situation], bool] | None = None
    label: Callable[[Situation], str] | None = None
    group: str = ""
    icon: str = ""
    tip: str = ""
    over_picture: bool = False


def has_landscape(now: Situation) -> bool:
    """Whether a landscape is shown."""
    return now.view is not None


def is_drafting(now: Situation) -> bool:
    """Whether the page of a new landscape is in view."""
    return now.page == "new"


def has_plane(now: Situation) -> bool:
    """Whether a landscape is shown that is a surface."""
    return has_landscape(now) and not now.is_line
