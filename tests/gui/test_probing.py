"""Pins and profiles with the mouse, each a change that is undone."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from tests.gui.test_accessibility import mark_of


def surface_point(window: MainWindow, u: float, v: float) -> QPoint:
    """Where a place of the surface is in the widget."""
    scene, picture, plotter = window.scene_view.scene, window.store.picture, window.scene_view.plotter
    assert scene is not None
    assert picture is not None
    assert plotter is not None
    points = picture.surface.points
    x, y = picture.frame.to_display(u, v)
    nearest = points[np.argmin(np.hypot(points[:, 0] - x, points[:, 1] - y))]
    (place,) = scene.project(nearest)
    return QPoint(round(place[0]), plotter.height() - 1 - round(place[1]))


def click(window: MainWindow, u: float, v: float) -> None:
    QTest.mouseClick(window.scene_view.plotter, Qt.MouseButton.LeftButton, pos=surface_point(window, u, v))


def test_points_are_pinned_and_a_profile_is_drawn(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, store = scene_window, scene_window.store
    window.actions_by_id["probe.pin"].trigger()
    assert "pin" in window.status.readout.text()
    click(window, 0.0, -3.0)
    assert store.view is not None
    (pin,) = store.view.pins
    assert np.allclose(pin, (0.0, -3.0), atol=0.2)
    assert window.scene_view.probing.tool is None  # used once
    assert store.undo_title == "pin a point"
    window.actions_by_id["probe.copy"].trigger()
    assert QGuiApplication.clipboard().text().count("\n") == 2

    assert window.docks["profile"].isHidden()
    window.actions_by_id["probe.profile"].trigger()
    click(window, 0.0, -3.0)
    qtbot.waitUntil(lambda: window.docks["profile"].isVisible())
    click(window, 2.0, -3.0)
    assert store.view.profile is not None
    assert np.allclose(store.view.profile, (0.0, -3.0, 2.0, -3.0), atol=0.2)
    assert np.isfinite(window.profile_panel.plots[0].values).all()
    assert "Interpolated" in window.profile_panel.words.text()
    qtbot.waitUntil(
        lambda: store.picture is not None and store.picture.probe is not None and bool(store.picture.probe.lines)
    )
    window.actions_by_id["probe.clear"].trigger()
    assert store.view.profile is None
    assert not store.view.pins
    window.actions_by_id["edit.undo"].trigger()
    assert len(store.view.pins) == 1


def test_a_profile_follows_the_mouse_and_is_one_change(window: MainWindow) -> None:
    probing, store = window.scene_view.probing, window.store
    probing.take("profile")
    probing.click((0.0, 0.0))
    for step in range(1, 5):
        probing.hover((0.5 * step, 0.0))
        assert store.view is not None
        assert store.view.profile == (0.0, 0.0, 0.5 * step, 0.0)
    probing.click((3.0, 1.0))
    assert store.view.profile == (0.0, 0.0, 3.0, 1.0)
    probing.hover((4.0, 4.0))  # the tool is put down
    assert store.view.profile == (0.0, 0.0, 3.0, 1.0)
    window.actions_by_id["edit.undo"].trigger()
    assert store.view.profile is None


def test_a_click_beside_the_surface_and_escape_put_the_tool_down(window: MainWindow) -> None:
    probing = window.scene_view.probing
    probing.take("pin")
    probing.click(None)
    assert probing.tool is None
    probing.take("profile")
    QTest.keyClick(window.scene_view, Qt.Key.Key_Escape)  # wherever the focus is
    assert probing.tool is None
    assert window.view is not None
    assert not window.view.pins


def test_any_field_is_plotted_along_the_line(window: MainWindow, qtbot: QtBot) -> None:
    panel, store = window.profile_panel, window.store
    window.docks["profile"].show()
    store.change("draw a profile", "profile", profile=(-2.0, -1.0, 2.0, 3.0))
    assert [field.currentText() for field in panel.fields] == ["loss", "accuracy"]
    panel.fields[1].chosen.emit("loss_standard_error")
    assert store.view is not None
    assert store.view.profile_fields == ("loss", "loss_standard_error")
    np.testing.assert_allclose(panel.plots[1].values, 0.01 * panel.plots[0].values)
    assert panel.fields[1].currentText() == "standard error of the loss"
    assert panel.plots[1].accessibleDescription().startswith("standard error of the loss")
    window.actions_by_id["edit.undo"].trigger()
    assert [field.currentText() for field in panel.fields] == ["loss", "accuracy"]
    store.change("as of another landscape", profile_fields=("brier_score", "accuracy"))
    assert panel.fields[0].currentText() == "loss"  # what this one has not
    qtbot.wait(20)
    for field in panel.fields:
        assert mark_of(field, panel) is not None


def test_a_click_pins_the_surface_and_on_a_pin_removes_it(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, store, plotter = scene_window, scene_window.store, scene_window.scene_view.plotter
    left, tremble = Qt.MouseButton.LeftButton, QPoint(1, 1)
    place = surface_point(window, 0.0, -3.0)
    QTest.mousePress(plotter, left, pos=place)
    QTest.mouseMove(plotter, place + tremble)
    QTest.mouseRelease(plotter, left, pos=place + tremble)
    assert store.view is not None
    assert len(store.view.pins) == 1
    assert store.undo_title == "pin a point"
    qtbot.wait(350)
    assert store.view.camera is None  # a hand that trembles turns nothing
    click(window, 1.0, -3.0)
    assert len(store.view.pins) == 2
    qtbot.waitUntil(lambda: len(window.scene_view.scene.layers.probe.places()) == 2)  # type: ignore[union-attr]  # drawn
    assert "%" in store.picture.probe.words[0]  # type: ignore[union-attr]  # there: loss and accuracy
    click(window, 1.0, -3.0)
    assert len(store.view.pins) == 1
    assert store.undo_title == "remove a pin"
    QTest.mousePress(plotter, left, pos=place)
    QTest.mouseMove(plotter, place + QPoint(40, 0))
    QTest.mouseRelease(plotter, left, pos=place + QPoint(40, 0))
    assert len(store.view.pins) == 1
    qtbot.waitUntil(lambda: store.view is not None and store.view.camera is not None)
    window.actions_by_id["probe.clear"].trigger()
    assert not store.view.pins
    click(window, 0.0, 0.0)
    QTest.mouseDClick(plotter, left, pos=surface_point(window, -1.0, 0.0))
    assert len(store.view.pins) == 1  # what follows a click within a moment is a part of it


def test_a_click_on_a_critical_point_selects_it_and_pins_nothing(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, picture = scene_window, scene_window.store.picture
    assert picture is not None
    (u, v) = picture.critical_points.coordinates[0]
    click(window, float(u), float(v))
    assert window.store.selection.chosen == (0,)
    assert window.store.view is not None
    assert not window.store.view.pins


def test_a_profile_is_drawn_while_points_arrive(window: MainWindow) -> None:
    probing, store = window.scene_view.probing, window.store
    probing.take("profile")
    probing.click((0.0, 0.0))
    store.landscape_changed.emit()  # as with each block of points
    assert probing.tool == "profile"
    probing.click((1.0, 1.0))
    assert store.view is not None
    assert store.view.profile == (0.0, 0.0, 1.0, 1.0)
