"""Batch normalization's statistics, estimated anew at a point."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from talweg_compute.engine.forward import PlainForward
from talweg_compute.problem.layout import Layout
from talweg_compute.problem.nested import Nested, tensors_of

RECALIBRATION_BATCH = 128
"""Samples a mini-batch of the re-estimation: a constant, since the statistics depend on it."""

_BatchNorm = nn.modules.batchnorm._BatchNorm


class Recalibration:
    """Re-estimates running means and variances from data, as Izmailov et al. 2018 and Garipov et al. 2018 do.

    The statistics are reset, the data pass once with batch normalization (and nothing else) in training mode, and the
    k-th mini-batch of b samples enters with momentum b / (samples so far + b), which makes the cumulative average.

    Args:
        model: Copied, never changed.
        layout: Order of its tensors.
        device: Where it runs, in float32.
    """

    def __init__(self, model: nn.Module, layout: Layout, device: torch.device) -> None:
        self._forward = PlainForward(model, layout, device, torch.float32)
        self._norms = _norms_of(self._forward.model)

    @property
    def is_needed(self) -> bool:
        """Whether the model has running statistics at all."""
        return bool(self._norms)

    @torch.no_grad()
    def apply(self, weights: Tensor, batches: Iterator[Nested], before_each: Callable[[], None]) -> None:
        """Replace the statistics in a vector by those of the data at its weights.

        Args:
            weights: float32 [size]; its buffers are overwritten.
            batches: Inputs, the same at every point, in the same order.
            before_each: Called before each batch; it may raise.
        """
        self._forward.load(weights)
        for norm in self._norms:
            norm.reset_running_stats()
            norm.train()
        seen = 0
        for inputs in batches:
            before_each()
            count = len(next(tensors_of(inputs)))
            for norm in self._norms:
                norm.momentum = count / (seen + count)
            self._forward(inputs)
            seen += count
        weights.copy_(self._forward.weights)


def has_statistics(model: nn.Module) -> bool:
    """Tell whether a model has running statistics that can be re-estimated."""
    return bool(_norms_of(model))


def _norms_of(model: nn.Module) -> list[_BatchNorm]:
    modules = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    return [module for module in modules if module.running_mean is not None]
