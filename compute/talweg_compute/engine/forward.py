"""The fastest form of a model that gives the model's own outputs, on its device and in its number format."""

import itertools
from collections.abc import Callable

import torch
from torch import nn

from talweg_compute.engine.device import wants_channels_last
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.engine.number_format import switched_on
from talweg_compute.engine.plain_forward import BorrowedForward, Forward, MixedForward, PlainForward, lay_out
from talweg_compute.messages import InputError
from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.nested import Nested, are_close, map_tensors, take, tensors_of
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.user_code import describe

_PROBE_SAMPLES = 4
_DEVICE_TOLERANCE = 1e-2  # relative, of a device's outputs in float32: what is wrong is off by more
_TOLERANCE = 1e-4  # relative, of the outputs in float32 on one device: another form only changes the order of roundings
_MOVED = 0.1  # relative: how far every weight is moved to see that a form follows
_MOVED_ZERO = 0.01

CPU = torch.device("cpu")
OnNote = Callable[[str], None]


class UnsuitableFormatError(Exception):
    """The model does not run in a number format; the message says why."""


class UnsuitableDeviceError(InputError):
    """The model does not run on a device, or gives other outputs there than on the CPU.

    Attributes:
        reason: Why, in a clause.
    """

    def __init__(self, device: torch.device, reason: str) -> None:
        super().__init__(
            f"problem.model: it cannot be evaluated on {device}: {reason}; expected a model that runs there: set "
            'run.device = "cpu".'
        )
        self.reason = reason


def say_nothing(_: str) -> None:
    """Take no note: it was taken elsewhere."""


def build_forward(probe: "Probe", device: torch.device, dtype: torch.dtype, on_note: OnNote) -> Forward:
    """Build the fastest forward pass that is right for the model.

    Args:
        probe: Of the model, which is as it was afterwards.
        device: Where it runs.
        dtype: Of weights and activations.
        on_note: Given a sentence where a faster form was tried and left.

    Returns:
        The folded forward pass where the model can be traced and folding gives its outputs; otherwise a plain one.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
        UnsuitableDeviceError: No form of it gives its outputs on the device.
    """
    on_note = on_note if dtype == torch.float32 else say_nothing  # what was said of float32 holds for the others
    of_plain: list[str] = []
    plain = build_exact_forward(probe, device, of_plain.append)
    form, reason = None, ""
    if _has_batch_norm(probe.problem.model) and not isinstance(plain, BorrowedForward):
        layouts = dict.fromkeys((_takes_channels_last(probe.problem, device), plain.channels_last))
        for channels_last, fuse in itertools.product(layouts, (True, False)):
            try:
                form = _fold(probe, plain, device, dtype, fuse=fuse, channels_last=channels_last)
                break
            except Exception as error:  # tracing runs the user's code with symbolic values, which may raise anything
                if ran_out_of_memory(error, surely=True):
                    raise
                reason = _first_line(error)
    if form is None or form.channels_last == plain.channels_last:
        for text in of_plain:
            on_note(text)
    if form is not None:
        return form
    if reason:
        on_note(f"Batch normalization is evaluated as the model has it, which takes longer: {reason}.")
    return _in_type(probe, plain, device, dtype)


def build_plain_forward(probe: "Probe", device: torch.device, dtype: torch.dtype) -> Forward:
    """Build a forward pass of the model as it is.

    Args:
        probe: Of the model, which is as it was afterwards.
        device: Where it runs.
        dtype: Of weights and activations.

    Returns:
        The model; under ``torch.autocast`` if it mixes number formats of its own.

    Raises:
        UnsuitableFormatError: The model does not run in this type at all.
        UnsuitableDeviceError: No form of it gives its outputs on the device.
    """
    return _in_type(probe, build_exact_forward(probe, device), device, dtype)


def build_exact_forward(probe: "Probe", device: torch.device, on_note: OnNote = say_nothing) -> PlainForward:
    """Build the first form of the model as it is, in float32, that gives the model's own outputs.

    Args:
        probe: Of the model, which is as it was afterwards.
        device: Where it runs.
        on_note: Given a sentence where a faster form was tried and left.

    Returns:
        A copy of the model; on the CPU the model itself where a copy does not do.

    Raises:
        UnsuitableDeviceError: No form of it gives its outputs on the device.
    """
    tolerance = _TOLERANCE if device.type == "cpu" else _DEVICE_TOLERANCE
    reasons: list[str] = []
    for make in _plain_forms(probe.problem, device):
        try:
            form = make()
            fits = probe.fits(form, device, tolerance)
        except Exception as error:  # of the user's code, or what the device lacks
            if ran_out_of_memory(error, surely=True):
                raise
            reasons.append(_first_line(error))
            continue
        if not fits:
            reasons.append("it gives other outputs")
            continue
        if isinstance(form, BorrowedForward):
            on_note(f"A copy of the model does not do as it does ({reasons[-1]}), so that it is evaluated itself.")
        elif reasons:
            on_note(f"The model takes images only channel by channel, which takes longer ({reasons[-1]}).")
        return form
    raise UnsuitableDeviceError(device, reasons[-1])


def reason_against(problem: OpenProblem, device: torch.device) -> str | None:
    """Tell why a model cannot be evaluated on a device.

    Args:
        problem: Its model is as it was afterwards.
        device: Any.

    Returns:
        A clause; None where it gives there what it gives on the CPU, or only lacks memory for this.
    """
    try:
        with switched_on("float32", device):
            build_exact_forward(Probe(problem), device)
    except UnsuitableDeviceError as error:
        return error.reason
    except Exception as error:
        if not ran_out_of_memory(error):
            raise
    return None


