"""The window itself: its layout, its sheets, what goes wrong inside it, and its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from talweg.view.display_modes import DISPLAY_MODES
from talweg.window import failures
from talweg.window.failures import FailureHooks
from talweg.window.main_window import MainWindow
from talweg.window.sheets import AboutSheet, ShortcutSheet
from talweg.window.words import duration, parse_number


def test_at_1280_by_800_nothing_is_cut_off(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 800)
    qtbot.wait(50)
    assert (window.width(), window.height()) == (1280, 800)
    panel = window.view_panel
    assert panel.widget().width() == panel.viewport().width()
    for section in panel.sections:
        assert section.minimumSizeHint().width() <= panel.viewport().width()
    for name in ("view", "job", "numbers"):
        place = visible_part(window.docks[name], window)
        assert place.width() >= 250
    assert visible_part(window.scene_view, window).width() >= 500
    header = window.numbers_panel.table.horizontalHeader()
    assert header.length() <= window.numbers_panel.table.viewport().width()


def visible_part(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()) & window.rect()


def test_panels_are_hidden_and_put_back(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["panel.numbers"].trigger()
    assert not window.docks["numbers"].isVisible()
    assert not window.actions_by_id["panel.numbers"].isChecked()
    window.actions_by_id["panel.reset"].trigger()
    qtbot.waitUntil(window.docks["numbers"].isVisible)
    assert window.actions_by_id["panel.numbers"].isChecked()


def test_layout_and_colours_are_remembered(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["panel.numbers"].trigger()
    window.actions_by_id["appearance.dark"].trigger()
    window.close()
    second = MainWindow()
    qtbot.addWidget(second)
    second.show()
    assert not second.docks["numbers"].isVisible()
    assert second.theme.name == "dark"
    assert second.actions_by_id["appearance.dark"].isChecked()
    second.target.set_appearance("light")
    second.close()


def test_the_sheet_shows_every_shortcut(window: MainWindow) -> None:
    window.actions_by_id["help.shortcuts"].trigger()
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    words = {label.text() for label in sheet.findChildren(QLabel)}
    for command in window.commands:
        if command.keys:
            assert command.title.rstrip("…") in words
    sheet.close()


def test_the_about_sheet_can_be_copied(window: MainWindow) -> None:
    window.actions_by_id["help.about"].trigger()
    sheet = window.findChild(AboutSheet)
    assert sheet is not None
    assert "PySide6" in sheet.facts
    sheet.close()


def test_every_display_mode_is_one_click_away(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 800)
    qtbot.wait(50)
    for mode in reversed(DISPLAY_MODES):
        button = window.top_bar.widgetForAction(window.actions_by_id[f"mode.{mode.name}"])
        assert visible_part(button, window).size() == button.size()
        assert not button.icon().isNull()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.view is not None
        assert mode.holds(window.view)
        assert button.isChecked()


def test_the_log_folder_is_opened_or_named(window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    monkeypatch.setattr("talweg.window.target.log_folder", lambda: tmp_path)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not asked.append(url.toLocalFile()))
    window.actions_by_id["help.logs"].trigger()
    assert asked == [str(tmp_path)]
    assert not window.messages.sentence
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    window.actions_by_id["help.logs"].trigger()
    assert str(tmp_path) in window.messages.sentence


def test_undo_is_named_in_the_menu(window: MainWindow) -> None:
    window.target.change_view("hide axes", axes=False)
    assert window.actions_by_id["edit.undo"].text() == "Undo: hide axes"
    assert window.actions_by_id["edit.undo"].isEnabled()
    window.target.undo()
    assert window.actions_by_id["edit.redo"].text() == "Redo: hide axes"
    assert not window.actions_by_id["edit.undo"].isEnabled()


def test_the_numbers_are_those_of_the_landscape(window: MainWindow) -> None:
    panel = window.numbers_panel
    facts = {name: value for name, value, _ in panel.facts.facts}
    assert facts["Minimum"] == "0.02 at (3.000, 2.000)"
    assert facts["Not finite"] == "0 points"
    assert facts["Explained variance"] == "70.0 % + 20.0 %"
    table = panel.table.model()
    picture = window.store.picture
    assert picture is not None
    assert table.rowCount() == picture.critical_points.kind.size
    assert [table.index(0, column).data() for column in (0, 4)] == ["minimum", "global"]
    panel.table.sortByColumn(0, panel.table.horizontalHeader().sortIndicatorOrder())
    kinds = [table.index(row, 0).data() for row in range(table.rowCount())]
    assert kinds in (sorted(kinds, key=_rank), sorted(kinds, key=_rank, reverse=True))


def _rank(kind: str) -> int:
    return ("minimum", "saddle", "maximum").index(kind)


def test_a_slot_that_raises_is_told_and_the_window_lives(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(failures, "_open_crash_log", lambda _: None)

    def boom() -> None:
        raise ZeroDivisionError("by hand")

    hooks = FailureHooks(window.report, tmp_path)
    try:
        QTimer.singleShot(0, boom)
        qtbot.waitUntil(lambda: window.messages.sentence != "")
    finally:
        hooks.remove()
    assert window.messages.sentence == "Something went wrong inside Talweg: by hand"
    assert "ZeroDivisionError" in window.messages.details.text.toPlainText()
    assert "ZeroDivisionError" in (tmp_path / "talweg.log").read_text()
    assert window.isVisible()


def test_a_window_that_is_closed_while_it_loads_ends_well(qtbot: QtBot, document_path: Path) -> None:
    window = MainWindow()
    window.begin([document_path])
    window.show()
    window.close()
    qtbot.wait(50)
    assert window.scene_view.plotter is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("seconds", [0.0, 1.5], ids=["while it is made", "once it is there"])
def test_ctrl_c_closes_the_window(seconds: float, document_path: Path, tmp_path: Path) -> None:
    code = "import sys, pathlib, talweg.window; sys.exit(talweg.window.run_window([pathlib.Path(sys.argv[1])]))"
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "CACHE")}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(document_path)],
        env={**os.environ, **folders},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 20
        while not list(tmp_path.rglob("talweg.log")) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", 1.5), ("−2", -2.0), ("1e-4", 1e-4), ("3.2·10⁷", 3.2e7), ("10⁻⁴", 1e-4), ("−10²", -100.0), ("", None),
     ("inf", None), ("two", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert parse_number(text) == (None if value is None else pytest.approx(value))


def test_durations() -> None:
    assert [duration(seconds) for seconds in (8.2, 125, 754, 11520)] == ["8 s", "2 min 5 s", "12 min", "3 h 12 min"]


def test_the_application_has_a_name_and_an_icon(qapp: QApplication) -> None:
    assert qapp.applicationName() == "talweg"
    assert not qapp.windowIcon().isNull()


def test_a_long_read_out_leaves_the_window_as_wide_as_it_is(window: MainWindow, qtbot: QtBot) -> None:
    width = window.minimumSizeHint().width()
    window.status.readout.setText("expected calibration error 0.1234   " * 40)
    qtbot.wait(20)
    assert window.minimumSizeHint().width() == width
    assert window.status.readout.toolTip() == window.status.readout.text()
    window.status.readout.setText("u 0.1")
    assert not window.status.readout.toolTip()


def test_beside_the_surface_the_status_line_says_how_to_read_what_is_shown(window: MainWindow) -> None:
    status, landscape = window.status, window.store.landscape
    assert status.readout.text().startswith("Drag to turn")
    window.store.change("a map", flat=True)
    assert status.readout.text().startswith("Drag to move")
    status.show_point((0.0, 0.0), landscape)
    window.store.change("a surface", flat=False)
    assert "loss" in status.readout.text()  # what is under the mouse stays there
    status.show_point(None, landscape)
    assert status.readout.text().startswith("Drag to turn")


def test_while_a_tool_is_in_hand_the_status_line_says_what_a_click_does(window: MainWindow) -> None:
    status, landscape = window.status, window.store.landscape
    window.actions_by_id["probe.profile"].trigger()
    assert "profile begins" in status.readout.text()
    status.show_point((0.0, 0.0), landscape)
    status.show_point(None, landscape)
    assert "profile begins" in status.readout.text()
    window.views.probing.put_down()
    assert status.readout.text().startswith("Drag to turn")
