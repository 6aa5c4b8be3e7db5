"""One landscape from its job: the points that are missing, coarse to fine, and the trajectory on the plane."""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray

from talweg_compute.engine.device import available_cores, choose_device, describe_device
from talweg_compute.engine.evaluator import Evaluator
from talweg_compute.engine.interpolated import interpolated_points
from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.lanes import Lane, LaneSpecification, Task, evaluate_side_by_side, evaluate_with
from talweg_compute.engine.record import Record
from talweg_compute.engine.reporter import Reporter
from talweg_compute.field import Refinement, coarse_to_fine, refine_adaptively
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
from talweg_compute.problem.sample_order import Order, balanced_order, open_ordered, reorder

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
        if request.job.run.adaptive:
            run.refine()
        else:
            run.climb()
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
        self._problem, self._order = self._open_problem()
        self._phase("finding the plane")
        self._plane = open_plane(job.plane, self._problem)
        self._evaluator = Evaluator(self._problem, self._device, job.run.batch_size, on_note=self._note)
        self._has_trajectory = request.has_trajectory
        self._lanes: list[Lane] = []
        self._seconds_a_point = 0.0
        self._u, self._v = job.grid.u.coordinates(), job.grid.v.coordinates()
        self._shape = self._v.size, self._u.size
        self._points = KnownPoints(self._u.size * self._v.size, self._evaluator.samples, request.known)

    def _open_problem(self) -> tuple[OpenProblem, Order | None]:
        """Open the problem, its samples in the order in which they join where they do not all come at once."""
        if self._request.sample_order is not None:
            order = self._request.sample_order.array().astype(np.int64)
            return open_ordered(self._job.problem, order), order
        problem = open_problem(self._job.problem)
        if len(self._job.run.rungs(len(problem.samples))) == 1:
            return problem, None
        order = balanced_order(problem.samples)
        return replace(problem, samples=reorder(problem.samples, order)), order

    def check_source(self) -> None:
        """Refuse to mix points of two sources, and say what these ones come from."""
        provenance = _provenance(self._problem, self._plane, self._evaluator)
        expected = self._request.expected
        if expected is not None and not expected.same_source(provenance):
            raise InputError(
                f"{self._problem.checkpoint}: the points already computed came from another checkpoint, data or plane "
                "than the job names now; compute into a new document, or restore the files."
            )
        order = None if self._order is None else Block.of(self._order)
        self._emit(Ready(self._request.id, provenance, order))

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
        samples = self._evaluator.samples
        missing = float((samples - self._points.seen).sum()) / samples
        if self._seconds_a_point * missing < _SECONDS_THAT_PAY_FOR_LANES:
            return
        if self._device.type == "cpu":
            devices = ["cpu"] * (available_cores() - 1)
        elif self._device.type == "cuda" and self._device.index is None:
            devices = [f"cuda:{index}" for index in range(1, torch.cuda.device_count())]
        else:
            devices = []
        for device in devices:
            specification = LaneSpecification(
                self._job,
                self._plane.sha256,
                device,
                self._evaluator.batch_size,
                self._evaluator.precision,
                self._order,
            )
            self._lanes.append(Lane(specification))

    def climb(self) -> None:
        """Evaluate every point coarse to fine, on as many samples as each rung of the ladder has, in the end on all."""
        sampling = coarse_to_fine(*self._shape)
        rungs = self._job.run.rungs(self._evaluator.samples)
        for number, rung in enumerate(rungs):
            missing = self._points.lacking(sampling.order, rung.stop)
            later = sum(len(each) for each in rungs[number + 1 :]) / len(rung)
            phase = "evaluating points"
            if len(rungs) > 1:
                phase += f" on {rung.stop} of {self._evaluator.samples} samples"
            self._report(missing.size, phase, later * sampling.order.size)
            coarse = np.isin(missing, sampling.order[: sampling.level_ends[0]])
            self.evaluate_points(missing[coarse], rung.stop)
            if number == 0:
                self.place_trajectory()
            self.evaluate_points(missing[~coarse], rung.stop)

    def refine(self) -> None:
        """Evaluate points where the surface needs them, and interpolate the rest."""
        samples = self._evaluator.samples
        steps = refine_adaptively(*self._shape, self._job.run.tolerance)
        index = next(steps)
        self._report(int((self._points.seen == 0).sum()), "evaluating points where they are needed", None)
        while True:
            self.evaluate_points(self._points.lacking(index, samples), samples)
            self.place_trajectory()
            try:
                index = steps.send(self._points.fields["loss"][index])
            except StopIteration as end:
                refinement: Refinement = end.value
                break
        for event in interpolated_points(self._request.id, refinement, self._points, self._job.run.tolerance):
            self._emit(event)

    def evaluate_points(self, indices: Indices, samples: int) -> None:
        """Evaluate points of the grid by their flat indices until they have seen so many samples."""
        rows, columns = np.divmod(indices, self._u.size)
        coordinates = zip(self._u[columns].tolist(), self._v[rows].tolist(), strict=True)
        tasks = (
            (index, Task(where, self._points.part(index, samples)))
            for index, where in zip(indices.tolist(), coordinates, strict=True)
        )
        first = evaluate_with(self._evaluator, self._plane, self._should_stop)
        try:
            evaluate_side_by_side(tasks, first, self._lanes, self._take, self._note, self._should_stop)
        finally:
            self._reporter.flush()

    def _take(self, index: int, record: Record) -> None:
        self._reporter.add(index, self._points.join(index, record))

    def _report(self, missing: int, phase: str, afterwards: float | None) -> None:
        """Begin to count the points of a phase."""
        total = self._points.seen.size
        self._reporter = Reporter(self._request.id, self._emit, total - missing, total, phase, afterwards)

    def place_trajectory(self) -> None:
        """Project every checkpoint and evaluate its true loss, one checkpoint in memory at a time."""
        problem, plane, paths = self._problem, self._plane, self._problem.trajectory
        if not paths or self._has_trajectory:
            return
        self._has_trajectory = True
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
