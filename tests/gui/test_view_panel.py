"""Each setting of the view panel changes the view and the picture, and can be undone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QScrollBar
from pytestqt.qtbot import QtBot

from talweg.picture import Picture
from talweg.window.main_window import MainWindow
from talweg.window.panels.view_panel import ViewPanel
from talweg.window.widgets.completion import complete_list
from talweg.window.widgets.controls import Choice, NumberField
from talweg_compute.messages import METRICS, Block, PointFields


def choose(box: Choice, value: str) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def type_number(field: NumberField, text: str) -> None:
    field.setText(text)
    field.editingFinished.emit()


def type_text(field: QLineEdit, text: str) -> None:
    field.setText(text)
    field.editingFinished.emit()


Act = Callable[[ViewPanel], None]

SETTINGS: dict[str, tuple[Act, str, Any, str]] = {
    "height": (lambda p: choose(p.height_section.quantity, "accuracy"), "height", "accuracy", "surface"),
    "height scale": (lambda p: p.height_section.scale.press("linear"), "height_scale", "linear", "surface"),
    "symlog": (lambda p: p.height_section.scale.press("symlog"), "height_scale", "symlog", "surface"),
    "stretch": (lambda p: p.height_section.factor.setValue(300), "height_factor", 1.880, "surface"),
    "colour": (lambda p: choose(p.colour_section.quantity, "accuracy"), "colour", "accuracy", "surface"),
    "colour scale": (lambda p: p.colour_section.scale.press("linear"), "colour_scale", "linear", "surface"),
    "colour map": (lambda p: choose(p.colour_section.map, "magma"), "colour_map", "magma", "surface"),
    "reversed": (lambda p: p.colour_section.backwards.click(), "colour_reversed", True, "surface"),
    "steps": (lambda p: p.colour_section.steps.setValue(6), "colour_steps", 6, "surface"),
    "symmetric": (
        lambda p: choose(p.colour_section.range.limits, "symmetric"),
        "colour_limits",
        "symmetric",
        "surface",
    ),
    "place of the bar": (lambda p: choose(p.colour_section.place, "below"), "bar_place", "below", "surface"),
    "scalar bar": (lambda p: p.colour_section.bar.click(), "scalar_bar", False, "surface"),
    "levels": (lambda p: p.contours_section.levels.setValue(7), "contour_count", 7, "contours"),
    "on surface": (lambda p: p.contours_section.on_surface.click(), "contours_on_surface", False, "contours"),
    "on floor": (lambda p: p.contours_section.on_floor.click(), "contours_on_floor", False, "contours"),
    "points": (lambda p: p.points_section.shown.click(), "critical_points", False, "critical_points"),
    "basins": (lambda p: choose(p.colour_section.quantity, "basin"), "colour", "basin", "surface"),
    "talwegs": (lambda p: p.lines_section.talwegs.click(), "talwegs", True, "lines"),
    "separatrices": (lambda p: p.lines_section.separatrices.click(), "separatrices", True, "lines"),
    "trajectory": (lambda p: p.trajectory_section.shown.click(), "trajectory", False, "path"),
    "labels": (lambda p: p.contours_section.labels.click(), "contour_labels", True, "contours"),
    "thin": (lambda p: p.trajectory_section.shape.press("line"), "trajectory_style", "line", "path"),
    "by loss": (lambda p: choose(p.trajectory_section.colour, "loss"), "trajectory_colour", "loss", "path"),
    "true loss": (lambda p: choose(p.trajectory_section.at, "loss"), "trajectory_at", "loss", "path"),
    "orthographic": (lambda p: p.camera_section.orthographic.click(), "orthographic", True, "orthographic"),
    "time": (lambda p: p.trajectory_section.until.setValue(3), "trajectory_until", 3, "path"),
    "grid": (lambda p: p.frame_section.grid.click(), "grid", False, "axes"),
    "centre": (lambda p: p.frame_section.centre.click(), "centre", True, "centre"),
    "missing": (lambda p: p.frame_section.missing.click(), "shade_missing", False, "surface"),
    "axes": (lambda p: p.frame_section.axes.click(), "axes", False, "axes"),
    "surface": (lambda p: p.surface_section.shown.click(), "surface", False, "surface"),
    "faceted": (lambda p: p.surface_section.shading.press("faceted"), "faceted", True, "surface"),
    "light": (lambda p: p.surface_section.lighting.press("shiny"), "lighting", "shiny", "surface"),
    "opacity": (lambda p: p.surface_section.opacity.setValue(50), "opacity", 0.5, "surface"),
    "wireframe": (lambda p: p.surface_section.wireframe.click(), "wireframe", True, "surface"),
    "one colour": (lambda p: p.surface_section.plain.click(), "plain", True, "surface"),
    "values": (lambda p: type_text(p.contours_section.values, "0,5 2"), "contour_levels", (0.5, 2.0), "contours"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changes_the_picture_and_is_undone(name: str, standing_window: MainWindow, qtbot: QtBot) -> None:
    window, (act, field, expected, part) = standing_window, SETTINGS[name]
    before, picture = window.view, picture_of(window)
    with qtbot.waitSignal(window.store.picture_changed):
        act(window.view_panel)
    assert window.view is not None
    value = getattr(window.view, field)
    assert value == (pytest.approx(expected, abs=2e-3) if isinstance(expected, float) else expected)
    qtbot.waitUntil(lambda: getattr(picture_of(window), part) is not getattr(picture, part))
    stack = "camera" if field == "orthographic" else "edit"
    with qtbot.waitSignal(window.store.picture_changed):
        window.actions_by_id[f"{stack}.undo"].trigger()
    assert window.view == before
    with qtbot.waitSignal(window.store.picture_changed):
        window.actions_by_id[f"{stack}.redo"].trigger()
    assert getattr(window.view, field) == value
    with qtbot.waitSignal(window.store.picture_changed):
        window.actions_by_id[f"{stack}.undo"].trigger()


def test_further_fields_of_the_landscape_can_be_shown(window: MainWindow, qtbot: QtBot) -> None:
    store, panel = window.store, window.view_panel
    assert store.document is not None
    assert store.landscape is not None
    choice = panel.height_section.quantity
    assert choice.findData("brier_score") < 0
    score = store.landscape.loss.ravel() / 10 - 0.3
    fields = {"brier_score": Block.of(score), "my_own": Block.of(score + 1)}
    store.document.commit(store.landscape.id, PointFields("", Block.of(np.arange(score.size)), fields))
    store.refresh()
    titles = [choice.itemText(index) for index in range(choice.count())]
    assert titles[-2:] == ["Brier score", "my own"]
    assert panel.colour_section.quantity.itemText(choice.count()) == "basins of the minima"
    choose(choice, "brier_score")
    choose(panel.colour_section.quantity, "my_own")
    qtbot.waitUntil(lambda: picture_of(window).axes.titles[2] == "Brier score")
    assert picture_of(window).surface.title == "my own"
    # the view asks for a logarithm, and some of the scores are not positive
    section = panel.height_section
    assert picture_of(window).frame.height_scale.kind == "symlog"
    assert section.scale.isEnabled()
    assert section.threshold.text() == "0.03"
    section.scale.press("log")
    assert window.view is not None
    assert window.view.height_scale == "log"
    assert "lowest here is −0.298: symlog stands for it" in panel.height_section.remark.text()
    section.own.click()
    assert window.view.height_threshold == pytest.approx(0.03)
    type_number(section.threshold, "0,1")
    qtbot.waitUntil(lambda: picture_of(window).frame.height_scale.threshold == 0.1)
    type_number(section.threshold, "-1")
    assert window.view.height_threshold == 0.1
    section.own.click()
    assert window.view.height_threshold is None
    assert "points of the loss on the plane, not of what the height shows" in panel.points_section.remark.text()
    choose(choice, "loss")
    qtbot.waitUntil(lambda: picture_of(window).frame.height_scale.kind == "log")
    assert panel.points_section.remark.text().startswith("They are points of the loss on the plane.")


def test_the_cap_is_switched_on_typed_and_switched_off(window: MainWindow, qtbot: QtBot) -> None:
    section = window.view_panel.height_section
    section.capped.click()
    assert window.view is not None
    assert window.view.height_cap is not None
    type_number(section.cap, "2,5")
    assert window.view.height_cap == 2.5
    type_number(section.cap, "high")
    assert window.view.height_cap == 2.5
    assert section.cap.fault
    qtbot.waitUntil(lambda: picture_of(window).frame.height_range[1] < 0.4)  # log10 2.5
    section.capped.click()
    assert window.view.height_cap is None


def test_the_range_of_the_colours_is_shown_and_set_by_hand(window: MainWindow) -> None:
    section = window.view_panel.colour_section.range
    assert section.low.text() == "0.02"
    choose(section.limits, "manual")
    assert window.view is not None
    assert window.view.colour_range == pytest.approx((0.02, 8.92))
    type_number(section.high, "5")
    type_number(section.low, "6")
    assert window.view.colour_range == pytest.approx((0.02, 5.0))
    assert section.low.fault == "The lowest value must be below the highest, 5."
    choose(section.limits, "data")
    assert window.view.colour_range is None


def test_the_colours_span_percentiles_of_the_values(window: MainWindow, qtbot: QtBot) -> None:
    section = window.view_panel.colour_section.range
    choose(section.limits, "percentile")
    assert window.view is not None
    qtbot.waitUntil(lambda: section.low.text() not in ("", "0.02"))
    assert not section.low.isEnabled()
    type_number(section.most, "90")
    assert window.view.colour_percentiles == (2.0, 90.0)
    type_number(section.least, "95")
    assert section.least.fault == "The lower percentile must be below the upper one."
    type_number(section.most, "120")
    assert section.most.fault == "A percentile from 0 to 100 is expected here, not 120."
    assert window.view.colour_percentiles == (2.0, 90.0)
    drawn = picture_of(window).surface
    choose(section.limits, "manual")  # it begins with what is drawn
    assert window.view.colour_range == pytest.approx(tuple(drawn.colour_scale.back(drawn.scalar_range)), rel=0.5)


def test_one_colour_is_no_number_of_steps(window: MainWindow) -> None:
    steps = window.view_panel.colour_section.steps
    assert steps.text() == "smooth"
    steps.stepUp()
    assert window.view is not None
    assert (window.view.colour_steps, steps.value()) == (2, 2)
    steps.stepDown()
    assert (window.view.colour_steps, steps.text()) == (0, "smooth")


def test_an_uneven_map_says_so(window: MainWindow) -> None:
    section = window.view_panel.colour_section
    assert not section.remark.isVisibleTo(section)
    choose(section.map, "turbo")
    assert section.remark.isVisibleTo(section)
    assert section.remark.text().startswith("Uneven in brightness")


def test_the_persistence_slider_counts_what_remains(window: MainWindow, qtbot: QtBot) -> None:
    section = window.view_panel.points_section
    assert section.counts.startswith("4 minima")
    assert section.automatic.isChecked()
    section.threshold.setValue(section.threshold.maximum())
    qtbot.waitUntil(lambda: section.counts == "1 minimum, 0 saddles, 0 maxima")
    assert window.view is not None
    assert window.view.persistence_threshold is not None
    section.threshold.setValue(0)
    qtbot.waitUntil(lambda: section.counts.startswith("4 minima"))
    assert window.view.persistence_threshold == 0.0
    section.automatic.click()
    assert window.view.persistence_threshold is None


def test_a_drag_of_a_slider_is_one_change(window: MainWindow, qtbot: QtBot) -> None:
    slider = window.view_panel.height_section.factor
    before = window.view
    for value in range(240, 300, 5):
        slider.setValue(value)
    slider.sliderReleased.emit()
    window.target.undo()
    assert window.view == before
    window.target.redo()
    slider.setValue(100)  # after the handle was let go: another change
    window.target.undo()
    assert window.view is not None
    assert window.view.height_factor > 1.5


def test_a_list_of_names_is_completed_behind_its_last_comma(qtbot: QtBot) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)
    complete_list(line, tuple(METRICS))
    completer = line.completer()
    for typed, completed in (("bri", "brier_score"), ("entropy, calib", "entropy, expected_calibration_error")):
        line.setText(typed)
        completer.setCompletionPrefix(typed)
        assert completer.currentCompletion() == completed


def test_many_changes_in_a_row_are_resolved_once(window: MainWindow, qtbot: QtBot) -> None:
    resolved = []
    window.store.picture_changed.connect(lambda: resolved.append(1))
    for value in range(100, 300, 2):
        window.view_panel.height_section.factor.setValue(value)
    qtbot.waitUntil(lambda: bool(resolved))
    qtbot.wait(50)
    assert len(resolved) == 1


def test_the_trajectory_says_how_much_the_plane_holds(window: MainWindow) -> None:
    words = window.view_panel.trajectory_section.words.text()
    assert "70.0 % + 20.0 %" in words
    assert "0.3 (epoch_000.pt)" in words


def test_the_view_is_kept_in_the_document(window: MainWindow, qtbot: QtBot) -> None:
    window.target.change_view("colour map magma", colour_map="magma")
    path = window.store.document.path  # type: ignore[union-attr]  # it is open
    qtbot.waitUntil(lambda: '"colour_map":"magma"' in (window.store.document.view() or ""), timeout=3000)  # type: ignore[union-attr]
    window.target.change_view("hide axes", axes=False)
    window.open_path(path)  # what waits to be saved is saved before
    assert window.view is not None
    assert (window.view.colour_map, window.view.axes) == ("magma", False)


def test_every_control_has_a_name_and_takes_the_focus(window: MainWindow) -> None:
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)
    ours = [child for kind in kinds for child in window.view_panel.widget().findChildren(kind)]
    for control in ours:
        if isinstance(control, QScrollBar) or control.objectName().startswith("qt_"):
            continue  # parts that Qt makes for its own controls
        named = control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())
        assert named, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def picture_of(window: MainWindow) -> Picture:
    picture = window.store.picture
    assert picture is not None
    return picture


def test_a_setting_that_a_landscape_lacks_leaves_no_question_mark_behind(window: MainWindow) -> None:
    section = window.view_panel.trajectory_section
    assert window.store.landscape is not None
    assert window.store.landscape.landmarks is None
    assert not section.landmarks.parentWidget().isVisibleTo(section)  # type: ignore[union-attr]  # it is in a row
    assert section.at.parentWidget().isVisibleTo(section)  # type: ignore[union-attr]  # the same


def test_a_pause_ends_what_keys_do_to_a_slider(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, opacity = window.store, window.view_panel.surface_section.opacity
    window.store._seal_soon.setInterval(50)
    before = opacity.value()
    for _ in range(2):
        qtbot.keyClick(opacity, Qt.Key.Key_Left)
        qtbot.keyClick(opacity, Qt.Key.Key_Left)
        qtbot.waitUntil(lambda: not store._seal_soon.isActive())
    after = opacity.value()
    store.undo()
    assert after < opacity.value() < before
    store.undo()
    assert opacity.value() == before
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    for value in (80, 60):  # a drag that pauses
        opacity.setValue(value)
        qtbot.wait(120)
    store.undo()
    assert opacity.value() == before
