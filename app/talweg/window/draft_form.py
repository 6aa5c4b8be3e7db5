"""The fields of a new landscape, each with a sentence below it where something is missing or does not fit."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from talweg.window.draft_files import DraftFiles
from talweg.window.widgets.completion import complete_list
from talweg.window.widgets.controls import Choice
from talweg.window.widgets.help_mark import HelpMark
from talweg.window.widgets.layout import GAP, row, text_label
from talweg.window.widgets.suggestion import Suggestion
from talweg.work.draft import NOTHING_FURTHER, Draft
from talweg.work.draft_files import take_files
from talweg_compute.messages import DATA, LOCAL_DATA, METRICS, MODELS

_PLANES = [
    ("random", "Random directions"),
    ("pca", "Principal components of the training path"),
    ("checkpoints", "Through other checkpoints"),
    ("initial_to_final", "From the first to the last checkpoint"),
    ("gradient", "Steepest descent and a random direction"),
    ("loss_fitting", "Fitted to the losses of the training path"),
    ("file", "Directions from a file"),
]
_HELP = {
    "weights": "The weights at the origin of the plane. A folder of checkpoints is a training path: it is drawn on the "
    "surface (Li et al. 2018, section 7), and its last checkpoint is the origin.",
    "model": "The network that the weights belong to. It is guessed where a model of the zoo fits exactly; your own is "
    "named as file.py:function, which returns it; the file may lie beside the checkpoint.",
    "model_args": "Arguments for the model, as in a job file: sizes = [64, 16, 10].",
    "data": "The samples that the loss is averaged over: a data set, an .npz file with inputs and targets, or "
    "file.py:function that returns a torch Dataset, or the inputs and the targets.",
    "data_root": "The folder in which the files of this data set lie.",
    "normalize": "What was taken off each channel of the images, and what it was divided by, after they were scaled "
    "to 0 … 1; as in training. The suggestions are CIFAR-10 as Li et al. 2018 have it, ImageNet, and MNIST.",
    "samples": "Every point sees the same first samples; 0 takes all of them. Few are quick, and enough for the shape.",
    "loss": "What is averaged over the samples: cross entropy, mean squared error, multi margin, or file.py:function.",
    "metrics": "Numbers beside loss and accuracy, which height and colour can show: names with commas, such as "
    "brier_score (Brier 1950), expected_calibration_error (Guo et al. 2017), or file.py:function of outputs and "
    "targets, a number a sample.",
    "plane": "Where the surface cuts through the space of weights: at random or along the training path (Li et al. "
    "2018), straight to another model (Goodfellow et al. 2015), or through three (Garipov et al. 2018).",
    "directions": "One direction gives a curve (Goodfellow et al. 2015), two give a surface (Li et al. 2018).",
    "other": "One checkpoint a direction lies at 1 on its axis (Goodfellow et al. 2015, Garipov et al. 2018); several "
    "are separated by semicolons.",
    "normalization": "Filter: each filter of a random direction gets the norm of the network's filter, so that "
    "surfaces of different networks compare (Li et al. 2018, section 4).",
    "seed": "Draws the random directions; the same seed gives the same ones on every machine. Surfaces of other seeds "
    "look much alike (Li et al. 2018, appendix).",
    "u": "Coordinates along the first direction, and how many points; 51 are those of Li et al. 2018.",
    "v": "Coordinates along the second direction, and how many points; 51 are those of Li et al. 2018.",
    "precision": "The number format of the forward pass. Auto takes a faster one (Micikevicius et al. 2018) only where "
    "its error on this surface was measured.",
}


_NEEDED = ("weights", "model", "data", "other")
_NORMALIZATIONS = (
    "mean = [0.4914, 0.4824, 0.4467], std = [0.2471, 0.2435, 0.2616]",
    "mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]",
    "mean = [0.1307], std = [0.3081]",
)


class DraftForm(QWidget):
    """Shows a draft and tells when another one was typed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnMinimumWidth(0, 110)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QWidget, ...]] = {}
        self.notes: dict[str, QLabel] = {}
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
        self.normalize = Suggestion("Normalization of the inputs", _NORMALIZATIONS, "mean = […], std = […]; none")
        self.samples = self._line("Samples", "0 takes all", width=90)
        self.loss = Suggestion("Loss", ("cross_entropy", "mse", "multi_margin"), "cross_entropy")
        self.metrics = self._line("Metrics", "none; such as top5_accuracy, brier_score")
        complete_list(self.metrics, tuple(METRICS))
        self.plane = Choice(_PLANES, "Plane")
        self.directions = Choice([("2", "a surface"), ("1", "a line")], "Line or surface")
        self.other = self._line("Other checkpoints", "other.pt; another.pt")
        self.other_button = self._button("Add…", "Choose other checkpoints", self._files.ask_others)
        self.normalization = Choice(
            [("filter", "filter-normalized"), ("layer", "layer-normalized"), ("none", "not normalized")],
            "Normalization",
        )
        self.seed = self._line("Seed", "1", width=70)
        self.axes = {
            axis: tuple(self._line(f"{axis}, {what}", "", width=70) for what in ("from", "to", "number of points"))
            for axis in ("u", "v")
        }
        self.precision = Choice(
            [(name, name) for name in ("auto", "float32", "tf32", "float16", "bf16")], "Number format"
        )
        self._put_together()
        for choice in (self.plane, self.directions, self.normalization, self.precision):
            choice.currentIndexChanged.connect(self._tell)
        for suggestion in (self.model, self.data, self.normalize, self.loss):
            suggestion.currentTextChanged.connect(self._tell)
        self.show_draft(Draft())

    @property
    def draft(self) -> Draft:
        """What the fields hold."""
        return Draft(
            weights=self.weights.text(),
            model=self.model.currentText(),
            model_args=self.model_args.text(),
            data=self.data.currentText(),
            data_root=self.data_root.text(),
            normalize=self.normalize.currentText(),
            samples=self.samples.text(),
            loss=self.loss.currentText(),
            metrics=self.metrics.text(),
            plane=str(self.plane.currentData()),
            directions=str(self.directions.currentData()),
            other=self.other.text(),
            normalization=str(self.normalization.currentData()),
            seed=self.seed.text(),
            u=_texts(self.axes["u"]),
            v=_texts(self.axes["v"]),
            precision=str(self.precision.currentData()),
            further=self._further,
        )

    def show_draft(self, draft: Draft) -> None:
        """Fill the fields; tells of it once where that changes something."""
        if draft == self.draft and self.isVisible():
            return
        self._showing = True
        self._further = draft.further
        for line, text in (
            (self.weights, draft.weights), (self.model_args, draft.model_args), (self.data_root, draft.data_root),
            (self.samples, draft.samples), (self.metrics, draft.metrics), (self.other, draft.other),
            (self.seed, draft.seed),
            *zip(self.axes["u"], draft.u, strict=True), *zip(self.axes["v"], draft.v, strict=True),
        ):  # fmt: skip
            if line.text() != text:
                line.setText(text)
        for suggestion, text in (
            (self.model, draft.model), (self.data, draft.data), (self.normalize, draft.normalize),
            (self.loss, draft.loss),
        ):  # fmt: skip
            if suggestion.currentText() != text:
                suggestion.setCurrentText(text)
        self.plane.show_value(draft.plane)
        self.directions.show_value(draft.directions)
        self.normalization.show_value(draft.normalization)
        self.precision.show_value(draft.precision)
        self._showing = False
        self._tell()

    def change(self, **fields: object) -> None:
        """Fill some of the fields."""
        self.show_draft(replace(self.draft, **fields))  # type: ignore[arg-type]  # a field of each kind

    def show_notes(self, faults: dict[str, str], notes: dict[str, str]) -> None:
        """Write below each field what is wrong with it, or else what is to be said about it.

        Args:
            faults: Sentences by field.
            notes: The same, where nothing is wrong.
        """
        draft = self.draft
        for name, label in self.notes.items():
            fault, note = faults.get(name, ""), notes.get(name, "")
            wrong = bool(fault) and not (name in _NEEDED and not getattr(draft, name))  # what is empty is not wrong yet
            label.setText(f"⚠ {fault}" if wrong else f"{note} {fault}".strip())
            if bool(label.property("fault")) != wrong:
                label.setProperty("fault", wrong)
                label.style().unpolish(label)
                label.style().polish(label)
            label.setVisible(bool(fault or note) and not self._rows[name][0].isHidden())

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
        def plain(*widgets: QWidget | None) -> QHBoxLayout:
            return row(*widgets)

        def wide(field: QWidget, button: QWidget) -> QHBoxLayout:
            line = row(field, button)
            line.setStretch(0, 1)
            return line

        all_of_them = QLabel("0 takes all of them")
        all_of_them.setProperty("muted", True)
        self._add("weights", "&Checkpoint", self.weights, plain(self.weights, self.file_button, self.folder_button))
        self._add("model", "&Model", self.model, wide(self.model, self.model_button))
        self._add("model_args", "A&rguments", self.model_args)
        self._add("data", "&Data", self.data, wide(self.data, self.data_file_button))
        self._add("data_root", "Data f&older", self.data_root, plain(self.data_root, self.data_button))
        self._add("normalize", "&Inputs", self.normalize)
        self._add("samples", "&Samples", self.samples, plain(self.samples, all_of_them, None))
        self._add("loss", "&Loss", self.loss)
        self._add("metrics", "Metrics", self.metrics)
        self._add("plane", "&Plane", self.plane, plain(self.plane, self.directions))
        self._add("other", "O&ther", self.other, plain(self.other, self.other_button))
        self._add("normalization", "&Normalization", self.normalization)
        self._add("seed", "S&eed", self.seed, plain(self.seed, None))
        for axis in ("u", "v"):
            start, stop, points = self.axes[axis]
            fields = plain(QLabel("from"), start, QLabel("to"), stop, QLabel("in"), points, QLabel("points"), None)
            self._add(axis, f"&{axis}", start, fields)
        self._add("precision", "Number &format", self.precision)

    def _add(self, name: str, title: str, field: QWidget, fields: QHBoxLayout | None = None) -> None:
        """Add a row: label, fields, question mark; below it the sentence."""
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
        mark = HelpMark(title.replace("&", ""), _HELP[name])
        self._grid.addWidget(label, place, 0)
        self._grid.addWidget(holder, place, 1)
        self._grid.addWidget(mark, place, 2)
        self._grid.addWidget(note, place + 1, 1, 1, 2)
        self.notes[name] = note
        self._rows[name] = holder, label, mark

    def _show_rows(self) -> None:
        """Hide the fields that mean nothing now."""
        draft = self.draft
        needed = {
            "data_root": draft.data in LOCAL_DATA,
            "other": draft.plane in ("checkpoints", "file"),
            "normalization": draft.draws,
            "seed": draft.draws,
            "v": draft.directions != "1",
        }
        for name, shown in needed.items():
            for widget in self._rows[name]:
                widget.setVisible(shown)

    def _tell(self) -> None:
        if not self._showing:
            self._show_rows()
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


def _texts(lines: tuple[QLineEdit, ...]) -> tuple[str, str, str]:
    first, second, third = (line.text() for line in lines)
    return first, second, third
