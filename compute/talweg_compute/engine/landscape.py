"""One landscape from its job: the points that are missing, coarse to fine, and the trajectory on the plane."""

import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray

from talweg_compute.engine.device import available_cores, choose_device, describe_device
from talweg_compute.engine.evaluator import Evaluator
from talweg_compute.engine.lanes import Lane, LaneSpecification, evaluate_side_by_side, evaluate_with
from talweg_compute.engine.reporter import Reporter
from talweg_compute.field import coarse_to_fine
from talweg_compute.messages import (
    Block,
    Compute,
    Event,
    Grid,
    InputError,
    Note,
    Origin,
    Progress,
    Provenance,
    Ready,
    Trajectory,
)
from talweg_compute.plane.plane import OpenPlane, open_plane
from talweg_compute.plane.projection import project
from talweg_compute.problem.problem import OpenProblem, open_problem

_SECONDS_THAT_PAY_FOR_LANES = 15.0

Indices = NDArray[np.int64]
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
    run = _Run(request, emit, should_stop)
    try:
        run.check_source()
        run.evaluate_origin()
        run.start_lanes()
        coarse, fine = run.missing_points()
        run.evaluate_points(coarse)
        run.place_trajectory()
        run.evaluate_points(fine)
    finally:
        run.close()


class _Run:
    """One job being computed: what it is evaluated with, and where its events go."""

    def __init__(self, request: Compute, emit: Emit, should_stop: ShouldStop) -> None:
        self._request, self._emit, self._should_stop = request, emit, should_stop
        job = self._job = request.job
        self._device = choose_device(job.run.device)
        if self._device.type == "cpu":
            torch.set_num_threads(1)  # lanes use the other cores, and a point's numbers do not depend on how many
        self._phase("loading model and data")
        self._problem = open_problem(job.problem)
        self._phase("finding the plane")
        self._plane = open_plane(job.plane, self._problem)
        self._evaluator = Evaluator(self._problem, self._device, job.run.batch_size, on_note=self._note)
        self._lanes: list[Lane] = []
        self._seconds_a_point = 0.0
        self._u, self._v = job.grid.u.coordinates(), job.grid.v.coordinates()
        self._done = np.zeros(self._u.size * self._v.size, dtype=bool)
        if request.done is not None:
            self._done[request.done.array()] = True
        self._reporter = Reporter(request.id, emit, int(self._done.sum()), self._done.size)

    def check_source(self) -> None:
        """Refuse to mix points of two sources, and say what these ones come from."""
        provenance = _provenance(self._problem, self._plane, self._evaluator)
        expected = self._request.expected
        if expected is not None and not expected.same_source(provenance):
            raise InputError(
                f"{self._problem.checkpoint}: the points already computed came from another checkpoint, data or plane "
                "than the job names now; compute into a new document, or restore the files."
            )
        self._emit(Ready(self._request.id, provenance))

    def evaluate_origin(self) -> None:
        """Evaluate the plane's origin, which tells also how long a point takes."""
        self._phase("evaluating the origin")
        start = time.monotonic()
        record = self._evaluator.at_weights(self._problem.origin, self._should_stop)
        self._seconds_a_point = time.monotonic() - start
        fields = {name: Block.of(value) for name, value in record.fields.items()}
        self._emit(Origin(self._request.id, fields))

    def start_lanes(self) -> None:
        """Start a process for each further core or GPU, where the rest takes long enough to pay for it."""
        if self._seconds_a_point * np.count_nonzero(~self._done) < _SECONDS_THAT_PAY_FOR_LANES:
            return
        if self._device.type == "cpu":
            devices = ["cpu"] * (available_cores() - 1)
        elif self._device.type == "cuda" and self._device.index is None:
            devices = [f"cuda:{index}" for index in range(1, torch.cuda.device_count())]
        else:
            devices = []
        for device in devices:
            specification = LaneSpecification(
                self._job, self._plane.sha256, device, self._evaluator.batch_size, self._evaluator.precision
            )
            self._lanes.append(Lane(specification))

    def missing_points(self) -> tuple[Indices, Indices]:
        """List the points that are missing, those of the coarse picture first."""
        sampling = coarse_to_fine(self._v.size, self._u.size)
        coarse, fine = np.split(sampling.order, sampling.level_ends[:1])
        return coarse[~self._done[coarse]], fine[~self._done[fine]]

    def evaluate_points(self, indices: Indices) -> None:
        """Evaluate points of the grid by their flat indices."""
        rows, columns = np.divmod(indices, self._u.size)
        points = zip(indices.tolist(), zip(self._u[columns].tolist(), self._v[rows].tolist(), strict=True), strict=True)
        first = evaluate_with(self._evaluator, self._plane, self._should_stop)
        try:
            evaluate_side_by_side(points, first, self._lanes, self._reporter.add, self._note, self._should_stop)
        finally:
            self._reporter.flush()

    def place_trajectory(self) -> None:
        """Project every checkpoint and evaluate its true loss, one checkpoint in memory at a time."""
        problem, plane, paths = self._problem, self._plane, self._problem.trajectory
        if not paths or self._request.has_trajectory:
            return
        self._phase("placing the trajectory")

        def read(step: int) -> torch.Tensor:
            return problem.read_flat(paths[step])

        projection = project(plane.directions, plane.origin, read, len(paths), problem.layout.parameter_size)
        records = [self._evaluator.at_weights(read(step), self._should_stop) for step in range(len(paths))]
        trajectory = Trajectory(
            self._request.id,
            names=tuple(path.name for path in paths),
            coordinates=Block.of(projection.coordinates),
            residual=Block.of(projection.residual),
            loss=Block.of([record.loss for record in records]),
            accuracy=Block.of([record.accuracy for record in records]),
            explained_variance=projection.explained_variance,
        )
        self._emit(trajectory)
        if text := _outside_grid(trajectory, self._job.grid):
            self._note(text)

    def close(self) -> None:
        """End the lanes."""
        for lane in self._lanes:
            lane.close()

    def _note(self, text: str) -> None:
        self._emit(Note(self._request.id, text))

    def _phase(self, phase: str) -> None:
        self._emit(Progress(self._request.id, phase, 0, 0))


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
