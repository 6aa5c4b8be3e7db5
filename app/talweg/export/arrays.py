"""Named arrays as landscapes: the layouts of NPZ files, pickles and plain HDF5 files, told apart by their names."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.finer_grids import read_region
from talweg.export.imported import LINE, ImportedGrid, bare_path, check_grid, from_description
from talweg.export.metadata import Description, from_json, read_description
from talweg.export.question import Hints, choose_field, place_axes, refuse_axes
from talweg.landscape import FIELDS, TrainingPath
from talweg_compute.messages import InputError

Arrays = Mapping[str, NDArray[Any]]

_AXES = (("u", "v"), ("x", "y"), ("xcoordinates", "ycoordinates"), ("X", "Y"), ("xx", "yy"))
_GARIPOV = {"alphas", "betas", "grid", "bend_coordinates"}


def grids_of_arrays(path: Path, arrays: Arrays, hints: Hints) -> tuple[ImportedGrid, ...]:
    """Read landscapes from named arrays.

    They are those of Talweg (u [nu], v [nv], loss [nv, nu], more; a volume has w [nw] and loss [nw, nv, nu]), of
    Garipov et al.'s ``plane.npz``, of Landscaper (loss indexed [iu, iv], coordinates), or one array of losses [nv, nu]
    with or without coordinates: u and v, x and y, X and Y, as lists or as mesh grids; or losses [nu] along a line with
    u or x.

    Args:
        path: The file.
        arrays: By name; "" is the array of a file that holds only one.
        hints: What the user says.

    Returns:
        The landscapes.

    Raises:
        InputError: There is no grid in them, or something is missing that only the user knows.
    """
    if set(arrays) >= _GARIPOV:
        return _garipov(path, arrays, hints)
    if {"loss", "coordinates"} <= set(arrays) and "u" not in arrays:
        return (_landscaper(path, arrays, hints),)
    return (_plain(path, arrays, hints),)


def _plain(path: Path, arrays: Arrays, hints: Hints) -> ImportedGrid:
    axes = next((pair for pair in _AXES if set(pair) <= set(arrays)), ())
    planes = tuple(name for name, array in arrays.items() if array.ndim in (2, 3) and name not in axes)
    if "loss" in arrays and hints.field is None:
        name = "loss"
    elif not planes:
        held = ", ".join(name for name in arrays if name) or "none"
        raise InputError(
            f"{path}: there is no grid of losses in this file (its arrays are {held}); "
            "expected loss [nv, nu] with u [nu] and v [nv]."
        )
    else:
        name = "" if planes == ("",) else choose_field(path, planes, hints)
    along = next((axis for axis, _ in _AXES if axis in arrays), None)
    if arrays[name].ndim == 1 and not axes and along is not None:
        return check_grid(path, arrays[along], LINE, {"loss": arrays[name][None, :]})
    shape = arrays[name].shape
    w: NDArray[Any] = LINE
    if len(shape) == 3 and axes == _AXES[0] and "w" in arrays:
        refuse_axes(path, hints)
        u, v, w = arrays["u"], arrays["v"], arrays["w"]
    elif len(shape) == 3:
        raise InputError(
            f"{path}: {name}: got shape {list(shape)}, a volume, without its coordinates; expected u [nu], v [nv] and "
            "w [nw] beside it: add them, or take one plane of it."
        )
    elif len(shape) != 2:
        raise InputError(f"{path}: {name}: got shape {list(shape)}; expected [nv, nu], a row for each v.")
    elif axes:
        refuse_axes(path, hints)
        u, v = (_straight(path, arrays[axis], along, shape) for along, axis in enumerate(axes))
    else:
        u, v = place_axes(path, (shape[0], shape[1]), hints)
    fields = {"loss": arrays[name]}
    if name == "loss":
        fields |= {field: arrays[field] for field in FIELDS[1:] if field in arrays}
    text = arrays.get("provenance")
    if text is None or text.dtype.kind != "U" or text.shape != ():
        return check_grid(path, u, v, fields, computed=arrays.get("computed"), w=w)
    description = read_description(from_json(str(text), str(path)), str(path))
    fields |= {field: arrays[field] for field in description.fields if field in arrays}
    grid = check_grid(path, u, v, fields, computed=arrays.get("computed"), w=w)
    return from_description(_with_finer_grids(path, grid, arrays, tuple(fields), description), description)


def _with_finer_grids(
    path: Path, grid: ImportedGrid, arrays: Arrays, names: tuple[str, ...], description: Description
) -> ImportedGrid:
    """Add the finer grids of a file of Talweg."""
    regions = []
    for number, patch in enumerate(description.patches, 1):
        own = {name: arrays[f"finer_{number}_{name}"] for name in names if f"finer_{number}_{name}" in arrays}
        if "loss" not in own:
            raise InputError(f"{path}: a finer grid of its description is not in it; export the landscape again.")
        regions.append(read_region(path, grid, patch, own, arrays.get(f"finer_{number}_computed")))
    return replace(grid, regions=tuple(regions))


def _straight(path: Path, axis: NDArray[Any], along: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Coordinates from a list, or from a mesh grid whose rows (along 0) or columns (along 1) are all the same."""
    if axis.shape != shape:
        return axis
    line: NDArray[Any] = axis[0] if along == 0 else axis[:, 0]
    if not np.array_equal(axis, np.broadcast_to(line if along == 0 else line[:, None], axis.shape)):
        raise InputError(
            f"{path}: the coordinates are not those of a grid with u along columns and v along rows, as "
            'numpy.meshgrid makes it; transpose the arrays, or use indexing="xy".'
        )
    return line


