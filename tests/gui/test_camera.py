"""The camera: a map that moves but does not turn, saved views, and the camera as text."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from talweg.scene.camera_moves import roll
from talweg.scene.eye import alike
from talweg.view.eye import VIEW_ANGLE, Eye, read_eye
from talweg.view.state import Camera, ViewState
from talweg.window.main_window import MainWindow
from tests.gui.test_scene import drag, plotter_of

HALF = math.tan(math.radians(VIEW_ANGLE / 2))
SIDE = Camera((3.0, -4.0, 3.0), (0.0, 0.0, 0.5), (0.0, 0.0, 1.0), math.hypot(3.0, 4.0, 2.5) * HALF)


def view_of(window: MainWindow) -> ViewState:
    assert window.view is not None
    return window.view


def saved_menu(window: MainWindow) -> tuple[QMenu, list[str]]:
    menu = window.saved_views._menu
    menu.aboutToShow.emit()
    return menu, [action.text() for action in menu.actions() if action.text()]


def test_a_drag_and_arrows_move_a_map_without_turning_it(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, plotter, scene = scene_window, plotter_of(scene_window), scene_window.scene_view.scene
    assert scene is not None
    window.store.change("look", camera=SIDE)
    qtbot.waitUntil(lambda: alike(scene.camera(), view_of(window).camera or scene.camera()))
    qtbot.keyClick(plotter, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: scene.picture is not None and scene.picture.flat)
    assert (view_of(window).camera, view_of(window).camera_before) == (None, SIDE)
    assert window.store.back_title == "map from above"
    before = scene.camera()
    for modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
        drag(plotter, QPoint(200, 200), QPoint(260, 180), modifiers)
        qtbot.waitUntil(lambda: view_of(window).camera is not None and not scene.moving)
    now = scene.camera()
    assert np.subtract(now.position, now.focal_point)[:2] == pytest.approx((0, 0), abs=1e-6)
    assert now.up == pytest.approx(before.up, abs=1e-6)
    assert np.subtract(now.position, before.position)[0] < -0.05  # the map went right with the mouse
    plotter.setFocus()
    qtbot.keyClick(plotter, Qt.Key.Key_Right)
    moved = view_of(window).camera
    assert moved is not None
    assert moved.position[0] - now.position[0] > 0.05
    assert moved.position[2] == pytest.approx(now.position[2])
    assert not window.actions_by_id["camera.roll_right"].isEnabled()
    qtbot.keyClick(plotter, Qt.Key.Key_K)
    assert (view_of(window).flat, view_of(window).camera) == (False, SIDE)


def test_a_view_from_the_side_leaves_the_map_and_one_from_the_top_does_not(
    scene_window: MainWindow, qtbot: QtBot
) -> None:
    window = scene_window
    window.actions_by_id["camera.flat"].trigger()
    window.actions_by_id["camera.top"].trigger()
    assert view_of(window).flat
    window.actions_by_id["camera.front"].trigger()
    assert not view_of(window).flat
    scene = window.scene_view.scene
    assert scene is not None
    qtbot.waitUntil(lambda: alike(scene.camera(), view_of(window).camera or SIDE))
    fitting = scene.view("front")
    assert alike(scene.camera(), fitting)  # chosen for the projection that the view has, not for the map's


def test_the_view_is_fitted_and_rolled(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, scene = scene_window, scene_window.scene_view.scene
    assert scene is not None
    window.store.change("look", camera=Camera((1.0, -1.0, 1.5), (0.3, 0.2, 0.5), (0.0, 0.0, 1.0)))
    window.store.resolve_now()
    fitted = scene.fitted()
    window.actions_by_id["camera.fit"].trigger()
    assert view_of(window).camera is not None
    assert alike(view_of(window).camera or SIDE, fitted)
    window.store.resolve_now()
    plotter_of(window).setFocus()
    wanted = roll(scene.camera(), 15.0)
    qtbot.keyClick(plotter_of(window), Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert alike(view_of(window).camera or SIDE, wanted)
    assert window.store.back_title == "roll the camera"


def test_views_are_saved_chosen_and_removed(
    scene_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, store = scene_window, scene_window.store
    names = iter(("  from  the side ", ""))
    monkeypatch.setattr("talweg.window.target.ask_name", lambda *_: next(names))
    assert not window.actions_by_id["camera.next_saved"].isEnabled()
    store.change("look", camera=SIDE)
    window.actions_by_id["camera.save"].trigger()
    window.actions_by_id["camera.flat"].trigger()
    window.actions_by_id["camera.save"].trigger()
    assert store.arrangement is not None
    assert [view.name for view in store.arrangement.saved] == ["from the side", "View 1"]
    menu, titles = saved_menu(window)
    assert titles == ["Save this view…", "Next saved view", "&1 from the side", "&2 View 1", "&Remove"]
    menu.actions()[[action.text() for action in menu.actions()].index("&1 from the side")].trigger()
    assert not view_of(window).flat
    assert view_of(window).camera is not None
    assert alike(view_of(window).camera or SIDE, SIDE)
    window.actions_by_id["camera.next_saved"].trigger()
    assert view_of(window).flat
    window.actions_by_id["camera.flat"].trigger()  # the way back from a saved map is to where the eye was before it
    assert alike(view_of(window).camera or SIDE, SIDE)
    path = store.document.path  # type: ignore[union-attr]  # it is open
    store.save()
    assert window.open_path(path)
    _, titles = saved_menu(window)
    assert "&1 from the side" in titles
    remove = window.saved_views._remove
    remove.actions()[0].trigger()
    assert [view.name for view in store.arrangement.saved] == ["View 1"]
    assert store.undo_title == "remove the view from the side"
    store.undo()
    assert len(store.arrangement.saved) == 2


def test_the_camera_goes_from_one_view_to_another_as_text(scene_window: MainWindow) -> None:
    window = scene_window
    window.store.change("look", camera=SIDE, orthographic=True)
    window.store.resolve_now()
    window.actions_by_id["edit.copy_camera"].trigger()
    text = QGuiApplication.clipboard().text()
    assert read_eye(text) == Eye(read_eye(text).camera, True)
    window.store.change("elsewhere", camera=None, orthographic=False)
    window.actions_by_id["edit.paste_camera"].trigger()
    assert view_of(window).orthographic
    assert view_of(window).camera is not None
    np.testing.assert_allclose((view_of(window).camera or SIDE).position, SIDE.position, atol=1e-4)
    QGuiApplication.clipboard().setText("no camera")
    window.actions_by_id["edit.paste_camera"].trigger()
    assert "this text is not one" in window.messages.sentence
