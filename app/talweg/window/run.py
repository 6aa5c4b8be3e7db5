"""One run of one job: what its events say of it, and how it is left when it ends. Free of Qt."""

import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from talweg.document import Document
from talweg.window.words import duration
from talweg.work.queue import QueuedJob
from talweg.work.tasks import ComputePoints
from talweg_compute.messages import Event, Failed, Finished, Progress

Phase = Literal["idle", "running", "stopping", "pausing"]
End = Literal["finished", "stopped", "paused", "failed"]

_OUTCOMES: dict[End, str] = {
    "stopped": "stopped; what was computed is kept",
    "paused": "paused; what was computed is kept",
    "failed": "failed",
}


@dataclass(frozen=True)
class RunState:
    """What is known of the run.

    Attributes:
        phase: Whether it runs, or was asked to stop or to pause.
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

    phase: Phase = "idle"
    activity: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    remaining: float | None = None
    can_force: bool = False
    outcome: str = ""
    error: str = ""
    details: str = ""


class Run:
    """A job that is under way.

    Args:
        job: The job, as it runs.
        document: Where its events are committed.
    """

    def __init__(self, job: QueuedJob, document: Document) -> None:
        self.job, self.document = job, document
        self.request: str | None = None
        """Id of its request, once that was sent."""
        done, total = _progress(job, document)
        self.state = RunState("running", "starting the worker", done, total)
        self._started = time.monotonic()

    def ask_to_end(self, phase: Literal["stopping", "pausing"]) -> None:
        """Note that it was asked to stop or to pause."""
        self.state = replace(self.state, phase=phase, activity=phase, remaining=None)

    def offer_force(self) -> None:
        """Note that this takes too long."""
        self.state = replace(self.state, can_force=True)

    def follow(self, event: Progress) -> None:
        """Take how far it is."""
        running = self.state.phase == "running"
        self.state = replace(
            self.state,
            activity=event.phase if running else self.state.activity,
            done=event.done,
            total=event.total,
            rate=event.rate,
            remaining=event.remaining if running else None,
        )

    def judge(self, event: Event) -> End | None:
        """Tell how it has ended, or None where an event says no such thing."""
        if isinstance(event, Failed):
            return "failed"
        if not isinstance(event, Finished):
            return None
        if not event.cancelled:
            return "finished"
        return "paused" if self.state.phase == "pausing" else "stopped"

    def leave(self, end: End, log: Sequence[str] = (), sentence: str = "", details: str = "") -> QueuedJob:
        """Return the job as it is left; ``state`` says then how it ended.

        Args:
            end: How it ended.
            log: What the worker wrote meanwhile.
            sentence: Why it failed.
            details: More about that.
        """
        seconds = time.monotonic() - self._started
        outcome = f"finished in {duration(seconds)}" if end == "finished" else _OUTCOMES[end]
        done, total = _progress(self.job, self.document)
        if not total:
            done, total = self.state.done, self.state.total
        self.state = RunState(outcome=outcome, error=sentence, details=details)
        return msgspec.structs.replace(
            self.job,
            state=end,
            done=done,
            total=total,
            seconds=self.job.seconds + seconds,
            ended=now(),
            sentence=sentence,
            details=details,
            log=tuple(log),
        )


def now() -> str:
    """The local time, ISO 8601."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def _progress(job: QueuedJob, document: Document) -> tuple[int, int]:
    """How many points of a landscape are known, and how many there are; nothing for other work than points."""
    if not isinstance(job.work, ComputePoints):
        return 0, 0
    landscape = document.landscape(job.landscape)
    return landscape.done, landscape.computed.size
