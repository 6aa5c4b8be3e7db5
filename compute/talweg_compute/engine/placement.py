"""Training runs on a plane: where their checkpoints lie, what they cost there and in truth; also while they grow."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from torch import Tensor

from talweg_compute.engine.evaluator import Cancelled
from talweg_compute.engine.grid_points import GridPoints
from talweg_compute.engine.lanes import Task
from talweg_compute.engine.record import Record
from talweg_compute.messages import (
    LANDMARKS,
    Axis,
    Block,
    Compute,
    Event,
    InputError,
    Note,
    Progress,
    Trajectory,
    find_checkpoints,
    name_metric,
    tell_apart,
)
from talweg_compute.plane.projection import project
from talweg_compute.plane.span import OpenPlane
from talweg_compute.problem.problem import OpenProblem

_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_BETWEEN_EVENTS = 5.0
_SECONDS_TO_WAIT = 10.0  # for losses of checkpoints, before finer points are evaluated

_Stamp = tuple[int, int]


class Placement:
    """Puts the checkpoints of a job's runs on its plane, one checkpoint in memory at a time.

    Where their losses take long, they stand on the plane at once and are evaluated after the surface.

    Args:
        request: The job, and what is placed already.
        problem: The opened problem.
        plane: The plane.
        points: Evaluates the problem, side by side.
        emit: Takes each event.
        should_stop: Asked before each mini-batch.
    """

    def __init__(
        self,
        request: Compute,
        problem: OpenProblem,
        plane: OpenPlane,
        points: GridPoints,
        emit: Callable[[Event], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._id, self._axes = request.id, request.job.axes
        self._problem, self._plane, self._points = problem, plane, points
        self._emit, self._should_stop = emit, should_stop
        self._metrics = tuple(map(name_metric, request.job.problem.metrics))
        self._through = tuple(map(Path, request.job.plane.through))
        first = request.job.problem.trajectory
        self._patterns = [*([] if first is None else [first]), *request.job.problem.other_trajectories]
        placed = [*request.placed, *[()] * len(self._patterns)]
        self._placed = [list(names) for _, names in zip(self._patterns, placed, strict=False)]
        self._told: set[int] = set()  # runs of which it was said that they leave the grid
        self._grows = request.follow  # shares of a part of the run would say nothing of the whole
        self._others: list[tuple[Trajectory, Sequence[Path | None]]] = []  # told without their losses
        self._seen: dict[Path, _Stamp] = {}
        self._refused: dict[Path, _Stamp] = {}

    def place_landmarks(self) -> None:
        """Place the checkpoints that the plane was laid through, the origin first; without any nothing happens.

        They lie on the plane, so that their losses are the plane's, unless the buffers were told to stay.

        Raises:
            Cancelled: It was asked to stop.
        """
        if not self._through:
            return
        problem = self._problem
        origin, *names = tell_apart([problem.checkpoint, *self._through])
        names = ["origin" if problem.moved_sha256 else origin, *names]
        paths = (None, *self._through)
        landmarks = self._locate(tuple(names), paths)
        self._tell(msgspec.structs.replace(landmarks, run=LANDMARKS, explained_variance=()), paths)

    def place_found(self) -> None:
        """Place every checkpoint that is there and not placed yet; where that takes long, their losses come later.

        Raises:
            InputError: One of them cannot be read or does not fit the model.
            Cancelled: It was asked to stop.
        """
        for run in range(len(self._patterns)):
            if found := self._missing(run):
                self._emit(Progress(self._id, "placing the trajectory", 0, 0))
                self._place(run, found)

    def evaluate_others(self) -> None:
        """Evaluate the checkpoints that were told without their losses, since these take long.

        Raises:
            Cancelled: It was asked to stop; those that are evaluated are emitted.
        """
        while self._others:
            self._emit(Progress(self._id, "evaluating the checkpoints", 0, 0))
            self._evaluate(*self._others[0])
            self._others.pop(0)

    def follow(self) -> None:
        """Place checkpoints as they come, until it is asked to stop.

        A file counts as written when its size and time stayed the same from one look to the next, and it can be read.
        One that cannot be read is told of and looked at again when it changes.

        Raises:
            Cancelled: It was asked to stop, the only way in which this ends.
        """
        while True:
            self.look()
            if self._should_stop():
                raise Cancelled
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def look(self) -> None:
        """Place the checkpoints that have been written since the last look."""
        for run in range(len(self._patterns)):
            for path in self._missing(run):
                stamp = _stamp_of(path)
                if stamp is None or self._seen.get(path) != stamp:  # gone, new, or still growing
                    self._seen[path] = stamp or (0, 0)
                    break  # the later ones wait, so that the order stays
                if self._refused.get(path) == stamp:
                    continue
                try:
                    self._place(run, [path])
                except InputError as error:
                    self._refused[path] = stamp
                    self._note(f"{path.name} was left out: {error}")

    def _missing(self, run: int) -> list[Path]:
        return [path for path in find_checkpoints(self._patterns[run]) if path.name not in self._placed[run]]

    def _place(self, run: int, paths: Sequence[Path]) -> None:
        first = len(self._placed[run])
        trajectory = self._locate(tuple(path.name for path in paths), paths)
        trajectory = msgspec.structs.replace(
            trajectory,
            explained_variance=() if first or self._grows else trajectory.explained_variance,
            run=run,
            run_name=_name_run(self._patterns[run]) if len(self._patterns) > 1 else "",
            first=first,
        )
        self._tell(trajectory, paths)
        self._placed[run] += trajectory.names
        if run not in self._told and (text := _outside_grid(trajectory, self._axes)):
            self._told.add(run)
            self._note(text)

    def _locate(self, names: tuple[str, ...], paths: Sequence[Path | None]) -> Trajectory:
        """Find where checkpoints lie; None stands for the origin. What they cost is not known yet."""
        plane, problem = self._plane, self._problem

        def read(step: int) -> Tensor:
            path = paths[step]
            return problem.origin if path is None else problem.read_flat(path)

        projection = project(plane.directions, plane.origin, read, len(names), problem.layout.parameter_size)
        unknown = Block.of(np.full(len(names), np.nan))
        return Trajectory(
            self._id,
            names=names,
            coordinates=Block.of(projection.coordinates),
            residual=Block.of(projection.residual),
            loss=unknown,
            accuracy=unknown,
            explained_variance=projection.explained_variance,
            loss_at_projection=unknown,
            metrics=dict.fromkeys(self._metrics, unknown),
        )

    def _tell(self, trajectory: Trajectory, paths: Sequence[Path | None]) -> None:
        """Emit checkpoints with what they cost, or where that takes long without it, to be evaluated later."""
        if not self._grows and 2 * len(paths) * self._points.seconds_a_point > _SECONDS_TO_WAIT:
            self._emit(trajectory)
            self._others.append((trajectory, paths))
        else:
            self._evaluate(trajectory, paths)

    def _evaluate(self, trajectory: Trajectory, paths: Sequence[Path | None]) -> None:
        """Find what checkpoints cost, and what the plane costs there, and emit them; from time to time the first ones.

        All that were told before are told again each time: what is stored of a run is replaced from its first one on.
        """
        everything, axes = range(self._points.samples), len(self._axes)
        places = [tuple(place) for place in trajectory.coordinates.array().tolist()]
        own = [
            Task((0.0,) * axes, everything) if path is None else Task((), everything, checkpoint=str(path))
            for path in paths
        ]
        tasks = [(2 * step, task) for step, task in enumerate(own)]
        tasks += [
            (2 * step + 1, Task(place, everything)) for step, place in enumerate(places) if np.isfinite(place).all()
        ]
        tasks.sort(key=lambda each: each[0])
        records: dict[int, Record] = {}
        last = time.monotonic()

        def take(number: int, record: Record) -> None:
            nonlocal last
            records[number] = record
            if time.monotonic() - last >= _SECONDS_BETWEEN_EVENTS:
                last = time.monotonic()
                self._emit(self._with_losses(trajectory, records))
                self._emit(Progress(self._id, "evaluating the checkpoints", len(records), len(tasks)))

        self._points.share(tasks, take)
        self._emit(self._with_losses(trajectory, records))

    def _with_losses(self, trajectory: Trajectory, records: Mapping[int, Record]) -> Trajectory:
        steps = range(len(trajectory.names))

        def block(name: str, second: int) -> Block:
            found = [records.get(2 * step + second) for step in steps]
            return Block.of([math.nan if record is None else record.fields[name] for record in found])

        return msgspec.structs.replace(
            trajectory,
            loss=block("loss", 0),
            accuracy=block("accuracy", 0),
            loss_at_projection=block("loss", 1),
            metrics={name: block(name, 0) for name in self._metrics},
        )

    def _note(self, text: str) -> None:
        self._emit(Note(self._id, text))


def _stamp_of(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _name_run(pattern: str) -> str:
    """Call a run by the folder of its checkpoints."""
    path = Path(pattern)
    return path.name if path.is_dir() else path.parent.name


def _outside_grid(trajectory: Trajectory, axes: Sequence[Axis]) -> str | None:
    """Say where a path leaves the grid, since it cannot be drawn there."""
    coordinates = trajectory.coordinates.array()
    coordinates = coordinates[np.isfinite(coordinates).all(axis=1)]
    if not len(coordinates):
        return None
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    if all(axis.start <= a and b <= axis.stop for axis, a, b in zip(axes, low, high, strict=True)):
        return None
    names = "uvw"[: len(axes)]
    if len(trajectory.names) == 1:  # of a run that grows
        place = ", ".join(f"{name} {value:.3g}" for name, value in zip(names, low, strict=True))
        return f"{trajectory.names[0]} lies outside the grid, at {place}; widen it to see all of the trajectory."
    spans = " and ".join(f"{name} from {a:.3g} to {b:.3g}" for name, a, b in zip(names, low, high, strict=True))
    keys = " and ".join(f"grid.{name}" for name in names)
    what = f"The trajectory {trajectory.run_name}" if trajectory.run_name else "The trajectory"
    return f"{what} leaves the grid: it spans {spans}; widen {keys} to see all of it."
