"""VTP: VTK's polygonal data, for ParaView with every array, or in the layout of Li et al.'s exporter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.mesh import build_mesh
from talweg.export.metadata import describe, to_json
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view_state import ViewState
from talweg_compute.messages import InputError

Float = NDArray[np.float64]


def write_vtp(
    path: Path, landscape: Landscape, view: ViewState, picture: Picture, *, colours: bool = True
) -> tuple[Path, ...]:
    """Write the surface with all its arrays; the loss is the active scalar, so that ParaView opens it coloured.

    Points have ``loss``, ``height``, ``Normals``, ``interpolated``, and where known ``accuracy`` and
    ``loss_standard_error``; ``RGBA`` with the picture's colours. The description is in the field data ``talweg``.

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
    for name in ("accuracy", "loss_standard_error"):
        values = landscape.fields.get(name)
        if values is not None and np.isfinite(values).any():
            data.point_data[name] = values.ravel()
    if colours:
        data.point_data["RGBA"] = mesh.colours
    data.point_data["Normals"] = mesh.normals
    data.point_data.active_normals_name = "Normals"
    data.point_data["loss"] = mesh.loss
    data.set_active_scalars("loss")
    data.field_data["talweg"] = [to_json(describe(landscape) | {"axes": mesh.lift.sentence})]
    with replacing(path) as temporary:
        data.save(temporary)
    return (path,)


def write_li2018_vtp(
    path: Path, landscape: Landscape, *, highest: float | None = None, logarithm: bool = False
) -> tuple[Path, ...]:
    """Write the loss as Li et al.'s h52vtp does, for scripts made for its files.

    All ASCII; points (u, v, z), u fastest; quads; ``zvalue`` at points, ``averaged zvalue`` at cells, nothing active.
    z = loss, first cut at ``highest``, then ln(z + 0.1). Unlike the original it is right for grids that are not square.

    Args:
        path: The file.
        landscape: The numbers; NaN stays.
        highest: Losses above it are written as it.
        logarithm: Whether the logarithm is taken.

    Returns:
        The file.

    Raises:
        InputError: A point is not computed, or the file cannot be written.
    """
    if not landscape.complete:
        missing = landscape.computed.size - landscape.done
        raise InputError(f"{path}: {missing} of {landscape.computed.size} points are not computed yet; finish first.")
    z = landscape.loss.copy()
    if highest is not None:
        z[z > highest] = highest
    if logarithm:
        with np.errstate(invalid="ignore", divide="ignore"):
            z = np.log(z + 0.1)
    text = "\n".join(_li2018_lines(landscape.u, landscape.v, z)) + "\n"
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode("ascii"))
    return (path,)


def _li2018_lines(u: Float, v: Float, z: Float) -> list[str]:
    rows, columns = z.shape
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    quads = np.stack([corner, corner + 1, corner + columns + 1, corner + columns], axis=-1)
    corners = z.ravel()[quads]
    average = (corners[:, 0] + corners[:, 1] + corners[:, 3] + corners[:, 2]) / 4.0
    x, y = np.meshgrid(u, v)
    points = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    polygons, last = len(quads), z.size - 1
    empty = [
        line
        for name, highest in (("Verts", last), ("Lines", polygons - 1), ("Strips", polygons - 1))
        for line in (f"      <{name}>", *_cells([], [], highest), f"      </{name}>")
    ]
    return [
        '<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">',
        "  <PolyData>",
        f'    <Piece NumberOfPoints="{z.size}" NumberOfVerts="0" NumberOfLines="0" NumberOfStrips="0" '
        f'NumberOfPolys="{polygons}">',
        "      <PointData>",
        *_floats("zvalue", 1, z.ravel(), 6),
        "      </PointData>",
        "      <CellData>",
        *_floats("averaged zvalue", 1, average, 6),
        "      </CellData>",
        "      <Points>",
        *_floats("Points", 3, points.ravel(), 6),
        "      </Points>",
        *empty,
        "      <Polys>",
        *_cells(
            _wrapped(quads.ravel().tolist(), 8), _wrapped((4 * np.arange(1, polygons + 1)).tolist(), 6), polygons - 1
        ),
        "      </Polys>",
        "    </Piece>",
        "  </PolyData>",
        "</VTKFile>",
    ]


def _floats(name: str, components: int, values: Float, width: int) -> list[str]:
    finite = values[~np.isnan(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    head = (
        f'        <DataArray type="Float32" Name="{name}" NumberOfComponents="{components}" format="ascii" '
        f'RangeMin="{low!r}" RangeMax="{high!r}">'
    )
    return [head, *_wrapped(values.tolist(), width), "        </DataArray>"]


def _cells(connectivity: Sequence[str], offsets: Sequence[str], highest: int) -> list[str]:
    opening = '        <DataArray type="Int64" Name="{}" format="ascii" RangeMin="{}" RangeMax="{}">'
    closing = "        </DataArray>"
    return [
        opening.format("connectivity", 0, highest),
        *connectivity,
        closing,
        opening.format("offsets", 1, highest + 1),
        *offsets,
        closing,
    ]


def _wrapped(values: Sequence[float], width: int) -> list[str]:
    """Numbers with every digit, so many a line; their exporter ends the last one with a space."""
    lines = [" ".join(map(repr, values[start : start + width])) for start in range(0, len(values), width)]
    lines = [f"          {line}" for line in lines]
    if len(values) % width:
        lines[-1] += " "
    return lines
