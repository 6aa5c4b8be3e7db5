"""Batches that are tensors, or tuples and dicts of them, to any depth."""

import copy
import dataclasses
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

Nested: TypeAlias = "Tensor | tuple[Nested, ...] | dict[str, Nested]"


def map_tensors(change: Callable[[Tensor], Tensor], nested: Nested) -> Nested:
    """Apply a function to every tensor.

    Args:
        change: Of one tensor.
        nested: A tensor, or a structure of tensors: of a model's outputs also named tuples, dicts of any class, lists
            and dataclasses.

    Returns:
        The same structure, of the same types, of the function's results; what is no tensor stays as it is.
    """
    mapped: Nested = _map(change, nested)
    return mapped


def _map(change: Callable[[Tensor], Tensor], nested: Any) -> Any:
    if isinstance(nested, Tensor):
        return change(nested)
    if type(nested) is dict:
        return {key: _map(change, part) for key, part in nested.items()}
    if isinstance(nested, tuple | list):
        parts = [_map(change, part) for part in nested]
        make: Any = getattr(type(nested), "_make", type(nested))  # of a named tuple
        return make(parts)
    if isinstance(nested, MutableMapping):
        changed: Any = copy.copy(nested)  # a class of its own may have attributes beside its items
        for key, part in nested.items():
            changed[key] = _map(change, part)
        return changed
    if dataclasses.is_dataclass(nested) and not isinstance(nested, type):
        changed = copy.copy(nested)
        for name, part in _fields(nested).items():
            object.__setattr__(changed, name, _map(change, part))
        return changed
    return nested


def tensors_of(nested: Any) -> Iterator[Tensor]:
    """List the tensors in order; what is neither a tensor nor holds any is left out."""
    if isinstance(nested, Tensor):
        yield nested
        return
    parts: Any = ()
    if isinstance(nested, Mapping):
        parts = nested.values()
    elif isinstance(nested, tuple | list):
        parts = nested
    elif dataclasses.is_dataclass(nested) and not isinstance(nested, type):
        parts = _fields(nested).values()
    for part in parts:
        yield from tensors_of(part)


def _fields(nested: Any) -> dict[str, Any]:
    return {field.name: getattr(nested, field.name) for field in dataclasses.fields(nested)}


def are_close(expected: Any, found: Any, tolerance: float) -> bool:
    """Compare the tensors of two structures.

    Args:
        expected: Any.
        found: What should be the same.
        tolerance: Of floating-point numbers, as a share of the largest one in each tensor.

    Returns:
        Whether there are as many tensors of the same shapes, with the same numbers; NaN and infinite ones are the same
        where both are.
    """
    ones, others = list(tensors_of(expected)), list(tensors_of(found))
    return len(ones) == len(others) and all(_is_close(*pair, tolerance) for pair in zip(ones, others, strict=True))


def _is_close(one: Tensor, other: Tensor, tolerance: float) -> bool:
    if one.shape != other.shape:
        return False
    if not (one.is_floating_point() or one.is_complex()):
        return torch.equal(one, other)
    finite = one.isfinite()
    scale = float(one[finite].abs().max()) if bool(finite.any()) else 0.0
    near = (other - one).abs() <= tolerance * scale
    return bool((near | (one == other) | (one.isnan() & other.isnan())).all())


def take(nested: Nested, part: slice) -> Nested:
    """Take some of the samples, as views; what is one number for all of them stays."""
    return map_tensors(lambda tensor: tensor[part] if tensor.ndim else tensor, nested)


def twice(nested: Nested) -> Nested:
    """Put a batch behind itself; what is one number for all samples stays."""
    return map_tensors(lambda tensor: torch.cat([tensor, tensor]) if tensor.ndim else tensor, nested)


def call_model(model: Callable[..., Any], inputs: Nested) -> Any:
    """Call a model with a batch.

    A tuple is spread over its positional arguments and a dict over its named ones, if the forward pass takes them so;
    otherwise it is given as it is.

    Args:
        model: A module, or a function.
        inputs: The batch.

    Returns:
        What the model returns.
    """
    positional, named = arguments_of(model, inputs)
    return model(*positional, **named)


def arguments_of(model: Callable[..., Any], inputs: Nested) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Tell how ``call_model`` hands a batch to a model: positional arguments and named ones."""
    if isinstance(inputs, Tensor):
        return (inputs,), {}
    positional: tuple[Any, ...] = inputs if isinstance(inputs, tuple) else ()
    named: dict[str, Any] = inputs if isinstance(inputs, dict) else {}
    try:
        inspect.signature(model.forward if isinstance(model, nn.Module) else model).bind(*positional, **named)
    except TypeError:
        return (inputs,), {}
    return positional, named


def describe_shapes(nested: Any) -> str:
    """Write shapes and types for an error's sentence, such as ``shape [1, 3, 8, 8] (float32)``."""
    if isinstance(nested, Tensor):
        return f"shape {list(nested.shape)} ({str(nested.dtype).removeprefix('torch.')})"
    if isinstance(nested, Mapping):
        return "{" + ", ".join(f"{key}: {describe_shapes(part)}" for key, part in nested.items()) + "}"
    if isinstance(nested, tuple | list):
        return "(" + ", ".join(describe_shapes(part) for part in nested) + ")"
    return type(nested).__name__


def cut(start: int, stop: int, size: int) -> list[range]:
    """Cut a range of samples into mini-batches.

    No batch has a single sample where there are others, since many models and losses end in ``.squeeze()``, which then
    takes the samples' dimension, too: the last one but one gives it one of its own.

    Args:
        start: The first sample.
        stop: After the last one.
        size: Samples a mini-batch.

    Returns:
        The mini-batches in order, of that size but for the end.
    """
    ends = [*range(start, stop, size), stop]
    if size > 1 and len(ends) > 2 and ends[-1] - ends[-2] == 1:
        ends = [*ends[:-2], stop] if size == 2 else [*ends[:-2], stop - 2, stop]
    return [range(*pair) for pair in itertools.pairwise(ends)]
