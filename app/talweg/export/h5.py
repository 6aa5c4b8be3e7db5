"""HDF5 in the layout of Li et al. (github.com/tomgoldstein/loss-landscape), which their scripts and others' read.

Their arrays are [nx, ny], filled by a flat index of which x runs fastest: loss(x_i, y_j) = array.ravel()[j * nx + i].
-1 stands for a point that is not computed.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.imported import ImportedGrid, check_grid, from_description
from talweg.export.metadata import describe, from_json, read_description, to_json
from talweg.landscape import Landscape
from talweg_compute.messages import InputError

_MISSING = -1.0
_GROUP = "talweg"

Float = NDArray[np.float64]


def write_h5(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write the grid in the layout of Li et al.

    ``xcoordinates``, ``ycoordinates``, ``train_loss`` and, where it is known, ``train_acc`` in percent; ``dir_file``
    where the job names one. Their scripts ignore the rest: the attributes ``talweg`` (the version),
    ``created``, ``name``, ``checkpoint_sha256`` and ``data_sha256``, and the group "talweg" with ``computed`` and
    ``loss_standard_error`` [nv, nu] and the ``description`` as JSON.

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
        file["ycoordinates"] = landscape.v
        file["train_loss"] = _to_theirs(np.where(landscape.computed, landscape.loss, _MISSING))
        if accuracy is not None and np.isfinite(accuracy).any():
            file["train_acc"] = _to_theirs(np.where(np.isnan(accuracy), _MISSING, accuracy))
        group = file.create_group(_GROUP)
        group["computed"] = landscape.computed
        if error is not None:
            group["loss_standard_error"] = error
        table = describe(landscape)
        group["description"] = to_json(table)  # no attribute, since those end at 64 kB
        file.attrs.update({"talweg": table["talweg"], "created": table["created"], "name": table["name"]})
        if landscape.provenance is not None:
            file.attrs["checkpoint_sha256"] = landscape.provenance.checkpoint_sha256
            file.attrs["data_sha256"] = landscape.provenance.data_sha256
    return (path,)


def read_h5(path: Path) -> ImportedGrid:
    """Read a surface in the layout of Li et al.

    Args:
        path: A file with xcoordinates, ycoordinates, and train_loss or test_loss; the accuracies if they are there.

    Returns:
        The grid; exactly -1 is not computed, every other value (negative, NaN, infinite) is one.

    Raises:
        InputError: The file cannot be read, is no surface, is one-dimensional, or its shapes do not fit.
    """
    try:
        with h5py.File(path, "r") as file:
            held = ", ".join(sorted(map(str, file))) or "nothing"
            arrays = _datasets(
                file, ("xcoordinates", "ycoordinates", "train_loss", "test_loss", "train_acc", "test_acc")
            )
            own = _datasets(file.get(_GROUP), ("computed", "loss_standard_error", "description"))
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: this is not an HDF5 file that can be read: {reason}.") from None
    name = next((name for name in ("train_loss", "test_loss") if name in arrays), None)
    if "xcoordinates" not in arrays or name is None:
        raise InputError(
            f"{path}: got {held}; "
            "expected a surface of Li et al. with xcoordinates, ycoordinates and train_loss or test_loss."
        )
    if "ycoordinates" not in arrays:
        raise InputError(f"{path}: this surface has only xcoordinates; surfaces along a line cannot be opened yet.")
    shape = (np.size(arrays["ycoordinates"]), np.size(arrays["xcoordinates"]))
    loss = _to_ours(path, name, arrays[name], shape)
    fields = {"loss": loss}
    accuracy_name = name.replace("loss", "acc")
    if accuracy_name in arrays:
        accuracy = _to_ours(path, accuracy_name, arrays[accuracy_name], shape)
        fields["accuracy"] = np.where(accuracy == _MISSING, np.nan, accuracy)
    if "loss_standard_error" in own:
        fields["loss_standard_error"] = own["loss_standard_error"]
    computed = own.get("computed", loss != _MISSING)
    notes = (
        (f"The loss is {name} of the file, which has others as well.",) if "test_loss" in arrays.keys() - {name} else ()
    )
    grid = check_grid(path, arrays["xcoordinates"], arrays["ycoordinates"], fields, computed=computed, notes=notes)
    text = own.get("description")
    if not isinstance(text, bytes | str):
        return grid
    decoded = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    return from_description(grid, read_description(from_json(decoded, str(path)), str(path)))


def _datasets(group: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the named datasets that a group has."""
    if not isinstance(group, h5py.Group):
        return {}
    found = {name: group.get(name) for name in names}
    return {name: entry[()] for name, entry in found.items() if isinstance(entry, h5py.Dataset)}


def _to_theirs(values: Float) -> Float:
    """[nv, nu] to [nx, ny] by their flat index: x runs fastest."""
    return values.ravel().reshape(values.shape[::-1])


def _to_ours(path: Path, name: str, values: Any, shape: tuple[int, int]) -> Float:
    """[nx, ny] to [nv, nu] by their flat index."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu" or array.size != shape[0] * shape[1] or array.ndim != 2:
        raise InputError(
            f"{path}: {name}: got {array.dtype} of shape {list(array.shape)}; "
            f"expected {shape[1]} x {shape[0]} numbers, one for each point of the grid."
        )
    return array.astype(np.float64).ravel().reshape(shape)
