"""From flat weights to outputs: the model as it is, or a faster form of it that gives the same outputs."""

import copy
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from talweg_compute.engine.device import wants_channels_last
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.nested import Nested, call_model, map_tensors, take, tensors_of
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.user_code import describe

_PROBE_SAMPLES = 4
_DEVICE_TOLERANCE = 1e-2  # relative, of a device's outputs in float32: what is wrong is off by more
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
        The folded forward pass where the model can be traced and folding gives its outputs; otherwise a plain one.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
    """
    if _has_batch_norm(problem.model):
        for fuse in (True, False):
            try:
                return _fold(problem, device, dtype, fuse=fuse)
            except Exception as error:  # tracing runs the user's code with symbolic values, which may raise anything
                if ran_out_of_memory(error):
                    raise
                reason = describe(error).split("\n")[0]
        if dtype == torch.float32:
            on_note(f"Batch normalization is evaluated as the model has it, which takes longer: {reason}.")
    return build_plain_forward(problem, device, dtype)


def build_plain_forward(problem: OpenProblem, device: torch.device, dtype: torch.dtype) -> Forward:
    """Build a forward pass of the model as it is.

    Args:
        problem: Its model is copied, never changed.
        device: Where it runs.
        dtype: Of weights and activations.

    Returns:
        The model; under ``torch.autocast`` if it mixes number formats of its own.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
    """
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
    """Bring inputs in the form that a device wants, where they are: floating-point ones in a type, images by pixels.

    Args:
        inputs: On the CPU.
        device: Where they will be used.
        dtype: Of floating-point inputs.

    Returns:
        The same inputs, still on the CPU.
    """

    def convert(tensor: Tensor) -> Tensor:
        if tensor.ndim == 4 and wants_channels_last(device):
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor.to(dtype) if tensor.is_floating_point() else tensor

    return map_tensors(convert, inputs)


def agrees_with_cpu(problem: OpenProblem, device: torch.device) -> bool:
    """Compare a device's outputs at the origin with the CPU's, on samples that do not begin in front.

    Args:
        problem: Its model is copied, never changed.
        device: Any.
    """

    def outputs(where: torch.device) -> Nested:
        forward = PlainForward(problem.model, problem.layout, where, torch.float32)
        forward.load(problem.origin.to(where))
        inputs = lay_out(take(problem.samples.inputs, slice(1 + _PROBE_SAMPLES)), where, torch.float32)
        placed = take(map_tensors(lambda tensor: tensor.to(where), inputs), slice(1, None))
        with torch.no_grad():
            return map_tensors(lambda tensor: tensor.cpu(), forward(placed))

    return _agree(outputs(torch.device("cpu")), outputs(device), _DEVICE_TOLERANCE)


def input_type(forward: Forward, dtype: torch.dtype) -> torch.dtype:
    """Return the type in which a forward pass wants its inputs."""
    return torch.float32 if isinstance(forward, MixedForward) else dtype


def _fold(problem: OpenProblem, device: torch.device, dtype: torch.dtype, *, fuse: bool) -> Forward:
    """Fold, and compare with the model as it is.

    Raises:
        Exception: The model cannot be traced, or there is nothing to fold, or it gives something else.
    """
    folded = FoldedForward(problem.model, problem.layout, device, torch.float32, fuse=fuse)
    expected = _outputs(PlainForward(problem.model, problem.layout, device, torch.float32), problem, device)
    if not _agree(expected, _outputs(folded, problem, device)):
        raise ValueError("the folded model gives other outputs")
    if dtype != torch.float32:
        folded = FoldedForward(problem.model, problem.layout, device, dtype, fuse=fuse)
        _outputs(folded, problem, device, dtype)
    return folded


@torch.no_grad()
def _outputs(
    forward: Forward, problem: OpenProblem, device: torch.device, dtype: torch.dtype = torch.float32
) -> Nested:
    forward.load(problem.origin.to(device))
    inputs = lay_out(take(problem.samples.inputs, slice(_PROBE_SAMPLES)), device, dtype)
    return forward(map_tensors(lambda tensor: tensor.to(device), inputs))


def _agree(expected: Nested, found: Nested, tolerance: float = _FOLDING_TOLERANCE) -> bool:
    return all(
        bool(((other - one).abs() <= tolerance * float(one.abs().max())).all())
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
