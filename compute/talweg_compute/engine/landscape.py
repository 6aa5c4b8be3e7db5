"""One landscape from its job: the points that are missing, coarse to fine, and the trajectory on the plane."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import torch
from numpy.typing import NDArray

from talweg_compute.engine.batching import tune_batch_size
from talweg_compute.engine.device import choose_device, describe_device
from talweg_compute.engine.evaluator import Evaluator
from talweg_compute.engine.interpolated import interpolated_points
from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.lanes import (
    SECONDS_THAT_PAY_FOR_LANES,
    Lane,
    LaneSpecification,
    Task,
    evaluate_side_by_side,
    evaluate_with,
    further_devices,
)
from talweg_compute.engine.number_format import TYPES, faster_formats
from talweg_compute.engine.placement import Placement
from talweg_compute.engine.point_formats import PointFormats
from talweg_compute.engine.precision import PRECISION_TOPIC, TRIAL_POINTS, order_flips, try_formats
from talweg_compute.engine.record import Record
from talweg_compute.engine.reporter import Reporter
from talweg_compute.field import Refinement, coarse_to_fine, first_lines, refine_adaptively
from talweg_compute.messages import (
    Block,
    Compute,
    Event,
    InputError,
    Measured,
    Note,
    Origin,
    Progress,
    Provenance,
    Ready,
)
from talweg_compute.plane import move_origin, open_plane, random_walk_ratios
from talweg_compute.plane.buffers import treat_buffers
from talweg_compute.problem.problem import OpenProblem, open_problem
from talweg_compute.problem.sample_order import Order, balanced_order, open_ordered, reorder

_SECONDS_THAT_PAY_FOR_TRIALS = 40.0
_SECONDS_A_WINDOW, _LARGEST_WINDOW = 0.2, 256
_SETTLING_ROUNDS = 3  # what is evaluated anew can make its neighbours look flat

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
        run.choose_batch_size()
        run.start_lanes()
        run.choose_precision()
        if request.job.run.adaptive:
            run.refine()
        else:
            run.climb()
        run.place_trajectories()
        if request.follow:
            run.follow()
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
        self._problem = move_origin(job.origin, self._problem)
        plane = open_plane(job.plane, self._problem, self._device)
        self._plane = treat_buffers(plane, job.problem.batch_norm, self._problem)
        self._evaluator = Evaluator(
            self._problem,
            self._device,
            job.run.batch_size or (request.expected.batch_size if request.expected else 0),
            on_note=self._note,
            recalibrate=job.problem.batch_norm == "recalibrated",
        )
        self._placement = Placement(request, self._problem, self._plane, self._evaluator, emit, should_stop)
        self._lanes: list[Lane] = []
        self._seconds_a_point = 0.0
        self._axes = [axis.coordinates() for axis in job.axes]
        self._shape = tuple(axis.size for axis in reversed(self._axes))  # [nv, nu] for a plane
        self._points = KnownPoints(math.prod(self._shape), self._evaluator.samples, request.known)
        self._formats = PointFormats(self._points, self._shape)
        self._measured: dict[str, float | int | str | bool | None] = {}
        self._precision: str = job.run.precision
        if request.expected is not None and request.known is not None:
            self._precision = request.expected.precision
        if job.run.precision == "auto" and self._precision == "float32":  # it was given up before
            self._formats.give_up()

    def _open_problem(self) -> tuple[OpenProblem, Order | None]:
        """Open the problem, its samples in the order in which they join where they do not all come at once."""
        begun_with = self._request.expected.trajectory if self._request.expected is not None else ()
        if self._request.sample_order is not None:
            order = self._request.sample_order.array().astype(np.int64)
            return open_ordered(self._job.problem, order, begun_with), order
        problem = open_problem(self._job.problem, begun_with)
        if len(self._job.run.rungs(len(problem.samples))) == 1:
            return problem, None
        order = balanced_order(problem.samples)
        return replace(problem, samples=reorder(problem.samples, order)), order

    def check_source(self) -> None:
        """Refuse to mix points of two sources, and say what these ones come from."""
        provenance = self._provenance()
        expected = self._request.expected
        if expected is not None and not expected.same_source(provenance):
            raise InputError(
                f"{self._problem.checkpoint}: the points already computed came from another checkpoint, data or plane "
                "than the job names now; compute into a new document, or restore the files."
            )
        self._tell_provenance()
        if expected is None:
            for text in self._plane.notes:
                self._note(text)

    def _tell_provenance(self) -> None:
        order = None if self._order is None else Block.of(self._order)
        self._emit(Ready(self._request.id, self._provenance(), order))

    def evaluate_origin(self) -> None:
        """Evaluate the plane's origin, which tells also how long a point takes."""
        self._phase("evaluating the origin")
        start = time.monotonic()
        record = self._evaluator.at_weights(self._problem.origin, self._should_stop)
        self._seconds_a_point = time.monotonic() - start
        fields = {name: Block.of(value) for name, value in record.fields.items()}
        self._emit(Origin(self._request.id, fields))

    def choose_batch_size(self) -> None:
        """Try sizes of a mini-batch, where nobody chose one and the rest takes long enough to pay for it."""
        chosen = self._job.run.batch_size or self._request.expected is not None
        if not chosen and self._seconds_left() >= _SECONDS_THAT_PAY_FOR_TRIALS:
            self._phase("trying sizes of a batch")
            tune_batch_size(self._evaluator, self._plane, self._should_stop)
            self._tell_provenance()

    def choose_precision(self) -> None:
        """Measure coarser number formats on some points of this surface, where that pays for itself or is asked for.

        The points keep their float32 numbers. A run that resumes stays with its first choice.
        """
        wanted, missing = self._precision, np.flatnonzero(self._points.seen == 0)
        in_hardware = faster_formats(self._device)
        if self._job.run.precision == "auto" and wanted not in ("auto", "float32", *in_hardware):
            self._note(f"This device has no {wanted} in hardware; the rest is evaluated in float32.")
            wanted = self._precision = "float32"
        candidates: tuple[str, ...] = in_hardware if wanted == "auto" else (wanted,)
        pays = self._seconds_left() >= _SECONDS_THAT_PAY_FOR_TRIALS and missing.size >= 10 * TRIAL_POINTS
        if wanted == "auto" and not (pays and candidates):
            self._precision = "float32"
        if self._precision == "float32" or not (missing.size or self._formats.has_coarse):
            return
        self._phase("trying number formats")
        everything = self._points.seen.size
        sample = np.sort(np.random.default_rng(0).choice(everything, min(TRIAL_POINTS, everything), replace=False))
        trial = try_formats(
            self._evaluator,
            self._plane,
            self._coordinates(sample),
            [candidate for candidate in TYPES if candidate in candidates and candidate != "float32"],
            self._job.run.tolerance,
            self._should_stop,
            self._note,
            forced=wanted != "auto",
        )
        self._precision = trial.choice
        self._formats = PointFormats(self._points, self._shape, trial.choice, trial.deviation)
        self._measured = trial.values
        self._emit(Measured(self._request.id, PRECISION_TOPIC, self._measured))
        self._tell_provenance()
        self._report(missing.size, "trying number formats", None)
        self._points.forget(sample)
        for index, record in zip(sample.tolist(), trial.records, strict=True):
            self._take(index, record)
        self._reporter.flush()
        if trial.deviation is not None and trial.choice != "float32" and not trial.deviation.is_tolerable:
            self._note(f"{trial.choice} is off by more than the tolerance: {trial.deviation.describe()}.")

    def check_order(self, samples: int) -> None:
        """Fall back to float32 where the coarse format changes the order of the coarse picture's critical points."""
        if self._job.run.precision != "auto" or self._formats.choice == "float32":
            return
        lattice = tuple(first_lines(size) for size in self._shape)
        index = self._formats.persistent(lattice)
        before = self._points.fields["loss"][index]
        self._formats.demand(index)
        self.evaluate_points(index, samples)
        if order_flips(before.tolist(), self._points.fields["loss"][index].tolist()):
            self._note(
                f"In {self._precision} the critical points stand in another order than in float32, so all points are "
                "evaluated in float32."
            )
            self._precision = "float32"
            self._formats.give_up()
            self._tell_provenance()
        self._formats.foresee(lattice)

    def settle_precision(self, samples: int) -> None:
        """Evaluate anew in float32 what a coarser format shows only as noise."""
        if self._job.run.precision != "auto":
            return
        for _ in range(_SETTLING_ROUNDS):
            index = self._formats.unsettled()
            if not index.size:
                break
            self._phase("evaluating the flat parts in float32")
            self._formats.demand(index)
            self.evaluate_points(index, samples)
        if self._measured:
            self._emit(Measured(self._request.id, PRECISION_TOPIC, {**self._measured, "settled": True}))

    def start_lanes(self) -> None:
        """Start a process for each further core or GPU, where the rest takes long enough to pay for it."""
        if self._seconds_left() < SECONDS_THAT_PAY_FOR_LANES:
            return
        for device in further_devices(self._device, self._job.run.processes):
            specification = LaneSpecification(
                self._job,
                tuple(path.name for path in self._problem.trajectory),
                self._problem.checkpoint_sha256,
                device,
                self._evaluator.batch_size,
                self._order,
            )
            self._lanes.append(Lane(specification, self._plane.directions))

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
                self.check_order(rung.stop)
                self.place_trajectories()
            self.evaluate_points(missing[~coarse], rung.stop)
        self.settle_precision(self._evaluator.samples)

    def refine(self) -> None:
        """Evaluate points where the surface needs them, and interpolate the rest."""
        samples = self._evaluator.samples
        nv, nu = self._shape  # the job takes care that it is a plane
        steps = refine_adaptively(nv, nu, self._job.run.tolerance)
        index = next(steps)
        self._report(int((self._points.seen == 0).sum()), "evaluating points where they are needed", None)
        while True:
            self.evaluate_points(self._points.lacking(index, samples), samples)
            self.settle_precision(samples)
            self.place_trajectories()
            try:
                index = steps.send(self._points.fields["loss"][index])
            except StopIteration as end:
                refinement: Refinement = end.value
                break
        for event in interpolated_points(self._request.id, refinement, self._points, self._job.run.tolerance):
            self._emit(event)

    def evaluate_points(self, indices: Indices, samples: int) -> None:
        """Evaluate points of the grid by their flat indices until they have seen so many samples."""
        tasks = (
            (index, Task(where, self._points.part(index, samples), self._formats.of(index)))
            for index, where in zip(indices.tolist(), self._coordinates(indices), strict=True)
        )
        first = evaluate_with(self._evaluator, self._plane, self._should_stop)
        window = 1
        if self._device.type == "cuda" and self._seconds_a_point > 0:  # read together, so that it never waits
            window = int(np.clip(_SECONDS_A_WINDOW / self._seconds_a_point, 1, _LARGEST_WINDOW))
        try:
            evaluate_side_by_side(tasks, first, self._lanes, self._take, self._note, self._should_stop, window)
        finally:
            self._reporter.flush()

    def _coordinates(self, indices: Indices) -> list[tuple[float, ...]]:
        places = reversed(np.unravel_index(indices, self._shape))
        columns = [axis[place].tolist() for axis, place in zip(self._axes, places, strict=True)]
        return list(zip(*columns, strict=True))

    def _seconds_left(self) -> float:
        samples = self._evaluator.samples
        return self._seconds_a_point * float((samples - self._points.seen).sum()) / samples

    def _take(self, index: int, record: Record) -> None:
        self._reporter.add(index, self._points.join(index, record))

    def _report(self, missing: int, phase: str, afterwards: float | None) -> None:
        """Begin to count the points of a phase."""
        total = self._points.seen.size
        self._reporter = Reporter(self._request.id, self._emit, total - missing, total, phase, afterwards)

    def place_trajectories(self) -> None:
        """Put the checkpoints on the plane that are not there yet."""
        if not self._request.follow:  # otherwise each is read when it is written to its end
            self._placement.place_found()

    def follow(self) -> None:
        """Place what a running training writes, until it is asked to stop."""
        self._phase("following the training")
        self._placement.follow()

    def _provenance(self) -> Provenance:
        problem, plane, evaluator = self._problem, self._plane, self._evaluator
        return Provenance(
            checkpoint=problem.checkpoint.name,
            checkpoint_sha256=problem.checkpoint_sha256,
            moved_sha256=problem.moved_sha256,
            data_sha256=problem.samples.sha256,
            directions_sha256=plane.sha256,
            direction_norms=plane.norms,
            cosine=plane.cosines[0] if plane.cosines else 0.0,
            cosines=plane.cosines,
            explained_variance=plane.explained_variance,
            random_walk=random_walk_ratios(len(problem.trajectory), len(plane.norms))
            if plane.explained_variance
            else (),
            trajectory=tuple(path.name for path in problem.trajectory),
            parameters=problem.layout.parameter_count,
            samples=evaluator.samples,
            batch_norm="recalibrated" if self._job.problem.batch_norm == "recalibrated" else plane.batch_norm,
            device=describe_device(evaluator.device),
            precision="float32" if self._precision == "auto" else self._precision,
            batch_size=evaluator.batch_size,
            versions={name: version(name) for name in ("talweg", "torch", "numpy")},
        )

    def close(self) -> None:
        """End the lanes."""
        for lane in self._lanes:
            lane.close()

    def _note(self, text: str) -> None:
        self._emit(Note(self._request.id, text))

    def _phase(self, phase: str) -> None:
        self._emit(Progress(self._request.id, phase, 0, 0))
