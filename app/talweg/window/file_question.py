"""Asks what a file does not say: coordinates, which array is the loss, whether heights are logarithms."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QWidget

from talweg.export import Hints, QuestionError
from talweg.window.widgets.controls import Choice
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, column, form, row, text_label, without_icons
from talweg.window.words import parse_number

Range = tuple[float, float]

_ENDS = "The file holds a grid of numbers only: the coordinates of its first and last line on the plane"
_FIELD = "The file holds several arrays of this shape: the one that is the loss"
_HEIGHTS = "The code of Li et al. 2018 writes logarithms of the loss into its meshes; they are turned back"


class FileQuestion(QDialog):
    """One small form with a field for each thing that is missing; nothing in it is filled in beforehand.

    Args:
        parent: The window.
        path: The file.
        question: What it lacks.
        hints: What the user has said about it already.
    """

    def __init__(self, parent: QWidget, path: Path, question: QuestionError, hints: Hints) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Open {path.name}")
        self._hints = hints
        self.ends: dict[str, tuple[QLineEdit, QLineEdit]] = {}
        self.field: Choice | None = None
        self.logarithm: Choice | None = None
        fields = form()
        if question.shape is not None:
            rows, columns = question.shape
            for axis, title in (("u", f"{columns} columns, &u"), ("v", f"{rows} rows, &v")):
                self.ends[axis] = self._number(f"First {axis}"), self._number(f"Last {axis}")
                first, last = self.ends[axis]
                label = QLabel(title)
                label.setBuddy(first)
                ends = row(QLabel("from"), first, QLabel("to"), last)
                fields.addRow(label, with_help(ends, title.replace("&", ""), _ENDS))
        if question.fields:
            self.field = self._choice([(name, name) for name in question.fields], "Array that is the loss")
            fields.addRow("The loss is", with_help(self.field, "The loss is", _FIELD))
        if question.logarithm:
            heights = [("loss", "The loss"), ("log", "ln(loss + 0.1), as Li et al. write it")]
            self.logarithm = self._choice(heights, "What the heights are")
            fields.addRow("The heights are", with_help(self.logarithm, "The heights are", _HEIGHTS))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        without_icons(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.open_button = buttons.button(QDialogButtonBox.StandardButton.Open)
        sentence = question.sentence.removeprefix(f"{path}: ")
        words = text_label(sentence[0].upper() + sentence[1:])
        words.setMinimumWidth(380)
        box = column(self, 2 * EDGE, 2 * EDGE)
        box.addWidget(words)
        box.addLayout(fields)
        box.addWidget(buttons)
        self._update()

    @property
    def hints(self) -> Hints | None:
        """What the user says, with what was said before; None while something is missing or no number."""
        hints = self._hints
        if self.ends:
            u, v = (_range(*self.ends[axis]) for axis in ("u", "v"))
            if u is None or v is None:
                return None
            hints = replace(hints, u=u, v=v)
        if self.field is not None:
            if self.field.currentIndex() < 0:
                return None
            hints = replace(hints, field=str(self.field.currentData()))
        if self.logarithm is not None:
            if self.logarithm.currentIndex() < 0:
                return None
            hints = replace(hints, logarithm=self.logarithm.currentData() == "log")
        return hints

    def _update(self) -> None:
        self.open_button.setEnabled(self.hints is not None)

    def _number(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textChanged.connect(self._update)
        return field

    def _choice(self, options: list[tuple[str, str]], name: str) -> Choice:
        field = Choice(options, name)
        field.setPlaceholderText("Choose…")
        field.setCurrentIndex(-1)
        field.currentIndexChanged.connect(self._update)
        return field


def ask_about(path: Path, question: QuestionError, hints: Hints, window: QWidget) -> Hints | None:
    """Ask what a file does not say.

    Args:
        path: The file.
        question: What it lacks.
        hints: What the user has said about it already.
        window: Parent of the dialog.

    Returns:
        All hints, or None if the user thought better of it.
    """
    dialog = FileQuestion(window, path, question, hints)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    answer = dialog.hints if accepted else None
    dialog.deleteLater()
    return answer


def _range(first: QLineEdit, last: QLineEdit) -> Range | None:
    start, stop = parse_number(first.text()), parse_number(last.text())
    return None if start is None or stop is None or start >= stop else (start, stop)
