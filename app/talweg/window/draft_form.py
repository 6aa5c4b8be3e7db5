"""The fields of a new landscape, each with a sentence below it where something is missing or does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from talweg.window.draft_files import DraftFiles
from talweg.window.draft_help import (
    BATCH_NORMS,
    DEVICES,
    DIRECTIONS,
    FORMATS,
    HELP,
    INPUTS,
    NORMALIZATIONS,
    PLANES,
    STAY,
    STEPS,
    SUBSETS,
)
from talweg.window.draft_rows import DraftRows
from talweg.window.draft_words import sum_up_problem, sum_up_run
from talweg.window.looks import mute
from talweg.window.widgets.completion import complete_list
from talweg.window.widgets.controls import Choice
from talweg.window.widgets.layout import row
from talweg.window.widgets.suggestion import Suggestion
from talweg.work.draft import NOTHING_FURTHER, Draft
from talweg.work.draft_files import take_files
from talweg_compute.messages import DATA, LOCAL_DATA, METRICS, MODELS

_NEEDED = ("weights", "model", "data", "other")
_AXES = ("u", "v", "w")


class DraftForm(DraftRows):
    """Shows a draft and tells when another one was typed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._showing = False
        self._further = NOTHING_FURTHER
        self._files = DraftFiles(self)
        self.weights = self._line("Checkpoint", "a checkpoint, or a folder of them")
        self.weights.setAcceptDrops(False)  # what is dropped goes to the page
        self.file_button = self._button("File…", "Choose a checkpoint", self._files.ask_checkpoint)
        self.folder_button = self._button("Folder…", "Choose a folder of checkpoints", self._files.ask_folder)
        self.model = Suggestion("Model", MODELS, "a name, or file.py:function")
        self.model_button = self._button("File…", "Choose a file that builds the model", self._files.ask_model)
        self.model_args = self._line("Arguments of the model", "none")
        self.data = Suggestion("Data", DATA, "a name, an .npz file, or file.py:function")
        self.data_file_button = self._button("File…", "Choose a file of data", self._files.ask_samples)
        self.data_root = self._line("Folder of the data", "~/.cache/talweg/data")
        self.data_button = self._button("Folder…", "Choose the folder of the data", self._files.ask_data_folder)
        self.normalize = Suggestion("Normalization of the inputs", INPUTS, "mean = […], std = […]; none")
        self.samples = self._line("Samples", "0 takes all", width=90)
        self.subset = Choice(SUBSETS, "Which samples")
        self.loss = Suggestion("Loss", ("cross_entropy", "mse", "multi_margin"), "cross_entropy")
        self.plane = Choice(PLANES, "Plane")
        self.directions = Choice(DIRECTIONS, "Line, surface or volume")
        self.other = self._line("Other checkpoints", "other.pt; another.pt")
        self.other_button = self._button("Add…", "Choose other checkpoints", self._files.ask_others)
        self.normalization = Choice(NORMALIZATIONS, "Normalization")
        self.seed = self._line("Seed", "1, or several: 1, 2, 3", width=160)
        self.axes = {
            axis: tuple(
                self._line(f"{axis}, {what}", "as v" if axis == "w" else "", width=70)
                for what in ("from", "to", "number of points")
            )
            for axis in _AXES
        }
        self.metrics = self._line("Metrics", "none; such as top5_accuracy, brier_score")
        complete_list(self.metrics, tuple(METRICS))
        self.batch_norm = Choice(BATCH_NORMS, "Statistics of BatchNorm layers")
        self.ignore = Choice(STAY, "What stays put")
        self.refine = Choice(STEPS, "Steps")
        self.ladder = self._line("Samples to begin with", "500, 2000", width=160)
        self.tolerance = self._line("Tolerance", "0.01", width=90)
        self.device = Suggestion("Device", DEVICES, "auto")
        self.processes = self._line("Processes", "as many as fit", width=160)
        self.precision = Choice(FORMATS, "Number format")
        self._fields: dict[str, QLineEdit | QComboBox] = {
            name: field for name, field in vars(self).items() if isinstance(field, QLineEdit | QComboBox)
        }
        self._put_together()
        for field in self._fields.values():
            if isinstance(field, Choice):
                field.currentIndexChanged.connect(self._tell)
            elif isinstance(field, QComboBox):
                field.currentTextChanged.connect(self._tell)
        self.show_draft(Draft())

    @property
    def draft(self) -> Draft:
        """What the fields hold."""
        texts = {name: _value(field) for name, field in self._fields.items()}
        axes = {axis: tuple(line.text() for line in lines) for axis, lines in self.axes.items()}
        return Draft(**texts, **axes, further=self._further)  # type: ignore[arg-type]  # each is a field of the draft

    def show_draft(self, draft: Draft) -> None:
        """Fill the fields; tells of it once where that changes something."""
        if draft == self.draft and self.isVisible():
            return
        self._showing = True
        self._further = draft.further
        for name, field in self._fields.items():
            _show(field, getattr(draft, name))
        for axis, lines in self.axes.items():
            for line, text in zip(lines, getattr(draft, axis), strict=True):
                _show(line, text)
        self._showing = False
        self._tell()

    def change(self, **fields: object) -> None:
        """Fill some of the fields."""
        self.show_draft(replace(self.draft, **fields))  # type: ignore[arg-type]  # a field of each kind

    def show_notes(self, faults: Mapping[str, str], notes: Mapping[str, str]) -> None:
        """Write below each field what is wrong with it, or else what is to be said about it.

        Args:
            faults: Sentences by field; of a field that is empty and needed, what to do.
            notes: The same, where nothing is wrong.
        """
        empty = {name: fault for name, fault in faults.items() if name in _NEEDED and not _value(self._fields[name])}
        wrong = {name: fault for name, fault in faults.items() if name not in empty}
        asked = {name: f"{notes.get(name, '')} {fault}".strip() for name, fault in empty.items()}
        super().show_notes(wrong, {**notes, **asked})

    def take(self, paths: Sequence[Path]) -> bool:
        """Take files that were dropped or chosen, each where it belongs.

        Returns:
            Whether all of them are something for a draft; otherwise nothing changes.

        Raises:
            InputError: They are more checkpoints than a plane goes through.
        """
        taken = take_files(self.draft, paths)
        if taken is not None:
            self.show_draft(taken)
        return taken is not None

    def take_path(self, path: Path) -> None:
        """Take a checkpoint, or a folder of them."""
        self.take([path])

    def _put_together(self) -> None:
        all_of_them = mute(QLabel("0 takes all;"))
        self._row("weights", "&Checkpoint", self.weights, self.file_button, self.folder_button)
        self._row("model", "&Model", self.model, self.model_button)
        self._row("model_args", "A&rguments", self.model_args)
        self._row("data", "&Data", self.data, self.data_file_button)
        self._row("data_root", "Data f&older", self.data_root, self.data_button)
        self._row("normalize", "&Inputs", self.normalize)
        self._row("samples", "&Samples", self.samples, all_of_them, self.subset, None)
        self._row("loss", "&Loss", self.loss)
        self._row("plane", "&Plane", self.plane, self.directions)
        self._row("other", "O&ther", self.other, self.other_button)
        self._row("normalization", "&Normalization", self.normalization)
        self._row("seed", "S&eed", self.seed, None)
        for axis in _AXES:
            start, stop, points = self.axes[axis]
            fields = row(QLabel("from"), start, QLabel("to"), stop, QLabel("in"), points, QLabel("points"), None)
            self.add(axis, f"&{axis}", HELP[axis], start, fields)
        self.more = self.begin_fold("More of network and plane")
        self._row("metrics", "Metrics", self.metrics)
        self._row("batch_norm", "&BatchNorm", self.batch_norm)
        self._row("ignore", "Sta&y put", self.ignore)
        self.how = self.begin_fold("How it is run")
        self._row("refine", "Steps", self.refine)
        self._row("ladder", "Be&gin on", self.ladder, QLabel("samples"), None)
        self._row("tolerance", "Tolerance", self.tolerance, QLabel("of the loss"), None)
        self._row("device", "Device", self.device)
        self._row("processes", "Processes", self.processes, None)
        self._row("precision", "Number &format", self.precision)

    def _row(self, name: str, title: str, field: QWidget, *beside: QWidget | None) -> None:
        fields: QHBoxLayout | None = None
        if beside:
            fields = row(field, *beside)
            if None not in beside:
                fields.setStretch(0, 1)
        self.add(name, title, HELP[name], field, fields)

    def _leave_out(self) -> None:
        """Hide the fields that mean nothing now, and say beside the headings what is set below them."""
        draft = self.draft
        needed = {
            "data_root": draft.data in LOCAL_DATA,
            "other": draft.plane in ("checkpoints", "file"),
            "normalization": draft.draws,
            "seed": draft.draws,
            "v": draft.directions != "1",
            "w": draft.directions == "3",
            "ignore": draft.moves_parameters,
            "ladder": draft.refine == "given",
        }
        self.leave_out(frozenset(name for name, shown in needed.items() if not shown))
        self.more.sum_up(sum_up_problem(draft))
        self.how.sum_up(sum_up_run(draft))

    def _tell(self) -> None:
        if not self._showing:
            self._leave_out()
            self.changed.emit()

    def _line(self, name: str, placeholder: str, width: int = 0) -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(name)
        line.setPlaceholderText(placeholder)
        if width:
            line.setFixedWidth(width)
        line.textChanged.connect(self._tell)
        return line

    @staticmethod
    def _button(title: str, tip: str, act: object) -> QPushButton:
        button = QPushButton(title)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(act)
        return button


def _value(field: QLineEdit | QComboBox) -> str:
    if isinstance(field, Choice):
        return str(field.currentData())
    return field.text() if isinstance(field, QLineEdit) else field.currentText()


def _show(field: QLineEdit | QComboBox, text: str) -> None:
    if isinstance(field, Choice):
        field.show_value(text)
    elif isinstance(field, QLineEdit):
        if field.text() != text:
            field.setText(text)
    elif field.currentText() != text:
        field.setCurrentText(text)
