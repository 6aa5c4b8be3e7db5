"""VTP: VTK's polygonal data with every array, for ParaView."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.finer_grids import read_points
from talweg.export.imported import ImportedGrid
from talweg.export.li2018_vtp import is_li2018_vtp, read_li2018_vtp
from talweg.export.mesh import build_mesh
from talweg.export.metadata import from_json, read_description, to_json
from talweg.export.question import Hints, choose_field, refuse_axes
from talweg.landscape import FIELDS, Landscape
from talweg.picture import Picture
from talweg.view.state import ViewState
from talweg_compute.messages import InputError

Float = NDArray[np.float64]


def write_vtp(
    path: Path, landscape: Landscape, view: ViewState, picture: Picture, *, colours: bool = True
) -> tuple[Path, ...]:
    """Write the surface with all its arrays; the loss is the active scalar, so that ParaView opens it coloured.

    The points of the grid come first, row by row, then those of each finer grid inside. They have ``loss``,
    ``height``, ``Normals``, ``interpolated``, and where known ``accuracy``, ``loss_standard_error`` and more; ``RGBA``
    with the picture's colours. The description is in the field data ``talweg``.

    Args:
        path: The file.
        landscape: The numbers.
        view: How they are looked at.
        picture: What ``resolve`` made of both.
        colours: Whether vertices have the colours of the picture.

    Returns:
        The file.

    Raises:
        InputError: There is no surface yet, or the file cannot be written.
    """
    import pyvista as pv

    mesh = build_mesh(landscape, view, picture)
    triangles: NDArray[Any] = mesh.triangles
    data = pv.PolyData.from_regular_faces(mesh.vertices, triangles)
    data.point_data["height"] = mesh.height
    data.point_data["interpolated"] = mesh.interpolated.astype(np.uint8)
    for name, values in mesh.fields.items():
        data.point_data[name] = values
    if colours:
        data.point_data["RGBA"] = mesh.colours
    data.point_data["Normals"] = mesh.normals
    data.point_data.active_normals_name = "Normals"
    data.point_data["loss"] = mesh.loss
    data.set_active_scalars("loss")
    data.field_data["talweg"] = [to_json(mesh.describe(landscape))]
    with replacing(path) as temporary:
        data.save(temporary)
    return (path,)


def read_vtp(path: Path, hints: Hints) -> ImportedGrid:
    """Read a surface: Talweg's own, that of Li et al.'s exporter, or any whose points are a grid.

    Args:
        path: A VTP file.
        hints: Which array of another program's file is the loss; whether heights of Li et al. are logarithms.

    Returns:
        The grid; one of Talweg with its job and path, and with every bit of its losses.

    Raises:
        InputError: The file cannot be read, its points are no grid, or nothing in it is the loss.
    """
    refuse_axes(path, hints)
    content = path.read_bytes()
    if b"</VTKFile>" not in content[-100:]:
        raise InputError(f"{path}: this VTP file is cut off; expected it to end with </VTKFile>.")
    if is_li2018_vtp(content):
        return read_li2018_vtp(path, content, hints)
    arrays, texts = _load(path)
    points = arrays.pop("")
    if len(points) == 0:
        raise InputError(f"{path}: this VTP file has no points, or is damaged; expected the points of a grid.")
    flat = {name: values for name, values in arrays.items() if values.ndim == 1 and values.dtype.kind in "fiu"}
    name = choose_field(path, tuple(flat), hints)
    description = None if "talweg" not in texts else read_description(from_json(texts["talweg"], str(path)), str(path))
    further = (*FIELDS[1:], *(() if description is None else description.fields)) if name == "loss" else ()
    columns = {"loss": flat[name]} | {field: flat[field] for field in further if field in flat}
    computed = flat["interpolated"] == 0 if description is not None and "interpolated" in flat else None
    return read_points(path, (points[:, 0], points[:, 1]), columns, computed, description)


def _load(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Let VTK read a file: arrays at points by name, the points under "", and texts of the field data."""
    import pyvista as pv
    from vtkmodules.vtkCommonCore import vtkCommand
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    reader = vtkXMLPolyDataReader()
    faults: list[str] = []
    for source in (reader, reader.GetExecutive()):
        source.AddObserver(vtkCommand.ErrorEvent, lambda _source, event: faults.append(event))
    reader.SetFileName(str(path))
    reader.Update()
    if faults:
        raise InputError(f"{path}: this is not a VTP file that can be read: it is damaged.")
    data = pv.wrap(reader.GetOutput())
    arrays: dict[str, NDArray[Any]] = {name: np.array(data.point_data[name]) for name in data.point_data}
    arrays[""] = np.array(data.points, dtype=np.float64)
    texts = {name: str(data.field_data[name][0]) for name in data.field_data if _is_text(data.field_data[name])}
    return arrays, texts


def _is_text(values: Any) -> bool:
    return len(values) == 1 and np.asarray(values).dtype.kind in "UO"
