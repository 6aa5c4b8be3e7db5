"""Training runs on a plane: where their checkpoints lie, what they cost there and in truth; also while they grow."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from torch import Tensor

from talweg_compute.engine.evaluator import Cancelled, Evaluator
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

_Stamp = tuple[int, int]


class Placement:
    """Puts the checkpoints of a job's runs on its plane, one checkpoint in memory at a time.

    Args:
        request: The job, and what is placed already.
        problem: The opened problem.
        plane: The plane.
        evaluator: Evaluates the problem.
        emit: Takes each event.
        should_stop: Asked before each mini-batch.
    """

    def __init__(
        self,
        request: Compute,
        problem: OpenProblem,
        plane: OpenPlane,
        evaluator: Evaluator,
        emit: Callable[[Event], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._id, self._axes = request.id, request.job.axes
        self._problem, self._plane, self._evaluator = problem, plane, evaluator
        self._emit, self._should_stop = emit, should_stop
        self._metrics = tuple(map(name_metric, request.job.problem.metrics))
        self._through = tuple(map(Path, request.job.plane.through))
        first = request.job.problem.trajectory
        self._patterns = [*([] if first is None else [first]), *request.job.problem.other_trajectories]
        placed = [*request.placed, *[()] * len(self._patterns)]
        self._placed = [list(names) for _, names in zip(self._patterns, placed, strict=False)]
        self._told: set[int] = set()  # runs of which it was said that they leave the grid
        self._grows = request.follow  # shares of a part of the run would say nothing of the whole
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

        def read(step: int) -> Tensor:
            return problem.read_flat(self._through[step - 1]) if step else problem.origin

        names = ["origin" if problem.moved_sha256 else origin, *names]
        landmarks = self._locate(tuple(names), read)
        self._emit(msgspec.structs.replace(landmarks, run=LANDMARKS, explained_variance=()))

    def place_found(self) -> None:
        """Place every checkpoint that is there and not placed yet.

        Raises:
            InputError: One of them cannot be read or does not fit the model.
            Cancelled: It was asked to stop.
        """
        for run in range(len(self._patterns)):
            if found := self._missing(run):
                self._emit(Progress(self._id, "placing the trajectory", 0, 0))
                self._place(run, found)

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
        def read(step: int) -> Tensor:
            return self._problem.read_flat(paths[step])

        first = len(self._placed[run])
        trajectory = self._locate(tuple(path.name for path in paths), read)
        trajectory = msgspec.structs.replace(
            trajectory,
            explained_variance=() if first or self._grows else trajectory.explained_variance,
            run=run,
            run_name=_name_run(self._patterns[run]) if len(self._patterns) > 1 else "",
            first=first,
        )
        self._emit(trajectory)
        self._placed[run] += trajectory.names
        if run not in self._told and (text := _outside_grid(trajectory, self._axes)):
            self._told.add(run)
            self._note(text)

    def _locate(self, names: tuple[str, ...], read: Callable[[int], Tensor]) -> Trajectory:
        """Find where checkpoints lie, what they cost, and what the plane costs there."""
        plane, evaluator = self._plane, self._evaluator
        projection = project(plane.directions, plane.origin, read, len(names), self._problem.layout.parameter_size)
        records = [evaluator.at_weights(read(step), self._should_stop) for step in range(len(names))]
        at_projection = [
            evaluator.at_coordinates(plane, place, self._should_stop).loss if np.isfinite(place).all() else np.nan
            for place in projection.coordinates.tolist()
        ]
        return Trajectory(
            self._id,
            names=names,
            coordinates=Block.of(projection.coordinates),
            residual=Block.of(projection.residual),
            loss=Block.of([record.loss for record in records]),
            accuracy=Block.of([record.accuracy for record in records]),
            explained_variance=projection.explained_variance,
            loss_at_projection=Block.of(at_projection),
            metrics={name: Block.of([record.fields[name] for record in records]) for name in self._metrics},
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
