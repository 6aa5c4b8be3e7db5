"""The page of a new landscape: from a checkpoint to a job, with what it would take, a quick look and the whole."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget

from talweg.example import example_folder
from talweg.window.draft_form import DraftForm
from talweg.window.draft_outlook import DraftOutlook
from talweg.window.draft_words import (
    describe_estimate,
    describe_inspection,
    describe_origin,
    describe_path,
    describe_plane,
)
from talweg.window.job_runner import JobRunner
from talweg.window.trial import Trial
from talweg.window.trust import may_run, untrusted_files
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label
from talweg.work.draft import ALONG_TRAJECTORY, NOTHING_FURTHER, Draft
from talweg.work.draft_files import networks_beside, samples_beside
from talweg.work.draft_of_job import draft_of
from talweg.work.faults import find_faults, place
from talweg.work.job_text import write_arguments, write_toml
from talweg.work.jobs import save_job_file
from talweg.work.presets import PRESETS, Preset
from talweg.work.save_place import SavePlace, judge_place
from talweg_compute.messages import LOCAL_DATA, Estimated, InputError, Inspected, Job

_SETTLE_MS = 350
_ROOM = 0.2  # left around what the plane is laid through, as a share of its extent
_KEPT = (
    "weights", "model", "model_args", "data", "data_root", "normalize", "samples", "subset", "loss", "metrics",
    "batch_norm", "tolerance", "device", "processes", "precision",
)  # fmt: skip
"""What a preset leaves as it was typed."""


@dataclass(frozen=True)
class _Filled:
    """What the page has filled in by itself."""

    model: str = ""
    arguments: str = ""
    data: str = ""


class NewLandscapePage(QWidget):
    """Fields on the left; on the right what would be computed, how long it takes, and the buttons.

    Args:
        runner: Has the worker, which is asked about checkpoint and job.
    """

    saved = Signal(object, bool)
    """Path of a job file that is to be computed now, and whether it is a quick look."""
    added = Signal(object, str, bool)
    """A job that is to join the document that is open, what its landscape is called, and whether it is a quick look."""
    left = Signal()
    """The user thought better of it."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self.setAccessibleName("New landscape")
        self._runner = runner
        self._trial = Trial(runner, self)
        self._inspected: Inspected | None = None
        self._estimated: Estimated | None = None
        self._refusals: dict[str, str] = {}
        self._refusal_details = ""
        self._filled = _Filled()
        self._networks: tuple[str, ...] = ()
        self._samples: tuple[str, ...] = ()
        self._last = Draft()
        self._fitted: tuple[tuple[str, ...], ...] = (Draft().u, Draft().v)
        self._save_typed = False
        self.form = DraftForm()
        self.title = QLabel("New landscape")
        self.subtitle = text_label(muted=True)
        self.outlook = DraftOutlook()
        self.save_line, self.preview, self.details = self.outlook.save_line, self.outlook.preview, self.outlook.details
        self.estimate_label, self.allow = self.outlook.estimate, self.outlook.allow
        self.back, self.quick, self.compute = self.outlook.back, self.outlook.quick, self.outlook.compute
        self.example = QPushButton("Try it with the &example's checkpoints")
        self._preset = PRESETS[0]
        self._put_together()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SETTLE_MS)
        self._soon.timeout.connect(self._ask)
        self.form.changed.connect(self._draft_changed)
        self.save_line.textEdited.connect(self._type_name)
        self.outlook.into.toggled.connect(self._into_toggled)
        self.quick.clicked.connect(lambda: self._save(quick=True))
        self.compute.clicked.connect(self.compute_all)
        self.allow.clicked.connect(self._allow)
        self.back.clicked.connect(self.left.emit)
        self.example.clicked.connect(self.take_example)
        self._trial.inspected.connect(self._take_inspection)
        self._trial.estimated.connect(self._take_estimate)
        self._trial.refused.connect(self._take_refusal)
        self._trial.changed.connect(self.show_state)
        runner.changed.connect(self.show_state)
        self.show_state()

    def begin(self, preset: Preset | None = None, weights: Path | None = None) -> None:
        """Begin a draft, or go on with the one that is there.

        Args:
            preset: What is filled in; the weights, model and data that are there stay.
            weights: A checkpoint or a folder.
        """
        draft = self.form.draft
        if preset is not None:
            draft = replace(preset.draft, **{name: getattr(draft, name) for name in _KEPT})
            self._fitted = (draft.u, draft.v)
        self._preset = preset or PRESETS[0]
        self.title.setText("New landscape" if preset is None else preset.title)
        self.subtitle.setText("" if preset is None else f"{preset.sentence}.")
        self.subtitle.setVisible(preset is not None)
        self.form.show_draft(replace(draft, further=NOTHING_FURTHER))
        if weights is not None:
            self.take([weights])
        self.form.weights.setFocus()

    def take(self, paths: Sequence[Path]) -> bool:
        """Take files that were dropped together; returns whether they are something for a new landscape.

        Raises:
            InputError: They are more checkpoints than a plane goes through.
        """
        untouched = self._fitted == (self.form.draft.u, self.form.draft.v)
        taken = self.form.take(paths)
        if untouched:
            self._fitted = (self.form.draft.u, self.form.draft.v)
        return taken

    def repeat(self, job: Job, name: str) -> None:
        """Fill the fields with a job that was computed, to be changed.

        Args:
            job: With absolute paths.
            name: What its landscape is called.
        """
        self._fitted = ()  # the ranges are the job's
        self._save_typed = False
        self.title.setText("Repeat with changes")
        self.subtitle.setText(f"As {name} was computed; it stays as it is.")
        self.subtitle.show()
        self.form.show_draft(draft_of(job))
        self.form.weights.setFocus()

    def take_example(self) -> None:
        """Fill in checkpoints of the example, such as the preset needs."""
        try:
            folder = example_folder()
        except (InputError, OSError) as error:
            self._refusals = {"": f"The example cannot be copied where it may be written: {error}"}
            self.show_state()
            return
        others = "; ".join(str(folder / name) for name in self._preset.others)
        self.form.change(weights=str(folder / self._preset.weights), other=others)

    def compute_all(self) -> None:
        """Write the job file and have all of it computed."""
        self._save(quick=False)

    def show_state(self) -> None:
        """Say what is missing, what it takes, and allow what can be done."""
        draft = self.form.draft
        faults = {**self._refusals, **find_faults(draft)}
        general = faults.pop("", "")
        self.form.show_notes(faults, self._notes(draft))
        self.example.setVisible(not draft.weights.strip())
        place = self._place() if draft.weights.strip() or self.save_line.text().strip() else None
        self.outlook.say_place(place.fault if place else "", place.note if place else "")
        ready = not faults and not general and place is not None and not place.fault
        self.quick.setEnabled(ready)
        self.compute.setEnabled(ready)
        untrusted = [] if faults else untrusted_files(draft.job())
        self.details.setVisible(bool(self._refusal_details))
        self.details.set_text(self._refusal_details)
        self.allow.setVisible(bool(untrusted) and self._estimated is None)
        self.outlook.say(self._say_estimate(draft, faults, general, untrusted), wrong=bool(general))

    # inside

    def _draft_changed(self) -> None:
        draft, last = self.form.draft, self._last
        if draft == last:
            return
        self._last = draft
        self._estimated, self._refusals, self._refusal_details = None, {}, ""
        self._trial.forget_estimate()
        if draft.weights != last.weights:
            self._inspected = None
            self._networks = networks_beside(draft)
            self._samples = samples_beside(draft)
            self.form.model.offer_first(self._networks)
            self.form.data.offer_first(self._samples)
            if draft.checkpoints:
                self._trial.inspect(draft.checkpoints[-1])
        self._propose_name()
        try:
            self.preview.setPlainText(write_toml(draft.table()))
        except InputError as error:
            self.preview.setPlainText(str(error))
        self.show_state()
        self._soon.start()

    def _ask(self) -> None:
        """Ask for an estimate once nobody has typed for a moment."""
        draft = self.form.draft
        if self._trial.under_way and self._inspected is None and not draft.model:
            return  # the guess will change the draft
        if not find_faults(draft) and self._estimated is None and not untrusted_files(draft.job()):
            self._trial.estimate(draft.job())
            self.show_state()

    def _take_inspection(self, found: Inspected) -> None:
        """Fill in what the checkpoint tells, or what lies beside it, where the user has not chosen."""
        self._inspected = found
        draft, filled = self.form.draft, self._filled
        wanted = _Filled(draft.model, draft.model_args, draft.data)
        if not draft.model or (draft.model, draft.model_args) == (filled.model, filled.arguments):
            guess = found.guesses[0] if found.guesses else None
            if guess is not None:
                wanted = _Filled(guess.model, write_arguments(guess.arguments), guess.data)
            else:
                wanted = _Filled(self._networks[0] if len(self._networks) == 1 else "", "", "")
        if wanted.data in ("", *LOCAL_DATA) and len(self._samples) == 1:
            wanted = replace(wanted, data=self._samples[0])
        if draft.data not in ("", filled.data):
            wanted = replace(wanted, data=draft.data)
        self._filled = wanted
        self.form.change(model=wanted.model, model_args=wanted.arguments, data=wanted.data)
        self.show_state()
        self._soon.start()

    def _take_estimate(self, estimated: Estimated) -> None:
        self._estimated = estimated
        draft = self.form.draft
        untouched = self._fitted == (draft.u, draft.v)
        through = draft.plane == "checkpoints" and draft.directions != "1"  # on a line they lie at 0 and 1
        if (through or draft.plane in ALONG_TRAJECTORY) and estimated.extents and untouched:
            axes = [
                _around(extent, axis[2]) for extent, axis in zip(estimated.extents, (draft.u, draft.v), strict=False)
            ]
            self._fitted = (axes[0], axes[1] if len(axes) > 1 else draft.v)
            self.form.change(u=self._fitted[0], v=self._fitted[1])
            self._estimated = estimated  # a grid of as many points takes as long
            self._soon.stop()
        self.show_state()

    def _take_refusal(self, kind: str, sentence: str, details: str) -> None:
        field, words = place(sentence, self.form.draft.weights)
        self._refusal_details = details
        self._refusals = {"weights" if kind == "inspect" else field: words}
        self.show_state()

    def _notes(self, draft: Draft) -> dict[str, str]:
        """What is good to know about what was typed."""
        notes = describe_inspection(draft, self._inspected, self._networks) | describe_path(draft, self._estimated)
        notes |= describe_origin(draft, self._estimated) | describe_plane(draft)
        if self._inspected is None and self._trial.under_way and draft.weights:
            notes["weights"] = "Looking what is in it…"
        if draft.data in self._samples:
            notes["data"] = "It lies beside the checkpoint."
        if draft.plane == "checkpoints":
            notes["other"] = (
                "The model above is at 0, the other one at 1."
                if draft.directions == "1"
                else "The model above is the origin; distances on the plane are those between weights."
            )
        return notes

    def _say_estimate(self, draft: Draft, faults: dict[str, str], general: str, untrusted: list[Path]) -> str:
        if general:
            return f"⚠ {general}"
        if self._runner.busy:
            return "A job is running: the estimate waits for its end, and so does what you compute."
        if faults:
            return "An estimate of time and memory comes here when the fields on the left are right."
        if self._estimated is not None:
            return describe_estimate(draft, self._estimated)
        if untrusted:
            folders = " and ".join(sorted({str(file.parent) for file in untrusted}))
            return f"This job runs code from {folders}, so nothing of it was tried yet."
        return "Trying a few samples on this machine…"

    def _allow(self) -> None:
        if may_run(self.form.draft.job(), self):
            self._ask()
        self.show_state()

    def _save(self, *, quick: bool) -> None:
        """Have the job computed: into the document that is open, or into its own, with the job file beside it."""
        draft = self.form.draft
        if quick:
            draft = draft.quick()
        if self.outlook.into.isChecked():
            self._soon.stop()
            name = self.save_line.text().strip() or _document_of(draft).stem
            self.added.emit(draft.job(), f"{name}, quick look" if quick else name, quick)
            return
        place = judge_place(self.save_line.text())
        if place.fault:
            self.show_state()
            return
        path = place.job_file
        try:
            written = save_job_file(write_toml(draft.table()), path.with_stem(f"{path.stem}-quick") if quick else path)
        except InputError as error:
            self._refusals = {"": str(error)}
            self.show_state()
            return
        self._soon.stop()
        self.saved.emit(written, quick)

    def _type_name(self) -> None:
        self._save_typed = bool(self.save_line.text().strip())
        self.show_state()

    def _place(self) -> SavePlace:
        """Where the landscape is written; in the document that is open, any name will do."""
        if self.outlook.into.isChecked():
            return SavePlace(_document_of(self.form.draft))
        return judge_place(self.save_line.text())

    def _propose_name(self) -> None:
        """Fill in the document that is written, or what the landscape is called in the one that is open."""
        if not self._save_typed:
            proposal = _document_of(self.form.draft) if self.form.draft.weights.strip() else None
            name = "" if proposal is None else proposal.stem if self.outlook.into.isChecked() else str(proposal)
            self.save_line.setText(name)

    def _into_toggled(self) -> None:
        self._save_typed = False
        self._propose_name()
        self.show_state()

    def _put_together(self) -> None:
        font = self.title.font()
        font.setPointSizeF(1.6 * font.pointSizeF())
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        self.setAcceptDrops(True)
        form = QWidget()
        box = column(form, 0, GAP)
        box.setContentsMargins(3 * EDGE, 2 * EDGE, 2 * EDGE, 2 * EDGE)
        for widget in (self.title, self.subtitle):
            box.addWidget(widget)
        box.addLayout(row(self.example, None))
        box.addSpacing(EDGE)
        box.addWidget(self.form)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidget(form)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addWidget(self.outlook)


def _document_of(draft: Draft) -> Path:
    """Propose a document beside the weights, or among the user's documents where nobody may write there."""
    path = Path(draft.weights.strip()).expanduser().absolute()
    folder, name = (path.parent, path.name) if path.is_dir() else (path.parent, path.stem)
    if "*" in name:
        name = path.parent.name
    if not _writable(folder):
        folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return folder / f"{name}.talweg"


def _writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK)


def _around(extent: tuple[float, float], points: str) -> tuple[str, str, str]:
    """A range with room on both sides of an extent, its ends of two digits."""
    low, high = extent
    room = _ROOM * (high - low) or 1.0
    low, high = low - room, high + room
    step = 10.0 ** (math.floor(math.log10(high - low)) - 1)
    return f"{math.floor(low / step) * step:.6g}", f"{math.ceil(high / step) * step:.6g}", points
