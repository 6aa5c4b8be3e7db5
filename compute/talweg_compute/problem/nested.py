"""Batches that are tensors, or tuples and dicts of them, to any depth."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from torch import Tensor, nn

Nested: TypeAlias = "Tensor | tuple[Nested, ...] | dict[str, Nested]"


def map_tensors(change: Callable[[Tensor], Tensor], nested: Nested) -> Nested:
    """Apply a function to every tensor.

    Args:
        change: Of one tensor.
        nested: A tensor, tuple or dict.

    Returns:
        The same structure of the function's results.
    """
    if isinstance(nested, Tensor):
        return change(nested)
    if isinstance(nested, Mapping):
        return {key: map_tensors(change, part) for key, part in nested.items()}
    return tuple(map_tensors(change, part) for part in nested)


def tensors_of(nested: Nested) -> Iterator[Tensor]:
    """List the tensors in order; what is neither a tensor nor holds any is left out."""
    if isinstance(nested, Tensor):
        yield nested
    elif isinstance(nested, Mapping | tuple | list):
        for part in nested.values() if isinstance(nested, Mapping) else nested:
            yield from tensors_of(part)


def take(nested: Nested, part: slice) -> Nested:
    """Take some of the samples, as views."""
    return map_tensors(lambda tensor: tensor[part], nested)


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


def describe_shapes(nested: Nested) -> str:
    """Write shapes and types for an error's sentence, such as ``shape [1, 3, 8, 8] (float32)``."""
    if isinstance(nested, Tensor):
        return f"shape {list(nested.shape)} ({str(nested.dtype).removeprefix('torch.')})"
    if isinstance(nested, Mapping):
        return "{" + ", ".join(f"{key}: {describe_shapes(part)}" for key, part in nested.items()) + "}"
    return "(" + ", ".join(describe_shapes(part) for part in nested) + ")"
