"""From flat weights to outputs: the model as it is, or a faster form of it that gives the same outputs."""

import copy
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from talweg_compute.engine.device import wants_channels_last
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.messages import InputError
from talweg_compute.problem.layout import Layout, convert, named_tensors
from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.nested import (
    Nested,
    are_close,
    arguments_of,
    call_model,
    map_tensors,
    take,
    tensors_of,
)
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.user_code import describe

_PROBE_SAMPLES = 4
_DEVICE_TOLERANCE = 1e-2  # relative, of a device's outputs in float32: what is wrong is off by more
_TOLERANCE = 1e-4  # relative, of the outputs in float32 on a CPU: another form only changes the order of roundings
_MOVED = 0.1  # relative: how far every weight is moved to see that a form follows

CPU = torch.device("cpu")
OnNote = Callable[[str], None]


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


class UnsuitableFormatError(Exception):
    """The model does not run in a number format; the message says why."""


def build_forward(problem: OpenProblem, device: torch.device, dtype: torch.dtype, on_note: OnNote) -> Forward:
    """Build the fastest forward pass that is right for the model.

    Args:
        problem: Its model is never changed.
        device: Where it runs.
        dtype: Of weights and activations.
        on_note: Given a sentence where a faster form was tried and left.

    Returns:
        The folded forward pass where the model can be traced and folding gives its outputs; otherwise a plain one.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
        InputError: No form of it gives its outputs on the device.
    """
    plain = _build_plain(problem, device, on_note if dtype == torch.float32 else _say_nothing)
    if _has_batch_norm(problem.model) and isinstance(plain, PlainForward):
        for fuse in (True, False):
            try:
                return _fold(problem, plain, device, dtype, fuse=fuse)
            except Exception as error:  # tracing runs the user's code with symbolic values, which may raise anything
                if ran_out_of_memory(error, surely=fuse):
                    raise
                reason = describe(error).split("\n")[0]
        if dtype == torch.float32:
            on_note(f"Batch normalization is evaluated as the model has it, which takes longer: {reason}.")
    return _in_type(plain, problem, device, dtype)


def build_plain_forward(problem: OpenProblem, device: torch.device, dtype: torch.dtype) -> Forward:
    """Build a forward pass of the model as it is.

    Args:
        problem: Its model is never changed.
        device: Where it runs.
        dtype: Of weights and activations.

    Returns:
        The model; under ``torch.autocast`` if it mixes number formats of its own.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
        InputError: No form of it gives its outputs on the device.
    """
    return _in_type(_build_plain(problem, device, _say_nothing), problem, device, dtype)


class PlainForward:
    """A copy of the model with all its tensors as views of one flat vector."""

    def __init__(
        self,
        model: nn.Module,
        layout: Layout,
        device: torch.device,
        dtype: torch.dtype,
        *,
        channels_last: bool = True,
    ) -> None:
        self.dtype, self.channels_last = dtype, channels_last and wants_channels_last(device)
        self.model = convert(copy.deepcopy(model), device, dtype).eval().requires_grad_(False)
        self.weights = torch.zeros(layout.size, device=device, dtype=dtype)
        _bind(self.model, layout, self.weights)

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        self.weights.copy_(weights)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""
        outputs: Nested = call_model(self.model, inputs)
        return outputs

    def in_type(self, model: nn.Module, layout: Layout, dtype: torch.dtype) -> "PlainForward":
        """Build the same form of its model in another type."""
        return PlainForward(model, layout, self.weights.device, dtype, channels_last=self.channels_last)


