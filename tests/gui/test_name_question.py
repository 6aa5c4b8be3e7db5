"""A name is asked for in a dialog without the style's icons."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QInputDialog

from talweg.window.main_window import MainWindow
from talweg.window.name_question import ask_name


@pytest.mark.parametrize("accept", [True, False])
def test_a_name_is_asked_for(empty_window: MainWindow, accept: bool) -> None:
    seen: list[str] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QInputDialog)
        box = dialog.findChild(QDialogButtonBox)
        assert isinstance(box, QDialogButtonBox)
        assert all(button.icon().isNull() for button in box.buttons())
        seen.append(dialog.textValue())
        dialog.setTextValue("another")
        dialog.accept() if accept else dialog.reject()

    QTimer.singleShot(0, answer)
    assert ask_name(empty_window, "Rename", "&Name", "one") == ("another" if accept else None)
    assert seen == ["one"]