def _landscaper(path: Path, arrays: Arrays, hints: Hints) -> ImportedGrid:
    """Landscaper: loss [steps] * d indexed by the first direction, the second, the third; coordinates [d, steps]."""
    refuse_axes(path, hints)
    loss, coordinates = arrays["loss"], arrays["coordinates"]
    if loss.ndim not in (1, 2, 3) or coordinates.shape[:-1] != (loss.ndim,):
        raise InputError(
            f"{path}: got a loss with {loss.ndim} dimensions and coordinates of shape {list(coordinates.shape)}; "
            "expected a plane of Landscaper: loss [steps, steps] and coordinates [2, steps], or a line, or a volume."
        )
    if loss.ndim == 1:
        return check_grid(path, coordinates[0], LINE, {"loss": loss[None, :]})
    sheets = coordinates[2] if loss.ndim == 3 else LINE
    return check_grid(path, coordinates[0], coordinates[1], {"loss": loss.T}, w=sheets)


def _garipov(path: Path, arrays: Arrays, hints: Hints) -> tuple[ImportedGrid, ...]:
    """Garipov et al. 2018, plane.npz: arrays [i, j] at the plane's Euclidean coordinates grid [i, j, 2]."""
    refuse_axes(path, hints)
    points = arrays["grid"]
    if points.ndim != 3 or points.shape[2] != 2:
        raise InputError(f"{path}: grid: got shape {list(points.shape)}; expected [G, G, 2], a point for each value.")
    shape = points.shape[1::-1]
    u = _straight(path, points[:, :, 0].T, 0, shape)
    v = _straight(path, points[:, :, 1].T, 1, shape)
    names = [name for name in ("tr_nll", "tr_loss", "te_nll", "te_loss") if name in arrays]
    if hints.field is not None or not names:
        others = tuple(name for name, array in arrays.items() if array.ndim == 2 and array.shape == points.shape[:2])
        names = [choose_field(path, others, hints)]
    curve = _curve(arrays)
    grids = []
    for name in names:
        fields = {"loss": arrays[name].T}
        accuracy = f"{name[:2]}_acc"
        if name[2:] in ("_nll", "_loss") and accuracy in arrays:
            fields["accuracy"] = arrays[accuracy].T
        notes = ["Coordinates are Euclidean distances along orthonormal directions."]
        if name == "tr_loss":
            notes.append("The loss includes the weight decay of the training; tr_nll does not.")
        if curve is not None:
            notes.append("The trajectory is the curve that connects the models, not a training run.")
        part = name if len(names) > 1 else ""
        grids.append(check_grid(path, u, v, fields, notes=tuple(notes), part=part, training=curve))
    return tuple(grids)


def _curve(arrays: Arrays) -> TrainingPath | None:
    """The curve between the models, named by its parameter."""
    points, ts = arrays.get("curve_coordinates"), arrays.get("ts")
    if points is None or points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind != "f":
        return None
    names = None
    if ts is not None and ts.shape == (len(points),):
        names = tuple(f"t = {t:.3g}" for t in ts.tolist())
    return bare_path(np.array(points, dtype=np.float64), names)
