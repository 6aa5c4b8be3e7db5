"""VTI: a volume, or a plane, as VTK's image data, which ParaView and PyVista read."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.landscape import FIELDS, Landscape
from talweg_compute.messages import InputError


def write_vti(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write a volume or a plane: x, y and z are u, v and w; each field is a float64 array of the points.

    Args:
        path: The file.
        landscape: The numbers.

    Returns:
        The file.

    Raises:
        InputError: Its coordinates are not evenly spaced, or the file cannot be written.
    """
    import pyvista as pv

    axes = (landscape.u, landscape.v, landscape.w)
    if any(not np.allclose(np.diff(axis), _step(axis), rtol=1e-6) for axis in axes):
        raise InputError(f"{path}: a .vti takes evenly spaced coordinates, which these are not; take .npz instead.")
    image = pv.ImageData(
        dimensions=tuple(axis.size for axis in axes),
        spacing=tuple(map(_step, axes)),
        origin=tuple(float(axis[0]) for axis in axes),
    )
    for name in (*FIELDS, *landscape.further_fields()):
        if name in landscape.fields:
            image.point_data[name] = landscape.fields[name].ravel()
    image.field_data["talweg"] = [to_json(describe(landscape))]
    with replacing(path) as temporary:
        image.save(temporary)
    return (path,)


def _step(axis: NDArray[np.float64]) -> float:
    return float(axis[1] - axis[0]) if axis.size > 1 else 1.0
