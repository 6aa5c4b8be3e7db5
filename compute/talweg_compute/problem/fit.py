"""Which tensor of a checkpoint belongs to which of a model; nothing is loaded that does not fit exactly."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from torch import Tensor, nn

from talweg_compute.messages import InputError
from talweg_compute.problem.checkpoint import strip_wrappers

_Value = TypeVar("_Value")

OTHER_NAMES = {"shortcut.": "downsample.", "linear.": "fc."}
"""What the CIFAR ResNets of others call the parts that Li et al. call so."""


def fit_checkpoint(model: nn.Module, state: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """Match a checkpoint's tensors with a model's, strictly.

    Prefixes that every name has on one side only (``module.``, ``model.`` of a training framework) are bridged where
    that makes the names agree, and so are ``OTHER_NAMES``. ``num_batches_tracked`` may be missing, and so may further
    names of a tied tensor.

    Args:
        model: The model; it is not changed.
        state: What ``read_checkpoint`` returned.
        source: The checkpoint, for the error.

    Returns:
        Tensors by the model's own names, shapes as in the model, for ``load_state_dict(…, strict=False)``.

    Raises:
        InputError: Names are missing or unexpected, or shapes differ; the sentence tells the first few of each and how
            many.
    """
    expected = {name: tensor for name, tensor in model.state_dict().items() if isinstance(tensor, Tensor)}
    aliases = _aliases(model)
    best: tuple[int, dict[str, Tensor], list[str], list[str], list[str]] | None = None
    for names, given in _namings(expected, state):
        fitted = {name: given[bare] for bare, name in names.items() if bare in given}
        for group in aliases:
            present = [name for name in group if name in fitted]
            fitted.update({name: fitted[present[0]] for name in group if present and name not in fitted})
        missing = [name for name in expected if name not in fitted and not name.endswith("num_batches_tracked")]
        unexpected = [name for name in given if name not in names]
        differing = [
            f"{name} ({list(tensor.shape)} in the checkpoint, {list(expected[name].shape)} in the model)"
            for name, tensor in fitted.items()
            if tensor.shape != expected[name].shape
        ]
        faults = len(missing) + len(unexpected) + len(differing)
        if best is None or faults < best[0]:
            best = faults, fitted, missing, unexpected, differing
        if faults == 0:
            return fitted
    assert best is not None  # noqa: S101 - _namings always begins with the names as they are
    _, _, missing, unexpected, differing = best
    parts = [
        _list(missing, "name of the model is missing", "names of the model are missing"),
        _list(unexpected, "name is unknown to the model", "names are unknown to the model"),
        _list(differing, "shape differs", "shapes differ"),
    ]
    raise InputError(
        f"{source} does not fit the model: {'; '.join(part for part in parts if part)}. "
        "Expected the checkpoint of exactly this architecture: check problem.model and problem.model_args."
    )


def _namings(
    expected: Mapping[str, Tensor], state: Mapping[str, Tensor]
) -> Iterator[tuple[dict[str, str], dict[str, Tensor]]]:
    """Yield ways to name both sides: the model's own names by the name to look for, and the checkpoint's tensors."""
    yield {name: name for name in expected}, dict(state)
    bare_model = _strip(expected)
    bare_state = strip_wrappers(state)
    yield bare_model, bare_state
    yield bare_model, without_first(bare_state)
    yield without_first(bare_model), bare_state
    yield {_other_name(name): original for name, original in bare_model.items()}, bare_state


def _strip(expected: Mapping[str, Tensor]) -> dict[str, str]:
    names = {name.replace("_orig_mod.", ""): name for name in expected}
    while names and all(name.startswith("module.") for name in names):
        names = {name.removeprefix("module."): original for name, original in names.items()}
    return names


def _other_name(name: str) -> str:
    for ours, others in OTHER_NAMES.items():
        name = re.sub(rf"(^|\.){re.escape(ours)}", rf"\1{others}", name)
    return name


def without_first(names: Mapping[str, _Value]) -> dict[str, _Value]:
    """Drop the first component of dotted names where all share it, as training frameworks put one before all."""
    first = {name.partition(".")[0] for name in names}
    if len(first) != 1 or any("." not in name for name in names):
        return dict(names)
    return {name.partition(".")[2]: value for name, value in names.items()}


def _aliases(model: nn.Module) -> list[list[str]]:
    """Group the names of tied tensors."""
    groups: dict[int, list[str]] = defaultdict(list)
    for name, tensor in (*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)):
        groups[id(tensor)].append(name)
    return [names for names in groups.values() if len(names) > 1]


def _list(items: Sequence[str], one: str, many: str) -> str:
    if not items:
        return ""
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return f"{len(items)} {one if len(items) == 1 else many}: {', '.join(items[:3])}{more}"
