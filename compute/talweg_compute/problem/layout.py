"""The one order in which a model's tensors stand in a flat vector."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from talweg_compute.messages import InputError

_Model = TypeVar("_Model", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of a layout.

    Attributes:
        name: Its qualified name, as in the state dict.
        shape: Its shape.
        start: Index of its first element in the flat vector.
        stop: Index after its last element.
        is_parameter: A parameter; otherwise a floating-point buffer.
        trainable: A parameter that requires a gradient. Directions leave everything else at zero.
        filter_axis: The axis that counts filters, 1 for the weight of a transposed convolution ([in, out / groups, …]),
            otherwise 0; None for tensors of at most one dimension (biases, normalization, running statistics).
    """

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int
    is_parameter: bool
    trainable: bool
    filter_axis: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The parameters in ``named_parameters()`` order, then the floating-point buffers in ``named_buffers()`` order.

    A tied parameter stands once, under its first name. What does not move is left out: integers, and complex or
    sparse buffers.

    Attributes:
        entries: The tensors, in order and without gaps.
    """

    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, model: nn.Module) -> "Layout":
        """Lay out a model.

        Args:
            model: Any module with initialised parameters.

        Returns:
            Its layout.

        Raises:
            InputError: A parameter has no shape yet, or is trained and complex or sparse.
        """
        transposed = {
            f"{name}.weight" if name else "weight"
            for name, module in model.named_modules()
            if isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d)
        }
        entries: list[Entry] = []
        start = 0
        for name, tensor in named_tensors(model).items():
            is_parameter = isinstance(tensor, nn.Parameter)
            if is_lazy(tensor):
                raise InputError(
                    f"model: the parameter {name} has no shape yet; expected an initialised model: "
                    "run one batch through it before returning it."
                )
            if not tensor.is_floating_point() or tensor.layout != torch.strided:
                if not (is_parameter and tensor.requires_grad):
                    continue
                raise InputError(
                    f"model: the parameter {name} has type {tensor.dtype} and layout {tensor.layout}; expected dense "
                    "parameters of real floating-point numbers: make it a buffer, or write it with such."
                )
            shape = tuple(tensor.shape)
            stop = start + math.prod(shape)
            axis = None if len(shape) <= 1 else int(name in transposed)
            entries.append(Entry(name, shape, start, stop, is_parameter, is_parameter and tensor.requires_grad, axis))
            start = stop
        return cls(tuple(entries))

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return self.entries[-1].stop if self.entries else 0

    @property
    def parameter_size(self) -> int:
        """Length of the flat vector's first part, which holds the parameters; buffers follow."""
        return max((entry.stop for entry in self.entries if entry.is_parameter), default=0)

    @property
    def parameter_count(self) -> int:
        """Number of trainable scalars, the dimension of θ."""
        return sum(entry.stop - entry.start for entry in self.entries if entry.trainable)

    def flatten(self, state: Mapping[str, Tensor], part: slice = slice(None)) -> Tensor:
        """Copy a state's tensors into one vector, or a part of it.

        Args:
            state: At least every entry's name with its tensor, of any floating-point type and on any device.
            part: Which elements of the vector; of tensors that are mapped from a file only these are read.

        Returns:
            float32 [size], or as long as the part is, on the CPU.

        Raises:
            KeyError: A tensor is missing.
            ValueError: A tensor has another shape than the layout.
        """
        first, last, _ = part.indices(self.size)
        flat = torch.empty(last - first, dtype=torch.float32)
        for entry in self.entries:
            tensor = state[entry.name]
            if tuple(tensor.shape) != entry.shape:
                raise ValueError(f"{entry.name} has shape {list(tensor.shape)}, the layout {list(entry.shape)}")
            start, stop = max(entry.start, first), min(entry.stop, last)
            if start < stop:
                values = tensor.detach().reshape(-1)[start - entry.start : stop - entry.start]
                flat[start - first : stop - first] = values
        return flat

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """Name the parts of a flat vector, for ``torch.func.functional_call``.

        Args:
            flat: [..., size], its last dimension contiguous; leading dimensions stay in front of every shape.

        Returns:
            Views by name that share the vector's memory, [..., *shape].
        """
        leading = flat.shape[:-1]
        return {entry.name: flat[..., entry.start : entry.stop].view(leading + entry.shape) for entry in self.entries}


def convert(model: _Model, device: torch.device, dtype: torch.dtype) -> _Model:
    """Move a model to a device, and its real floating-point tensors to a type.

    ``model.to`` would make complex tensors real, and lose their imaginary parts.

    Args:
        model: It is changed.
        device: Where it is wanted.
        dtype: A real floating-point type.

    Returns:
        The same model.
    """
    model._apply(lambda tensor: tensor.to(device, dtype if tensor.is_floating_point() else None))  # type: ignore[no-untyped-call]  # torch has no types here
    return model


def named_tensors(model: nn.Module) -> dict[str, Tensor]:
    """List a model's parameters, then its buffers, each tensor once under its first name."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}
