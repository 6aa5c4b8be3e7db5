"""Batch normalization's statistics, estimated anew at a point."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from talweg_compute.engine.plain_forward import PlainForward
from talweg_compute.problem.nested import Nested, tensors_of

RECALIBRATION_BATCH = 128
"""Samples a mini-batch of the re-estimation: a constant, since the statistics depend on it."""

_BatchNorm = nn.modules.batchnorm._BatchNorm


class Recalibration:
    """Re-estimates running means and variances from data, as Izmailov et al. 2018 and Garipov et al. 2018 do.

    The statistics are reset, the data pass once with batch normalization (and nothing else) in training mode, and the
    k-th mini-batch of b samples enters with momentum b / (samples so far + b), which makes the cumulative average.

    Args:
        forward: The model in float32.
    """

    def __init__(self, forward: PlainForward) -> None:
        self._forward = forward
        self._norms = _norms_of(forward.model)

    @torch.no_grad()
    def apply(self, weights: Tensor, batches: Iterator[Nested], before_each: Callable[[], None]) -> None:
        """Replace the statistics in a vector by those of the data at its weights.

        Args:
            weights: float32 [size]; its buffers are overwritten.
            batches: Inputs, the same at every point, in the same order.
            before_each: Called before each batch; it may raise.
        """
        self._forward.load(weights)
        with self._forward.at_weights(), _in_training(self._norms):
            for norm in self._norms:
                norm.reset_running_stats()
            seen = 0
            for inputs in batches:
                before_each()
                count = len(next(tensors_of(inputs)))
                for norm in self._norms:
                    norm.momentum = count / (seen + count)
                self._forward(inputs)
                seen += count
        weights.copy_(self._forward.weights)


@contextmanager
def _in_training(norms: list[_BatchNorm]) -> Iterator[None]:
    """Put batch normalization in training mode inside the context."""
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
    try:
        yield
    finally:
        for norm, momentum in zip(norms, before, strict=True):
            norm.eval()
            norm.momentum = momentum


def has_statistics(model: nn.Module) -> bool:
    """Tell whether a model has running statistics that can be re-estimated."""
    return bool(_norms_of(model))


def _norms_of(model: nn.Module) -> list[_BatchNorm]:
    modules = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    return [module for module in modules if module.running_mean is not None]
