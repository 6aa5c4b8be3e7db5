"""A line to type in, with names to pick from."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox


class Suggestion(QComboBox):
    """A line to type in, with names to pick from."""

    def __init__(self, name: str, options: tuple[str, ...], placeholder: str) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems(list(options))
        self.setCurrentIndex(-1)
        self.setAccessibleName(name)
        line = self.lineEdit()
        if line is not None:
            line.setPlaceholderText(placeholder)
            line.setAccessibleName(name)
        self.setMinimumContentsLength(12)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._options = options

    def offer_first(self, further: tuple[str, ...]) -> None:
        """Offer these names, too, before the others; what was typed stays."""
        if tuple(self.itemText(index) for index in range(self.count())) != further + self._options:
            typed = self.currentText()
            with QSignalBlocker(self):
                self.clear()
                self.addItems(list(further + self._options))
                self.setCurrentIndex(-1)
                self.setEditText(typed)

    def wheelEvent(self, event: object) -> None:  # noqa: N802 (Qt's name)
        """Leave the wheel to the page."""
        event.ignore()  # type: ignore[attr-defined]  # a QWheelEvent; the stub's name differs between Qt versions
