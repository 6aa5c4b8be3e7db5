"""A model as a function of its tensors, through which gradients flow."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from talweg_compute.problem.layout import convert, named_tensors
from talweg_compute.problem.nested import Nested, arguments_of


def ready_for_calls(model: nn.Module, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """Make a model ready for ``call_at`` with all tensors of its layout.

    Args:
        model: In eval mode, on the CPU; it is not changed.
        device: Where it is called.
        dtype: Of the tensors.

    Returns:
        On the CPU the model itself, since a copy may do something else: what a model keeps of itself in a function
        stays that of the first one. Elsewhere a copy.
    """
    if device.type == "cpu":
        return model
    with torch.no_grad():  # the copy of a ScriptModule would remember where its parameters come from
        copied = convert(copy.deepcopy(model), device, dtype).eval()
    for parameter in copied.parameters():  # a ScriptModule has no requires_grad_
        parameter.requires_grad_(False)
    return copied


def call_at(model: nn.Module, tensors: Mapping[str, Tensor], inputs: Nested) -> Any:
    """Call a model with other tensors in the places of its own, which it has again afterwards.

    Args:
        model: Any; ``torch.func.functional_call`` refuses scripted and traced ones.
        tensors: By name, as ``named_tensors`` has them; tied ones move together.
        inputs: The batch.

    Returns:
        What the model returns, which can be differentiated with respect to the tensors.
    """
    positional, named = arguments_of(model, inputs)
    if not isinstance(model, torch.jit.ScriptModule):
        return torch.func.functional_call(model, dict(tensors), positional, named)
    with _exchanged(model, tensors):
        return model(*positional, **named)


@contextmanager
def _exchanged(model: nn.Module, tensors: Mapping[str, Tensor]) -> Iterator[None]:
    wanted = {id(tensor): tensors[name] for name, tensor in named_tensors(model).items() if name in tensors}
    undo: list[Callable[[], None]] = []
    try:
        for module in model.modules():
            for slots in (module._parameters, module._buffers):
                for name, tensor in list(slots.items()):
                    if id(tensor) in wanted:
                        undo.append(_put(slots, name, wanted[id(tensor)]))
        yield
    finally:
        for restore in undo:
            restore()


def _put(slots: Any, name: str, tensor: Tensor) -> Callable[[], None]:
    before, slots[name] = slots[name], tensor
    return lambda: slots.__setitem__(name, before)
