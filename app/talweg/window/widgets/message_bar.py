"""Notices above the picture: they say one sentence, never stop the work, and stay until they are read."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QStyle, QToolButton, QWidget

from talweg.window.widgets.layout import EDGE, GAP, column, row

Kind = Literal["error", "warning", "info"]

_PIXMAPS = {
    "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
    "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
}
_INFO_MS = 8000
_DETAILS_HEIGHT = 130


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


class MessageBar(QFrame):
    """One notice at a time, the newest; hidden while there is none."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kind: Kind | None = None
        self._action: Callable[[], None] | None = None
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
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
        line = row(self._icon, self.label, self.button, self._close, gap=EDGE)
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
        self.kind = kind
        self.setProperty("message", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.setPixmap(self.style().standardIcon(_PIXMAPS[kind]).pixmap(18, 18))
        self._icon.setAccessibleName(kind.capitalize())
        self.label.setText(sentence)
        self.setAccessibleName(f"{kind.capitalize()}: {sentence}")
        self.details.setVisible(bool(details))
        self.details.set_unfolded(False)
        self.details.set_text(details)
        self._action = action[1] if action else None
        self.button.setVisible(action is not None)
        self.button.setText(action[0] if action else "")
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))  # screen readers say it
        if kind == "info" and action is None:
            self._fade.start()
        else:
            self._fade.stop()

    @property
    def sentence(self) -> str:
        """What is shown, or nothing."""
        return "" if self.isHidden() else self.label.text()

    def dismiss(self) -> None:
        """Take the notice away."""
        self._fade.stop()
        self._action = None
        self.hide()
        self.closed.emit()

    def _act(self) -> None:
        action = self._action
        self.dismiss()
        if action is not None:
            action()
