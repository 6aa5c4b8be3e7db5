"""The question mark beside a setting: one sentence on what it means."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QToolButton, QToolTip, QWidget

from talweg.window.looks import dress
from talweg.window.widgets.layout import tight

_UNLIMITED = 4000  # wider than any setting


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
        dress(self, "help")
        self.clicked.connect(self._say)

    def _say(self) -> None:
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.toolTip(), self)


def with_help(setting: QWidget | QLayout, name: str, sentence: str, *, wide: bool = True) -> QWidget:
    """Put a question mark beside a setting.

    Args:
        setting: One input, or a row of them.
        name: What it is called.
        sentence: What it means, and whose idea it is.
        wide: Whether the setting takes all the room before the mark, which then stands at the right edge.
    """
    holder = QWidget()
    box = QHBoxLayout(holder)
    tight(box)
    if isinstance(setting, QWidget):
        box.addWidget(setting)
    else:
        box.addLayout(setting)
    mark = HelpMark(name, sentence)
    if not wide:
        box.addWidget(mark)
    if not wide or setting.maximumSize().width() < _UNLIMITED:
        box.addStretch(1)
    if wide:
        box.addWidget(mark)
    return holder
