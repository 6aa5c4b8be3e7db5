"""HDF5 in the layout of Li et al. (github.com/tomgoldstein/loss-landscape), which their scripts and others' read.

Their arrays are [nx, ny], filled by a flat index of which x runs fastest: loss(x_i, y_j) = array.ravel()[j * nx + i].
-1 stands for a point that is not known; the group "talweg" tells which ones were computed, and not interpolated.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from talweg.export.arrays import grids_of_arrays
from talweg.export.files import replacing
from talweg.export.imported import LINE, Imported, ImportedGrid, ImportedPath, check_grid, from_description
from talweg.export.metadata import describe, from_json, read_description, to_json
from talweg.export.projection import projection_beside, read_projection
from talweg.export.question import Hints, choose_field, refuse_axes
from talweg.landscape import Landscape
from talweg_compute.messages import InputError

_MISSING = -1.0
_LOSSES = ("train_loss", "test_loss", "loss_vals")
_GROUP = "talweg"

Float = NDArray[np.float64]


def write_h5(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write the grid in the layout of Li et al.

    ``xcoordinates``, ``ycoordinates``, ``train_loss`` and, where it is known, ``train_acc`` in percent; ``dir_file``
    where the job names one. Their scripts ignore the rest: the attributes ``talweg`` (the version),
    ``created``, ``name``, ``checkpoint_sha256`` and ``data_sha256``, and the group "talweg" with ``computed`` and
    ``loss_standard_error`` [nv, nu], whatever else is known of the points, and the ``description`` as JSON.

    Args:
        path: The file.
        landscape: The numbers.

    Returns:
        The file.

    Raises:
        InputError: The file cannot be written.
    """
    accuracy = landscape.fields.get("accuracy")
    error = landscape.fields.get("loss_standard_error")
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        if landscape.job is not None and landscape.job.plane.file is not None:
            file["dir_file"] = landscape.job.plane.file
        file["xcoordinates"] = landscape.u
        if landscape.v.size > 1:
            file["ycoordinates"] = landscape.v
        split = "test" if landscape.source.endswith(":test_loss") else "train"  # as it was imported
        file[f"{split}_loss"] = _to_theirs(np.where(landscape.known, landscape.loss, _MISSING))
        if accuracy is not None and np.isfinite(accuracy).any():
            file[f"{split}_acc"] = _to_theirs(np.where(np.isnan(accuracy), _MISSING, accuracy))
        group = file.create_group(_GROUP)
        group["computed"] = landscape.computed
        if error is not None:
            group["loss_standard_error"] = error
        for name, values in landscape.further_fields().items():
            group[name] = values
        table = describe(landscape)
        group["description"] = to_json(table)  # no attribute, since those end at 64 kB
        file.attrs.update({"talweg": table["talweg"], "created": table["created"], "name": table["name"]})
        if landscape.provenance is not None:
            file.attrs["checkpoint_sha256"] = landscape.provenance.checkpoint_sha256
            file.attrs["data_sha256"] = landscape.provenance.data_sha256
    return (path,)


def read_h5(path: Path, hints: Hints) -> Imported:
    """Read what Li et al.'s code writes: surfaces, or the projection of a training run; or arrays of any other program.

    Args:
        path: A surface (xcoordinates, ycoordinates, and train_loss or test_loss, with the accuracies if they are
            there), a projection (proj_xcoord, proj_ycoord), or a file with a grid of losses and its coordinates.
        hints: What the user says.

    Returns:
        The landscapes, of training data first; exactly -1 is not computed, every other value (negative, NaN, infinite)
        is one. Or the path, in units along the directions where their file lies beside it.

    Raises:
        InputError: The file cannot be read, holds directions, or its shapes do not fit.
    """
    try:
        with h5py.File(path, "r") as file:
            arrays = {name: entry[()] for name, entry in file.items() if isinstance(entry, h5py.Dataset)}
            own = _datasets(file.get(_GROUP))
            directions = [name for name in ("xdirection", "ydirection") if isinstance(file.get(name), h5py.Group)]
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: this is not an HDF5 file that can be read: {reason}.") from None
    if directions:
        raise InputError(
            f"{path}: this file holds directions ({' and '.join(directions)}), not losses; name it in a job: "
            '[plane] kind = "file", file = "…".'
        )
    if {"proj_xcoord", "proj_ycoord"} <= set(arrays):
        return read_projection(path, arrays["proj_xcoord"], arrays["proj_ycoord"])
    if "xcoordinates" in arrays:
        return _surfaces(path, arrays, own, hints)
    numbers = {name: np.asarray(array) for name, array in arrays.items() if np.ndim(array) > 0}
    return grids_of_arrays(path, numbers, hints)


