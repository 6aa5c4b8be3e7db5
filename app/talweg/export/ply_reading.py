"""PLY read: Talweg's own surfaces, those of the term project's viewer, and any mesh that is a grid with a loss."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from plyfile import PlyData

from talweg.export.files import beside
from talweg.export.finer_grids import read_points
from talweg.export.imported import ImportedGrid, ImportedPath, from_description
from talweg.export.metadata import Description, from_json, read_description
from talweg.export.ply_files import COMMENT_MARK, float_column, load_ply
from talweg.export.question import Hints, refuse_axes
from talweg.export.sidecar import read_sidecar
from talweg.export.tables import read_table
from talweg.landscape import FIELDS, TrainingPath
from talweg_compute.messages import InputError

Float = NDArray[np.float64]

_PATH_ENDING = "_gradient_descent_results.csv"


def read_ply(path: Path, hints: Hints) -> ImportedGrid:
    """Read the landscape out of a PLY file whose vertices are the points of a grid.

    Talweg's own surfaces tell their exact coordinates and their job; the trajectory comes from the description beside
    them. Files of the term project's viewer have the loss in ``s``, and their trajectory in a table beside them.

    Args:
        path: A PLY file.
        hints: What the user says; a mesh has its coordinates.

    Returns:
        The grid.

    Raises:
        InputError: The file cannot be read, has no loss, or its vertices are no grid.
    """
    refuse_axes(path, hints)
    data = load_ply(path)
    if "vertex" not in data:
        raise InputError(f"{path}: there are no vertices in this file; expected the points of a grid.")
    notes: list[str] = []
    name = next((name for name in ("scalar_loss", "s", "quality") if float_column(data, name) is not None), None)
    if name is None:
        raise InputError(
            f"{path}: there is no loss in this file; expected a vertex property scalar_loss, quality or s."
        )
    if name == "quality":
        notes.append("The loss was read from quality, where points that diverged have the highest finite loss.")
    loss = float_column(data, name)
    interpolated = float_column(data, "scalar_interpolated")
    description = _description(path, data)
    columns = {"loss": loss}
    for field in (*FIELDS[1:], *(() if description is None else description.fields)):
        if (column := float_column(data, f"scalar_{field}")) is not None:
            columns[field] = column
    if data["vertex"].ply_property(name).dtype().endswith("f4"):
        notes.append("The values have the seven digits of a mesh file, not the full precision of the computation.")
    computed = None if interpolated is None else interpolated == 0
    grid = read_points(path, _places(path, data), columns, computed, description, tuple(notes), "vertices")
    if name != "s":
        return grid
    training, described = _path_beside(path), _described_beside(path, grid)
    grid = grid if training is None else replace(grid, paths=(training,))
    return grid if described is None else from_description(grid, described)


def _description(path: Path, data: PlyData) -> Description | None:
    text = "".join(line.removeprefix(COMMENT_MARK) for line in data.comments if line.startswith(COMMENT_MARK))
    if not text:
        return None
    table = from_json(text, str(path))
    beside_it = read_sidecar(beside(path, ".json"))
    if beside_it is not None and isinstance(table, dict) and beside_it.get("created") == table.get("created"):
        table = beside_it
    return read_description(table, str(path))


def _places(path: Path, data: PlyData) -> tuple[Float, Float]:
    x, y = float_column(data, "x"), float_column(data, "y")
    if x is None or y is None or x.size == 0:
        raise InputError(f"{path}: the vertices have no x and y; expected the points of a grid.")
    return x, y


def _described_beside(path: Path, grid: ImportedGrid) -> Description | None:
    """The description beside a mesh that has no room for one, if it is of this mesh and this grid."""
    table = read_sidecar(beside(path, ".json"))
    if table is None or path.name not in table.get("files", ()):
        return None
    description = read_description(table, str(path))
    same = np.array_equal(description.u, grid.u) and np.array_equal(description.v, grid.v)
    return description if same else None


def _path_beside(path: Path) -> TrainingPath | None:
    """The path that the term project writes beside a mesh of its own."""
    file = beside(path, _PATH_ENDING)
    if not file.is_file():
        return None
    read = read_table(file, Hints())
    return read.path if isinstance(read, ImportedPath) else None
