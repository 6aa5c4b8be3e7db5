"""The points of a job's grid: evaluated side by side, gathered, and emitted as they come."""

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.evaluator import Evaluator
from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.lane_count import SECONDS_THAT_PAY_FOR_LANES, further_devices
from talweg_compute.engine.lanes import Lane, LaneSpecification, Task, evaluate_side_by_side, evaluate_with
from talweg_compute.engine.open_job import OpenJob
from talweg_compute.engine.point_formats import PointFormats
from talweg_compute.engine.record import Record
from talweg_compute.engine.reporter import Reporter
from talweg_compute.messages import Block, Compute, Event, PointFields

_SECONDS_A_WINDOW, _LARGEST_WINDOW = 0.2, 256

Indices = NDArray[np.int64]


class GridPoints:
    """Evaluates points by their flat indices, in this process and in further lanes.

    Args:
        request: The job, and what is done of it.
        opened: The same job.
        evaluator: Of this process.
        emit: Takes each event.
        note: Takes a sentence for the user.
        should_stop: Asked before each mini-batch.

    Attributes:
        shape: [nu], [nv, nu] or [nw, nv, nu].
        known: What is known of each point.
        formats: In which number format each is evaluated.
        seconds_a_point: How long a point takes on all samples in this process.
    """

    def __init__(
        self,
        request: Compute,
        opened: OpenJob,
        evaluator: Evaluator,
        emit: Callable[[Event], None],
        note: Callable[[str], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._id, self._opened, self._evaluator = request.id, opened, evaluator
        self._emit, self._note, self._should_stop = emit, note, should_stop
        self._axes = [axis.coordinates() for axis in request.job.axes]
        self.shape = tuple(axis.size for axis in reversed(self._axes))
        self.known = KnownPoints(math.prod(self.shape), evaluator.samples, request.known, evaluator.metrics)
        self.formats = PointFormats(self.known, self.shape)
        self.seconds_a_point = 0.0
        self._lanes: list[Lane] = []
        self.begin("evaluating points", int(self.missing.size), None)

    @property
    def samples(self) -> int:
        """Number of all samples."""
        return self._evaluator.samples

    @property
    def missing(self) -> Indices:
        """Flat indices of the points of which nothing is known."""
        return np.flatnonzero(self.known.seen == 0)

    @property
    def samples_left(self) -> int:
        """Evaluations of a sample that are missing."""
        return int((self.samples - self.known.seen).sum())

    @property
    def seconds_left(self) -> float:
        """How long one process would take for everything that is missing."""
        return self.seconds_a_point * self.samples_left / self.samples

    def coordinates(self, indices: Indices) -> list[tuple[float, ...]]:
        """Say where points lie, one number a direction."""
        places = reversed(np.unravel_index(indices, self.shape))
        columns = [axis[place].tolist() for axis, place in zip(self._axes, places, strict=True)]
        return list(zip(*columns, strict=True))

    def start_lanes(self) -> None:
        """Start a process for each further core or GPU, where the rest takes long enough to pay for it."""
        if self.seconds_left < SECONDS_THAT_PAY_FOR_LANES:
            return
        opened = self._opened
        devices, note = further_devices(opened)
        if note is not None:
            self._note(note)
        for device in devices:
            run = msgspec.structs.replace(opened.job.run, device=device, batch_size=self._evaluator.batch_size)
            specification = LaneSpecification(
                msgspec.structs.replace(opened.job, run=run),
                tuple(path.name for path in opened.problem.trajectory),
                opened.problem.checkpoint_sha256,
                opened.order,
            )
            self._lanes.append(Lane(specification, opened.plane.directions))

    def begin(self, phase: str, missing: int, afterwards: float | None) -> None:
        """Begin to count the points of a phase.

        Args:
            phase: What is being done, in words.
            missing: How many points it has.
            afterwards: Work that follows, in units of these points; None: nobody knows.
        """
        total = self.known.seen.size
        self._reporter = Reporter(self._id, self._emit, total - missing, total, phase, afterwards)

    def evaluate(self, indices: Indices, samples: int) -> None:
        """Evaluate points until they have seen so many samples.

        Raises:
            Cancelled: It was asked to stop; what is finished is emitted.
        """
        tasks = (
            (index, Task(where, self.known.part(index, samples), self.formats.of(index)))
            for index, where in zip(indices.tolist(), self.coordinates(indices), strict=True)
        )
        try:
            self.share(tasks, self._take)
        finally:
            self._reporter.flush()

    def evaluate_apart(self, indices: Indices, samples: int) -> list[Record]:
        """Evaluate points in float32 from their first sample on, without taking them.

        Raises:
            Cancelled: It was asked to stop.
        """
        found: dict[int, Record] = {}
        where = self.coordinates(indices)
        tasks = ((index, Task(place, range(samples))) for index, place in zip(indices.tolist(), where, strict=True))
        self.share(tasks, found.__setitem__)
        return [found[index] for index in indices.tolist()]

    def take(self, indices: Indices, records: Sequence[Record]) -> None:
        """Take points that were evaluated elsewhere, from their first sample on, all at once or none."""
        self.known.forget(indices)
        pairs = zip(indices.tolist(), records, strict=True)
        self._reporter.add_together({index: self.known.join(index, record) for index, record in pairs})

    def keep_coarse(self, indices: Indices) -> None:
        """Keep what is known of points in a coarse number format, before they are evaluated anew in float32."""
        fields = self.known.keep_coarse(indices)
        if indices.size:
            blocks = {name: Block.of(values) for name, values in fields.items()}
            self._emit(PointFields(self._id, Block.of(indices), blocks))

    def share(self, tasks: Iterable[tuple[int, Task]], take: Callable[[int, Record], None]) -> None:
        """Evaluate anything of this job in this process and in the lanes.

        Args:
            tasks: With a number each.
            take: Given the number and its record as they come; called by one thread at a time.

        Raises:
            Cancelled: It was asked to stop.
        """
        first = evaluate_with(self._evaluator, self._opened, self._should_stop)
        evaluate_side_by_side(tasks, first, self._lanes, take, self._note, self._should_stop, self._window())

    def close(self) -> None:
        """End the lanes."""
        for lane in self._lanes:
            lane.close()

    def _window(self) -> int:
        """Say how many points a process takes at a time: on a GPU several, read together, so that it never waits."""
        if self._opened.device.type == "cpu" or self.seconds_a_point <= 0:
            return 1
        return int(np.clip(_SECONDS_A_WINDOW / self.seconds_a_point, 1, _LARGEST_WINDOW))

    def _take(self, index: int, record: Record) -> None:
        self._reporter.add(index, self.known.join(index, record))
