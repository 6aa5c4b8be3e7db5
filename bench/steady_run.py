"""A job being computed as the worker does it, which rests while something else is measured."""

import contextlib
import math
import threading
import time
from types import TracebackType

from talweg_compute.engine import Cancelled, compute_landscape
from talweg_compute.messages import Compute, Event, Job, Points

_POLL = 0.05
_TO_REST = 1.5  # seconds: lanes finish the points that they are at
_LONGEST_START = 300.0


class SteadyRun:
    """Computes a job in a thread, with its lanes; entered, it runs until points come, and rests.

    Args:
        job: More points than can be done meanwhile.
        warm_up: Seconds until further processes have imported torch and opened the job; they run that long.

    Attributes:
        losses: What was computed so far, by flat index.
    """

    def __init__(self, job: Job, warm_up: float) -> None:
        self.losses: dict[int, float] = {}
        self._job, self._warm_up = job, warm_up
        self._may_run, self._ends = threading.Event(), threading.Event()
        self._times: list[tuple[float, int]] = []
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._compute, name="steady-run", daemon=True)

    def __enter__(self) -> "SteadyRun":
        self._thread.start()
        self._may_run.set()
        self._await_points(1)
        time.sleep(self._warm_up)
        self._rest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._may_run.set()
        self._thread.join()

    def rate(self, span: float) -> float:
        """Run for a while.

        Args:
            span: Seconds over which the rate is taken, from one event with points to another.

        Returns:
            Points a second.
        """
        self._times.clear()
        self._may_run.set()
        self._await_points(3)  # the first ones were begun before the rest
        del self._times[:2]
        while self._times[-1][0] - self._times[0][0] < span and self._thread.is_alive():
            time.sleep(_POLL)
        (first, before), (last, after) = self._times[0], self._times[-1]
        self._rest()
        return (after - before) / (last - first) if last > first else math.nan

    def _await_points(self, events: int) -> None:
        deadline = time.monotonic() + _LONGEST_START
        while len(self._times) < events and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(_POLL)
        if self._failure is not None:
            raise self._failure
        if len(self._times) < events:
            raise TimeoutError(f"{self._job.problem.model}: no points came")

    def _rest(self) -> None:
        self._may_run.clear()
        time.sleep(_TO_REST)

    def _compute(self) -> None:
        try:
            with contextlib.suppress(Cancelled):
                compute_landscape(Compute("bench", self._job), self._take, self._ends.is_set)
        except BaseException as error:  # it is raised where somebody waits for points
            self._failure = error

    def _take(self, event: Event) -> None:
        if isinstance(event, Points):
            self.losses.update(zip(event.index.array().tolist(), event.fields["loss"].array().tolist(), strict=True))
            self._times.append((time.perf_counter(), len(self.losses)))
        self._may_run.wait()  # whoever emits holds the lock that lanes need to go on
