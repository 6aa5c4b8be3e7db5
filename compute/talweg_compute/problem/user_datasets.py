"""The user's own torch Dataset, iterated once."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from talweg_compute.messages import InputError, split_specification
from talweg_compute.problem.user_code import call_function, describe, fixed_randomness, load_function

INPUT_KEYS = ("input", "inputs", "image", "images", "img", "x", "data", "features", "pixel_values", "input_ids")
NAMED_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "pixel_values", "pixel_mask")
"""Keys that stay together, since such a model takes them by name."""

TARGET_KEYS = ("target", "targets", "label", "labels", "y", "fine_label", "class")


Arrays: TypeAlias = "NDArray[Any] | tuple[Arrays, ...] | dict[str, Arrays]"


def collect_items(specification: str, samples: int, arguments: Mapping[str, Any]) -> tuple[Arrays, Arrays]:
    """Stack the items of a Dataset.

    Args:
        specification: ``path/to/file.py:function``; the function returns a Dataset, a DataLoader, which stands for its
            Dataset in its own order, or inputs [N, …] and targets [N, …], two tensors or arrays.
        samples: The first N items; 0 means all.
        arguments: Keyword arguments of the function.

    Returns:
        Inputs [N, …] and targets [N, …], each in the structure of tuples and dicts that the items have. PIL images
        become uint8 [C, H, W].

    Raises:
        InputError: The function or an item fails, an item is no pair, or the items differ in shape.
    """
    function = load_function(specification, "data")
    dataset = call_function(function, arguments, specification, "data")
    file = Path((split_specification(specification) or (specification, ""))[0]).resolve()
    if isinstance(dataset, DataLoader):
        dataset = dataset.dataset
    if _is_whole(dataset):
        given, wanted = map(_array, dataset)
        return (given[:samples], wanted[:samples]) if samples and len(given) == len(wanted) else (given, wanted)
    inputs: list[Arrays] = []
    targets: list[Arrays] = []
    try:
        with fixed_randomness(0):
            for item in islice(_items(dataset, specification), samples or None):
                given, wanted = _pair(item, specification, len(inputs))
                inputs.append(_arrays(given))
                targets.append(_arrays(wanted))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"data: item {len(inputs)} of {specification} failed: {describe(error, file)}.") from error
    return _stack(inputs, "inputs", specification), _stack(targets, "targets", specification)


def _is_whole(dataset: Any) -> bool:
    """Whether these are all inputs and all targets, rather than items."""
    return (
        isinstance(dataset, tuple | list)
        and len(dataset) == 2
        and all(isinstance(part, torch.Tensor | np.ndarray) and part.ndim > 0 for part in dataset)
    )


def _items(dataset: Any, specification: str) -> Any:
    if hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__") and not isinstance(dataset, Mapping):
        return (dataset[index] for index in range(len(dataset)))
    if hasattr(dataset, "__iter__") and not isinstance(dataset, Mapping):
        return iter(dataset)
    raise InputError(
        f"data: {specification} returned an object of type {type(dataset).__name__}; expected a torch Dataset: "
        "something with __getitem__ and __len__ whose items are (input, target), or two tensors: inputs and targets."
    )


def _pair(item: Any, specification: str, number: int) -> tuple[Any, Any]:
    if isinstance(item, Mapping):
        given = [item[key] for key in INPUT_KEYS if key in item]
        wanted = [item[key] for key in TARGET_KEYS if key in item]
        named = {key: item[key] for key in NAMED_INPUTS if key in item}
        if given and wanted:
            return named if len(named) > 1 else given[0], wanted[0]
        what = f"a dict with the keys {', '.join(map(str, item))}"
    elif isinstance(item, Sequence) and not isinstance(item, str) and len(item) >= 2:
        return item[0], item[1]
    else:
        what = f"an object of type {type(item).__name__}"
    raise InputError(
        f"data: item {number} of {specification} is {what}; expected (input, target), or a dict with input and target."
    )


def _arrays(value: Any) -> Arrays:
    """Turn an item's part into arrays; nested lists of numbers are one array, other tuples, lists and dicts stay."""
    if isinstance(value, Mapping):
        return {str(key): _arrays(part) for key, part in value.items()}
    if isinstance(value, tuple | list) and any(isinstance(part, torch.Tensor | np.ndarray | Mapping) for part in value):
        return tuple(_arrays(part) for part in value)
    return _array(value)


def _array(value: Any) -> NDArray[Any]:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    array = np.asarray(value)
    if hasattr(value, "getbands"):  # a PIL image: [H, W] or [H, W, C]
        return array[None] if array.ndim == 2 else np.moveaxis(array, 2, 0)
    return array


def _stack(items: list[Arrays], what: str, specification: str) -> Arrays:
    if not items:
        raise InputError(f"data: {specification} returned an empty Dataset; expected at least one item.")
    if isinstance(first := items[0], dict):
        _check_structure(
            items, lambda item: isinstance(item, dict) and item.keys() == first.keys(), what, specification
        )
        return {key: _stack([item[key] for item in items], f"{what} ({key})", specification) for key in first}  # type: ignore[call-overload]
    if isinstance(first, tuple):
        _check_structure(items, lambda item: isinstance(item, tuple) and len(item) == len(first), what, specification)
        return tuple(_stack(list(parts), what, specification) for parts in zip(*items, strict=True))
    _check_structure(items, lambda item: isinstance(item, np.ndarray), what, specification)
    return _stack_arrays([np.asarray(item) for item in items], what, specification)


def _check_structure(items: list[Arrays], same: Callable[[Arrays], bool], what: str, specification: str) -> None:
    for number, item in enumerate(items):
        if not same(item):
            raise InputError(
                f"data: the {what} of {specification} differ in structure between item 0 and item {number}; "
                "expected the same tuple or dict of tensors in every item."
            )


def _stack_arrays(arrays: list[NDArray[Any]], what: str, specification: str) -> NDArray[Any]:
    for number, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise InputError(
                f"data: the {what} of {specification} differ in shape: {list(arrays[0].shape)} in item 0, "
                f"{list(array.shape)} in item {number}; expected equal shapes: crop or pad them."
            )
    if arrays[0].dtype.kind not in "iubf":
        raise InputError(
            f"data: the {what} of {specification} have type {arrays[0].dtype}; expected tensors, arrays, "
            "numbers or images."
        )
    return np.stack(arrays)
