"""Whose a key is: the control's that has the focus, a tool's, a page's, or a command's."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.widgets.layout import column

if TYPE_CHECKING:
    from tests.gui.conftest import Workers

Key = Qt.Key


def press(qtbot: QtBot, control: QWidget, key: Qt.Key) -> None:
    """Give a control the focus by the keyboard and press a key."""
    control.setFocus(Qt.FocusReason.TabFocusReason)
    assert control.hasFocus(), control
    qtbot.keyClick(control, key)


def test_space_switches_what_has_the_focus_and_plays_elsewhere(window: MainWindow, qtbot: QtBot) -> None:
    box = window.view_panel.frame_section.findChildren(type(window.view_panel.colour_section.bar))[0]
    before = box.isChecked()
    press(qtbot, box, Key.Key_Space)
    assert box.isChecked() is not before
    assert not window.player.playing
    button = window.view_panel.colour_section.findChildren(type(window.top_bar.widgetForAction(
        window.actions_by_id["file.new"])))[0]  # fmt: skip
    press(qtbot, button, Key.Key_Space)
    assert not window.player.playing
    window.scene_view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    press(qtbot, window.scene_view, Key.Key_Space)
    assert window.player.playing


def test_home_and_letters_belong_to_sliders_lists_and_choices(window: MainWindow, qtbot: QtBot) -> None:
    seen = []
    store, panel = window.store, window.view_panel
    store.change("look", camera=None)
    window.actions_by_id["camera.reset"].triggered.connect(lambda: seen.append("reset"))
    slider = panel.height_section.factor
    press(qtbot, slider, Key.Key_Home)
    assert slider.value() == slider.minimum()
    press(qtbot, window.numbers_panel.table, Key.Key_Home)
    assert not seen
    assert store.view is not None
    axes, choice = store.view.axes, panel.colour_section.map
    press(qtbot, choice, Key.Key_M)  # to magma, and nothing becomes of the centre
    assert choice.currentText() == "magma"
    press(qtbot, panel.contours_section.levels, Key.Key_5)
    press(qtbot, panel.contours_section.values, Key.Key_X)
    assert panel.contours_section.values.text() == "x"
    assert store.view.axes is axes
    assert not store.view.orthographic
    assert store.view.centre is window.actions_by_id["view.centre"].isChecked()
    window.scene_view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    press(qtbot, window.scene_view, Key.Key_Home)
    assert seen == ["reset"]


def test_escape_puts_the_tool_down_before_it_cancels(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    window = empty_window
    assert window.open_path(job_path)
    window.views.probing.take("profile")
    box = window.view_panel.colour_section.bar
    press(qtbot, box, Key.Key_Escape)
    assert window.views.probing.tool is None
    assert "cancel" not in workers.last.calls
    press(qtbot, window.view_panel.contours_section.values, Key.Key_Escape)  # where somebody types
    assert "cancel" not in workers.last.calls
    press(qtbot, box, Key.Key_Escape)
    assert workers.last.calls[-1] == "cancel"


@pytest.mark.parametrize("page", ["start", "new"])
def test_beside_a_page_nothing_happens_to_the_landscape(page: str, window: MainWindow, qtbot: QtBot) -> None:
    store = window.store
    store.change("hide axes", axes=False)
    before = store.view
    (window.pages.show_start if page == "start" else window.pages.show_new)()
    focused = QWidget(window.pages.currentWidget())
    column(focused)
    focused.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    focused.show()
    for key in (Key.Key_B, Key.Key_C, Key.Key_L, Key.Key_7, Key.Key_Space, Key.Key_D):
        press(qtbot, focused, key)
    qtbot.keyClick(focused, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.view is before
    assert window.views.probing.tool is None
    assert not window.player.playing
    for name in ("edit.undo", "export.ply", "probe.pin", "mode.grey", "panel.numbers", "views.two"):
        assert not window.actions_by_id[name].isEnabled(), name
    window.pages.show_landscape()
    assert window.actions_by_id["edit.undo"].isEnabled()
    assert window.actions_by_id["view.axes"].isEnabled()


def test_ctrl_return_computes_what_is_drafted(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    window = empty_window
    assert window.open_path(job_path)
    calls = list(workers.last.calls)
    window.pages.show_new()
    page, drafted = window.pages.new, []
    page.compute.clicked.connect(lambda: drafted.append(True))
    action = window.actions_by_id["job.compute"]
    assert action.isEnabled()
    qtbot.keyClick(page.form.weights, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not drafted  # a field is empty still, which the page says
    page.compute.setEnabled(True)
    qtbot.keyClick(page.form.weights, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert drafted
    assert workers.last.calls == calls
