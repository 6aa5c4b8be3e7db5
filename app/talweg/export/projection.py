"""Training paths of Li et al.: the coordinates that their plot_trajectory writes beside a direction file.

``<directions>_proj_cos.h5`` has lengths along unit vectors: ⟨θ_t − θ_n, d⟩ / ‖d‖ for either direction d by itself.
Coordinates on a surface count whole directions, and those of the nearest point follow from the directions' products.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from talweg.export.imported import ImportedPath, bare_path
from talweg_compute.messages import InputError

Float = NDArray[np.float64]

_ENDING = "_proj_cos.h5"


def read_projection(path: Path, x: Any, y: Any) -> ImportedPath:
    """Make a path of a projection file's coordinates.

    Args:
        path: The file; where the direction file it is named after lies beside it, its directions give the unit.
        x: [T], lengths along the first direction.
        y: [T], along the second.

    Returns:
        The path; the last checkpoint is the origin.

    Raises:
        InputError: They are not two lists of the same length.
    """
    columns = [np.asarray(values) for values in (x, y)]
    if any(column.ndim != 1 or column.dtype.kind not in "fiu" for column in columns) or len(x) != len(y):
        raise InputError(
            f"{path}: got proj_xcoord of shape {list(columns[0].shape)} and proj_ycoord of shape "
            f"{list(columns[1].shape)}; expected two lists of numbers, one a checkpoint."
        )
    lengths = np.stack(columns, axis=1).astype(np.float64)
    directions = path.with_name(path.name.removesuffix(_ENDING)) if path.name.endswith(_ENDING) else path
    products = None if directions == path or not directions.is_file() else _products(directions)
    if products is None:
        note = (
            "The trajectory's coordinates are lengths along unit directions; on a surface they are right only if its "
            "directions have the length 1."
        )
        return ImportedPath(bare_path(lengths), str(path), (note,))
    nearest: Float = np.linalg.solve(products, (lengths * np.sqrt(np.diag(products))).T).T.astype(np.float64)
    return ImportedPath(bare_path(nearest), str(path))


def projection_beside(surface: Path) -> Path | None:
    """Find the projection that belongs to a surface: both are named after the same direction file.

    Args:
        surface: ``<directions>_[-1.0,1.0,51]x[-1.0,1.0,51].h5``.

    Returns:
        ``<directions>_proj_cos.h5`` in the same folder, or None.
    """
    start, bracket, _ = surface.name.partition("_[")
    found = surface.with_name(start + _ENDING)
    return found if bracket and found.is_file() else None


def _products(directions: Path) -> Float | None:
    """Inner products of both directions [2, 2], or None where the file has no two that span a plane."""
    try:
        with h5py.File(directions, "r") as file:
            x, y = file["xdirection"], file["ydirection"]
            pairs = [(np.ravel(x[name]).astype(np.float64), np.ravel(y[name]).astype(np.float64)) for name in x]
            products = sum((np.array([[p @ p, p @ q], [p @ q, q @ q]]) for p, q in pairs), np.zeros((2, 2)))
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return products if np.linalg.det(products) > 1e-12 * np.prod(np.diag(products)) else None
