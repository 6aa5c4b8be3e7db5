"""Rows of a form: a label, fields and a question mark, below them a sentence; some under a heading that folds them."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from talweg.window.looks import show_fault
from talweg.window.widgets.help_mark import HelpMark
from talweg.window.widgets.layout import GAP, text_label
from talweg.window.widgets.section import FoldHeading


class DraftRows(QWidget):
    """Lays rows below one another and says beside each what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnMinimumWidth(0, 110)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QWidget, ...]] = {}
        self._folds: dict[str, FoldHeading] = {}
        self._fold: FoldHeading | None = None
        self._left_out: frozenset[str] = frozenset()
        self._told: dict[str, bool] = {}
        self.notes: dict[str, QLabel] = {}
        """The sentence below each row, by its name."""

    def begin_fold(self, title: str) -> FoldHeading:
        """Put the rows that follow under a heading, folded at first.

        Args:
            title: The heading.
        """
        self._fold = FoldHeading(title, folded=True)
        self._fold.toggled.connect(self._show_rows)
        self._grid.addWidget(self._fold, self._grid.rowCount(), 0, 1, 3)
        return self._fold

    def add(self, name: str, title: str, help_text: str, field: QWidget, fields: QHBoxLayout | None = None) -> None:
        """Add a row.

        Args:
            name: By which it is told and hidden.
            title: Of its label, with & before its letter.
            help_text: What it means, and whose idea it is.
            field: What the label leads to.
            fields: All that stands beside the label; None: that field alone.
        """
        label = QLabel(title)
        label.setBuddy(field)
        note = text_label(muted=True, name=f"About the field {title.replace('&', '')}")
        note.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        note.setContentsMargins(0, 0, 0, GAP)
        place = self._grid.rowCount()
        holder = QWidget()
        box = QHBoxLayout(holder)
        box.setContentsMargins(0, 2, 0, 2)
        if fields is None:
            box.addWidget(field)
        else:
            box.addLayout(fields)
        mark = HelpMark(title.replace("&", ""), help_text)
        self._grid.addWidget(label, place, 0)
        self._grid.addWidget(holder, place, 1)
        self._grid.addWidget(mark, place, 2)
        self._grid.addWidget(note, place + 1, 1, 1, 2)
        self.notes[name] = note
        self._rows[name] = holder, label, mark
        self._told[name] = False
        if self._fold is not None:
            self._folds[name] = self._fold
        self._show_row(name)

    def leave_out(self, names: frozenset[str]) -> None:
        """Hide the rows that mean nothing now, and show all others, as far as they are unfolded."""
        if names != self._left_out:
            self._left_out = names
            self._show_rows()

    def show_notes(self, faults: Mapping[str, str], notes: Mapping[str, str]) -> None:
        """Write below each row what is wrong with it, or else what is to be said about it.

        Args:
            faults: Sentences by row; what is folded and wrong is unfolded.
            notes: The same for what is not wrong, or not wrong yet.
        """
        for name, label in self.notes.items():
            fault, note = faults.get(name, ""), notes.get(name, "")
            wrong = bool(fault)
            label.setText(f"⚠ {fault}" if wrong else note)
            show_fault(label, wrong=wrong)
            self._told[name] = bool(fault or note)
            if wrong and name in self._folds and name not in self._left_out:
                self._folds[name].setChecked(True)
            self._show_row(name)

    def _show_rows(self) -> None:
        for name in self._rows:
            self._show_row(name)

    def _show_row(self, name: str) -> None:
        shown = name not in self._left_out and (name not in self._folds or self._folds[name].isChecked())
        for widget in self._rows[name]:
            widget.setVisible(shown)
        self.notes[name].setVisible(shown and self._told[name])
