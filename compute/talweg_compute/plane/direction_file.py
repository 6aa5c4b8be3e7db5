"""Direction files: in the layout of Li et al.'s code (HDF5, ``xdirection/i`` and ``ydirection/i``), and safetensors.

An HDF5 file holds no names: in *weights* mode dataset i belongs to the i-th entry of ``model.parameters()``, in
*states* mode to the i-th entry of ``model.state_dict()``, running statistics and integer counters included.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import h5py
import numpy as np
import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError
from talweg_compute.plane.pca import PrincipalDirections
from talweg_compute.problem.checkpoint import read_checkpoint
from talweg_compute.problem.layout import Layout

Mode = Literal["weights", "states"]

_GROUPS = ("xdirection", "ydirection", "zdirection")
_Slots = list[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class FileDirections:
    """What a direction file holds for a model.

    Attributes:
        directions: float32 [d, size]; d is 1 for a line, 2 for a plane, 3 for a volume.
        mode: How the file's tensors correspond to the model's; a model without buffers is always in weights mode.
    """

    directions: Tensor
    mode: Mode


def read_directions(path: Path, model: nn.Module, layout: Layout, count: int) -> Tensor:
    """Read given directions from a file of any kind.

    A safetensors file holds a tensor for each parameter that moves: ``u.`` (``v.``, ``w.``) and the parameter's name;
    or the bare names, for one direction. What it does not name stays put.

    Args:
        path: A .safetensors file, or HDF5.
        model: The model whose tensors the file is for.
        layout: Its layout.
        count: Number of directions that are needed.

    Returns:
        float32 [count, size].

    Raises:
        InputError: It is no such file, has too few directions, does not fit the model, or is not finite.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path, layout, count)
    return read_direction_file(path, model, layout, count).directions


def read_direction_file(path: Path, model: nn.Module, layout: Layout, count: int | None = 2) -> FileDirections:
    """Read a direction file by the number and shapes of its tensors.

    Counters (``num_batches_tracked``) are dropped. Files from before PyTorch had them are read too. Of tied parameters,
    which a states file holds several times, the last one counts, as when a state dict is loaded.

    Args:
        path: An HDF5 file.
        model: The model whose tensors the file is for.
        layout: Its layout.
        count: Number of directions that are needed, or None to take what is there.

    Returns:
        The directions and their mode.

    Raises:
        InputError: It is not a direction file, has too few directions, does not fit the model, or is not finite.
    """
    try:
        with h5py.File(path, "r") as file:
            present = [group for group in _GROUPS if isinstance(file.get(group), h5py.Group)]
            if not present:
                raise InputError(f"{path}: this is not a direction file: it has no group xdirection.{_hint(file)}")
            needed = _GROUPS[: len(present) if count is None else count]
            if missing := [group for group in needed if group not in present]:
                raise InputError(
                    f"{path}: the file has no {missing[0]}; plane.directions = {len(needed)} needs "
                    f"{' and '.join(needed)}."
                )
            read = [_read_group(path, file, group, model, layout) for group in needed]
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such direction file.") from None
    except OSError as error:
        raise InputError(f"{path}: this is not an HDF5 file that can be read: {error}.") from None
    modes = {mode for _, mode in read}
    return FileDirections(torch.stack([flat for flat, _ in read]), "states" if "states" in modes else "weights")


def write_direction_file(
    path: Path,
    directions: Tensor,
    model: nn.Module,
    layout: Layout,
    mode: Mode = "weights",
    pca: PrincipalDirections | None = None,
) -> None:
    """Write directions in the layout of Li et al.'s code.

    Args:
        path: The file; replaced if it exists.
        directions: float32 [d, size], d of 1 to 3 (that code knows two at most).
        model: The model they are for.
        layout: Its layout.
        mode: With ``states`` buffers are written too, counters as 0.
        pca: Adds the extra datasets of that code's PCA files, one number a direction.

    Raises:
        ValueError: The directions move buffers and ``mode`` leaves them out.
    """
    if mode == "weights" and directions[:, layout.parameter_size :].any():
        raise ValueError("directions that move buffers need the mode states")
    slots = _slots(model, mode)
    canonical = canonical_names(model)
    with h5py.File(path, "w") as file:
        for group, direction in zip(_GROUPS, directions, strict=False):
            views = layout.views(direction)
            for index, (name, shape) in enumerate(slots):
                tensor = views.get(canonical.get(name, name))
                value = np.zeros(shape, np.float32) if tensor is None else tensor.numpy()
                file.create_dataset(f"{group}/{index}", data=value)
        if pca is not None:
            k = len(directions)
            variance = pca.singular_values**2 / max(len(pca.singular_values) - 1, 1)
            file["explained_variance_ratio_"] = pca.explained_variance_ratio[:k].astype(np.float32)
            file["singular_values_"] = pca.singular_values[:k].astype(np.float32)
            file["explained_variance_"] = variance[:k].astype(np.float32)


