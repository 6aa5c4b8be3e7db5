"""The user's own torch Dataset, iterated once."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from talweg_compute.messages import InputError, split_specification
from talweg_compute.problem.user_code import call_function, describe, fixed_randomness, load_function

INPUT_KEYS = ("input", "inputs", "image", "images", "img", "x", "data", "features", "pixel_values", "input_ids")
TARGET_KEYS = ("target", "targets", "label", "labels", "y", "fine_label", "class")


def collect_items(specification: str, samples: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Stack the items of a Dataset.

    Args:
        specification: ``path/to/file.py:function``; the function takes no arguments and returns a Dataset.
        samples: The first N items; 0 means all.

    Returns:
        Inputs [N, …] and targets [N, …]. PIL images become uint8 [C, H, W].

    Raises:
        InputError: The function or an item fails, an item is no pair, or the items differ in shape.
    """
    function = load_function(specification, "data")
    dataset = call_function(function, {}, specification, "data")
    file = Path((split_specification(specification) or (specification, ""))[0]).resolve()
    inputs: list[NDArray[Any]] = []
    targets: list[NDArray[Any]] = []
    try:
        with fixed_randomness(0):
            for item in islice(_items(dataset, specification), samples or None):
                given, wanted = _pair(item, specification, len(inputs))
                inputs.append(_array(given))
                targets.append(_array(wanted))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"data: item {len(inputs)} of {specification} failed: {describe(error, file)}.") from error
    return _stack(inputs, "inputs", specification), _stack(targets, "targets", specification)


def _items(dataset: Any, specification: str) -> Any:
    if hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__") and not isinstance(dataset, Mapping):
        return (dataset[index] for index in range(len(dataset)))
    if hasattr(dataset, "__iter__") and not isinstance(dataset, Mapping):
        return iter(dataset)
    raise InputError(
        f"data: {specification} returned an object of type {type(dataset).__name__}; expected a torch Dataset: "
        "something with __getitem__ and __len__ whose items are (input, target)."
    )


def _pair(item: Any, specification: str, number: int) -> tuple[Any, Any]:
    if isinstance(item, Mapping):
        given = [item[key] for key in INPUT_KEYS if key in item]
        wanted = [item[key] for key in TARGET_KEYS if key in item]
        if given and wanted:
            return given[0], wanted[0]
        what = f"a dict with the keys {', '.join(map(str, item))}"
    elif isinstance(item, Sequence) and not isinstance(item, str) and len(item) >= 2:
        return item[0], item[1]
    else:
        what = f"an object of type {type(item).__name__}"
    raise InputError(
        f"data: item {number} of {specification} is {what}; expected (input, target), or a dict with input and target."
    )


def _array(value: Any) -> NDArray[Any]:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    array = np.asarray(value)
    if hasattr(value, "getbands"):  # a PIL image: [H, W] or [H, W, C]
        return array[None] if array.ndim == 2 else np.moveaxis(array, 2, 0)
    return array


def _stack(arrays: list[NDArray[Any]], what: str, specification: str) -> NDArray[Any]:
    if not arrays:
        raise InputError(f"data: {specification} returned an empty Dataset; expected at least one item.")
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