def _surfaces(path: Path, arrays: dict[str, Any], own: dict[str, Any], hints: Hints) -> tuple[ImportedGrid, ...]:
    refuse_axes(path, hints)
    x = arrays["xcoordinates"]
    shape = (np.size(arrays["ycoordinates"]) if "ycoordinates" in arrays else 1, np.size(x))
    y = arrays.get("ycoordinates", LINE)
    names = [name for name in _LOSSES if name in arrays]
    others = tuple(name for name in arrays if name not in ("xcoordinates", "ycoordinates", "dir_file"))
    if hints.field is not None or not names:
        names = [choose_field(path, others, hints, _LOSSES)]
    directions = _text(arrays.get("dir_file"))
    notes = [f"The file names its directions: {directions}."] if directions else []
    ignored = [name for name in others if name not in names and name not in (*_LOSSES, "train_acc", "test_acc")]
    if ignored:
        notes.append(f"Not read from the file: {', '.join(ignored)}.")
    beside = projection_beside(path)
    projection = None if beside is None else read_h5(beside, Hints())
    training = None
    if isinstance(projection, ImportedPath):
        training = projection.path
        notes += projection.notes
    text = _text(own.get("description"))
    description = read_description(from_json(text, str(path)), str(path)) if text else None
    grids = []
    for name in names:
        loss = _to_ours(path, name, arrays[name], shape)
        fields = {"loss": loss}
        accuracy_name = name.replace("loss", "acc")
        if name in _LOSSES and accuracy_name in arrays and accuracy_name != name:
            accuracy = _to_ours(path, accuracy_name, arrays[accuracy_name], shape)
            fields["accuracy"] = np.where(accuracy == _MISSING, np.nan, accuracy)
        further = () if description is None else description.fields
        fields |= {field: own[field] for field in ("loss_standard_error", *further) if field in own}
        computed = own.get("computed", loss != _MISSING)
        part = "" if len(names) == 1 and name == "train_loss" else name
        grids.append(
            check_grid(path, x, y, fields, computed=computed, notes=tuple(notes), part=part, training=training)
        )
    return tuple(grids if description is None else (from_description(grid, description) for grid in grids))


def _text(value: Any) -> str:
    """A text of a file, which h5py gives as bytes; anything else is none."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _datasets(group: Any) -> dict[str, Any]:
    """The datasets of a group by name; none where it is no group."""
    entries = group.items() if isinstance(group, h5py.Group) else ()
    return {name: entry[()] for name, entry in entries if isinstance(entry, h5py.Dataset)}


def _to_theirs(values: Float) -> Float:
    """[nv, nu] to [nx, ny] by their flat index: x runs fastest; a line to [nx]."""
    return values.ravel().reshape(values.shape[::-1] if len(values) > 1 else -1)


def _to_ours(path: Path, name: str, values: Any, shape: tuple[int, int]) -> Float:
    """[nx, ny] or [nx] to [nv, nu] by their flat index."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu" or array.size != shape[0] * shape[1] or array.ndim > 2:
        raise InputError(
            f"{path}: {name}: got {array.dtype} of shape {list(array.shape)}; "
            f"expected {shape[1]} x {shape[0]} numbers, one for each point of the grid."
        )
    return array.astype(np.float64).ravel().reshape(shape)
