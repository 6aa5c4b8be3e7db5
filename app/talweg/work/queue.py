"""Jobs that wait, run, are paused or are over: one list that can be kept in a file. Free of Qt.

A job names its document and its landscape, and what is to be done for it. Its numbers are in the document; here lies
only what was asked for, in which order, and how it ended.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from talweg.work.tasks import Work

State = Literal["waiting", "running", "paused", "finished", "stopped", "failed"]

OVER = ("finished", "stopped", "failed")
"""States of jobs that ended."""

_HISTORY = 30
_LOG_LINES = 200  # of a job that is over


class QueuedJob(msgspec.Struct, frozen=True):
    """One job.

    Attributes:
        number: Its own, as long as it is known.
        document: Path of the document that it computes into.
        landscape: Number of the landscape there.
        work: What is to be done.
        title: What the landscape is called.
        state: Where it stands.
        done: Points that were known when it was looked at last.
        total: Points that there will be; 0 while nobody knows.
        seconds: How long it ran, all in all.
        ended: Local time of its end, ISO 8601.
        sentence: Why it failed.
        details: More about that.
        log: What the worker wrote, the last lines of it.
    """

    number: int
    document: str
    landscape: int
    work: Work
    title: str
    state: State = "waiting"
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    ended: str = ""
    sentence: str = ""
    details: str = ""
    log: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether it ended."""
        return self.state in OVER


class JobQueue:
    """The jobs that are to be done, in their order, and before that those that are over, the newest first.

    Args:
        jobs: As ``jobs`` gives them.
    """

    def __init__(self, jobs: Iterable[QueuedJob] = ()) -> None:
        jobs = tuple(jobs)
        self._pending = [job for job in jobs if not job.over]
        self._history = [job for job in jobs if job.over]
        self._last = max((job.number for job in jobs), default=0)

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """All of them: those to be done, then those that are over."""
        return (*self._pending, *self._history)

    @property
    def pending(self) -> tuple[QueuedJob, ...]:
        """Those to be done, in their order; the one that runs is the first."""
        return tuple(self._pending)

    @property
    def history(self) -> tuple[QueuedJob, ...]:
        """Those that are over, the newest first."""
        return tuple(self._history)

    @property
    def running(self) -> QueuedJob | None:
        """The one that runs."""
        return next((job for job in self._pending if job.state == "running"), None)

    @property
    def next(self) -> QueuedJob | None:
        """The one to begin now: the first, unless one runs or the first is paused, which holds up those behind it."""
        first = self._pending[0] if self._pending else None
        return first if first is not None and first.state == "waiting" and self.running is None else None

    def find(self, number: int) -> QueuedJob | None:
        """Return the job of a number, or None."""
        return next((job for job in self.jobs if job.number == number), None)

    def add(self, document: str, landscape: int, work: Work, title: str, *, first: bool = False) -> QueuedJob:
        """Add a job; one that waits for the same already is returned instead.

        Args:
            document: Path of the document.
            landscape: Number of the landscape.
            work: What is to be done.
            title: What the landscape is called.
            first: Before all that wait, instead of behind them.
        """
        for job in self._pending:
            if (job.document, job.landscape, job.work) == (document, landscape, work):
                return job
        self._last += 1
        job = QueuedJob(self._last, document, landscape, work, title)
        self._pending.insert(self._first_place if first else len(self._pending), job)
        return job

    def move(self, number: int, steps: int) -> bool:
        """Let a job come later, or sooner where ``steps`` is negative; the one that runs stays where it is.

        Returns:
            Whether the order has changed.
        """
        place = self._place(number)
        if place is None or place < self._first_place:
            return False
        job = self._pending.pop(place)
        new = min(max(place + steps, self._first_place), len(self._pending))
        self._pending.insert(new, job)
        return new != place

    def remove(self, number: int) -> bool:
        """Remove a job that waits, is paused, or is over; what it computed stays in its document.

        Returns:
            Whether there was one.
        """
        job = self.find(number)
        if job is None or job.state == "running":
            return False
        (self._history if job.over else self._pending).remove(job)
        return True

    def clear_history(self) -> None:
        """Forget the jobs that are over."""
        self._history.clear()

    def change(self, job: QueuedJob) -> None:
        """Put another version of a job in its place; one that has ended goes to the history."""
        place = self._place(job.number)
        if place is None:
            self._history = [job if known.number == job.number else known for known in self._history]
        elif job.over:
            del self._pending[place]
            self._history = [msgspec.structs.replace(job, log=job.log[-_LOG_LINES:]), *self._history][:_HISTORY]
        else:
            self._pending[place] = job

    @property
    def _first_place(self) -> int:
        """The place behind the one that runs."""
        return 0 if self.running is None else 1

    def _place(self, number: int) -> int | None:
        return next((place for place, job in enumerate(self._pending) if job.number == number), None)
