"""The user's own torch Dataset, iterated once."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Subset, SubsetRandomSampler, default_collate

from talweg_compute.messages import InputError, split_specification
from talweg_compute.problem.user_code import call_function, describe, fixed_randomness, load_function

INPUT_KEYS = ("input", "inputs", "image", "images", "img", "x", "data", "features", "pixel_values", "input_ids")
NAMED_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "pixel_values", "pixel_mask")
"""Keys that stay together, since such a model takes them by name."""

TARGET_KEYS = ("target", "targets", "label", "labels", "y", "fine_label", "class")


Arrays: TypeAlias = "NDArray[Any] | tuple[Arrays, ...] | dict[str, Arrays]"


OnNote = Callable[[str], None]


def collect_items(
    specification: str, samples: int, arguments: Mapping[str, Any], on_note: OnNote = lambda _: None
) -> tuple[Arrays, Arrays]:
    """Stack the items of a Dataset.

    Args:
        specification: ``path/to/file.py:function``; the function returns a Dataset, a DataLoader, which stands for its
            Dataset in its own order, or inputs [N, …] and targets [N, …], two tensors or arrays.
        samples: The first N items; 0 means all.
        arguments: Keyword arguments of the function.
        on_note: Given a sentence where something of the data takes no part.

    Returns:
        Inputs [N, …] and targets [N, …], each in the structure of tuples and dicts that the items have. PIL images
        become uint8 [C, H, W].

    Raises:
        InputError: The function or an item fails, an item is no pair, or the items differ in shape.
    """
    function = load_function(specification, "data")
    dataset = call_function(function, arguments, specification, "data")
    file = Path((split_specification(specification) or (specification, ""))[0]).resolve()
    if _is_whole(dataset):
        given, wanted = map(_array, dataset)
        return (given[:samples], wanted[:samples]) if samples and len(given) == len(wanted) else (given, wanted)
    if isinstance(dataset, DataLoader):
        on_note(f"{specification} returned a DataLoader; the items of its data set are taken, in the data set's order.")
        loader, dataset = dataset, _dataset_of(dataset)
        if loader.collate_fn not in (default_collate, None):
            with fixed_randomness(0):
                collated = _collated(dataset, loader.collate_fn, samples, specification, on_note)
            if collated is not None:
                return collated
    inputs: list[Arrays] = []
    targets: list[Arrays] = []
    try:
        with fixed_randomness(0):
            for item in islice(_items(dataset, specification), samples or None):
                given, wanted = _pair(item, specification, len(inputs), on_note)
                inputs.append(_arrays(given))
                targets.append(_arrays(wanted))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"data: item {len(inputs)} of {specification} failed: {describe(error, file)}.") from error
    return _stack(inputs, "inputs", specification), _stack(targets, "targets", specification)


def _dataset_of(loader: "DataLoader[Any]") -> Any:
    """Return a loader's data set, or the part of it that its sampler draws from."""
    if isinstance(loader.sampler, SubsetRandomSampler):
        return Subset(loader.dataset, list(loader.sampler.indices))
    return loader.dataset


def _collated(
    dataset: Any, collate: Callable[[list[Any]], Any], samples: int, specification: str, on_note: OnNote
) -> tuple[Arrays, Arrays] | None:
    """Let the user's function make one batch of all items, such as one that pads them; None where it cannot."""
    try:
        items = list(islice(_items(dataset, specification), samples or None))
        inputs, targets = map(_arrays, _pair(collate(items), specification, 0, on_note))
        lengths = {len(array) for array in (*leaves_of(inputs), *leaves_of(targets))}
    except Exception:  # the items one by one give a better reason
        return None
    return (inputs, targets) if lengths == {len(items)} else None


def leaves_of(arrays: Arrays) -> list[NDArray[Any]]:
    """List the arrays of a structure in order."""
    if not isinstance(arrays, dict | tuple):
        return [arrays]
    return [leaf for part in (arrays.values() if isinstance(arrays, dict) else arrays) for leaf in leaves_of(part)]


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


def _pair(item: Any, specification: str, number: int, on_note: OnNote) -> tuple[Any, Any]:
    if isinstance(item, Mapping):
        pair, left = _pair_of_dict(item)
        if pair is not None:
            if left and number == 0:
                on_note(
                    f"The items of {specification} hold {', '.join(left)} as well, which take no part: return "
                    "(input, target), each a tensor, tuple or dict, where they should."
                )
            return pair
        what = f"a dict with the keys {', '.join(map(str, item))}"
    elif isinstance(item, Sequence) and not isinstance(item, str) and len(item) >= 2:
        if len(item) > 2 and number == 0:
            on_note(
                f"The items of {specification} have {len(item)} parts: the first is taken as the input, the second as "
                "the target, the rest takes no part: return ((inputs, …), (targets, …)) where it should."
            )
        return item[0], item[1]
    else:
        what = f"an object of type {type(item).__name__}"
    raise InputError(
        f"data: item {number} of {specification} is {what}; expected (input, target), or a dict with input and target."
    )


def _pair_of_dict(item: Mapping[Any, Any]) -> tuple[tuple[Any, Any] | None, list[str]]:
    """Find input and target by their keys; returns what is left over, too.

    Where no key is known for an input, all numbers but the target are inputs.
    """
    known = [key for key in INPUT_KEYS if key in item]
    targets = [key for key in TARGET_KEYS if key in item]
    if not targets and len(item) == 2 and known:
        targets = [key for key in item if key != known[0]]
    if not targets:
        return None, []
    named = [key for key in NAMED_INPUTS if key in item]
    others = [key for key in item if key not in targets and not isinstance(item[key], str | bytes | None)]
    inputs = named if len(named) > 1 else known[:1] or others
    if not inputs:
        return None, []
    given = item[inputs[0]] if len(inputs) == 1 else {key: item[key] for key in inputs}
    return (given, item[targets[0]]), [str(key) for key in item if key not in (*inputs, targets[0])]


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
        return {key: _stack([item[key] for item in items], f"{what} ({key})", specification) for key in first}  # type: ignore[call-overload]  # all are dicts like the first
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