class Probe:
    """What a form must give: the model's own outputs on a few samples, at the origin and where every tensor has moved.

    They do not begin with the first sample, since devices have been wrong on what does not begin in front.

    Args:
        problem: Its model is as it was afterwards.
    """

    def __init__(self, problem: OpenProblem) -> None:
        self.problem = problem
        self._start = 1 if len(problem.samples) > 2 else 0
        self._inputs = take(problem.samples.inputs, slice(self._start + _PROBE_SAMPLES))
        noise = torch.rand(problem.layout.size, generator=torch.Generator().manual_seed(0))
        beside = problem.origin * (1 + _MOVED * noise)  # variances stay positive
        self._points = [problem.origin, torch.where(problem.origin == 0, _MOVED_ZERO * noise, beside)]
        itself = BorrowedForward(problem.model, problem.layout, torch.float32)
        with switched_on("float32", CPU):
            self._expected = self.outputs(itself, CPU, slice(1))
            try:
                moved = self.outputs(itself, CPU, slice(1, 2))
            except Exception:  # such as an index that is computed from a buffer
                moved = []
            if moved and all(bool(tensor.isfinite().all()) for tensor in tensors_of(moved)):
                self._expected += moved
            else:
                self._points.pop()
            # a form that reads what the model itself left behind is found out, since that is of other samples now
            self.outputs(itself, CPU, slice(1), backwards=True)

    @torch.no_grad()
    def outputs(
        self, forward: Forward, device: torch.device, points: slice = slice(None), *, backwards: bool = False
    ) -> list[Nested]:
        """Evaluate a form, by default at both points; outputs stay on the device."""
        inputs = map_tensors(lambda tensor: tensor.flip(0), self._inputs) if backwards else self._inputs
        given = lay_out(inputs, forward.dtype, channels_last=forward.channels_last)
        found = []
        for weights in self._points[points]:
            forward.load(weights.to(device))
            placed = take(map_tensors(lambda tensor: tensor.to(device, copy=True), given), slice(self._start, None))
            found.append(map_tensors(torch.clone, forward(placed)))
        return found

    def fits(self, form: Forward, device: torch.device, tolerance: float) -> bool:
        """Whether a form gives what the model gives, to a relative tolerance."""
        found = map_tensors(lambda tensor: tensor.cpu(), tuple(self.outputs(form, device)))
        return are_close(self._expected, found, tolerance)


def _plain_forms(problem: OpenProblem, device: torch.device) -> list[Callable[[], PlainForward]]:
    """List the forms in float32 of a model as it is, the fastest first."""
    model, layout = problem.model, problem.layout

    def copied(channels_last: bool) -> Callable[[], PlainForward]:
        return lambda: PlainForward(model, layout, device, torch.float32, channels_last=channels_last)

    forms = [copied(False)]
    if _takes_channels_last(problem, device):
        forms.insert(0, copied(True))
    if device.type == "cpu":
        forms.append(lambda: BorrowedForward(model, layout, torch.float32))
    return forms


def _takes_channels_last(problem: OpenProblem, device: torch.device) -> bool:
    """Whether there are images and convolutions, and a device that is faster with channels last."""
    has_images = any(tensor.ndim == 4 for tensor in tensors_of(problem.samples.inputs))
    convolves = any(tensor.ndim == 4 for tensor in problem.model.parameters())
    return has_images and convolves and wants_channels_last(device)


def _in_type(probe: Probe, plain: PlainForward, device: torch.device, dtype: torch.dtype) -> Forward:
    """Build the same form in another type, or in several where it has constants in float32."""
    if dtype == torch.float32:
        return plain
    try:
        short = plain.in_type(probe.problem.model, probe.problem.layout, dtype)
        probe.outputs(short, device, slice(1))
    except Exception as error:  # such as a constant in float32 that meets weights of 16 bits
        if ran_out_of_memory(error, surely=True):
            raise
        mixed = MixedForward(plain, dtype)
        try:
            probe.outputs(mixed, device, slice(1))
        except Exception as error:
            raise UnsuitableFormatError(describe(error)) from error
        return mixed
    return short


def _fold(
    probe: Probe,
    plain: PlainForward,
    device: torch.device,
    dtype: torch.dtype,
    *,
    fuse: bool,
    channels_last: bool,
) -> FoldedForward:
    """Fold, and compare with the model as it is.

    Raises:
        Exception: The model cannot be traced, or there is nothing to fold, or it gives something else.
    """
    model, layout = probe.problem.model, probe.problem.layout

    def folded(wanted: torch.dtype) -> FoldedForward:
        return FoldedForward(model, layout, device, wanted, fuse=fuse, channels_last=channels_last)

    form = folded(torch.float32)
    if not are_close(probe.outputs(plain, device), probe.outputs(form, device), _TOLERANCE):
        raise ValueError("the folded model gives other outputs")
    if dtype != torch.float32:
        form = folded(dtype)
        probe.outputs(form, device, slice(1))
    return form


def _first_line(error: BaseException) -> str:
    return describe(error).split("\n")[0]


def _has_batch_norm(model: nn.Module) -> bool:
    return any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules())
