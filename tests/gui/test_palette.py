"""The command palette, driven by keys."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.palette import CommandPalette


def opened(window: MainWindow, qtbot: QtBot) -> CommandPalette:
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    palette = window.findChild(CommandPalette)
    assert palette is not None
    return palette


def test_a_few_letters_and_enter_run_a_command(window: MainWindow, qtbot: QtBot) -> None:
    palette = opened(window, qtbot)
    assert len(palette.titles()) == len(window.commands) - 1
    qtbot.keyClicks(palette.line, "ortho")
    assert palette.titles()[0] == "Orthographic"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.view is not None
    assert window.view.orthographic
    qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)


def test_arrows_choose_and_escape_leaves(window: MainWindow, qtbot: QtBot) -> None:
    palette = opened(window, qtbot)
    qtbot.keyClicks(palette.line, "view")
    first = palette.list.currentItem().text()
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.list.currentItem().text() == palette.titles()[1] != first
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)
    assert not window.isHidden()


def test_what_cannot_run_is_grey_and_stays(empty_window: MainWindow, qtbot: QtBot) -> None:
    palette = opened(empty_window, qtbot)
    qtbot.keyClicks(palette.line, "undo")
    item = palette.list.item(palette.titles().index("Undo"))
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    palette.list.itemClicked.emit(item)
    assert palette.isVisible()
    palette.line.setText("export ply")
    assert "Ctrl+E" in palette.list.item(palette.titles().index("PLY mesh (.ply)")).data(
        Qt.ItemDataRole.AccessibleTextRole
    )
    palette.close()
