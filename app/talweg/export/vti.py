"""VTI: a volume, or a plane, as VTK's image data, which ParaView and PyVista write and read."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.imported import LINE, ImportedGrid, check_grid, from_description
from talweg.export.metadata import describe, from_json, read_description, to_json
from talweg.export.question import Hints, choose_field, refuse_axes
from talweg.landscape import FIELDS, Landscape
from talweg_compute.messages import InputError

_COMPUTED = "computed"


def write_vti(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write a volume or a plane: x, y and z are u, v and w; each field is a float64 array of the points.

    A further array, ``computed``, is 1 where a point was evaluated; the field data hold the description as JSON.

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
    image.point_data[_COMPUTED] = landscape.computed.ravel().astype(np.uint8)
    image.field_data["talweg"] = [to_json(describe(landscape))]
    with replacing(path) as temporary:
        image.save(temporary)
    return (path,)


def read_vti(path: Path, hints: Hints) -> ImportedGrid:
    """Read a volume, a plane or a line: Talweg's own, or image data of any other program.

    Args:
        path: A VTI file.
        hints: Which array of another program's file is the loss.

    Returns:
        The grid; one of Talweg with its job and runs, and with every bit of its numbers.

    Raises:
        InputError: The file cannot be read, or nothing in it is the loss.
    """
    refuse_axes(path, hints)
    axes, arrays, text = _load(path)
    shape = tuple(axis.size for axis in reversed(axes))
    flat = {name: values for name, values in arrays.items() if values.ndim == 1 and values.dtype.kind in "fiu"}
    description = None if text is None else read_description(from_json(text, str(path)), str(path))
    if description is not None:
        axes = description.u, description.v, description.w
        if tuple(axis.size for axis in reversed(axes)) != shape:
            raise InputError(f"{path}: its points do not fit its description; export the landscape again.")
    name = choose_field(path, tuple(field for field in flat if field != _COMPUTED), hints)
    further = FIELDS[1:] if description is None else (*FIELDS[1:], *description.fields)
    wanted = {"loss": name} | {field: field for field in further if name == "loss" and field in flat}
    shape = shape if shape[0] > 1 else shape[1:]
    fields = {field: flat[source].reshape(shape) for field, source in wanted.items()}
    computed = flat[_COMPUTED].reshape(shape) != 0 if description is not None and _COMPUTED in flat else None
    u, v, w = axes
    grid = check_grid(path, u, v if v.size > 1 else LINE, fields, computed=computed, w=w if w.size > 1 else LINE)
    return grid if description is None else from_description(grid, description)


def _load(path: Path) -> tuple[tuple[NDArray[np.float64], ...], dict[str, NDArray[Any]], str | None]:
    """Let VTK read a file: coordinates along x, y and z, arrays at points by name, and Talweg's own text."""
    import pyvista as pv
    from vtkmodules.vtkCommonCore import vtkCommand
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    reader = vtkXMLImageDataReader()
    faults: list[str] = []
    for source in (reader, reader.GetExecutive()):
        source.AddObserver(vtkCommand.ErrorEvent, lambda _source, event: faults.append(event))
    if b"</VTKFile>" not in path.read_bytes()[-100:]:
        raise InputError(f"{path}: this VTI file is cut off; expected it to end with </VTKFile>.")
    reader.SetFileName(str(path))
    reader.Update()
    image = pv.wrap(reader.GetOutput())
    if faults or image.n_points == 0:
        raise InputError(f"{path}: this is not a VTI file that can be read: it is damaged, or has no points.")
    places = zip(image.origin, image.spacing, image.extent[::2], image.dimensions, strict=True)
    axes = tuple(first + step * (start + np.arange(count)) for first, step, start, count in places)
    arrays = {name: np.array(image.point_data[name]) for name in image.point_data}
    text = str(image.field_data["talweg"][0]) if "talweg" in image.field_data else None
    return axes, arrays, text


def _step(axis: NDArray[np.float64]) -> float:
    return float(axis[1] - axis[0]) if axis.size > 1 else 1.0
