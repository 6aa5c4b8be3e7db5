"""VTI: a volume as VTK's image data, which ParaView and PyVista read."""

from pathlib import Path

import numpy as np

from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.landscape import FIELDS, Landscape
from talweg_compute.messages import InputError


def write_vti(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write a volume: x, y and z are u, v and w; each field is a float64 array of the points, NaN where not known.

    Args:
        path: The file.
        landscape: A volume.

    Returns:
        The file.

    Raises:
        InputError: The landscape is no volume, its coordinates are not evenly spaced, or the file cannot be written.
    """
    import pyvista as pv

    if landscape.dimensions != 3:
        raise InputError(f"{path}: this landscape is no volume; a .vti takes three directions.")
    axes = (landscape.u, landscape.v, landscape.w)
    if any(not np.allclose(np.diff(axis), axis[1] - axis[0], rtol=1e-6) for axis in axes):
        raise InputError(f"{path}: a .vti takes evenly spaced coordinates, which these are not; take .npz instead.")
    image = pv.ImageData(
        dimensions=tuple(axis.size for axis in axes),
        spacing=tuple(float(axis[1] - axis[0]) for axis in axes),
        origin=tuple(float(axis[0]) for axis in axes),
    )
    for name in FIELDS:
        if name in landscape.fields:
            image.point_data[name] = landscape.fields[name].ravel()
    image.field_data["talweg"] = [to_json(describe(landscape))]
    with replacing(path) as temporary:
        image.save(temporary)
    return (path,)
