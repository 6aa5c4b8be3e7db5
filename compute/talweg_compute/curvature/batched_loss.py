"""Sums of a problem's loss over all samples, with their gradient and its change along two directions."""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from talweg_compute.curvature.moving_statistics import DifferentiableStatistics
from talweg_compute.plane.plane import OpenPlane
from talweg_compute.problem.memory import describe_shortage, free_cached_memory, ran_out_of_memory
from talweg_compute.problem.nested import Nested, cut, map_tensors, take
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.stateless import call_at, ready_for_calls

_CPU_BATCH = 128
_GPU_BATCH = 512


@dataclass(slots=True)
class Sums:
    """Sums over samples, on the device.

    Attributes:
        loss: [].
        gradient: With respect to the weights that move, [moved]; None where it was not asked for.
        change: The gradient's derivative along each direction, H δ and H η, [2, moved]; None likewise.
    """

    loss: Tensor
    gradient: Tensor | None = None
    change: Tensor | None = None

    def add(self, part: "Sums") -> None:
        """Add another sum of the same kind."""
        self.loss = self.loss + part.loss
        if self.gradient is not None and part.gradient is not None:
            self.gradient += part.gradient
        if self.change is not None and part.change is not None:
            self.change += part.change


Kind = Callable[[Tensor, Nested, Nested], Sums]


