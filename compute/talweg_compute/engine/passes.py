"""The forward pass and the loss in one number format, with the samples in that format."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from talweg_compute.engine.captured import CapturedFunction
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.engine.forward import Probe, build_forward, build_plain_forward
from talweg_compute.engine.number_format import TYPES, Precision, switched_on
from talweg_compute.engine.plain_forward import Forward
from talweg_compute.engine.samples import PlacedSamples
from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.nested import Nested, map_tensors
from talweg_compute.problem.user_code import describe


class Pass:
    """Maps weights and a range of samples to what is summed over the samples.

    It is built and used with torch's switches as ``switched_on`` sets them.

    Args:
        probe: Of what is evaluated.
        device: Where.
        precision: Number format of the forward pass; losses are taken in float32 and kept in float64.
        on_note: Given a sentence when a slower way had to be taken.

    Raises:
        UnsuitableFormatError: The model does not run in this format.
    """

    def __init__(
        self, probe: Probe, device: torch.device, precision: Precision, on_note: Callable[[str], None]
    ) -> None:
        problem = probe.problem
        self._probe, self._device, self._on_note, self._type = probe, device, on_note, TYPES[precision]
        self._loss, self._metrics = problem.loss, problem.metrics
        self._float64 = torch.float32 if device.type == "mps" else torch.float64  # Metal has no float64
        self._weights: Tensor | None = None
        with switched_on("float32", device):  # so that faster forms can be compared with the model
            self._use(build_forward(probe, device, self._type, on_note))

    def _use(self, forward: Forward) -> None:
        self._forward = forward
        self.samples = PlacedSamples(
            self._probe.problem.samples, self._device, forward.dtype, channels_last=forward.channels_last
        )
        self._load: Callable[[Nested], None] = self._load_plainly
        self._evaluate: Callable[[Nested], Tensor] = self._evaluate_plainly
        if self._device.type == "cuda":
            self._load = CapturedFunction(self._load_plainly, self._on_note)
            self._evaluate = CapturedFunction(self._evaluate_plainly, self._on_note)

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size] on the device; they stay as they are until the next ones come."""
        self._weights = weights
        self._load(weights)

    def measure(self, start: int, stop: int) -> Tensor:
        """Evaluate one mini-batch.

        Args:
            start: The first sample.
            stop: After the last one.

        Returns:
            float64 [2 + m, stop - start], of each sample the loss, 1 where it is classified correctly or NaN where
            there is no such thing, and the m numbers of the metrics; good until the next call.
        """
        try:
            return self._evaluate(self.samples.range(start, stop))
        except Exception as error:  # such as a traced model that holds only for the batch that it was traced with
            alone = stop - start == 1  # which asks for so little memory that something else is meant
            if ran_out_of_memory(error, surely=alone) or not isinstance(self._forward, FoldedForward):
                raise
            reason = describe(error).split("\n")[0]
        self._on_note(f"The folded model failed, so that the model is evaluated as it is: {reason}.")
        with switched_on("float32", self._device):
            self._use(build_plain_forward(self._probe, self._device, self._type))
        if self._weights is not None:
            self._load(self._weights)
        return self._evaluate(self.samples.range(start, stop))

    def forget_batches(self) -> None:
        """Free what was kept for batches of the last size."""
        if isinstance(self._evaluate, CapturedFunction):
            self._evaluate.forget()

    def _load_plainly(self, weights: Nested) -> None:
        assert isinstance(weights, Tensor)  # noqa: S101 (recorded calls take nested tensors in general)
        self._forward.load(weights)

    def _evaluate_plainly(self, batch: Nested) -> Tensor:
        assert isinstance(batch, tuple)  # noqa: S101
        inputs, targets = batch
        outputs = map_tensors(_at_least_float32, self._forward(inputs))
        losses = self._loss(outputs, targets).to(self._float64)
        correct = self._loss.correct(outputs, targets)
        right = torch.full_like(losses, math.nan) if correct is None else correct.to(self._float64)
        values = torch.stack([losses, right])
        metrics = [metric(outputs, targets, self._loss).to(self._float64).t() for metric in self._metrics]
        return torch.cat([values, *metrics]) if metrics else values


def _at_least_float32(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor
