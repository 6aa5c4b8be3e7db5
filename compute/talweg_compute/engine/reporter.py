"""Points as they come, gathered into events."""

import time
from collections import deque
from collections.abc import Callable, Mapping

from talweg_compute.engine.record import Record
from talweg_compute.messages import Block, Event, Points, Progress

_SECONDS_BETWEEN_EVENTS = 0.1


class Reporter:
    """Collects points and emits them at most ten times a second, with the rate of the last seconds.

    Args:
        request_id: Marks the events.
        emit: Takes them.
        done: Points that are done already.
        total: All points.
        phase: What is being done, in words.
        afterwards: Work that follows, in units of these points; None: nobody knows how many of them will be needed.
    """

    def __init__(
        self,
        request_id: str,
        emit: Callable[[Event], None],
        done: int,
        total: int,
        phase: str = "evaluating points",
        afterwards: float | None = 0.0,
    ) -> None:
        self._id, self._emit, self._done, self._total = request_id, emit, done, total
        self._phase, self._afterwards = phase, afterwards
        self._pending: dict[int, Record] = {}
        self._last = 0.0
        self._history: deque[tuple[float, int]] = deque([(time.monotonic(), done)], maxlen=50)

    def add(self, index: int, record: Record) -> None:
        """Take one point, by its flat index."""
        self._pending[index] = record
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_EVENTS:
            self.flush()

    def add_together(self, records: Mapping[int, Record]) -> None:
        """Take points, by their flat indices, that are committed all at once or not at all."""
        self.flush()
        self._pending.update(records)
        self.flush()

    def flush(self) -> None:
        """Emit what was taken since the last time."""
        if not self._pending:
            return
        self._last = time.monotonic()
        self._done += len(self._pending)
        self._history.append((self._last, self._done))
        (before, done_before), rate = self._history[0], 0.0
        if self._last > before:
            rate = (self._done - done_before) / (self._last - before)
        records = self._pending.values()
        fields = [record.fields for record in records]
        self._emit(
            Points(
                self._id,
                Block.of(list(self._pending)),
                {name: Block.of([each[name] for each in fields]) for name in fields[0]},
                samples=Block.of([record.samples for record in records]),
                precision=Block.of([record.precision for record in records]),
                sums=Block.of([record.sums for record in records]),
            )
        )
        known = rate > 0 and self._afterwards is not None
        remaining = (self._total - self._done + (self._afterwards or 0.0)) / rate if known else None
        self._emit(Progress(self._id, self._phase, self._done, self._total, rate, remaining))
        self._pending.clear()
