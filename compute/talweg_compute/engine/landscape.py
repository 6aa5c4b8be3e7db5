"""One landscape from its job: the points that are missing, coarse to fine, and the trajectory on the plane."""

import threading
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.batching import trial_pays, tune_batch_size
from talweg_compute.engine.device import describe_device, describes
from talweg_compute.engine.format_choice import FormatChoice
from talweg_compute.engine.grid_points import GridPoints
from talweg_compute.engine.interpolated import interpolated_points
from talweg_compute.engine.open_job import open_job
from talweg_compute.engine.placement import Placement
from talweg_compute.field import Refinement, coarse_to_fine, interpolate_again, refine_adaptively
from talweg_compute.messages import (
    Block,
    Compute,
    Event,
    InputError,
    Note,
    Origin,
    Progress,
    Provenance,
    Ready,
)
from talweg_compute.plane import random_walk_ratios

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
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
        run.place_landmarks()
        run.choose_batch_size()
        run.start_lanes()
        run.choose_precision()
        if request.job.run.adaptive:
            run.refine()
        else:
            run.climb()
        run.place_trajectories()
        run.evaluate_checkpoints()
        if request.follow:
            run.follow()
    finally:
        run.close()


class _Run:
    """One job being computed: what it is evaluated with, and where its events go."""

    def __init__(self, request: Compute, emit: Emit, should_stop: ShouldStop) -> None:
        self._request, self._emit, self._should_stop = request, emit, should_stop
        job = self._job = request.job
        expected, order = request.expected, request.sample_order
        self._opened = open_job(
            job,
            begun_with=expected.trajectory if expected is not None else (),
            order=None if order is None else order.array().astype(np.int64),
            on_phase=self._phase,
        )
        self._problem, self._plane = self._opened.problem, self._opened.plane
        self._lock, self._told = threading.Lock(), set[str]()
        self._told_batch_size = 0
        before = 0  # the size of a batch that the first points were evaluated with, on such a device
        if expected is not None and request.known is not None and describes(expected.device, self._opened.device):
            before = expected.batch_size
        self._has_batch_size = bool(job.run.batch_size or before)
        self._evaluator = self._opened.evaluator(job.run.batch_size or before, on_note=self._note_of_evaluator)
        self._points = GridPoints(request, self._opened, self._evaluator, emit, self._note, should_stop)
        self._placement = Placement(request, self._problem, self._plane, self._points, emit, should_stop)
        self._format = FormatChoice(
            request,
            self._evaluator,
            self._plane,
            self._points,
            emit=emit,
            note=self._note,
            on_choice=self._tell_provenance,
            should_stop=should_stop,
        )

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
            for text in self._opened.notes:
                self._emit(Note(self._request.id, text, warning=False))

    def _tell_provenance(self) -> None:
        order = None if self._opened.order is None else Block.of(self._opened.order)
        self._told_batch_size = self._evaluator.batch_size
        self._emit(Ready(self._request.id, self._provenance(), order))

    def evaluate_origin(self) -> None:
        """Evaluate the plane's origin, which tells also how long a point takes."""
        self._phase("evaluating the origin")
        runs = 1 if self._opened.device.type == "cpu" else 2  # a GPU's first one loads and chooses kernels
        for _ in range(runs):
            start = time.monotonic()
            record = self._evaluator.at_weights(self._problem.origin, self._should_stop)
            self._points.seconds_a_point = time.monotonic() - start
        fields = {name: Block.of(value) for name, value in record.fields.items()}
        self._emit(Origin(self._request.id, fields))

    def choose_batch_size(self) -> None:
        """Try sizes of a mini-batch, where nobody chose one and the rest takes long enough to pay for it."""
        left = self._points.samples_left, self._points.seconds_left
        if not self._has_batch_size and trial_pays(self._evaluator, *left):
            self._phase("trying sizes of a batch")
            tune_batch_size(self._evaluator, self._plane, self._should_stop)
            self._tell_provenance()

    def choose_precision(self) -> None:
        """Choose the number format of most points."""
        self._format.choose()

    def start_lanes(self) -> None:
        """Let further cores or GPUs evaluate, too."""
        self._points.start_lanes()

    def climb(self) -> None:
        """Evaluate every point coarse to fine, on as many samples as each rung of the ladder has, in the end on all."""
        points, sampling = self._points, coarse_to_fine(*self._points.shape)
        rungs = self._job.run.rungs(self._evaluator.samples)
        for number, rung in enumerate(rungs):
            missing = points.known.lacking(sampling.order, rung.stop)
            later = sum(len(each) for each in rungs[number + 1 :]) / len(rung) * sampling.order.size
            phase = "evaluating points"
            if len(rungs) > 1:
                phase += f" on {rung.stop} of {self._evaluator.samples} samples"
            points.begin(phase, missing.size, later)
            if number == 0:
                coarse = np.isin(missing, sampling.order[: sampling.level_ends[0]])
                points.evaluate(missing[coarse], rung.stop)
                self._format.check_order(rung.stop)
                self.place_trajectories()
                missing = missing[~coarse]
                points.begin(phase, missing.size, later)
            points.evaluate(missing, rung.stop)
        everywhere = np.ones(sampling.order.size, dtype=np.bool_)
        self._format.settle(self._evaluator.samples, everywhere, lambda: points.formats.heights.reshape(points.shape))
        self._format.tell_settled()

    def refine(self) -> None:
        """Evaluate points where the surface needs them, and interpolate the rest."""
        points, samples = self._points, self._evaluator.samples
        nv, nu = points.shape  # the job takes care that it is a plane
        steps = refine_adaptively(nv, nu, self._job.run.tolerance)
        index, asked = next(steps), np.zeros(nv * nu, dtype=np.bool_)
        while True:
            points.begin("evaluating points where they are needed", points.missing.size, None)
            points.evaluate(points.known.lacking(index, samples), samples)
            is_first = not asked.any()
            asked[index] = True
            if is_first:
                self._format.check_order(samples)
            self._format.settle(samples, asked)
            points.formats.foresee(asked)
            self.place_trajectories()
            try:
                index = steps.send(points.formats.heights)
            except StopIteration as end:
                refinement: Refinement = end.value
                break
        self._format.settle(samples, asked, lambda: interpolate_again(refinement, points.formats.heights).values)
        self._format.tell_settled()
        refinement = interpolate_again(refinement, points.formats.heights)
        for event in interpolated_points(self._request.id, refinement, points.known, self._job.run.tolerance):
            self._emit(event)

    def place_landmarks(self) -> None:
        """Say where the checkpoints lie that the plane was laid through."""
        self._placement.place_landmarks()

    def place_trajectories(self) -> None:
        """Put the checkpoints on the plane that are not there yet."""
        if not self._request.follow:  # otherwise each is read when it is written to its end
            self._placement.place_found()

    def evaluate_checkpoints(self) -> None:
        """Evaluate the checkpoints whose turn comes after the surface's."""
        self._placement.evaluate_others()

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
            batch_norm=self._opened.batch_norm,
            device=describe_device(self._opened.device),
            precision=self._format.choice,
            batch_size=evaluator.batch_size,
            versions={name: version(name) for name in ("talweg", "torch", "numpy")},
        )

    def close(self) -> None:
        """End the lanes."""
        self._points.close()

    def _note(self, text: str) -> None:
        """Tell the user a sentence, once: lanes find what this process found."""
        with self._lock:
            is_new = text not in self._told
            self._told.add(text)
        if is_new:
            self._emit(Note(self._request.id, text))

    def _note_of_evaluator(self, text: str) -> None:
        """Pass a note on, and keep the size of a batch where memory was too small for the last one."""
        self._note(text)
        if self._told_batch_size and self._evaluator.batch_size != self._told_batch_size:
            self._tell_provenance()

    def _phase(self, phase: str) -> None:
        self._emit(Progress(self._request.id, phase, 0, 0))
