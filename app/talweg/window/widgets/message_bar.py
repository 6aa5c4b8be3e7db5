"""Notices above the picture: they say one sentence, never stop the work, and stay until they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QStyle, QToolButton, QWidget

from talweg.window.looks import dress, mute
from talweg.window.widgets.layout import EDGE, GAP, column, row

Kind = Literal["error", "warning", "info"]

_PIXMAPS = {
    "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
    "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
}
_INFO_MS = 8000
_DETAILS_HEIGHT = 130
_MOST = 20  # notices that wait; the oldest go


class Details(QWidget):
    """Text that is folded away behind a button and can be copied."""

    def __init__(self, title: str = "Details") -> None:
        super().__init__()
        self._button = QToolButton()
        self._button.setText(title)
        self._button.setCheckable(True)
        self._button.setAutoRaise(True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setArrowType(Qt.ArrowType.RightArrow)
        self._copy = QToolButton()
        self._copy.setText("Copy")
        self._copy.setAutoRaise(True)
        self._copy.setAccessibleName(f"Copy {title.lower()}")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(title)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFixedHeight(_DETAILS_HEIGHT)
        box = column(self, gap=2)
        box.addLayout(row(self._button, self._copy, None))
        box.addWidget(self.text)
        self._button.toggled.connect(self._unfold)
        self._copy.clicked.connect(self._copy_text)
        self._unfold(False)

    def set_text(self, text: str) -> None:
        """Replace the text; an end that was in view stays in view."""
        bar = self.text.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        if text != self.text.toPlainText():
            self.text.setPlainText(text)
            if at_end:
                bar.setValue(bar.maximum())

    @property
    def unfolded(self) -> bool:
        """Whether the text is visible."""
        return self._button.isChecked()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show or hide the text."""
        self._button.setChecked(unfolded)

    def _unfold(self, unfolded: bool) -> None:
        self.text.setVisible(unfolded)
        self._copy.setVisible(unfolded)
        self._button.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())


@dataclass(frozen=True)
class Message:
    """A notice.

    Attributes:
        kind: An error or a warning stays until it is closed, an info goes by itself.
        sentence: What happened and what to do.
        details: Text to unfold and to copy.
        action: Title of a button, and what it does.
    """

    kind: Kind
    sentence: str
    details: str = ""
    action: tuple[str, Callable[[], None]] | None = None

    @property
    def lasts(self) -> bool:
        """Whether another one must not take its place for good."""
        return self.kind != "info"


class MessageBar(QFrame):
    """One notice at a time, the newest; below it wait the errors and warnings that nobody has closed yet."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kind: Kind | None = None
        self._messages: list[Message] = []
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.waiting = mute(QLabel())
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.dismiss)
        self.details = Details()
        box = column(self, gap=2)
        box.setContentsMargins(EDGE, GAP, EDGE, GAP)
        line = row(self._icon, self.label, self.waiting, self.button, self._close, gap=EDGE)
        box.addLayout(line)
        box.addWidget(self.details)
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(_INFO_MS)
        self._fade.timeout.connect(self.dismiss)
        self.hide()

    def show_message(
        self, kind: Kind, sentence: str, details: str = "", action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """Show a notice.

        Args:
            kind: An error or a warning stays until it is closed, an info goes by itself.
            sentence: What happened and what to do.
            details: Text to unfold and to copy.
            action: Title of a button, and what it does.
        """
        new = Message(kind, sentence, details, action)
        kept = [old for old in self._messages if old.lasts and (old.kind, old.sentence) != (kind, sentence)]
        self._messages = [*kept[1 - _MOST :], new]
        self._show_newest()

    @property
    def sentence(self) -> str:
        """What is shown, or nothing."""
        return "" if self.isHidden() else self.label.text()

    def dismiss(self) -> None:
        """Take the notice away; the one before it, which nobody has closed, comes back."""
        if self._messages:
            self._messages.pop()
        self._show_newest()
        self.closed.emit()

    def forget(self, path: Path) -> None:
        """Take away what is no longer so once a file is open: what was good to know before, and faults of that file."""
        stale = f"{path}: "
        kept = [message for message in self._messages if message.lasts and not message.sentence.startswith(stale)]
        if kept != self._messages:
            self._messages = kept
            self._show_newest()
            self.closed.emit()

    def _show_newest(self) -> None:
        """Show the newest notice, and how many wait below it; or nothing."""
        self._fade.stop()
        if not self._messages:
            self.hide()
            return
        shown = self._messages[-1]
        self.kind = shown.kind
        dress(self, shown.kind)
        self._icon.setPixmap(self.style().standardIcon(_PIXMAPS[shown.kind]).pixmap(18, 18))
        self._icon.setAccessibleName(shown.kind.capitalize())
        self.label.setText(shown.sentence)
        self.setAccessibleName(f"{shown.kind.capitalize()}: {shown.sentence}")
        self.details.setVisible(bool(shown.details))
        self.details.set_unfolded(False)
        self.details.set_text(shown.details)
        self.button.setVisible(shown.action is not None)
        self.button.setText(shown.action[0] if shown.action else "")
        waiting = len(self._messages) - 1
        self.waiting.setVisible(waiting > 0)
        self.waiting.setText(f"and {waiting} before it")
        self.waiting.setToolTip("\n".join(message.sentence for message in reversed(self._messages[:-1])))
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))  # screen readers say it
        if shown.kind == "info" and shown.action is None:
            self._fade.start()

    def _act(self) -> None:
        action = self._messages[-1].action if self._messages else None
        self.dismiss()
        if action is not None:
            action[1]()
