"""Evaluates the mean loss at points of a plane: weights composed in place, data resident on the device."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from talweg_compute.engine.batch_norm import RECALIBRATION_BATCH, Recalibration, has_statistics
from talweg_compute.engine.forward import Probe, build_exact_forward
from talweg_compute.engine.number_format import Precision, switched_on
from talweg_compute.engine.passes import Pass
from talweg_compute.engine.record import Record, read_records, sums_of
from talweg_compute.plane import OpenPlane
from talweg_compute.problem.memory import describe_shortage, free_cached_memory
from talweg_compute.problem.nested import Nested, cut
from talweg_compute.problem.problem import OpenProblem

_CPU_BATCH = 64  # larger batches fall out of the cache
_GPU_BATCH = 4096

ShouldStop = Callable[[], bool]


class Cancelled(Exception):  # noqa: N818 (not an error)
    """The evaluation was asked to stop."""


class Evaluator:
    """Evaluates one problem at any weights of one layout.

    Weights are composed in float32 from one flat vector a direction, whatever the precision of the forward pass. Losses
    are taken in float32 at least; sums are made of them in float64, on the device where it has that, and read once a
    call.

    Args:
        problem: What is evaluated; neither its model nor its tensors are ever changed.
        device: Where.
        batch_size: Samples a mini-batch; 0: chosen for the device. Halved when memory runs out.
        precision: Number format of the forward pass, where a call does not name another.
        on_note: Called with one sentence when something had to be changed on the way.
        recalibrate: Batch normalization's statistics are re-estimated at each point, from all samples.
    """

    def __init__(
        self,
        problem: OpenProblem,
        device: torch.device,
        batch_size: int = 0,
        precision: Precision = "float32",
        on_note: Callable[[str], None] | None = None,
        recalibrate: bool = False,
    ) -> None:
        self.device = device
        self.precision = precision
        self.samples = len(problem.samples)
        self.metrics = {metric.name: metric.bins for metric in problem.metrics}
        """How many sums each metric of a record has, by name."""
        self.batch_size = min(batch_size or (_CPU_BATCH if device.type == "cpu" else _GPU_BATCH), self.samples)
        self._problem = problem
        self._on_note = on_note or (lambda _: None)
        self._origin = problem.origin.to(device)
        self._weights = self._origin.clone()
        self._passes: dict[Precision, Pass] = {}
        self._shared_probe: Probe | None = None
        self._recalibration: Recalibration | None = None
        if recalibrate:
            if has_statistics(problem.model):
                with switched_on("float32", device):
                    self._recalibration = Recalibration(build_exact_forward(self._probe, device))
            else:
                self._on_note("The model has no batch normalization, so there is nothing to recalibrate.")

    def at_coordinates(
        self,
        plane: OpenPlane,
        coordinates: Sequence[float],
        should_stop: ShouldStop,
        part: range | None = None,
        precision: Precision | None = None,
    ) -> Record:
        """Evaluate L(θ + Σ_k c_k·δ_k).

        Args:
            plane: The directions δ, through this problem's origin θ.
            coordinates: One number a direction.
            should_stop: Asked before each mini-batch.
            part: Which samples, an ascending range without gaps; None: all.
            precision: Number format of the forward pass; None: the evaluator's.

        Returns:
            The point's record.

        Raises:
            Cancelled: It was asked to stop.
        """
        return self.at_many(plane, [coordinates], should_stop, part, precision)[0]

    def at_many(
        self,
        plane: OpenPlane,
        coordinates: Sequence[Sequence[float]],
        should_stop: ShouldStop,
        part: range | None = None,
        precision: Precision | None = None,
    ) -> list[Record]:
        """Evaluate several points, and read their numbers from the device together.

        Args:
            plane: The directions, through this problem's origin.
            coordinates: One row a point, one number a direction.
            should_stop: Asked before each mini-batch.
            part: Which samples, an ascending range without gaps; None: all.
            precision: Number format of the forward pass; None: the evaluator's.

        Returns:
            A record a point.

        Raises:
            Cancelled: It was asked to stop.
        """
        directions = self._directions(plane)
        steps = torch.tensor(coordinates, dtype=torch.float64).float().to(self.device)  # [points, d]

        def compose(point: int) -> None:
            torch.addmv(self._origin, directions.t(), steps[point], out=self._weights)

        return self._evaluate(len(coordinates), compose, should_stop, part or range(self.samples), precision)

    def at_weights(self, weights: Tensor, should_stop: ShouldStop, precision: Precision | None = None) -> Record:
        """Evaluate at given weights.

        Args:
            weights: float32 [size], in the layout's order.
            should_stop: Asked before each mini-batch.
            precision: Number format of the forward pass; None: the evaluator's.

        Returns:
            The record.

        Raises:
            Cancelled: It was asked to stop.
        """

        def compose(_: int) -> None:
            self._weights.copy_(weights)

        return self._evaluate(1, compose, should_stop, range(self.samples), precision)[0]

    def prepare(self, precision: Precision) -> None:
        """Build the forward pass of a number format ahead of its first use.

        Raises:
            UnsuitableFormatError: The model does not run in this format.
        """
        if precision not in self._passes:
            self._passes[precision] = Pass(self._probe, self.device, precision, self._on_note)

    def release(self, precision: Precision) -> None:
        """Free what a number format needs that will not be used again."""
        self._passes.pop(precision, None)
        free_cached_memory(self.device)

    def set_batch_size(self, size: int) -> None:
        """Evaluate batches of another size from now on."""
        self.batch_size = min(size, self.samples)
        for each in self._passes.values():
            each.forget_batches()

    @property
    def _probe(self) -> Probe:
        """Of the problem, the same for all number formats; it runs the model, for which there may be no memory."""
        if self._shared_probe is None:
            self._shared_probe = Probe(self._problem)
        return self._shared_probe

    def _directions(self, plane: OpenPlane) -> Tensor:
        if getattr(self, "_plane", None) is not plane:
            self._plane, self._moved = plane, plane.directions.to(self.device)
        return self._moved

    def _evaluate(
        self,
        count: int,
        compose: Callable[[int], None],
        should_stop: ShouldStop,
        part: range,
        precision: Precision | None,
    ) -> list[Record]:
        precision = precision or self.precision
        while True:
            try:
                self.prepare(precision)
                with switched_on(precision, self.device):
                    sums = [self._sum_batches(point, compose, should_stop, part, precision) for point in range(count)]
            except Exception as error:
                shortage = describe_shortage(error, self.batch_size)
                if self.batch_size == 1 or shortage is None:
                    raise
                self.set_batch_size(math.ceil(self.batch_size / 2))
                self._on_note(f"{shortage}; batches now have {self.batch_size} samples.")
            else:
                return read_records(
                    sums,
                    part,
                    of=self.samples,
                    per_sample=self._problem.loss.per_sample,
                    precision=precision,
                    metrics=self.metrics,
                )
            free_cached_memory(self.device)

    @torch.no_grad()
    def _sum_batches(
        self,
        point: int,
        compose: Callable[[int], None],
        should_stop: ShouldStop,
        part: range,
        precision: Precision,
    ) -> Tensor:
        """Enqueue one point; returns its sums on the device, without waiting for them."""

        def before_each() -> None:
            if should_stop():
                raise Cancelled

        compose(point)
        if self._recalibration is not None:
            with switched_on("float32", self.device):
                self._recalibration.apply(self._weights, self._recalibration_batches(), before_each)
        forward = self._passes[precision]
        forward.load(self._weights)
        values = torch.empty(0)
        for each in cut(part.start, part.stop, self.batch_size):
            before_each()
            batch = forward.measure(each.start, each.stop)
            if each.start == part.start:
                values = batch.new_empty(len(batch), len(part))  # of each sample
            values[:, each.start - part.start : each.stop - part.start] = batch
        return sums_of(_in_float64(values), first=part.start, of=self.samples)

    def _recalibration_batches(self) -> Iterator[Nested]:
        self.prepare("float32")
        count = math.ceil(self.samples / RECALIBRATION_BATCH)
        ends = [self.samples * number // count for number in range(count + 1)]  # of nearly equal batches
        for start, stop in itertools.pairwise(ends):
            yield self._passes["float32"].samples.range(start, stop)[0]


def _in_float64(losses: Tensor) -> Tensor:
    """Bring losses into float64; those of a device without it come in float32, and go to the CPU."""
    return losses if losses.dtype == torch.float64 else losses.cpu().double()
