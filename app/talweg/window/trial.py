"""Asks the worker about a job that is still being typed: the newest question counts, and a run comes first."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from talweg.window.job_runner import JobRunner
from talweg_compute.messages import Estimated, Event, Failed, InputError, Inspected, Job


class Trial(QObject):
    """One question at a time; one that was overtaken by a newer one is cancelled, and its answer dropped.

    Args:
        runner: Has the worker.
    """

    inspected = Signal(object)
    """What is in the checkpoint that was asked about last."""
    estimated = Signal(object)
    """What the job would take that was asked about last."""
    refused = Signal(str, str, str)
    """Why there is no such answer: "inspect" or "estimate", one sentence, and more about it."""
    changed = Signal()
    """A question was asked, or answered."""

    def __init__(self, runner: JobRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._checkpoint: Path | None = None
        self._job: Job | None = None
        self._asked: Path | Job | None = None
        self._inquiries = runner.inquiries
        self._inquiries.answered.connect(self._take)
        runner.changed.connect(self._ask)

    @property
    def under_way(self) -> bool:
        """Whether an answer is to come."""
        return self._asked is not None or self._checkpoint is not None or self._job is not None

    def inspect(self, checkpoint: Path) -> None:
        """Ask what is in a checkpoint."""
        self._checkpoint = checkpoint
        self._hurry(Path)

    def estimate(self, job: Job) -> None:
        """Ask what a job would take; whoever asks has seen to it that its code may run."""
        self._job = job
        self._hurry(Job)

    def forget_estimate(self) -> None:
        """Ask for no estimate any more."""
        self._job = None
        if isinstance(self._asked, Job):
            self._asked = None
            self._inquiries.cancel()

    def _hurry(self, kind: type) -> None:
        if isinstance(self._asked, kind):
            self._asked = None  # its answer is of no use now
            self._inquiries.cancel()
        self._ask()

    def _ask(self) -> None:
        """Ask what is to be asked, unless the worker is busy; its end brings us here again."""
        if self._runner.busy or self._inquiries.under_way:
            return
        if self._checkpoint is not None:
            self._asked, self._checkpoint = self._checkpoint, None
        elif self._job is not None:
            self._asked, self._job = self._job, None
        else:
            return
        try:
            if isinstance(self._asked, Job):
                self._inquiries.estimate(self._asked)
            else:
                self._inquiries.inspect(self._asked)
        except InputError as error:
            self._refuse(str(error))
        self.changed.emit()

    def _take(self, event: Event) -> None:
        if isinstance(event, Inspected) and isinstance(self._asked, Path):
            self.inspected.emit(event)
        elif isinstance(event, Estimated) and isinstance(self._asked, Job):
            self.estimated.emit(event)
        elif isinstance(event, Failed):
            self._refuse(event.message, event.details)
        if not self._inquiries.under_way:
            self._asked = None
            self._ask()
            self.changed.emit()

    def _refuse(self, sentence: str, details: str = "") -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            self.refused.emit("estimate" if isinstance(asked, Job) else "inspect", sentence, details)
