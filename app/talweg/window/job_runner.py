"""Runs jobs in the worker: turns the client's callbacks into queued signals and keeps what is known of the run."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from talweg.certifying import LeastPersistence
from talweg.client import Client
from talweg.document import Document
from talweg.landscape import Landscape
from talweg.window.words import duration
from talweg_compute.messages import (
    Certified,
    Event,
    Failed,
    Finished,
    InputError,
    Job,
    Note,
    Origin,
    PointFields,
    Points,
    Progress,
    Ready,
    Trajectory,
)

Purpose = Literal["points", "certification", "gradients"]

_REFRESH_MS = 250
_FORCE_AFTER_MS = 2000
_CLOSE_SECONDS = 2.0


class Worker(Protocol):
    """What the runner needs of a client."""

    log: deque[str]

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker."""

    def compute(self, document: Document, landscape: int, *, follow: bool = False) -> str:
        """Compute what is missing of a landscape, and follow a running training where that is asked for."""

    def certify(
        self, document: Document, landscape: int, least: LeastPersistence | None, *, again: bool = False
    ) -> str:
        """Look for critical points on the network itself."""

    def differentiate(self, document: Document, landscape: int) -> str:
        """Compute gradients along the plane."""

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

    def close(self) -> None:
        """End the worker."""


MakeWorker = Callable[[Callable[[Event], None]], Worker]


def local_worker(on_event: Callable[[Event], None]) -> Worker:
    """The worker of this interpreter."""
    return Client(on_event)


@dataclass(frozen=True)
class RunState:
    """What is known of the run.

    Attributes:
        phase: "idle", "running" or "stopping".
        activity: What the worker is doing, in words.
        done: Points that are known.
        total: Points of the grid, 0 while unknown.
        rate: Points a second.
        remaining: Seconds left, or None while unknown.
        can_force: Whether stopping takes so long that the worker may be ended.
        outcome: How the last run ended, in words.
        error: Sentence of the last failure, or nothing.
        details: Its traceback.
    """

    phase: str = "idle"
    activity: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    remaining: float | None = None
    can_force: bool = False
    outcome: str = ""
    error: str = ""
    details: str = ""


