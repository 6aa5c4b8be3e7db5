"""Notices: errors stay until somebody closes them, whatever comes after."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.widgets.message_bar import MessageBar


def test_an_error_outlives_what_is_told_after_it(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_message("error", "The first file is broken.", "a trace")
    bar.show_message("info", "Wrote figure.png.")
    assert bar.sentence == "Wrote figure.png."
    assert bar.waiting.text() == "and 1 before it"
    assert bar.waiting.toolTip() == "The first file is broken."
    bar._fade.timeout.emit()
    assert bar.sentence == "The first file is broken."
    assert bar.kind == "error"
    assert bar.details.text.toPlainText() == "a trace"
    bar.show_message("error", "The second file is broken.")
    bar.show_message("error", "The first file is broken.")  # told again, it does not wait twice
    assert bar.waiting.text() == "and 1 before it"
    bar.dismiss()
    assert bar.sentence == "The second file is broken."
    bar.dismiss()
    assert bar.sentence == ""
    assert bar.isHidden()


def test_an_info_makes_room_for_the_next_and_goes_with_its_button(qtbot: QtBot) -> None:
    bar, done = MessageBar(), []
    qtbot.addWidget(bar)
    bar.show_message("info", "All points are known.", action=("Compute again", lambda: done.append(True)))
    assert not bar._fade.isActive()
    bar.button.click()
    assert done
    assert bar.isHidden()
    bar.show_message("info", "One.")
    bar.show_message("warning", "Two.")
    bar.show_message("error", "/a/three.npz: it is broken.")
    bar.show_message("info", "Four.")
    bar.forget(Path("/a/three.npz"))  # which is open now
    assert bar.sentence == "Two."
    bar.dismiss()
    assert bar.isHidden()


def test_of_several_dropped_files_each_failure_is_told(
    empty_window: MainWindow, document_path: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"no archive")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (broken, document_path)])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    empty_window.dropEvent(QDropEvent(QPointF(9, 9), action, data, button, Qt.KeyboardModifier.NoModifier))
    assert empty_window.store.landscape is not None
    assert "broken.npz" in empty_window.messages.sentence
