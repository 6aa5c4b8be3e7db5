"""From flat weights to outputs: the model as it is, or a faster form of it that gives the same outputs."""

import copy
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from talweg_compute.engine.folded import FoldedForward
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.nested import Nested, call_model, map_tensors, take, tensors_of
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.user_code import describe

_PROBE_SAMPLES = 4
_FOLDING_TOLERANCE = 1e-4  # relative, of the outputs in float32: folding only changes the order of roundings


class Forward(Protocol):
    """A copy of a model that can be moved to any weights of its layout."""

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size] on the forward's device."""

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""


class UnsuitableFormatError(Exception):
    """The model does not run in a number format; the message says why."""


def build_forward(
    problem: OpenProblem, device: torch.device, dtype: torch.dtype, on_note: Callable[[str], None]
) -> Forward:
    """Build the fastest forward pass that is right for the model.

    Args:
        problem: Its model is copied, never changed.
        device: Where it runs.
        dtype: Of weights and activations.
        on_note: Given a sentence where a faster form was tried and left.

    Returns:
        The folded forward pass where the model can be traced and folding gives its outputs; otherwise the plain one,
        and for a model that mixes number formats of its own the plain one under ``torch.autocast``.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
    """
    if _has_batch_norm(problem.model) and (folded := _try_folded(problem, device, dtype, on_note)) is not None:
        return folded
    plain = PlainForward(problem.model, problem.layout, device, dtype)
    if dtype == torch.float32:
        return plain
    try:
        _outputs(plain, problem, device, dtype)
    except Exception:  # such as a constant in float32 that meets weights of 16 bits
        mixed = MixedForward(problem.model, problem.layout, device, dtype)
        try:
            _outputs(mixed, problem, device, torch.float32)
        except Exception as error:
            raise UnsuitableFormatError(describe(error)) from error
        return mixed
    return plain


class PlainForward:
    """The model with all its tensors as views of one flat vector."""

    def __init__(self, model: nn.Module, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        self.model = copy.deepcopy(model).to(device=device, dtype=dtype).eval().requires_grad_(False)
        self.weights = torch.zeros(layout.size, device=device, dtype=dtype)
        _bind(self.model, layout, self.weights)

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        self.weights.copy_(weights)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""
        outputs: Nested = call_model(self.model, inputs)
        return outputs


class MixedForward(PlainForward):
    """The model in float32, with torch's choice of operations in a shorter format."""

    def __init__(self, model: nn.Module, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__(model, layout, device, torch.float32)
        self._dtype = dtype

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] in float32 to outputs [N, …]."""
        device = next(tensors_of(inputs)).device.type
        with torch.autocast(device, self._dtype, cache_enabled=False):  # the weights change between calls
            return super().__call__(inputs)


def lay_out(inputs: Nested, device: torch.device, dtype: torch.dtype) -> Nested:
    """Bring inputs to a device, floating-point ones in a type, images channel by channel for each pixel."""

    def convert(tensor: Tensor) -> Tensor:
        if tensor.ndim == 4:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor.to(device, dtype if tensor.is_floating_point() else None)

    return map_tensors(convert, inputs)


def input_type(forward: Forward, dtype: torch.dtype) -> torch.dtype:
    """Return the type in which a forward pass wants its inputs."""
    return torch.float32 if isinstance(forward, MixedForward) else dtype


def _try_folded(
    problem: OpenProblem, device: torch.device, dtype: torch.dtype, on_note: Callable[[str], None]
) -> Forward | None:
    try:
        folded = FoldedForward(problem.model, problem.layout, device, torch.float32)
        expected = _outputs(PlainForward(problem.model, problem.layout, device, torch.float32), problem, device)
        if not _agree(expected, _outputs(folded, problem, device)):
            raise ValueError("the folded model gives other outputs")
        if dtype != torch.float32:
            folded = FoldedForward(problem.model, problem.layout, device, dtype)
            _outputs(folded, problem, device, dtype)
    except Exception as error:  # tracing runs the user's code with symbolic values, which may raise anything
        if dtype == torch.float32:
            reason = describe(error).split("\n")[0]
            on_note(f"Batch normalization is evaluated as the model has it, which takes longer: {reason}.")
        return None
    return folded


@torch.no_grad()
def _outputs(
    forward: Forward, problem: OpenProblem, device: torch.device, dtype: torch.dtype = torch.float32
) -> Nested:
    forward.load(problem.origin.to(device))
    return forward(lay_out(take(problem.samples.inputs, slice(_PROBE_SAMPLES)), device, dtype))


def _agree(expected: Nested, found: Nested) -> bool:
    return all(
        bool(((other - one).abs() <= _FOLDING_TOLERANCE * float(one.abs().max())).all())
        for one, other in zip(tensors_of(expected), tensors_of(found), strict=True)
    )


def _has_batch_norm(model: nn.Module) -> bool:
    return any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules())


def _bind(model: nn.Module, layout: Layout, weights: Tensor) -> None:
    """Make a model's parameters and buffers views of one vector, tied ones included."""
    views = layout.views(weights)
    bound = {id(tensor): views[name] for name, tensor in named_tensors(model).items() if name in views}
    for module in model.modules():
        for parameter in module._parameters.values():
            if parameter is not None:
                parameter.data = bound.get(id(parameter), parameter.data)
        for name, buffer in module._buffers.items():
            if buffer is not None and id(buffer) in bound:
                module._buffers[name] = bound[id(buffer)]
