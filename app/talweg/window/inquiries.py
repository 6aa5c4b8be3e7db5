"""Questions to the worker about what is still being typed; a job has precedence."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from talweg.window.worker_seat import WorkerSeat
from talweg_compute.messages import Event, Failed, Finished, Job


class Inquiries(QObject):
    """One question at a time, while no job runs.

    Args:
        seat: Has the worker.
    """

    begun = Signal()
    answered = Signal(object)
    """An answer to the question, or its end."""
    over = Signal()
    """The worker is free again; told before its end is."""

    def __init__(self, seat: WorkerSeat, parent: QObject) -> None:
        super().__init__(parent)
        self._seat = seat
        self._request: str | None = None
        seat.answered.connect(self._take)

    @property
    def under_way(self) -> bool:
        """Whether an answer is to come."""
        return self._request is not None

    def inspect(self, checkpoint: Path) -> None:
        """Ask what is in a checkpoint.

        Raises:
            InputError: The worker is busy, or cannot be started.
        """
        self._request = self._seat.worker.inspect(checkpoint)
        self.begun.emit()

    def estimate(self, job: Job) -> None:
        """Ask what a job would take.

        Args:
            job: With absolute paths; its code is run, which the caller has asked for.

        Raises:
            InputError: The worker is busy, or cannot be started.
        """
        self._request = self._seat.worker.estimate(job)
        self.begun.emit()

    def cancel(self) -> None:
        """Ask the worker to leave the question."""
        if self._request is not None:
            self._seat.worker.cancel()

    def forget(self) -> None:
        """Expect no answer any more: the worker was ended."""
        self._request = None

    @Slot(object)
    def _take(self, event: Event) -> None:
        if self._request is None or event.id != self._request or not self._seat.taken:
            return
        if isinstance(event, Failed | Finished):
            self._request = None
            self.over.emit()
        self.answered.emit(event)