def state_tensors(model: nn.Module) -> list[tuple[str, Tensor]]:
    """List the tensors of a state dict in order; it may also hold a module's extra state, which is anything."""
    return [(name, value) for name, value in model.state_dict().items() if isinstance(value, Tensor)]


def canonical_names(model: nn.Module) -> dict[str, str]:
    """Map every name of a tied tensor to the first one, which a layout uses."""
    tensors = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    first: dict[int, str] = {}
    return {name: first.setdefault(id(tensor), name) for name, tensor in tensors}


def _read_safetensors(path: Path, layout: Layout, count: int) -> Tensor:
    if not path.is_file():
        raise InputError(f"{path}: there is no such direction file.")
    stored = read_checkpoint(path)
    directions = torch.zeros(count, layout.size)
    for axis, direction in zip("uvw", directions, strict=False):
        named = {name[2:]: tensor for name, tensor in stored.items() if name.startswith(f"{axis}.")}
        views = layout.views(direction)
        if count == 1 and not named.keys() & views.keys():
            named = stored
        if not named:
            raise InputError(
                f'{path}: the file has no tensor "{axis}.NAME"; plane.directions = {count} needs some of each of '
                f"{', '.join('uvw'[:count])}."
            )
        for name, tensor in named.items():
            if name not in views:
                raise InputError(f'{path}: the file moves "{name}", which the model does not have.')
            if tensor.shape != views[name].shape:
                raise InputError(
                    f"{path}: these directions are for another model: {name} has shape {list(tensor.shape)}, the "
                    f"model's {list(views[name].shape)}."
                )
            views[name].copy_(tensor)
        if not direction.isfinite().all():
            raise InputError(f"{path}: {axis} holds numbers that are not finite; it cannot span a plane.")
    return directions


def _read_group(path: Path, file: h5py.File, group: str, model: nn.Module, layout: Layout) -> tuple[Tensor, Mode]:
    stored = {
        int(key): value for key, value in file[group].items() if key.isdigit() and isinstance(value, h5py.Dataset)
    }
    datasets = [stored[key] for key in sorted(stored)]
    shapes = [tuple(dataset.shape) for dataset in datasets]
    mode, slots = _match(path, group, shapes, model)
    flat = torch.zeros(layout.size)
    views = layout.views(flat)
    canonical = canonical_names(model)
    for dataset, (name, _) in zip(datasets, slots, strict=True):
        if (view := views.get(canonical.get(name, name))) is not None:
            view.copy_(torch.from_numpy(np.asarray(dataset[()], np.float32)))
    if not flat.isfinite().all():
        raise InputError(f"{path}: {group} holds numbers that are not finite; it cannot span a plane.")
    return flat, mode


def _match(path: Path, group: str, shapes: list[tuple[int, ...]], model: nn.Module) -> tuple[Mode, _Slots]:
    """Find the order of tensors that a file follows, or say where the nearest one differs."""
    states = _slots(model, "states")
    floating = {name for name, tensor in state_tensors(model) if tensor.is_floating_point()}
    candidates: list[tuple[Mode, _Slots]] = [
        ("weights", _slots(model, "weights")),
        ("states", states),
        ("states", [slot for slot in states if slot[0] in floating]),
    ]
    for mode, slots in candidates:
        if shapes == [shape for _, shape in slots]:
            return mode, slots
    mode, slots = max(
        candidates, key=lambda candidate: (len(candidate[1]) == len(shapes), _agree(shapes, candidate[1]))
    )
    place = _agree(shapes, slots)
    got = f"{group}/{place} has shape {list(shapes[place])}" if place < len(shapes) else f"{group}/{place} is missing"
    what = f"{list(slots[place][1])}, {slots[place][0]}" if place < len(slots) else "no such tensor"
    raise InputError(
        f"{path}: these directions are for another model: {got}, the model has {what} "
        f"({len(shapes)} tensors in the file, {len(slots)} in the model's {mode})."
    )


def _agree(shapes: list[tuple[int, ...]], slots: _Slots) -> int:
    """Count the leading tensors that agree."""
    pairs = zip(shapes, slots, strict=False)
    return next((place for place, (shape, slot) in enumerate(pairs) if shape != slot[1]), min(len(shapes), len(slots)))


def _slots(model: nn.Module, mode: Mode) -> _Slots:
    tensors = model.named_parameters() if mode == "weights" else state_tensors(model)
    return [(name, tuple(tensor.shape)) for name, tensor in tensors]


def _hint(file: h5py.File) -> str:
    if "dir_file" not in file:
        return ""
    value = file["dir_file"][()]
    name = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return f' It is a surface; its directions are in "{name}".'
