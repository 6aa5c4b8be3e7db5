"""Fields and choices of the panels say what they expect and why something cannot be chosen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.widgets.judged_line import JudgedLine

Key = Qt.Key


def enter(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Key.Key_Delete)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Key.Key_Return)


def test_a_number_that_is_none_stays_and_says_what_is_expected(window: MainWindow, qtbot: QtBot) -> None:
    section, store = window.view_panel.height_section, window.store
    section.capped.click()
    assert store.view is not None
    cap, field = store.view.height_cap, section.cap
    described, shown = field.accessibleDescription(), field.text()
    enter(qtbot, field, "high")
    assert field.text() == "high"
    assert field.fault == "A number is expected here, such as 0.5 or 1e-3, not “high”."
    assert (field.toolTip(), field.accessibleDescription()) == (field.fault, field.fault)
    assert field.property("look") == "fault"
    store.change("something else", axes=False)
    window.view_panel.contours_section.values.setFocus()
    assert field.text() == "high"  # nothing takes it away unseen
    assert store.view.height_cap == cap
    field.setFocus()
    qtbot.keyClick(field, Key.Key_Escape)
    assert (field.text(), field.fault) == (shown, "")
    assert (field.toolTip(), field.accessibleDescription()) == ("", described)
    enter(qtbot, field, "high")
    enter(qtbot, field, "2,5")
    assert store.view.height_cap == 2.5
    assert (field.text(), field.fault) == ("2.5", "")


def refused(window: MainWindow, qtbot: QtBot, field: JudgedLine, text: str) -> str:
    before = window.view
    enter(qtbot, field, text)
    assert window.view == before
    return field.fault


def test_each_field_says_what_it_takes(window: MainWindow, qtbot: QtBot) -> None:
    panel, store = window.view_panel, window.store
    store.change("range", colour_range=(1.0, 5.0), colour_scale="symlog", colour_threshold=0.5)
    colour = panel.colour_section
    assert refused(window, qtbot, colour.range.low, "7") == "The lowest value must be below the highest, 5."
    assert refused(window, qtbot, colour.range.high, "0.5") == "The highest value must be above the lowest, 1."
    assert refused(window, qtbot, colour._scaling.threshold, "-1") == "A value above 0 is expected here, not −1."
    levels = panel.contours_section.values
    assert refused(window, qtbot, levels, "0.1 one 2").endswith("such as 0.1 1 10, not “one”.")
    enter(qtbot, levels, "2 0.1; 1")
    assert store.view is not None
    assert store.view.contour_levels == (0.1, 1.0, 2.0)
    assert (levels.text(), levels.fault) == ("0.1 1 2", "")
    enter(qtbot, levels, "")
    assert store.view.contour_levels is None


@pytest.mark.parametrize("section", ["height_section", "colour_section"])
def test_a_quantity_that_is_not_there_says_why(section: str, window: MainWindow) -> None:
    choice = getattr(window.view_panel, section).quantity
    index = choice.findData("gradient_norm")
    assert not choice.model().item(index).isEnabled()
    assert "only a landscape with a job" in choice.itemData(index, Qt.ItemDataRole.ToolTipRole)
    assert not choice.itemData(choice.findData("loss"), Qt.ItemDataRole.ToolTipRole)
