"""Evaluates the mean loss at points of a plane: weights composed in place, data resident on the device."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from talweg_compute.engine.forward import build_forward, channels_last
from talweg_compute.engine.record import Record, sum_up
from talweg_compute.plane.plane import OpenPlane
from talweg_compute.problem.problem import OpenProblem

Precision = Literal["float32", "tf32", "bf16"]

_CPU_BATCH = 64  # larger batches fall out of the cache
_GPU_BATCH = 4096
_TYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}


class Cancelled(Exception):  # noqa: N818 (not an error)
    """The evaluation was asked to stop."""


class Evaluator:
    """Evaluates one problem at any weights of one layout.

    Weights are composed in float32 from one flat vector a direction, whatever the precision of the forward pass. Losses
    are taken in float32 at least; sums are made of them in float64 on the device and read once a point.

    Args:
        problem: What is evaluated; neither its model nor its tensors are ever changed.
        device: Where.
        batch_size: Samples a mini-batch; 0: chosen for the device. Halved when memory runs out.
        precision: Number format of the forward pass.
        on_note: Called with one sentence when something had to be changed on the way.
    """

    def __init__(
        self,
        problem: OpenProblem,
        device: torch.device,
        batch_size: int = 0,
        precision: Precision = "float32",
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.device = device
        self.precision = precision
        self.samples = len(problem.samples)
        self.batch_size = min(batch_size or (_CPU_BATCH if device.type == "cpu" else _GPU_BATCH), self.samples)
        self._on_note = on_note or (lambda _: None)
        self._loss = problem.loss
        inputs = problem.samples.inputs
        self._inputs = channels_last(inputs).to(device, _TYPES[precision] if inputs.is_floating_point() else None)
        self._targets = problem.samples.targets.to(device)
        self._origin = problem.origin.to(device)
        self._weights = self._origin.clone()
        self._change = torch.empty_like(self._weights)
        self._forward = build_forward(problem, device, _TYPES[precision])
        self._float64 = torch.float32 if device.type == "mps" else torch.float64  # Metal has no float64

    def at_coordinates(
        self,
        plane: OpenPlane,
        u: float,
        v: float,
        should_stop: Callable[[], bool],
        part: range | None = None,
    ) -> Record:
        """Evaluate L(θ + u·δ + v·η).

        Args:
            plane: The directions δ and η, through this problem's origin θ.
            u: Coordinate along the first.
            v: Coordinate along the second.
            should_stop: Asked before each mini-batch.
            part: Which samples, an ascending range without gaps; None: all.

        Returns:
            The point's record.

        Raises:
            Cancelled: It was asked to stop.
        """
        first, second = self._directions(plane)
        torch.mul(first, u, out=self._change)
        self._change.add_(second, alpha=v)
        torch.add(self._origin, self._change, out=self._weights)
        return self._evaluate(should_stop, part or range(self.samples))

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
        return self._evaluate(should_stop, range(self.samples))

    def _directions(self, plane: OpenPlane) -> Tensor:
        if getattr(self, "_plane", None) is not plane:
            self._plane, self._moved = plane, plane.directions.to(self.device)
        return self._moved

    def _evaluate(self, should_stop: Callable[[], bool], part: range) -> Record:
        while True:
            try:
                return self._sum_batches(should_stop, part)
            except torch.OutOfMemoryError:
                if self.batch_size == 1:
                    raise
                self.batch_size = math.ceil(self.batch_size / 2)
                self._on_note(f"The device ran out of memory; batches now have {self.batch_size} samples.")
            torch.cuda.empty_cache()

    @torch.no_grad()
    def _sum_batches(self, should_stop: Callable[[], bool], part: range) -> Record:
        self._forward.load(self._weights)
        losses = torch.empty(len(part), dtype=self._float64, device=self.device)  # of each sample
        right = torch.empty_like(losses)  # 1 where it is classified correctly
        classified = True
        for start in part[:: self.batch_size]:
            if should_stop():
                raise Cancelled
            batch = slice(start, min(start + self.batch_size, part.stop))
            place = slice(batch.start - part.start, batch.stop - part.start)
            outputs, targets = self._forward(self._inputs[batch]), self._targets[batch]
            if outputs.dtype == torch.bfloat16:
                outputs = outputs.float()
            losses[place] = self._loss(outputs, targets).to(self._float64)
            correct = self._loss.correct(outputs, targets)
            if correct is None:
                classified = False
            else:
                right[place] = correct.to(self._float64)
        return sum_up(
            losses,
            right if classified else None,
            first=part.start,
            of=self.samples,
            per_sample=self._loss.per_sample,
        )
