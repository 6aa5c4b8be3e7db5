"""Batch normalization in eval mode, written out so that its statistics can be differentiated."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


class DifferentiableStatistics(TorchFunctionMode):
    """While active, batch normalization with fixed statistics is differentiable with respect to them.

    PyTorch's own operation refuses that in reverse mode, and in forward mode takes their tangents for zero without a
    word (2.15). This can go when ``native_batch_norm`` differentiates its running statistics.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Replace ``torch.nn.functional.batch_norm`` outside of training, and pass everything else on."""
        named = dict(kwargs or {})
        if func is torch.nn.functional.batch_norm:
            bound = dict(zip(_ARGUMENTS, args, strict=False)) | named
            if not bound.get("training", False) and bound.get("running_mean") is not None:
                return _normalize(bound)
        return func(*args, **named)


_ARGUMENTS = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")


def _normalize(bound: Mapping[str, Any]) -> Tensor:
    x: Tensor = bound["input"]  # [N, C, …]
    shape = [1, -1, *[1] * (x.ndim - 2)]
    scale = torch.rsqrt(bound["running_var"] + bound.get("eps", 1e-5))  # [C]
    out: Tensor = (x - bound["running_mean"].view(shape)) * scale.view(shape)
    if bound.get("weight") is not None:
        out = out * bound["weight"].view(shape)
    if bound.get("bias") is not None:
        out = out + bound["bias"].view(shape)
    return out
