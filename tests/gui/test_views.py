"""Several views at once: each with its landscape, linked or not, restored with the document, closed without a trace."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.figures.rendering import Order
from talweg.scene.eye import alike
from talweg.view.state import Overlay
from talweg.window.interactor import Interactor
from talweg.window.main_window import MainWindow
from talweg.window.movie_dialog import MovieDialog
from tests.gui.conftest import Watchdog, Workers, drawn_window, himmelblau, settle, vtk_objects

_ROLE = QPalette.ColorRole
_LONGEST = 0.3  # seconds, of which a whole frame of one view takes 0.06 on software OpenGL


@pytest.fixture
def several_path(tmp_path: Path) -> Path:
    """Three surfaces on one grid, and a line."""
    path = tmp_path / "several.talweg"
    axis = np.linspace(-5.0, 5.0, 21)
    loss = himmelblau(axis[None, :], axis[:, None])
    with Document.create(path) as document:
        line = 0.1 + axis**2
        document.add_landscape("line", axis, fields={"loss": line}, source="d")
        document.add_landscape("deep", axis, axis, fields={"loss": 0.1 * loss}, source="a")
        document.add_landscape("twice", axis, axis, fields={"loss": 2 * loss + 1}, source="b")
        document.add_landscape("plain", axis, axis, fields={"loss": loss}, source="c")
    return path


@pytest.fixture
def several_window(qtbot: QtBot, workers: Workers, several_path: Path) -> Iterator[MainWindow]:
    """A window with the document open and drawn in one view; no VTK object of it may outlive it."""
    with drawn_window(qtbot, workers, several_path) as window:
        yield window
        window = None  # type: ignore[assignment]  # the last reference but one


def split(window: MainWindow, qtbot: QtBot, words: str) -> None:
    """Choose a number of views and wait until all are drawn."""
    window.actions_by_id[f"views.{words}"].trigger()
    wait_for_pictures(window, qtbot)


def wait_for_pictures(window: MainWindow, qtbot: QtBot) -> None:
    def drawn() -> bool:
        views = [frame.scene_view for frame in window.views.frames]
        return window.store.settled and all(
            view.scene is not None and view.scene.picture is view.viewing.picture for view in views
        )

    qtbot.waitUntil(drawn, timeout=20_000)
    settle(qtbot)


def names(window: MainWindow) -> list[str]:
    return [frame.viewing.landscape.name for frame in window.views.frames if frame.viewing.landscape is not None]


def plotter_of(window: MainWindow, place: int) -> Interactor:
    plotter = window.views.frames[place].scene_view.plotter
    assert plotter is not None
    return plotter


def click(plotter: Interactor, place: QPoint) -> None:
    QTest.mouseClick(plotter, Qt.MouseButton.LeftButton, pos=place)


def drag(plotter: Interactor, by: QPoint) -> None:
    """Drag from the middle."""
    middle = plotter.rect().center()
    QTest.mousePress(plotter, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(plotter, middle + by)
    QTest.mouseRelease(plotter, Qt.MouseButton.LeftButton, pos=middle + by)


def test_four_views_and_back_to_one_leave_no_vtk_object(several_window: MainWindow, qtbot: QtBot) -> None:
    window = several_window
    one = len(vtk_objects())
    split(window, qtbot, "four")
    assert names(window) == ["plain", "line", "deep", "twice"]
    assert len(vtk_objects()) > 1.5 * one
    split(window, qtbot, "one")
    qtbot.wait(50)  # what is deleted later is gone
    assert len(vtk_objects()) <= one
    assert names(window) == ["plain"]
    assert window.store.undo_title == "one view"


def test_linked_views_share_camera_heights_and_colours(several_window: MainWindow, qtbot: QtBot) -> None:
    window, store = several_window, several_window.store
    split(window, qtbot, "two")
    second = window.views.frames[1].heading.landscapes
    second.setCurrentIndex(second.findText("twice"))
    second.activated.emit(second.currentIndex())
    wait_for_pictures(window, qtbot)
    assert names(window) == ["plain", "twice"]
    assert store.landscape is not None
    assert store.landscape.name == "twice"  # the view in which something is chosen becomes the active one
    first, other = (frame.scene_view.scene for frame in window.views.frames)
    assert first is not None
    assert other is not None
    assert alike(first.camera(), other.camera())  # the isometric view suits both
    for width in (900, 1280):  # each of them hears of the other one's size
        before = first.camera()
        window.resize(width, 800)
        qtbot.waitUntil(lambda eye=before: not alike(first.camera(), eye))  # type: ignore[misc]
        qtbot.waitUntil(lambda: alike(first.camera(), other.camera()))
    pictures = [viewing.picture for viewing in store.viewings]
    assert all(picture is not None for picture in pictures)
    ranges = {(picture.frame.height_range, picture.surface.scalar_range) for picture in pictures if picture is not None}
    assert len(ranges) == 1

    drag(plotter_of(window, 0), QPoint(60, 20))
    assert store.arrangement is not None
    assert store.arrangement.active == 0
    qtbot.waitUntil(lambda: store.view is not None and store.view.camera is not None)
    qtbot.waitUntil(lambda: not first.moving and not other.moving)
    assert alike(first.camera(), other.camera())
    assert {pane.view.camera for pane in store.arrangement.panes} == {first.camera()}
    assert store.back_title == "move the camera"
    window.actions_by_id["link.camera"].trigger()
    drag(plotter_of(window, 1), QPoint(-40, 0))
    qtbot.waitUntil(lambda: not alike(first.camera(), other.camera()))
    settle(qtbot)
    assert len({pane.view.camera for pane in store.arrangement.panes}) == 2

    window.actions_by_id["link.height"].trigger()
    window.actions_by_id["link.colour"].trigger()
    wait_for_pictures(window, qtbot)
    apart = {(each.frame.height_range, each.surface.scalar_range) for each in map_pictures(window)}
    assert len(apart) == 2


def map_pictures(window: MainWindow) -> list:  # type: ignore[type-arg]  # pictures
    return [viewing.picture for viewing in window.store.viewings]


def test_panels_act_on_the_active_view_which_is_marked(several_window: MainWindow, qtbot: QtBot) -> None:
    window, store = several_window, several_window.store
    split(window, qtbot, "two")
    assert store.arrangement is not None
    frames = window.views.frames
    assert [frame.foregroundRole() for frame in frames] == [_ROLE.Highlight, _ROLE.Mid]
    assert frames[0].heading.mark.accessibleName() == "View 1, active"
    window.view_panel.surface_section.wireframe.click()
    assert [pane.view.wireframe for pane in store.arrangement.panes] == [True, False]
    window.actions_by_id["views.next"].trigger()
    assert [frame.foregroundRole() for frame in frames] == [_ROLE.Mid, _ROLE.Highlight]
    assert not window.view_panel.surface_section.wireframe.isChecked()
    assert frames[1].viewing.landscape is not store.viewings[0].landscape
    click(plotter_of(window, 0), QPoint(5, 5))
    assert store.arrangement.active == 0
    assert window.view_panel.surface_section.wireframe.isChecked()
    assert store.undo_title == "show wireframe"  # to look elsewhere is nothing to undo
    window.target.undo()
    assert not store.arrangement.panes[0].view.wireframe


def test_undo_takes_views_back_one_by_one(several_window: MainWindow, qtbot: QtBot) -> None:
    window, store = several_window, several_window.store
    split(window, qtbot, "two")
    split(window, qtbot, "four")
    window.views.frames[3].heading.landscapes.activated.emit(0)
    assert store.undo_title == "show line"
    for title, count in (("four views", 4), ("two views", 2), (None, 1)):
        window.target.undo()
        assert (store.undo_title, len(window.views.frames)) == (title, count)
    window.target.redo()
    window.target.redo()
    wait_for_pictures(window, qtbot)
    assert len(window.views.frames) == 4


def test_each_view_reads_out_its_own_landscape(several_window: MainWindow, qtbot: QtBot) -> None:
    window = several_window
    split(window, qtbot, "two")
    frame = window.views.frames[1]
    frame.heading.landscapes.activated.emit(frame.heading.landscapes.findText("twice"))
    window.store.activate(0)
    wait_for_pictures(window, qtbot)
    seen = []
    window.views.hovered.connect(lambda where, landscape: seen.append((where, landscape)))
    for place, name in enumerate(("plain", "twice")):
        plotter = plotter_of(window, place)
        seen.clear()
        QTest.mouseMove(plotter, plotter.rect().center() - QPoint(20, 10))
        QTest.mouseMove(plotter, plotter.rect().center() - QPoint(21, 10))
        qtbot.waitUntil(lambda: bool(seen) and seen[-1][0] is not None)
        assert seen[-1][1].name == name
        assert window.status.readout.text().startswith("u ")
    window.target.probe("pin")
    plotter = plotter_of(window, 1)
    click(plotter, plotter.rect().center() - QPoint(20, 10))
    assert window.store.arrangement is not None
    assert [len(pane.view.pins) for pane in window.store.arrangement.panes] == [0, 1]


def test_views_come_back_with_the_document(
    several_window: MainWindow, qtbot: QtBot, several_path: Path, document_path: Path
) -> None:
    window, store = several_window, several_window.store
    split(window, qtbot, "four")
    window.actions_by_id["link.colour"].trigger()
    store.activate(2)
    store.change("magma", colour_map="magma")
    kept = store.arrangement
    assert kept is not None
    assert window.open_path(document_path)
    wait_for_pictures(window, qtbot)
    assert len(window.views.frames) == 1
    assert window.open_path(several_path)
    wait_for_pictures(window, qtbot)
    assert store.arrangement is not None
    assert store.arrangement.panes == kept.panes
    assert (store.arrangement.links, store.arrangement.active) == (kept.links, 2)
    assert len(window.views.frames) == 4


def test_a_second_landscape_lies_over_the_first(several_window: MainWindow, qtbot: QtBot) -> None:
    window, store = several_window, several_window.store
    section = window.view_panel.overlay_section
    assert [section.landscape.itemText(index) for index in range(section.landscape.count())] == [
        "none",
        "deep",
        "twice",
    ]
    assert not section.opacity.isEnabled()
    axis, document = np.linspace(-5.0, 5.0, 4), store.document
    assert document is not None
    document.add_landscape("volume", axis, axis, axis, fields={"loss": np.ones((4, 4, 4))})
    section.show_state()
    assert section.landscape.count() == 3  # a volume does not lie over a surface
    section.landscape.setCurrentIndex(2)
    section.landscape.activated.emit(2)
    section.opacity.setValue(30)
    wait_for_pictures(window, qtbot)
    assert store.picture is not None
    part = store.picture.overlay
    assert part is not None
    assert part.names == ("plain", "twice")
    assert part.surface.look.opacity == pytest.approx(0.3)
    scene = window.scene_view.scene
    assert scene is not None
    alone = window.scene_view.grab().toImage()
    drag(plotter_of(window, 0), QPoint(30, 0))  # the draft has both, too
    qtbot.waitUntil(lambda: not scene.moving)
    window.target.undo()
    assert store.undo_title == "lay over twice"
    window.target.undo()
    wait_for_pictures(window, qtbot)
    assert store.picture.overlay is None
    assert window.scene_view.grab().toImage() != alone


def test_a_movie_has_all_views_or_the_active_one_as_the_window_shows_them(
    several_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window, store = several_window, several_window.store
    split(window, qtbot, "two")
    store.change("lay over deep", overlay=Overlay(2))
    orders: list[Order] = []
    every = True

    def accept(dialog: MovieDialog) -> QDialog.DialogCode:
        assert dialog.all_views.isChecked()
        dialog.all_views.setChecked(every)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(MovieDialog, "exec", accept)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.mp4"), ""))
    monkeypatch.setattr(window.darkroom, "take", lambda order, _: orders.append(order))
    window.actions_by_id["export.movie"].trigger()
    every = False
    window.actions_by_id["export.movie"].trigger()
    both, alone = orders
    assert [len(both.shots), len(alone.shots)] == [2, 1]
    assert both.linked
    active = both.shots[window.store.arrangement.active if window.store.arrangement else 0]
    assert active.overlay is not None
    assert active.overlay.name == "deep"
    assert alone.shots[0].overlay is not None
    assert len(alone.shots[0].company.heights) == len(both.shots[0].company.heights) > 1  # one range for all


def test_splitting_never_holds_the_window_up_and_nothing_is_drawn_at_rest(
    several_window: MainWindow, qtbot: QtBot, watchdog: Watchdog
) -> None:
    window = several_window
    watchdog.start()
    window.actions_by_id["views.four"].trigger()
    qtbot.wait(20)
    wait_for_pictures(window, qtbot)
    assert watchdog.stalled < _LONGEST
    settle(qtbot)
    frames = []
    observers = []
    for place in range(4):
        target = plotter_of(window, place).render_window
        observers.append((target, target.AddObserver("EndEvent", lambda *_: frames.append(True))))
    qtbot.wait(500)
    assert not frames
    for target, tag in observers:
        target.RemoveObserver(tag)
