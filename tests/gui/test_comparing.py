"""Landscapes side by side: the table of numbers and the difference surface."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from talweg.analysis.comparison import Measures, measure
from talweg.document import Document
from talweg.window.main_window import MainWindow
from talweg.window.panels.compare_panel import tabulate
from tests.gui.conftest import himmelblau
from tests.gui.test_accessibility import mark_of, settings


@pytest.fixture
def pair_path(tmp_path: Path) -> Path:
    """Two landscapes on one grid, and a third on another."""
    path = tmp_path / "pair.talweg"
    axis, short = np.linspace(-5.0, 5.0, 21), np.linspace(-1.0, 1.0, 11)
    loss = himmelblau(axis[None, :], axis[:, None])
    with Document.create(path) as document:
        document.add_landscape("first", axis, axis, fields={"loss": loss}, source="a")
        document.add_landscape("second", axis, axis, fields={"loss": 0.5 * loss + axis[None, :]}, source="b")
        document.add_landscape("small", short, short, fields={"loss": loss[:11, :11]}, source="c")
    return path


@pytest.fixture
def pair_window(empty_window: MainWindow, pair_path: Path, qtbot: QtBot) -> MainWindow:
    assert empty_window.open_path(pair_path)
    empty_window.docks["compare"].show()
    qtbot.waitUntil(lambda: empty_window.compare_panel.table.columnCount() == 3)
    return empty_window


def test_the_table_has_a_column_for_each_landscape(pair_window: MainWindow, qtbot: QtBot) -> None:
    panel, document = pair_window.compare_panel, pair_window.store.document
    assert document is not None

    def column(place: int) -> list[str]:
        return [panel.table.item(line, place).text() for line in range(panel.table.rowCount())]  # type: ignore[union-attr]

    landscapes = [document.landscape(number) for number in document.landscape_ids()]
    level = 2 * max(float(landscape.loss[10, 10]) for landscape in landscapes[:2])
    for place, landscape in enumerate(landscapes):
        assert panel.table.horizontalHeaderItem(place).text() == landscape.name  # type: ignore[union-attr]
        assert column(place)[:3] == texts(measure(landscape, level))[:3]
    panel.level.setText("0.5")
    panel.level.editingFinished.emit()
    expected = texts(measure(landscapes[0], 0.5))
    qtbot.waitUntil(lambda: column(0) == expected)


def texts(measures: Measures) -> list[str]:
    """What one column of the table says."""
    return [cells[0] for _, _, cells in tabulate([measures])]


def test_the_difference_is_a_landscape_of_the_document(pair_window: MainWindow, qtbot: QtBot) -> None:
    window, store = pair_window, pair_window.store
    action = window.actions_by_id["compare.difference"]
    assert action.isEnabled()
    assert window.compare_panel.chosen == (1, 2)
    action.trigger()
    assert store.landscape is not None
    assert store.document is not None
    assert store.landscape.name == "first − second"
    first, second = (store.document.landscape(number).loss for number in (1, 2))
    np.testing.assert_array_equal(store.landscape.loss, first - second)
    assert store.view is not None
    assert store.view.colour_map == "RdBu_r"
    low, high = store.view.colour_range or (0.0, 0.0)
    assert low == -high
    qtbot.waitUntil(lambda: store.settled)
    assert store.picture is not None
    assert store.undo_title == "show the difference"
    assert store.picture.axes.titles[2] == store.picture.surface.title == "difference of loss"
    window.actions_by_id["view.log"].trigger()  # some differences are negative
    qtbot.waitUntil(lambda: store.picture is not None and store.picture.frame.height_scale.kind == "symlog")
    assert "points of the difference of loss" in window.view_panel.points_section.remark.text()
    assert "Nothing says whether first and second lie on the same plane" in window.messages.sentence


def test_going_back_from_the_difference_everything_is_as_it_was(pair_window: MainWindow) -> None:
    window, store = pair_window, pair_window.store
    store.show_landscape(1)
    store.change("magma", colour_map="magma")
    store.change("cap", height_cap=3.0)
    before, links = store.view, store.arrangement.links  # type: ignore[union-attr]
    window.actions_by_id["compare.difference"].trigger()
    difference = store.view
    assert difference is not None
    assert (difference.colour_map, difference.height_cap) == ("RdBu_r", None)
    assert store.arrangement is not None
    assert "colour" not in store.arrangement.links
    store.show_landscape(1)
    assert store.view == before
    assert store.arrangement.links == links
    store.show_landscape(4)
    assert store.view == difference


def test_the_same_difference_is_shown_again_instead_of_a_second_one(pair_window: MainWindow) -> None:
    store, document = pair_window.store, pair_window.store.document
    assert document is not None
    pair_window.target.subtract()
    store.show_landscape(1)
    pair_window.target.subtract()
    assert document.landscape_ids() == (1, 2, 3, 4)
    assert store.landscape is not None
    assert store.landscape.id == 4


def test_a_list_stays_open_while_points_arrive(pair_window: MainWindow, qtbot: QtBot) -> None:
    panel, document = pair_window.compare_panel, pair_window.store.document
    assert document is not None
    panel.second.setCurrentIndex(2)
    rows = []
    panel.second.model().rowsRemoved.connect(lambda *_: rows.append("removed"))
    panel.second.model().modelReset.connect(lambda: rows.append("reset"))
    document.rename_landscape(3, "smallest")
    pair_window.store.refresh()
    panel.show_state()
    assert panel.second.itemText(2) == "smallest"
    assert panel.second.currentIndex() == 2
    assert rows == []


def test_a_level_goes_with_its_document(pair_window: MainWindow, document_path: Path, qtbot: QtBot) -> None:
    panel = pair_window.compare_panel
    panel.level.setText("0.5")
    panel.level.editingFinished.emit()
    qtbot.waitUntil(lambda: bool(panel.measured) and panel.measured[0].level == 0.5)
    path = pair_window.store.document.path  # type: ignore[union-attr]
    assert pair_window.open_path(document_path)
    assert panel.measured == ()
    assert pair_window.open_path(path)
    qtbot.waitUntil(lambda: bool(panel.measured))
    assert panel.measured[0].level != 0.5


def test_what_cannot_be_measured_is_said_and_the_next_question_answered(
    pair_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = pair_window.compare_panel

    def fail(*_: object) -> None:
        raise ValueError("too flat")

    monkeypatch.setattr("talweg.window.measuring.measure", fail)
    panel.level.entered.emit(0.7)
    qtbot.waitUntil(lambda: "too flat" in panel.words.text())
    assert panel.words.isVisible()
    monkeypatch.undo()
    with qtbot.waitSignal(panel.changed):
        panel.show_state()
    assert panel.words.isHidden()
    calls = []
    monkeypatch.setattr("talweg.window.measuring.measure", lambda *_: calls.append("measured"))
    with qtbot.waitSignal(panel.changed):
        panel.show_state()
    assert calls == []  # nothing has changed


def test_the_numbers_are_copied_and_written(
    pair_window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = pair_window.compare_panel
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    pair_window.store.show_landscape(1)
    qtbot.waitUntil(lambda: pair_window.store.settled)
    pair_window.store.selection.choose((0,))
    assert pair_window.actions_by_id["edit.copy_points"].isEnabled()  # it has the same keys
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = clipboard.text()
    assert text.splitlines()[0].split("\t") == ["", "first", "second", "small"]
    pair_window.actions_by_id["compare.copy"].trigger()
    assert clipboard.text() == text
    target = tmp_path / "numbers.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    with qtbot.waitSignal(pair_window.writer.written):
        pair_window.actions_by_id["export.comparison"].trigger()
    with target.open(newline="") as stream:
        assert [*csv.reader(stream)] == [line.split("\t") for line in text.splitlines()]


def test_lines_say_what_lies_between_their_models(empty_window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    u = np.linspace(0.0, 1.0, 5)
    with Document.create(tmp_path / "lines.talweg") as document:
        for name, top in (("low", 2.0), ("high", 6.0)):
            document.add_landscape(name, u, fields={"loss": np.array([1.0, top, top, top, 1.0])})
    assert empty_window.open_path(tmp_path / "lines.talweg")
    empty_window.docks["compare"].show()
    panel = empty_window.compare_panel
    qtbot.waitUntil(lambda: panel.table.columnCount() == 2)
    titles = [panel.table.verticalHeaderItem(line).text() for line in range(panel.table.rowCount())]  # type: ignore[union-attr]
    assert "Curvature of f there" not in titles
    row = titles.index("Barrier between them")
    assert [panel.table.item(row, place).text() for place in range(2)] == ["1", "5"]  # type: ignore[union-attr]
    assert panel.first.isHidden() or not panel.first.isVisible()


def test_what_cannot_be_subtracted_is_said(pair_window: MainWindow) -> None:
    panel = pair_window.compare_panel
    panel.second.setCurrentIndex(0)
    pair_window.target.subtract()
    assert "Choose two" in pair_window.messages.sentence
    assert pair_window.store.document is not None
    assert len(pair_window.store.document.landscape_ids()) == 3


def test_another_grid_is_interpolated_and_that_is_said(pair_window: MainWindow, qtbot: QtBot) -> None:
    panel = pair_window.compare_panel
    panel.first.setCurrentIndex(2)
    panel.second.setCurrentIndex(0)
    pair_window.target.subtract()
    landscape = pair_window.store.landscape
    assert landscape is not None
    assert landscape.interpolated_count > 0
    assert "spline" in pair_window.messages.sentence
    assert landscape.notes


def test_below_the_picture_there_is_room_for_one_panel(window: MainWindow) -> None:
    profile, compare = window.docks["profile"], window.docks["compare"]
    assert profile.isHidden()
    assert compare.isHidden()
    window.actions_by_id["panel.profile"].trigger()
    window.actions_by_id["panel.compare"].trigger()
    assert profile.isHidden()
    assert compare.isVisible()
    window.actions_by_id["panel.profile"].trigger()
    assert profile.isVisible()
    assert compare.isHidden()


def test_its_settings_say_what_they_mean(pair_window: MainWindow) -> None:
    panel = pair_window.compare_panel
    found = settings(panel)
    assert {panel.level, panel.first, panel.second} <= set(found)
    for control in found:
        mark = mark_of(control, panel)
        assert mark is not None, control.accessibleName()
        assert len(mark.accessibleDescription()) > 20
