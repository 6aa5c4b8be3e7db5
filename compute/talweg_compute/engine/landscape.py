"""One landscape from its job: the points that are missing, coarse to fine, and the trajectory on the plane."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import astuple, fields
from importlib.metadata import version

import numpy as np
import torch

from talweg_compute.engine.device import available_cores, choose_device, describe_device
from talweg_compute.engine.evaluator import Evaluator, Record
from talweg_compute.field import coarse_to_fine
from talweg_compute.messages import (
    Block,
    Compute,
    Event,
    Grid,
    InputError,
    Note,
    Origin,
    Points,
    Progress,
    Provenance,
    Ready,
    Trajectory,
)
from talweg_compute.plane.plane import OpenPlane, open_plane
from talweg_compute.plane.projection import project
from talweg_compute.problem.problem import OpenProblem, open_problem

_FIELDS = tuple(field.name for field in fields(Record))
_SECONDS_BETWEEN_EVENTS = 0.1

Emit = Callable[[Event], None]
ShouldStop = Callable[[], bool]


def compute_landscape(request: Compute, emit: Emit, should_stop: ShouldStop) -> None:
    """Compute what is missing of a landscape and emit it as it comes.

    Args:
        request: The job and what is done of it.
        emit: Takes each event.
        should_stop: Asked before each mini-batch.

    Raises:
        InputError: The job's input is at fault, or what is done was computed from something else.
        Cancelled: It was asked to stop.
    """
    job = request.job
    device = choose_device(job.run.device)
    if device.type == "cpu":
        torch.set_num_threads(available_cores())
    emit(Progress(request.id, "loading model and data", 0, 0))
    problem = open_problem(job.problem)
    emit(Progress(request.id, "finding the plane", 0, 0))
    plane = open_plane(job.plane, problem)
    evaluator = Evaluator(problem, device, job.run.batch_size, lambda text: emit(Note(request.id, text)))
    provenance = _provenance(problem, plane, evaluator)
    if request.expected is not None and not request.expected.same_source(provenance):
        raise InputError(
            f"{problem.checkpoint}: the points already computed came from another checkpoint, data or plane than the "
            "job names now; compute into a new document, or restore the files."
        )
    emit(Ready(request.id, provenance))
    origin = evaluator.at_weights(problem.origin, should_stop)
    emit(Origin(request.id, _blocks([origin], scalar=True)))

    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    sampling = coarse_to_fine(v.size, u.size)
    order = sampling.order
    done = np.zeros(order.size, dtype=bool)
    if request.done is not None:
        done[request.done.array()] = True
    coarse, fine = (part[~done[part]] for part in np.split(order, sampling.level_ends[:1]))
    reporter = _Reporter(request.id, emit, int(done.sum()), order.size)

    def evaluate(indices: Iterable[int]) -> None:
        for index in indices:
            row, column = divmod(int(index), u.size)
            reporter.add(int(index), evaluator.at_coordinates(plane, u[column], v[row], should_stop))

    try:
        evaluate(coarse)
        if problem.trajectory and not request.has_trajectory:
            reporter.flush()
            trajectory = _trajectory(request.id, problem, plane, evaluator, should_stop)
            emit(trajectory)
            if text := _outside_grid(trajectory, job.grid):
                emit(Note(request.id, text))
        evaluate(fine)
    finally:
        reporter.flush()


class _Reporter:
    """Collects points and emits them at most ten times a second, with the rate of the last seconds."""

    def __init__(self, request_id: str, emit: Emit, done: int, total: int) -> None:
        self._id, self._emit, self._done, self._total = request_id, emit, done, total
        self._pending: dict[int, Record] = {}
        self._last = 0.0
        self._history: deque[tuple[float, int]] = deque([(time.monotonic(), done)], maxlen=50)

    def add(self, index: int, record: Record) -> None:
        self._pending[index] = record
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_EVENTS:
            self.flush()

    def flush(self) -> None:
        if not self._pending:
            return
        self._last = time.monotonic()
        self._done += len(self._pending)
        self._history.append((self._last, self._done))
        (before, done_before), rate = self._history[0], 0.0
        if self._last > before:
            rate = (self._done - done_before) / (self._last - before)
        self._emit(Points(self._id, Block.of(list(self._pending)), _blocks(list(self._pending.values()))))
        remaining = (self._total - self._done) / rate if rate > 0 else None
        self._emit(Progress(self._id, "evaluating points", self._done, self._total, rate, remaining))
        self._pending.clear()


def _trajectory(
    request_id: str, problem: OpenProblem, plane: OpenPlane, evaluator: Evaluator, should_stop: ShouldStop
) -> Trajectory:
    """Project every checkpoint and evaluate its true loss, one checkpoint in memory at a time."""
    paths = problem.trajectory

    def read(step: int) -> torch.Tensor:
        return problem.read_flat(paths[step])

    projection = project(plane.directions, plane.origin, read, len(paths), problem.layout.parameter_size)
    records = [evaluator.at_weights(read(step), should_stop) for step in range(len(paths))]
    return Trajectory(
        request_id,
        names=tuple(path.name for path in paths),
        coordinates=Block.of(projection.coordinates),
        residual=Block.of(projection.residual),
        loss=Block.of([record.loss for record in records]),
        accuracy=Block.of([record.accuracy for record in records]),
        explained_variance=projection.explained_variance,
    )


def _outside_grid(trajectory: Trajectory, grid: Grid) -> str | None:
    """Say where the path leaves the grid, since it cannot be drawn there."""
    coordinates = trajectory.coordinates.array()
    low, high = np.nanmin(coordinates, axis=0), np.nanmax(coordinates, axis=0)
    if (low >= (grid.u.start, grid.v.start)).all() and (high <= (grid.u.stop, grid.v.stop)).all():
        return None
    return (
        f"The trajectory leaves the grid: it spans u from {low[0]:.3g} to {high[0]:.3g} and v from {low[1]:.3g} to "
        f"{high[1]:.3g}; widen grid.u and grid.v to see all of it."
    )


def _provenance(problem: OpenProblem, plane: OpenPlane, evaluator: Evaluator) -> Provenance:
    return Provenance(
        checkpoint=problem.checkpoint.name,
        checkpoint_sha256=problem.checkpoint_sha256,
        data_sha256=problem.samples.sha256,
        directions_sha256=plane.sha256,
        direction_norms=tuple(plane.norms),
        cosine=plane.cosine,
        parameters=problem.layout.parameter_count,
        samples=evaluator.samples,
        batch_norm=plane.batch_norm,
        device=describe_device(evaluator.device),
        precision="float32",
        batch_size=evaluator.batch_size,
        versions={name: version(name) for name in ("talweg", "torch", "numpy")},
    )


def _blocks(records: list[Record], *, scalar: bool = False) -> dict[str, Block]:
    columns = np.array([astuple(record) for record in records], dtype=np.float64)
    return {name: Block.of(columns[0, at] if scalar else columns[:, at]) for at, name in enumerate(_FIELDS)}
