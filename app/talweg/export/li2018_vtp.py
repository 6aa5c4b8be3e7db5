"""VTP in the layout of Li et al.'s exporter (h52vtp): for scripts made for its files, and read to the last digit.

Its numbers are text with every digit, though it calls them Float32; VTK would read seven of them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.imported import ImportedGrid, check_grid
from talweg.export.points import find_lattice
from talweg.export.question import Hints, undo_logarithm
from talweg.landscape import Landscape
from talweg_compute.messages import InputError

Float = NDArray[np.float64]

_ARRAY = re.compile(rb'<DataArray[^>]*?Name="([^"]*)"[^>]*?format="ascii"[^>]*>([^<]*)</DataArray>')
_NAME = re.compile(r"_(?:(?:train|test)_loss|loss_vals)(?:_zmax=([0-9.e+-]+?))?(_log)?$")


def is_li2018_vtp(content: bytes) -> bool:
    """Tell whether a VTP file has their arrays as text."""
    return b'Name="zvalue"' in content and b'format="ascii"' in content


def read_li2018_vtp(path: Path, content: bytes, hints: Hints) -> ImportedGrid:
    """Read a surface that Li et al.'s code exported.

    The name says whether heights are logarithms: ``<surface>.h5_train_loss[_zmax=10.0][_log].vtp``. Where the file was
    renamed, the user has to say it. Points, not cells, are read, since cells of grids that are not square are wrong.

    Args:
        path: The file.
        content: Its bytes.
        hints: Whether heights are logarithms.

    Returns:
        The grid.

    Raises:
        InputError: An array is missing or cut off, or the points are no grid.
    """
    arrays = {
        match[1].decode("utf-8", "replace"): _numbers(path, *match.groups()) for match in _ARRAY.finditer(content)
    }
    points, z = arrays.get("Points"), arrays.get("zvalue")
    if points is None or z is None or points.size != 3 * z.size:
        raise InputError(f"{path}: this VTP file is damaged; expected points and as many values zvalue.")
    x, y = points.reshape(-1, 3)[:, :2].T
    lattice = find_lattice(path, x, y)
    named = _NAME.search(path.stem)
    if named is not None and hints.logarithm is None:
        hints = replace(hints, logarithm=named[2] is not None)
    notes = []
    if hints.logarithm:
        notes.append("The file has ln(loss + 0.1); the losses are exp(z) - 0.1.")
    if named is not None and named[1] is not None:
        notes.append(f"The file's exporter cut losses off at {float(named[1]):g}.")
    loss = np.asarray(lattice.arrange(undo_logarithm(path, z, hints)), dtype=np.float64)
    return check_grid(path, lattice.u, lattice.v, {"loss": loss}, notes=tuple(notes))


def _numbers(path: Path, name: bytes, text: bytes) -> Float:
    try:
        return np.array(text.split(), dtype=np.float64)
    except ValueError:
        raise InputError(f"{path}: {name.decode('utf-8', 'replace')}: expected numbers as text.") from None


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
        missing = landscape.computed.size - int(landscape.known.sum())
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
