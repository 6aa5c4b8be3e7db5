"""Finer grids inside a landscape: left out of a file, or read back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.document.regions import refine_axes
from talweg.export.imported import ImportedGrid, ImportedRegion, check_grid, from_description
from talweg.export.metadata import Description
from talweg.export.points import Lattice, find_lattice
from talweg.landscape import Landscape
from talweg_compute.field import Patch
from talweg_compute.messages import InputError

Float = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]

LEFT_OUT = "Finer grids were computed inside this landscape; this file has the grid alone."
"""The note of a file without them."""

_NEAR = 1e-3  # of a cell: how far a point of a mesh file may lie from where its description has it


def without_finer_grids(landscape: Landscape) -> Landscape:
    """Return the grid alone of a landscape, with a note that finer ones were left out; what was worked out is kept."""
    if not landscape.regions:
        return landscape
    noted = replace(landscape, notes=(*landscape.notes, LEFT_OUT))
    return noted.with_regions((), landscape.revision, landscape)


def count_points(u: Float, v: Float, patches: Sequence[Patch]) -> list[int]:
    """Count the points of a grid, then of each finer one inside."""
    return [u.size * v.size, *(patch.shape[0] * patch.shape[1] for patch in patches)]


def read_points(
    path: Path,
    places: tuple[Float, Float],
    columns: Columns,
    computed: NDArray[np.bool_] | None,
    description: Description | None,
    notes: tuple[str, ...] = (),
    what: str = "points",
) -> ImportedGrid:
    """Read what a mesh tells of its points: those of a grid, and behind them those of each finer grid inside.

    Args:
        path: The file, for errors.
        places: Coordinates u and v of all points [n].
        columns: Values [n] by field, the loss among them.
        computed: bool [n], which points were evaluated; None: all.
        description: What the file says of itself; None: its points are those of a grid, in any order.
        notes: What the user should know.
        what: What the file calls the points.

    Returns:
        The grid, with what the description says.

    Raises:
        InputError: The points are no grid, or not those of the description.
    """
    patches = () if description is None else description.patches
    counts = [places[0].size] if description is None else count_points(description.u, description.v, patches)
    if places[0].size != sum(counts):
        raise InputError(
            f"{path}: got {places[0].size} {what}; expected {sum(counts)}, one for each point of the grid."
        )
    first = slice(0, counts[0])
    lattice = find_lattice(path, places[0][first], places[1][first], what=what)
    u, v = (lattice.u, lattice.v) if description is None else (description.u, description.v)
    if (v.size, u.size) != (lattice.v.size, lattice.u.size):
        raise InputError(f"{path}: its {what} do not fit its description; export the landscape again.")
    fields = {name: lattice.arrange(values[first]) for name, values in columns.items()}
    done = None if computed is None else lattice.arrange(computed[first])
    grid = check_grid(path, u, v, fields, computed=done, notes=notes)
    if description is None:
        return grid
    start, regions = counts[0], []
    for patch, count in zip(patches, counts[1:], strict=True):
        part = slice(start, start + count)
        start += count
        exact = np.meshgrid(*refine_axes(u, v, patch))
        if not _lies_there([place[part] for place in places], exact, lattice, (u, v)):
            raise InputError(f"{path}: its {what} do not fit its description; export the landscape again.")
        own = {name: values[part].reshape(patch.shape) for name, values in columns.items()}
        regions.append(read_region(path, grid, patch, own, None if computed is None else computed[part]))
    return from_description(replace(grid, regions=tuple(regions)), description)


def read_region(
    path: Path, grid: ImportedGrid, patch: Patch, fields: Columns, computed: NDArray[np.bool_] | None
) -> ImportedRegion:
    """Check what was read of one finer grid.

    Args:
        path: The file, for errors.
        grid: The grid around.
        patch: Where it lies.
        fields: Values [rows, columns] by name.
        computed: bool [rows, columns], or flat; None: all were evaluated.

    Raises:
        InputError: Something is no number, or shapes do not fit.
    """
    u, v = refine_axes(grid.u, grid.v, patch)
    known = computed.reshape(v.size, u.size) if computed is not None and computed.size == u.size * v.size else computed
    return ImportedRegion(patch, check_grid(path, u, v, fields, computed=known))


def take_region(path: Path, grid: ImportedGrid, patch: Patch, finer: ImportedGrid) -> ImportedRegion:
    """Take a grid that was read by itself for a finer one.

    Raises:
        InputError: Its points are not those that the description says.
    """
    for exact, there in zip(refine_axes(grid.u, grid.v, patch), (finer.u, finer.v), strict=True):
        if not np.array_equal(exact, there):
            raise InputError(f"{path}: its points do not fit its description; export the landscape again.")
    return ImportedRegion(patch, finer)


def _lies_there(places: Sequence[Float], exact: Sequence[Float], lattice: Lattice, described: Sequence[Float]) -> bool:
    """Whether points [n] of a file are where a finer grid has them, as exactly as the file tells coordinates."""
    for there, right, axis, told in zip(places, exact, (lattice.u, lattice.v), described, strict=True):
        shift = axis[0] - told[0]  # of files that subtract an offset
        room = _NEAR * np.diff(np.unique(right)).min() + 2 * np.spacing(np.abs(axis).max().astype(np.float32))
        if not (np.abs(there - right.ravel() - shift) <= room).all():
            return False
    return True
