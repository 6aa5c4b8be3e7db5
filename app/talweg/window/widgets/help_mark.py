"""The question mark beside a setting: one sentence on what it means."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QToolTip


class HelpMark(QToolButton):
    """Says a sentence when it is pointed at, and when it is pressed.

    Args:
        name: The setting.
        sentence: What it means, and whose idea it is.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__()
        self.setText("?")
        self.setAutoRaise(True)
        self.setToolTip(f"<p>{sentence}</p>")  # rich text, which wraps
        self.setAccessibleName(f"What is: {name}")
        self.setAccessibleDescription(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("help", True)
        self.clicked.connect(self._say)

    def _say(self) -> None:
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.toolTip(), self)
