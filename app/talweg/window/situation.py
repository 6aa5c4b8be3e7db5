"""How things stand in the window: what decides which commands are enabled, ticked, and how they are called."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from talweg.commands.command import Situation
from talweg.window.frame import PANELS

if TYPE_CHECKING:
    from talweg.window.main_window import MainWindow


def situation_of(window: "MainWindow") -> Situation:
    """Sum a window up; beside a page nothing is said of the landscape, which is out of sight."""
    now = Situation(
        page=window.pages.page,
        computing=window.runner.busy or window.refiner.preparing,
        stopping=window.runner.state.phase in ("stopping", "pausing"),
        can_force=window.runner.state.can_force,
        can_resume=window.runner.can_resume,
        panels=frozenset(name for name in PANELS if not window.docks[name].isHidden()),
        full_screen=bool(window.windowState() & Qt.WindowState.WindowFullScreen),
        appearance=window.preferences.now.appearance,
    )
    document, landscape, picture = window.store.document, window.store.landscape, window.store.picture
    arrangement = window.store.arrangement
    if now.page or document is None or landscape is None or arrangement is None:
        return now
    points = 0 if picture is None else int(picture.critical_points.kind.size)
    has_job, is_plane = landscape.job is not None, landscape.dimensions == 2
    return replace(
        now,
        view=window.store.view,
        pending=window.runner.pending_for(document, landscape.id),
        can_compute=has_job,
        can_certify=has_job and landscape.complete,
        can_differentiate=has_job and is_plane and window.store.volume is None and bool(landscape.known.any()),
        is_plane=is_plane,
        has_path=landscape.path is not None,
        is_line=landscape.dimensions == 1,
        landscapes=len(document.landscape_ids()),
        writable=not document.read_only,
        compared=bool(window.compare_panel.measured),
        lines=window.store.count_lines(),
        views=len(arrangement.panes),
        links=frozenset(arrangement.links),
        saved=len(arrangement.saved),
        points=points,
        selected=sum(point < points for point in window.store.selection.chosen),
        undo=window.store.undo_title,
        redo=window.store.redo_title,
        back=window.store.back_title,
        forward=window.store.forward_title,
    )