class JobRunner(QObject):
    """One job at a time, in a worker process that is started when it is needed first."""

    changed = Signal()
    """The state of the run is another one."""
    points_arrived = Signal()
    """The document has new results; at most four times a second."""
    noted = Signal(str)
    failed = Signal(str, str)
    ended = Signal(object)
    """The run of this document is over; what it left is in there."""

    inquired = Signal(object)
    """An answer to an inquiry, or its end."""

    _event = Signal(object)

    def __init__(
        self,
        make_worker: MakeWorker = local_worker,
        parent: QObject | None = None,
        may_run: Callable[[Job], bool] = lambda job: True,
    ) -> None:
        super().__init__(parent)
        self._make_worker = make_worker
        self._may_run = may_run
        self._worker: Worker | None = None
        self._request: str | None = None
        self._inquiry: str | None = None
        self._waiting: Callable[[], str] | None = None
        self._document: Document | None = None
        self._landscape = 0
        self._state = RunState()
        self._started = 0.0
        self.purpose: Purpose = "points"
        """What the run, or the last one, is for."""
        self._event.connect(self._take)  # queued: the client calls on a thread of its own
        self._refresh = self._timer(_REFRESH_MS, self.points_arrived.emit)
        self._force = self._timer(_FORCE_AFTER_MS, self._offer_force)

    @property
    def state(self) -> RunState:
        """What is known of the run."""
        return self._state

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._state.phase != "idle"

    @property
    def document(self) -> Document | None:
        """Document of the running job, which must stay open until it ends."""
        return self._document

    @property
    def landscape(self) -> int:
        """Number of the landscape that is computed, in that document."""
        return self._landscape

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, or None while there is none."""
        return None if self._worker is None else self._worker.worker_pid

    @property
    def log(self) -> Sequence[str]:
        """What the worker wrote, oldest line first."""
        return () if self._worker is None else tuple(self._worker.log)

    def compute(self, document: Document, landscape: int, *, follow: bool = False) -> None:
        """Compute what is missing of a landscape.

        Args:
            document: Where its points are committed.
            landscape: Its number.
            follow: Go on afterwards, placing the checkpoints of a running training, until it is cancelled.

        Raises:
            InputError: A job is under way, the landscape has no job, its code may not run, or the worker cannot be
                started.
        """
        before = document.landscape(landscape)
        worker = self._ready_worker(document, landscape)

        def send() -> str:
            return worker.compute(document, landscape, follow=follow)

        self._begin(send, document, landscape, before.done, before.computed.size)

    def certify(self, document: Document, landscape: int, least: LeastPersistence, *, again: bool = False) -> None:
        """Look for critical points of a landscape on the network itself.

        Args:
            document: Where the answers are committed.
            landscape: Its number.
            least: Threshold over which points are asked about.
            again: Forget the answers that are known.

        Raises:
            InputError: A job is under way, the landscape is not complete or has no job, its code may not run, or the
                worker cannot be started.
        """
        worker = self._ready_worker(document, landscape)
        self._begin(lambda: worker.certify(document, landscape, least, again=again), document, landscape)
        self.purpose = "certification"

    def differentiate(self, document: Document, landscape: int) -> None:
        """Compute the gradient along the plane at the points of a landscape that lack it.

        Args:
            document: Where the gradients are committed.
            landscape: Its number.

        Raises:
            InputError: A job is under way, the landscape is no plane, has no point or no job, its code may not run, or
                the worker cannot be started.
        """
        worker = self._ready_worker(document, landscape)
        self._begin(lambda: worker.differentiate(document, landscape), document, landscape)
        self.purpose = "gradients"

    @property
    def inquiring(self) -> bool:
        """Whether an inquiry is under way."""
        return self._inquiry is not None

    def inspect(self, checkpoint: Path) -> None:
        """Ask what is in a checkpoint; the answer comes by ``inquired``.

        Raises:
            InputError: The worker is busy, or cannot be started.
        """
        self._inquiry = self._any_worker().inspect(checkpoint)
        self.changed.emit()

    def estimate(self, job: Job) -> None:
        """Ask what a job would take; the answer comes by ``inquired``.

        Args:
            job: With absolute paths; its code is run, which the caller has asked for.

        Raises:
            InputError: The worker is busy, or cannot be started.
        """
        self._inquiry = self._any_worker().estimate(job)
        self.changed.emit()

    def cancel_inquiry(self) -> None:
        """Ask the inquiry to end."""
        if self._worker is not None and self._inquiry is not None:
            self._worker.cancel()

    def _ready_worker(self, document: Document, landscape: int) -> Worker:
        if not self._may_run(document.remaining_job(landscape)):
            raise InputError("The job was not started, since its code may not run; start it again to be asked again.")
        return self._any_worker()

    def _any_worker(self) -> Worker:
        if self._worker is None:
            self._worker = self._make_worker(self._event.emit)
        return self._worker

    def _begin(
        self, send: Callable[[], str], document: Document, landscape: int, done: int = 0, total: int = 0
    ) -> None:
        """Send a request now, or once the inquiry that is under way has ended, which it is asked to."""
        if self._inquiry is None:
            self._request = send()
        elif self.busy:
            raise InputError("A job is running already; wait for its end, or cancel it first.")
        else:
            self._waiting = send
            self.cancel_inquiry()
        self._document, self._landscape = document, landscape
        self._started = time.monotonic()
        self.purpose = "points"
        self._set(RunState("running", "starting the worker", done, total))

    def cancel(self) -> None:
        """Ask the job to stop; after two seconds ending the worker is offered."""
        if self._waiting is not None:
            self._waiting = None
            self._end(RunState(outcome="stopped; what was computed is kept"))
        elif self._worker is not None and self._state.phase == "running":
            self._set(replace(self._state, phase="stopping", activity="stopping", remaining=None))
            self._force.start()
            self._worker.cancel()

    def force_stop(self) -> None:
        """End the worker at once; what was computed stays."""
        if self._worker is not None and self.busy:
            self._worker.force_stop()

    def close(self) -> None:
        """Stop the job and end the worker; what was computed stays."""
        self._refresh.stop()
        self._force.stop()
        if self._worker is None:
            return
        if self._worker.busy:
            self._worker.cancel()
            if not self._worker.wait(_CLOSE_SECONDS):
                self._worker.force_stop()
                self._worker.wait(_CLOSE_SECONDS)
        self._worker.close()
        self._worker = None
        self._document = self._inquiry = self._waiting = None
        self._set(RunState())

    @Slot(object)
    def _take(self, event: Event) -> None:
        if self._inquiry is not None and event.id == self._inquiry:
            self._take_answer(event)
            return
        if event.id != self._request or self._worker is None:
            return
        match event:
            case Progress():
                self._set(
                    replace(
                        self._state,
                        activity=event.phase if self._state.phase == "running" else self._state.activity,
                        done=event.done,
                        total=event.total,
                        rate=event.rate,
                        remaining=event.remaining if self._state.phase == "running" else None,
                    )
                )
            case Points() | PointFields() | Origin() | Trajectory() | Ready() | Certified():
                if not self._refresh.isActive():
                    self._refresh.start()
            case Note():
                self.points_arrived.emit()
                self.noted.emit(event.text)
            case Failed():
                self._end(RunState(outcome="failed", error=event.message, details=event.details))
                self.failed.emit(event.message, event.details)
            case Finished():
                seconds = time.monotonic() - self._started
                self._end(RunState(outcome=_outcome(event, seconds)))
            case _:
                pass

    def _take_answer(self, event: Event) -> None:
        if isinstance(event, Failed | Finished):
            self._inquiry = None
            waiting, self._waiting = self._waiting, None
            if waiting is not None:
                try:
                    self._request = waiting()
                except InputError as error:
                    self._end(RunState(outcome="failed", error=str(error)))
                    self.failed.emit(str(error), "")
        self.inquired.emit(event)

    def _end(self, state: RunState) -> None:
        self._refresh.stop()
        self._force.stop()
        self._request = None
        self.points_arrived.emit()
        document, self._document = self._document, None
        self._set(state)
        self.ended.emit(document)

    def _offer_force(self) -> None:
        if self._state.phase == "stopping":
            self._set(replace(self._state, can_force=True))

    def _set(self, state: RunState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit()

    def _timer(self, milliseconds: int, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer


def would_repeat(landscape: Landscape) -> bool:
    """Tell whether computing would only repeat what is known."""
    return landscape.job is not None and landscape.done > 0 and not landscape.has_work


def _outcome(event: Finished, seconds: float) -> str:
    return "stopped; what was computed is kept" if event.cancelled else f"finished in {duration(seconds)}"
