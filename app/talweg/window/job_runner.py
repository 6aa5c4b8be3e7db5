"""Runs jobs one after the other in the worker: what waits, what runs, and questions in between."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.window.inquiries import Inquiries
from talweg.window.run import End, Run, RunState, now
from talweg.window.worker_seat import MakeWorker, WorkerSeat, local_worker
from talweg.work.queue import JobQueue, QueuedJob
from talweg.work.run_defaults import RunDefaults
from talweg.work.tasks import Kind, Work
from talweg_compute.messages import (
    Certified,
    Event,
    Failed,
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

_REFRESH_MS = 250
_FORCE_AFTER_MS = 2000


class JobRunner(QObject):
    """A queue of jobs, of which one at a time runs in a worker process that is started when it is needed first.

    Args:
        make_worker: Makes the worker.
        may_run: Asks whether the code that a job names may run.
        open_document: Opens the document of a job that waited, or finds it open.
        defaults: Gives what jobs leave open about how they are run.
    """

    changed = Signal()
    """The state of the run is another one."""
    queue_changed = Signal()
    """Jobs were added, moved, removed, or are in another state."""
    points_arrived = Signal()
    """The document has new results; at most four times a second."""
    noted = Signal(str, bool)
    """A note of the worker's, and whether it is a warning."""
    failed = Signal(str, str)
    ended = Signal(object, object)
    """The run of this document is over; what it left is in there. And the job, as it is left."""

    def __init__(
        self,
        make_worker: MakeWorker = local_worker,
        parent: QObject | None = None,
        may_run: Callable[[Job], bool] = lambda job: True,
        open_document: Callable[[Path], Document] = Document.open,
        defaults: Callable[[], RunDefaults] = RunDefaults,
    ) -> None:
        super().__init__(parent)
        self._may_run, self._open_document = may_run, open_document
        self._seat = WorkerSeat(make_worker, defaults, self)
        self._seat.answered.connect(self._take)
        self._queue = JobQueue()
        self._run: Run | None = None
        self._state = RunState()
        self.inquiries = Inquiries(self._seat, self)
        """Asks the worker about jobs that are no jobs yet."""
        self.inquiries.begun.connect(self.changed)
        self.inquiries.over.connect(self._send_late)
        self._refresh = self._timer(_REFRESH_MS, self.points_arrived.emit)
        self._force = self._timer(_FORCE_AFTER_MS, self._offer_force)

    # what is known

    @property
    def state(self) -> RunState:
        """What is known of the run, or of how the last one ended."""
        return self._state

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """Those to be done in their order, the running one first; then those that are over, the newest first."""
        return self._queue.jobs

    @property
    def job(self) -> QueuedJob | None:
        """The job that runs."""
        return None if self._run is None else self._run.job

    @property
    def can_resume(self) -> bool:
        """Whether no job runs, and one waits or is paused."""
        return self._run is None and bool(self._queue.pending)

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._run is not None

    @property
    def document(self) -> Document | None:
        """Document of the running job, which must stay open until it ends."""
        return None if self._run is None else self._run.document

    @property
    def landscape(self) -> int:
        """Number of the landscape that the running job is for, in that document."""
        return 0 if self._run is None else self._run.job.landscape

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, or None while there is none."""
        return self._seat.pid

    @property
    def log(self) -> Sequence[str]:
        """What the worker wrote for the job that runs, or for the last one, oldest line first."""
        return self._seat.log

    def pending_for(self, document: Document, landscape: int) -> frozenset[Kind]:
        """List the kinds of work that run or wait for a landscape."""
        where = (str(document.path), landscape)
        return frozenset(job.work.kind for job in self._queue.pending if (job.document, job.landscape) == where)

    # the queue

    def add(self, document: Document, landscape: int, work: Work) -> None:
        """Begin some work now, or once the jobs before it are over.

        Args:
            document: Where its events are committed.
            landscape: Number of the landscape there.
            work: What is to be done.

        Raises:
            InputError: The landscape has no job, or its code may not run; or, where it is begun now, the work cannot be
                done, or the worker cannot be started.
        """
        self._check_code(document, landscape)
        title, before = document.landscape(landscape).name, self._queue.pending
        job = self._queue.add(str(document.path), landscape, work, title, first=not self.busy)
        if not self.busy:
            try:
                self._start(job, document)
            except InputError:
                if job not in before:
                    self._queue.remove(job.number)
                raise
        self.queue_changed.emit()

    def restore(self, jobs: Sequence[QueuedJob]) -> None:
        """Take over jobs of an earlier window; nothing begins before it is resumed."""
        paused = [msgspec.structs.replace(job, state="paused") if job.state == "running" else job for job in jobs]
        if (first := next((job for job in paused if not job.over), None)) is not None:
            paused[paused.index(first)] = msgspec.structs.replace(first, state="paused")
        self._queue = JobQueue(paused)
        self.queue_changed.emit()

    def move(self, number: int, steps: int) -> None:
        """Let a job come later, or sooner where ``steps`` is negative."""
        if self._queue.move(number, steps):
            self.queue_changed.emit()

    def remove(self, number: int) -> None:
        """Remove a job that does not run; what it computed stays."""
        if self._queue.remove(number):
            self.queue_changed.emit()
            self._start_next()

    def clear_history(self) -> None:
        """Forget the jobs that are over; what they computed stays."""
        self._queue.clear_history()
        self.queue_changed.emit()

    def pause(self) -> None:
        """Ask the job to stop for now: it stays first in the queue, and its worker ends, so that nothing is in use."""
        self._ask_to_end("pausing")

    def resume(self, number: int | None = None) -> None:
        """Go on with the first job, or with another one that waits or is paused, unless one runs.

        Raises:
            InputError: Its document cannot be opened, its code may not run, or the worker cannot be started.
        """
        pending = self._queue.pending
        job = (pending[0] if pending else None) if number is None else self._queue.find(number)
        if job is None or self.busy or job.over:
            return
        document = self._open_document(Path(job.document))
        self._check_code(document, job.landscape)
        self._start(job, document)
        self.queue_changed.emit()

    def cancel(self) -> None:
        """Ask the job to stop for good; after two seconds ending the worker is offered."""
        self._ask_to_end("stopping")

    def force_stop(self) -> None:
        """End the worker and its processes at once; what was computed stays."""
        if self.busy and self._seat.taken:
            self._seat.worker.force_stop()

    def close(self) -> None:
        """Stop the job and end the worker; what was computed stays, and the job remains as a paused one."""
        self._refresh.stop()
        self._force.stop()
        log = self.log
        self._seat.close()
        self.inquiries.forget()
        run, self._run = self._run, None
        if run is not None:
            self._queue.change(run.leave("paused", log))
            self.queue_changed.emit()
        self._set(RunState())

    # inside

    def _check_code(self, document: Document, landscape: int) -> None:
        if not self._may_run(document.remaining_job(landscape)):
            raise InputError("The job was not started, since its code may not run; start it again to be asked again.")

    def _start(self, job: QueuedJob, document: Document) -> None:
        """Send a job now, or once the inquiry that is under way has ended, which it is asked to."""
        running = msgspec.structs.replace(job, state="running", sentence="", details="", log=())
        run = Run(running, document)
        if self.inquiries.under_way:
            self.inquiries.cancel()
        else:
            self._send(run)
        self._run = run
        self._queue.move(job.number, -len(self._queue.pending))
        self._queue.change(running)
        self._set(run.state)

    def _send(self, run: Run) -> None:
        self._seat.forget_log()
        run.request = self._seat.worker.begin(run.document, run.job.landscape, run.job.work)

    def _start_next(self) -> None:
        """Begin the first job that waits; one that cannot be begun is over."""
        while self._run is None and (job := self._queue.next) is not None:
            try:
                self.resume(job.number)
            except InputError as error:
                self._queue.change(msgspec.structs.replace(job, state="failed", sentence=str(error), ended=now()))
                self.queue_changed.emit()
                self.failed.emit(f"{job.title}: {error}", "")

    def _ask_to_end(self, phase: Literal["stopping", "pausing"]) -> None:
        run = self._run
        if run is None or run.state.phase != "running":
            return
        run.ask_to_end(phase)
        if run.request is None:  # it waits for the end of an inquiry
            self._end(run, "paused" if phase == "pausing" else "stopped")
            return
        self._set(run.state)
        self._force.start()
        self._seat.worker.cancel()

    @Slot(object)
    def _take(self, event: Event) -> None:
        run = self._run
        if run is None or event.id != run.request or not self._seat.taken:
            return
        match event:
            case Progress():
                run.follow(event)
                self._set(run.state)
            case Points() | PointFields() | Origin() | Trajectory() | Ready() | Certified():
                if not self._refresh.isActive():
                    self._refresh.start()
            case Note():
                self.points_arrived.emit()
                self.noted.emit(event.text, event.warning)
            case _:
                if (end := run.judge(event)) is not None:
                    failure = (event.message, event.details) if isinstance(event, Failed) else ("", "")
                    self._end(run, end, *failure)

    def _send_late(self) -> None:
        """Send the job that waited for the end of an inquiry."""
        if (run := self._run) is not None and run.request is None:
            try:
                self._send(run)
            except InputError as error:
                self._end(run, "failed", str(error))

    def _end(self, run: Run, end: End, sentence: str = "", details: str = "") -> None:
        self._refresh.stop()
        self._force.stop()
        self.points_arrived.emit()
        job = run.leave(end, self.log, sentence, details)
        self._run = None
        self._queue.change(job)
        if end == "paused":
            self._seat.worker.rest()
        self._set(run.state)
        self.queue_changed.emit()
        self.ended.emit(run.document, job)
        if sentence:
            self.failed.emit(sentence, details)
        self._start_next()

    def _offer_force(self) -> None:
        if self._run is not None and self._run.state.phase != "running":
            self._run.offer_force()
            self._set(self._run.state)

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
