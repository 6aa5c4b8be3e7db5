"""Where the window's worker sits: made when it is wanted first, its answers brought to the window's own thread."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from talweg.document import Document
from talweg.work.client import Client
from talweg.work.run_defaults import RunDefaults
from talweg.work.tasks import Work
from talweg_compute.messages import Event, Job

_CLOSE_SECONDS = 2.0


class Worker(Protocol):
    """What the window needs of a client."""

    log: deque[str]
    defaults: RunDefaults

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker."""

    def begin(self, document: Document, landscape: int, work: Work) -> str:
        """Do what is left of some work for a landscape."""

    def inspect(self, checkpoint: Path) -> str:
        """Look what is in a checkpoint."""

    def estimate(self, job: Job) -> str:
        """Say what a job would take."""

    def cancel(self) -> None:
        """Ask the request to stop."""

    def force_stop(self) -> None:
        """End the worker at once."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no request is under way."""

    def rest(self) -> None:
        """End the worker while it is idle."""

    def close(self) -> None:
        """End the worker."""


MakeWorker = Callable[[Callable[[Event], None]], Worker]


def local_worker(on_event: Callable[[Event], None]) -> Worker:
    """The worker of this interpreter."""
    return Client(on_event)


class WorkerSeat(QObject):
    """Has the worker, or none yet.

    Args:
        make_worker: Makes one.
        defaults: Gives what jobs leave open, whenever one is sent.
    """

    answered = Signal(object)
    """An event of the worker; on the window's thread, since the client calls on one of its own."""

    def __init__(self, make_worker: MakeWorker, defaults: Callable[[], RunDefaults], parent: QObject) -> None:
        super().__init__(parent)
        self._make_worker, self._defaults = make_worker, defaults
        self._worker: Worker | None = None

    @property
    def taken(self) -> bool:
        """Whether a worker was made, and not closed since."""
        return self._worker is not None

    @property
    def worker(self) -> Worker:
        """The worker, made now where there is none."""
        if self._worker is None:
            self._worker = self._make_worker(self.answered.emit)
        self._worker.defaults = self._defaults()
        return self._worker

    @property
    def pid(self) -> int | None:
        """Process id of the worker, or None while there is none."""
        return None if self._worker is None else self._worker.worker_pid

    @property
    def log(self) -> Sequence[str]:
        """What the worker wrote, oldest line first."""
        return () if self._worker is None else tuple(self._worker.log)

    def forget_log(self) -> None:
        """Begin the log anew."""
        if self._worker is not None:
            self._worker.log.clear()

    def close(self) -> None:
        """Stop what is under way and end the worker; what was computed stays."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if worker.busy:
            worker.cancel()
            if not worker.wait(_CLOSE_SECONDS):
                worker.force_stop()
                worker.wait(_CLOSE_SECONDS)
        worker.close()
