"""A line of text whose content may be wrong: then it says beside itself what is expected."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip

from talweg.window.looks import dress


class JudgedLine(QLineEdit):
    """Shows a text and takes another one; a wrong one stays, with a red rim and a sentence, until it is corrected.

    Esc puts back what was there before. Whoever hears ``typed`` takes the text or calls ``refuse``.
    """

    typed = Signal(str)
    """Another text was typed, and the field was left or Return pressed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.fault = ""
        """What is wrong with what was typed, or nothing."""
        self._shown = ""
        self._described = ""
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(lambda _: self._judge(""))

    def show_text(self, text: str) -> None:
        """Show a text, unless the user is typing one, or typed a wrong one for that which is there."""
        same, self._shown = text == self._shown, text
        if (self.fault and same) or (self.hasFocus() and self.isModified()):
            return
        self._put_back()

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with what was typed, and what is expected."""
        self.setModified(True)
        self._judge(sentence)
        if self.isVisible():
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), sentence, self)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Put back with Esc what was there."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._shown:
            self._put_back()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def _put_back(self) -> None:
        self._judge("")
        self.setText(self._shown)
        self.setModified(False)
        self.setCursorPosition(0)

    def _finish(self) -> None:
        if self.text() == self._shown:
            self._judge("")
        elif not self.fault:  # leaving the field after Return would say it twice
            self.setModified(False)
            self.typed.emit(self.text())

    def _judge(self, fault: str) -> None:
        """Look and speak as something is wrong, or as nothing is."""
        if fault == self.fault:
            return
        if not self.fault:
            self._described = self.accessibleDescription()
        self.fault = fault
        self.setToolTip(fault)
        self.setAccessibleDescription(fault or self._described)
        dress(self, "fault" if fault else "")