class BorrowedForward:
    """The model itself, with other tensors for the time of a call: of those that cannot be copied.

    A hook, for example, may write into what the model reads, which in a copy are two things.
    """

    channels_last = False

    def __init__(self, model: nn.Module, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        self.dtype, self._model = dtype, model
        self._weights = torch.zeros(layout.size, device=device, dtype=dtype)
        self._views = layout.views(self._weights)

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        self._weights.copy_(weights)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""
        positional, named = arguments_of(self._model, inputs)
        outputs: Nested = torch.func.functional_call(self._model, self._views, positional, named)
        return outputs

    def in_type(self, model: nn.Module, layout: Layout, dtype: torch.dtype) -> "BorrowedForward":
        """Build the same form of its model in another type."""
        return BorrowedForward(model, layout, self._weights.device, dtype)


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


def agrees_with_cpu(problem: OpenProblem, device: torch.device) -> bool:
    """Tell whether a device gives a model's outputs at the origin, on samples that do not begin in front.

    Args:
        problem: Its model is never changed.
        device: Any.

    Returns:
        False also where the model does not run there; True where it only lacks memory for this.
    """
    later = slice(1 if len(problem.samples) > 1 else 0, None)

    def outputs(forward: Forward, where: torch.device) -> Nested:
        forward.load(problem.origin.to(where))
        first = take(problem.samples.inputs, slice(1 + _PROBE_SAMPLES))
        inputs = lay_out(first, torch.float32, channels_last=forward.channels_last)
        with torch.no_grad():
            found = forward(take(map_tensors(lambda tensor: tensor.to(where), inputs), later))
        return map_tensors(lambda tensor: tensor.cpu(), found)

    expected = outputs(BorrowedForward(problem.model, problem.layout, CPU, torch.float32), CPU)
    for make in _copies(problem, device):
        try:
            found = outputs(make(), device)
        except Exception as error:  # of the user's code, or what the device lacks
            if ran_out_of_memory(error):
                return True
        else:
            if are_close(expected, found, _DEVICE_TOLERANCE):
                return True
    return False


def _copies(problem: OpenProblem, device: torch.device) -> list[Callable[[], PlainForward]]:
    """List the forms in float32 that are copies of a model as it is, the fastest first."""

    def copied(channels_last: bool) -> Callable[[], PlainForward]:
        return lambda: PlainForward(problem.model, problem.layout, device, torch.float32, channels_last=channels_last)

    has_images = any(tensor.ndim == 4 for tensor in tensors_of(problem.samples.inputs))
    return [copied(True), copied(False)] if has_images and wants_channels_last(device) else [copied(False)]


def _build_plain(problem: OpenProblem, device: torch.device, on_note: OnNote) -> "PlainForward | BorrowedForward":
    """Build the first form in float32 that gives the model's own outputs, and say where a faster one did not.

    The model itself sees other samples in between, so that a form which reads what the model left behind is found out.
    """
    expected = _outputs(BorrowedForward(problem.model, problem.layout, CPU, torch.float32), problem, CPU)
    others = take(problem.samples.inputs, slice(-1, None))
    if len(problem.samples) > _PROBE_SAMPLES:
        with torch.no_grad():
            call_model(problem.model, map_tensors(torch.clone, others))
    tolerance = _TOLERANCE if device.type == "cpu" else _DEVICE_TOLERANCE
    reasons: list[str] = []
    forms: list[Callable[[], PlainForward | BorrowedForward]] = [*_copies(problem, device)]
    if device.type == "cpu":
        forms.append(lambda: BorrowedForward(problem.model, problem.layout, device, torch.float32))
    for make in forms:
        try:
            form = make()
            found = map_tensors(lambda tensor: tensor.cpu(), _outputs(form, problem, device))
        except Exception as error:  # of the user's code
            if ran_out_of_memory(error, surely=True):
                raise
            reasons.append(describe(error).split("\n")[0])
            continue
        if are_close(expected, found, tolerance):
            if isinstance(form, BorrowedForward):
                on_note(f"A copy of the model does not do as it does ({reasons[-1]}), so that it is evaluated itself.")
            elif reasons:
                on_note(f"The model takes images only channel by channel, which takes longer ({reasons[-1]}).")
            return form
        reasons.append("it gives other outputs")
    raise InputError(
        f'problem.model: on {device} no form of it gives its outputs ({reasons[-1]}); set run.device = "cpu".'
    )


def _in_type(
    plain: "PlainForward | BorrowedForward", problem: OpenProblem, device: torch.device, dtype: torch.dtype
) -> Forward:
    """Build the same form in another type, or in several where it has constants in float32."""
    if dtype == torch.float32:
        return plain
    try:
        short = plain.in_type(problem.model, problem.layout, dtype)
        _outputs(short, problem, device)
    except Exception:  # such as a constant in float32 that meets weights of 16 bits
        mixed = MixedForward(plain, dtype)
        try:
            _outputs(mixed, problem, device)
        except Exception as error:
            raise UnsuitableFormatError(describe(error)) from error
        return mixed
    return short


def _fold(
    problem: OpenProblem, plain: PlainForward, device: torch.device, dtype: torch.dtype, *, fuse: bool
) -> Forward:
    """Fold, and compare with the model as it is, at the origin and where every tensor has moved.

    Raises:
        Exception: The model cannot be traced, or there is nothing to fold, or it gives something else.
    """

    def folded(wanted: torch.dtype) -> FoldedForward:
        return FoldedForward(
            problem.model, problem.layout, device, wanted, fuse=fuse, channels_last=plain.channels_last
        )

    form = folded(torch.float32)
    noise = torch.rand(problem.layout.size, generator=torch.Generator().manual_seed(0))
    for weights in (problem.origin, problem.origin * (1 + _MOVED * noise)):  # variances stay positive
        expected, found = (_outputs(each, problem, device, weights) for each in (plain, form))
        if not are_close(expected, found, _TOLERANCE):
            raise ValueError("the folded model gives other outputs")
    if dtype != torch.float32:
        form = folded(dtype)
        _outputs(form, problem, device)
    return form


@torch.no_grad()
def _outputs(forward: Forward, problem: OpenProblem, device: torch.device, weights: Tensor | None = None) -> Nested:
    """Evaluate a few samples at weights, by default at the origin."""
    forward.load((problem.origin if weights is None else weights).to(device))
    inputs = lay_out(
        take(problem.samples.inputs, slice(_PROBE_SAMPLES)), forward.dtype, channels_last=forward.channels_last
    )
    return map_tensors(torch.clone, forward(map_tensors(lambda tensor: tensor.to(device).clone(), inputs)))


def _say_nothing(_: str) -> None:
    """Take no note: what was said of float32 holds for the other formats."""


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
