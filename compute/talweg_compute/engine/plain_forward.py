"""The model as it is, at any weights: a copy of it, or where a copy does not do as it does, the model itself."""

import copy
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import torch
from torch import Tensor, nn

from talweg_compute.engine.device import wants_channels_last
from talweg_compute.problem.layout import Layout, convert, named_tensors
from talweg_compute.problem.nested import Nested, call_model, map_tensors, tensors_of


class Forward(Protocol):
    """A form of a model that can be moved to any weights of its layout.

    Attributes:
        dtype: In which it wants floating-point inputs.
        channels_last: Whether images may have their channels last in memory.
    """

    dtype: torch.dtype
    channels_last: bool

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size] on the forward's device."""

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""


class PlainForward:
    """A copy of the model with all its tensors as views of one flat vector.

    Args:
        model: It is not changed.
        layout: Order of its tensors.
        device: Where it runs.
        dtype: Of weights and activations.
        channels_last: Whether images may have their channels last in memory.

    Raises:
        Exception: The model cannot be copied.
    """

    def __init__(
        self, model: nn.Module, layout: Layout, device: torch.device, dtype: torch.dtype, *, channels_last: bool = True
    ) -> None:
        self.dtype, self.channels_last = dtype, channels_last and wants_channels_last(device)
        self.weights = torch.zeros(layout.size, device=device, dtype=dtype)
        with torch.no_grad():  # the copy of a ScriptModule would remember where its parameters come from
            self.model = convert(copy.deepcopy(model), device, dtype).eval()
        for parameter in self.model.parameters():  # a ScriptModule has no requires_grad_
            parameter.requires_grad_(False)
        for exchange in _exchanges(self.model, layout.views(self.weights)):
            exchange()

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        self.weights.copy_(weights)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""
        outputs: Nested = call_model(self.model, inputs)
        return outputs

    @contextmanager
    def at_weights(self) -> Iterator[None]:
        """Let ``model`` hold ``weights`` inside the context: a copy always does."""
        yield

    def in_type(self, model: nn.Module, layout: Layout, dtype: torch.dtype) -> "PlainForward":
        """Build the same form of its model in another type."""
        return PlainForward(model, layout, self.weights.device, dtype, channels_last=self.channels_last)


class BorrowedForward(PlainForward):
    """The model itself on the CPU, with other tensors for the time of a call.

    It serves what cannot be copied, or only in part: a function that a model keeps, for example, may read the tensors
    of that very model, or write into it. Tensors are exchanged in place, so that whoever holds one sees the change.

    Args:
        model: It is as it was between calls.
        layout: Order of its tensors.
        dtype: Of weights and activations.
    """

    def __init__(self, model: nn.Module, layout: Layout, dtype: torch.dtype) -> None:
        self.dtype, self.channels_last, self.model = dtype, False, model
        self.weights = torch.zeros(layout.size, dtype=dtype)
        views = layout.views(self.weights)
        others = {name: tensor.detach().clone() for name, tensor in named_tensors(model).items() if name not in views}
        self._exchanges = _exchanges(model, views | others)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""
        with self.at_weights():
            return super().__call__(inputs)

    @contextmanager
    def at_weights(self) -> Iterator[None]:
        """Let ``model`` hold ``weights`` inside the context."""
        undo: list[Callable[[], object]] = []
        try:
            for exchange in self._exchanges:
                undo.append(exchange())
            yield
        finally:
            for restore in reversed(undo):
                restore()

    def in_type(self, model: nn.Module, layout: Layout, dtype: torch.dtype) -> "BorrowedForward":
        """Build the same form of its model in another type."""
        return BorrowedForward(model, layout, dtype)


class MixedForward:
    """A form in float32, with torch's choice of operations in a shorter format."""

    dtype = torch.float32

    def __init__(self, plain: Forward, dtype: torch.dtype) -> None:
        self.channels_last, self._plain, self._short = plain.channels_last, plain, dtype

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        self._plain.load(weights)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] in float32 to outputs [N, …]."""
        device = next(tensors_of(inputs)).device.type
        with torch.autocast(device, self._short, cache_enabled=False):  # the weights change between calls
            return self._plain(inputs)


def lay_out(inputs: Nested, dtype: torch.dtype, *, channels_last: bool) -> Nested:
    """Bring inputs in the form that a forward pass wants, where they are.

    Args:
        inputs: On the CPU.
        dtype: Of floating-point inputs.
        channels_last: Whether images are stored by pixels.

    Returns:
        The same inputs, still on the CPU.
    """

    def change(tensor: Tensor) -> Tensor:
        if tensor.ndim == 4 and channels_last:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor.to(dtype) if tensor.is_floating_point() else tensor

    return map_tensors(change, inputs)


_Exchange = Callable[[], Callable[[], object]]


def _exchanges(model: nn.Module, tensors: dict[str, Tensor]) -> list[_Exchange]:
    """List what puts tensors in the places of a model's own, tied ones included; each returns what undoes it."""
    wanted = {id(tensor): tensors[name] for name, tensor in named_tensors(model).items() if name in tensors}
    parameters = {id(parameter): parameter for parameter in model.parameters()}
    found = [_of_parameter(parameter, wanted[key]) for key, parameter in parameters.items() if key in wanted]
    for module in model.modules():
        for name, buffer in module._buffers.items():
            if buffer is not None and id(buffer) in wanted:
                found.append(_of_buffer(module._buffers, name, wanted[id(buffer)]))
    return found


def _of_parameter(parameter: nn.Parameter, tensor: Tensor) -> _Exchange:
    def exchange() -> Callable[[], object]:
        before, parameter.data = parameter.data, tensor
        return lambda: setattr(parameter, "data", before)

    return exchange


def _of_buffer(buffers: dict[str, Tensor | None], name: str, tensor: Tensor) -> _Exchange:
    def exchange() -> Callable[[], object]:
        before, buffers[name] = buffers[name], tensor
        return lambda: operator.setitem(buffers, name, before)  # of a ScriptModule it is no dict

    return exchange
