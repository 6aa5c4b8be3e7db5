"""Landscapes side by side: the table of numbers and the difference surface."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from talweg.analysis.comparison import measure
from talweg.document import Document
from talweg.window.main_window import MainWindow
from talweg.window.panels.compare_panel import describe
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
        assert column(place)[:3] == list(describe(measure(landscape, level)))[:3]
    panel.level.setText("0.5")
    panel.level.editingFinished.emit()
    expected = describe(measure(landscapes[0], 0.5))
    qtbot.waitUntil(lambda: column(0) == list(expected))


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


def test_what_cannot_be_subtracted_is_said(pair_window: MainWindow) -> None:
    panel = pair_window.compare_panel
    panel.second.setCurrentIndex(2)
    pair_window.target.subtract()
    assert "same grid" in pair_window.messages.sentence
    panel.second.setCurrentIndex(0)
    pair_window.target.subtract()
    assert "Choose two" in pair_window.messages.sentence
    assert pair_window.store.document is not None
    assert len(pair_window.store.document.landscape_ids()) == 3


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