class BatchedLoss:
    """The loss as a function of the weights that a plane may move: the parameters, and the buffers if it moves those.

    Args:
        problem: What is evaluated; its model is as it was between calls.
        plane: What moves, and along which directions.
        device: Where.
        batch_size: Samples a mini-batch; 0: chosen for the device. Halved when memory runs out.
        before_batch: Called before each mini-batch; what it raises ends the computation.
        on_note: Called with one sentence when something had to be changed on the way.
    """

    def __init__(
        self,
        problem: OpenProblem,
        plane: OpenPlane,
        device: torch.device,
        batch_size: int,
        before_batch: Callable[[], None],
        on_note: Callable[[str], None],
    ) -> None:
        self.samples = len(problem.samples)
        self.batch_size = min(batch_size or (_CPU_BATCH if device.type == "cpu" else _GPU_BATCH), self.samples)
        self.size = problem.layout.size if plane.moves_buffers else problem.layout.parameter_size
        self._problem, self._plane, self._device = problem, plane, device
        self._before_batch, self._on_note = before_batch, on_note
        self._moved = [entry for entry in problem.layout.entries if entry.stop <= self.size]
        self.trained = torch.zeros(self.size, dtype=torch.bool)
        for entry in self._moved:
            self.trained[entry.start : entry.stop] = entry.trainable
        self.trained = self.trained.to(device)
        self._load(torch.float32 if device.type == "mps" else torch.float64)  # Metal has no float64
        self._choose_precision()

    # one mini-batch at weights [moved]

    @torch.no_grad()
    def value(self, weights: Tensor, inputs: Nested, targets: Nested) -> Sums:
        """Sum the losses."""
        return Sums(self._losses(weights, inputs, targets))

    def slope(self, weights: Tensor, inputs: Nested, targets: Nested) -> Sums:
        """Sum the losses and their gradients, by a backward pass."""
        leaf = weights.detach().requires_grad_()
        loss = self._losses(leaf, inputs, targets)
        (gradient,) = torch.autograd.grad(loss, leaf)
        return Sums(loss.detach(), gradient)

    def curve(self, weights: Tensor, inputs: Nested, targets: Nested) -> Sums:
        """Sum losses, gradients and H δ, H η, by forward mode over reverse mode with both directions as one batch."""

        def change(direction: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            differentiate = torch.func.grad_and_value(lambda point: self._losses(point, inputs, targets))
            both: Any = torch.func.jvp(differentiate, (weights,), (direction,))
            (gradient, loss), (moved, _) = both
            return loss, gradient, moved

        once: Any = (None, None, 0)  # loss and gradient are the same for both directions
        loss, gradient, moved = torch.func.vmap(change, out_dims=once)(self.directions)
        return Sums(loss.detach(), gradient.detach(), moved.detach())

    def _losses(self, weights: Tensor, inputs: Nested, targets: Nested) -> Tensor:
        views = {entry.name: weights[entry.start : entry.stop].view(entry.shape) for entry in self._moved}
        with self._statistics():
            outputs = call_at(self._model, self._fixed | views, inputs)
            return self._problem.loss(outputs, targets).sum()

    def _statistics(self) -> AbstractContextManager[object]:
        return DifferentiableStatistics() if self._plane.moves_buffers else nullcontext()

    # all of them

    def sum(self, kind: Kind, u: float, v: float) -> Sums:
        """Sum over all samples at a point of the plane.

        Args:
            kind: ``value``, ``slope`` or ``curve``.
            u: Coordinate along the first direction.
            v: Coordinate along the second direction.

        Returns:
            The sums.
        """
        weights = self.weights(u, v)
        while True:
            try:
                return self._sum(kind, weights)
            except Exception as error:
                shortage = describe_shortage(error, self.batch_size)
                if self.batch_size == 1 or shortage is None:
                    raise
                self.batch_size = math.ceil(self.batch_size / 2)
                self._on_note(f"{shortage}; batches now have {self.batch_size} samples.")
            free_cached_memory(self._device)

    def weights(self, u: float, v: float) -> Tensor:
        """Compute the weights that move, θ + u δ + v η, [moved]."""
        return self._origin + u * self.directions[0] + v * self.directions[1]

    def first_batch(self) -> tuple[Nested, Nested]:
        """Return inputs and targets of the first mini-batch."""
        return next(self._batches())

    def try_curve(self) -> None:
        """Compute second derivatives at the origin on two samples, to see whether the model has them.

        Raises:
            Exception: What the model raises under ``vmap``, forward mode or reverse mode.
        """
        _load_forward_mode()
        inputs, targets = self.first_batch()
        self.curve(self.weights(0.0, 0.0), take(inputs, slice(2)), take(targets, slice(2)))

    def _sum(self, kind: Kind, weights: Tensor) -> Sums:
        total: Sums | None = None
        for inputs, targets in self._batches():
            self._before_batch()
            part = kind(weights, inputs, targets)
            if total is None:
                total = part
            else:
                total.add(part)
        if total is None:
            raise ValueError("there are no samples")
        return total

    def _batches(self) -> Iterator[tuple[Nested, Nested]]:
        samples = self._problem.samples
        for batch in cut(0, self.samples, self.batch_size):
            part = slice(batch.start, batch.stop)
            inputs, targets = take(samples.inputs, part), take(samples.targets, part)
            yield map_tensors(self._placed, inputs), map_tensors(self._placed, targets)

    def _placed(self, tensor: Tensor) -> Tensor:
        return tensor.to(self._device, self.dtype if tensor.is_floating_point() else None)

    # the number format

    def _load(self, dtype: torch.dtype) -> None:
        problem, device = self._problem, self._device
        self.dtype = dtype
        self._model = ready_for_calls(problem.model, device, dtype)
        origin = problem.origin.to(device, dtype)
        self._origin = origin[: self.size]
        views = problem.layout.views(origin)
        self._fixed = {entry.name: views[entry.name] for entry in problem.layout.entries if entry.start >= self.size}
        self.directions = self._plane.directions[:, : self.size].to(device, dtype)  # [2, moved]

    def _choose_precision(self) -> None:
        """Find out on one mini-batch whether the model computes in float64."""
        reason = "This device has no float64"
        if self.dtype == torch.float64:
            try:
                found = self.value(self._origin, *self.first_batch()).loss.dtype
            except Exception as error:  # a user's model may raise anything
                if ran_out_of_memory(error):
                    return  # the precision is not at fault; the batch will be halved
                found, reason = torch.float32, f"The model fails in float64 ({first_line(error)})"
            else:
                reason = "The model computes in float32 whatever its weights are"
            if found == torch.float64:
                return
            self._load(torch.float32)
        self._on_note(f"{reason}; derivatives are in float32, so that fewer points can be certified.")


def _load_forward_mode() -> None:
    """Use forward mode once, quietly: it loads rules that torch makes with its own deprecated ``torch.jit.script``.

    This can go when torch no longer warns of it (2.15 still does).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        torch.func.jvp(torch.sin, (torch.zeros(()),), (torch.ones(()),))


def first_line(error: Exception) -> str:
    """Return the first line of an error's text, or its type where there is none."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
