"""What is asked before something that lies in no document yet is lost."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from talweg.window.widgets.layout import without_icons

Answer = Literal["save", "discard", "stay"]


def ask_about_changes(title: str, parent: QWidget) -> Answer:
    """Ask what becomes of the changes to a file of another program.

    Args:
        title: What the file is called.
        parent: What the question stands in front of.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle("Save a copy?")
    box.setText(f"{title} lies in no document yet.")
    box.setInformativeText("How it is looked at, its pins and its differences are lost unless a copy is saved.")
    save = box.addButton("Save a copy…", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(save)
    without_icons(box)
    box.exec()
    return "save" if box.clickedButton() is save else "discard" if box.clickedButton() is discard else "stay"
