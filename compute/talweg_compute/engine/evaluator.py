"""Evaluates the mean loss at points of a plane: weights composed in place, data resident on the device."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from talweg_compute.plane.plane import OpenPlane
from talweg_compute.problem.layout import Layout
from talweg_compute.problem.problem import OpenProblem

_CPU_BATCH = 128  # larger batches fall out of the cache: a batch of 512 is a quarter slower on ResNet-20
_GPU_BATCH = 4096


class Cancelled(Exception):  # noqa: N818 (not an error)
    """The evaluation was asked to stop."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one point.

    Attributes:
        loss: Mean loss over the samples; NaN and inf are values.
        accuracy: Percentage of samples classified correctly; NaN where there is no such thing.
        loss_standard_error: Standard deviation of the samples' losses over the root of their number; NaN where the
            loss function gives no value for each sample.
    """

    loss: float
    accuracy: float
    loss_standard_error: float


class Evaluator:
    """Evaluates one problem at any weights of one layout.

    The model is a copy whose tensors are views of one flat vector, so that moving it is three fused operations and
    no tensor is allocated for a point. Sums run in float64 on the device and are read once a point.

    Args:
        problem: What is evaluated; neither its model nor its tensors are ever changed.
        device: Where.
        batch_size: Samples a mini-batch; 0: chosen for the device. Halved when memory runs out.
        on_note: Called with one sentence when something had to be changed on the way.
    """

    def __init__(
        self,
        problem: OpenProblem,
        device: torch.device,
        batch_size: int = 0,
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.device = device
        self.samples = len(problem.samples)
        self.batch_size = min(batch_size or (_CPU_BATCH if device.type == "cpu" else _GPU_BATCH), self.samples)
        self._on_note = on_note or (lambda _: None)
        self._loss = problem.loss
        self._inputs = _channels_last(problem.samples.inputs).to(device)
        self._targets = problem.samples.targets.to(device)
        self._origin = problem.origin.to(device)
        self._weights = self._origin.clone()
        self._change = torch.empty_like(self._weights)
        self._model = copy.deepcopy(problem.model).to(device).eval().requires_grad_(False)
        _bind(self._model, problem.layout, self._weights)
        self._float64 = torch.float32 if device.type == "mps" else torch.float64  # Metal has no float64

    def at_coordinates(self, plane: OpenPlane, u: float, v: float, should_stop: Callable[[], bool]) -> Record:
        """Evaluate L(θ + u·δ + v·η).

        Args:
            plane: The directions δ and η, through this problem's origin θ.
            u: Coordinate along the first.
            v: Coordinate along the second.
            should_stop: Asked before each mini-batch.

        Returns:
            The point's record.

        Raises:
            Cancelled: It was asked to stop.
        """
        first, second = self._directions(plane)
        torch.mul(first, u, out=self._change)
        self._change.add_(second, alpha=v)
        torch.add(self._origin, self._change, out=self._weights)
        return self._evaluate(should_stop)

    def at_weights(self, weights: Tensor, should_stop: Callable[[], bool]) -> Record:
        """Evaluate at given weights.

        Args:
            weights: float32 [size], in the layout's order.
            should_stop: Asked before each mini-batch.

        Returns:
            The record.

        Raises:
            Cancelled: It was asked to stop.
        """
        self._weights.copy_(weights)
        return self._evaluate(should_stop)

    def _directions(self, plane: OpenPlane) -> Tensor:
        if getattr(self, "_plane", None) is not plane:
            self._plane, self._moved = plane, plane.directions.to(self.device)
        return self._moved

    def _evaluate(self, should_stop: Callable[[], bool]) -> Record:
        while True:
            try:
                return self._sum_batches(should_stop)
            except torch.OutOfMemoryError:
                if self.batch_size == 1:
                    raise
                self.batch_size = math.ceil(self.batch_size / 2)
                self._on_note(f"The device ran out of memory; batches now have {self.batch_size} samples.")
            torch.cuda.empty_cache()

    @torch.no_grad()
    def _sum_batches(self, should_stop: Callable[[], bool]) -> Record:
        sums = torch.zeros(3, dtype=self._float64, device=self.device)  # of the losses, their squares, correct samples
        classified = True
        for start in range(0, self.samples, self.batch_size):
            if should_stop():
                raise Cancelled
            part = slice(start, start + self.batch_size)
            outputs, targets = self._model(self._inputs[part]), self._targets[part]
            losses = self._loss(outputs, targets).to(self._float64)
            sums[0] += losses.sum()
            sums[1] += losses.square().sum()
            correct = self._loss.correct(outputs, targets)
            if correct is None:
                classified = False
            else:
                sums[2] += correct.sum()
        total, squares, correct_sum = sums.tolist()
        accuracy = 100 * correct_sum / self.samples if classified else math.nan
        return Record(total / self.samples, accuracy, self._standard_error(total, squares))

    def _standard_error(self, total: float, squares: float) -> float:
        n = self.samples
        if n < 2 or not self._loss.per_sample or not math.isfinite(squares):
            return math.nan
        return math.sqrt(max(squares - total * total / n, 0.0) / (n - 1) / n)


def _bind(model: nn.Module, layout: Layout, weights: Tensor) -> None:
    """Make a model's parameters and buffers views of one vector, tied ones included."""
    views = layout.views(weights)
    bound = {id(tensor): views[name] for name, tensor in _named_tensors(model) if name in views}
    for module in model.modules():
        for parameter in module._parameters.values():
            if parameter is not None:
                parameter.data = bound.get(id(parameter), parameter.data)
        for name, buffer in module._buffers.items():
            if buffer is not None and id(buffer) in bound:
                module._buffers[name] = bound[id(buffer)]


def _named_tensors(model: nn.Module) -> list[tuple[str, Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


def _channels_last(inputs: Tensor) -> Tensor:
    return inputs.contiguous(memory_format=torch.channels_last) if inputs.ndim == 4 else inputs
