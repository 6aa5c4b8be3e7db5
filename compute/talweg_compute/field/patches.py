"""Finer grids inside a coarse one, as one surface without cracks.

A patch is a rectangle of whole cells of the coarse grid whose sides are cut into `factor` parts, a power of two. It
replaces the cells under it. On its border its heights are those of the surface around, so that both meet in the same
straight lines, and the triangles around are cut at the border's points, so that no vertex lies inside an edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, Floats32, Integers, as_field
from talweg_compute.field.interpolation import fill
from talweg_compute.field.mesh import triangles


@dataclass(frozen=True, slots=True)
class Patch:
    """Where a finer grid lies in a coarse one.

    Attributes:
        column: of the cell at its lower left corner.
        row: of the same cell.
        columns: number of coarse cells along u.
        rows: number of coarse cells along v.
        factor: number of parts of a coarse cell's side, a power of two.
    """

    column: int
    row: int
    columns: int
    rows: int
    factor: int

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns of its points."""
        return self.rows * self.factor + 1, self.columns * self.factor + 1

    def contains(self, other: "Patch") -> bool:
        """Tell whether another patch lies inside this one, which is at least as fine, so that it adds nothing."""
        inside = self.column <= other.column and other.column + other.columns <= self.column + self.columns
        inside &= self.row <= other.row and other.row + other.rows <= self.row + self.rows
        return inside and other.factor <= self.factor


@dataclass(frozen=True, slots=True, eq=False)
class PatchedMesh:
    """Triangles of a grid with patches.

    Attributes:
        triangles: vertex numbers int64 [m, 3], counter-clockwise from above. The grid's points come first, row by row,
            then those of each patch; points that nothing is drawn at keep their number.
        numbers: for the grid and each patch, the vertex numbers of its points int64 [rows, columns]: where a patch
            meets what is around it, both have the same.
    """

    triangles: Integers
    numbers: tuple[Integers, ...]


def patch_triangles(heights: Sequence[npt.ArrayLike], patches: Sequence[Patch]) -> PatchedMesh:
    """Join a grid and its patches to one mesh.

    Args:
        heights: of the grid [nv, nu], then of each patch, as `lay_border` made them.
        patches: the coarser first; a later one hides those before it.

    Returns:
        The mesh: every edge inside it belongs to exactly two triangles.
    """
    fields = [as_field(height) for height in heights]
    rows, columns = fields[0].shape
    levels = [Patch(0, 0, columns - 1, rows - 1, 1), *patches]
    finest = max(level.factor for level in levels)
    places = [_lattice(level, finest) for level in levels]
    numbers = [np.arange(fields[0].size).reshape(fields[0].shape)]
    for level, patch in enumerate(levels[1:], 1):
        first = sum(field.size for field in fields[:level])
        numbers.append(_number(patch, places[level], first, levels[:level], numbers, finest))
    where = np.concatenate([place.reshape(-1, 2) for place in places])
    drawn = np.zeros((0, 3), dtype=np.int64)
    for level, patch in enumerate(levels):
        if level:
            drawn = _cut_at_border(drawn, where, patch, numbers[level], finest)
        own = triangles(fields[level])
        own = own[_uncovered(patch, levels[level + 1 :]).ravel()[_cell_of(own, patch)]]
        drawn = np.concatenate([drawn, numbers[level].ravel()[own]])
    return PatchedMesh(drawn, tuple(numbers))


def lay_border(heights: Floats, around: Floats, patch: Patch, shape: tuple[int, int]) -> Floats:
    """Give a patch the heights of the surface around it along its border, except where that is the frame.

    Args:
        heights: of the patch.
        around: of the surface without the patch, at the same points.
        patch: where it lies.
        shape: number of rows and columns of the coarse grid's points.

    Returns:
        Heights of the same shape.
    """
    laid = heights.copy()
    at_frame = (patch.row == 0, patch.row + patch.rows == shape[0] - 1)
    for side, framed in zip((0, -1), at_frame, strict=True):
        if not framed:
            laid[side] = around[side]
    at_frame = (patch.column == 0, patch.column + patch.columns == shape[1] - 1)
    for side, framed in zip((0, -1), at_frame, strict=True):
        if not framed:
            laid[:, side] = around[:, side]
    return laid


def fill_halving(values: npt.ArrayLike, known: npt.ArrayLike, factor: int) -> Floats:
    """Fill in what is not known of a patch: halfway along the edges of the triangles that are known.

    Where only the coarse grid's points are known, this is the coarse surface.

    Args:
        values: [rows * factor + 1, columns * factor + 1]; what stands at points not known does not matter.
        known: which points are [same shape]. Non-finite ones are holes, and so is what lies halfway to them.
        factor: of the patch.

    Returns:
        All values, float64 of the same shape.
    """
    done = np.asarray(known, dtype=np.bool_)
    whole = np.where(done, np.asarray(values, dtype=np.float64), np.nan)
    whole[::factor, ::factor] = fill(whole[::factor, ::factor], done[::factor, ::factor])[0]
    step = factor
    while step > 1:
        half = step // 2
        across = (slice(None, None, step), slice(half, None, step))
        along = (slice(half, None, step), slice(None, None, step))
        inside = (slice(half, None, step), slice(half, None, step))
        coarse = whole[::step, ::step]
        for part, estimate in (
            (across, 0.5 * (coarse[:, :-1] + coarse[:, 1:])),
            (along, 0.5 * (coarse[:-1] + coarse[1:])),
            (inside, 0.5 * (coarse[:-1, :-1] + coarse[1:, 1:])),  # the diagonal of the cell is an edge
        ):
            whole[part] = np.where(done[part], whole[part], estimate)
        step = half
    return whole


def mesh_normals(points: npt.ArrayLike, corners: Integers) -> Floats32:
    """Return the unit normal of any mesh at each vertex.

    Args:
        points: [n, 3].
        corners: triangles int [m, 3], counter-clockwise from outside.

    Returns:
        Sum of the normals of the adjacent triangles weighted by their area, normalized, float32 [n, 3]; (0, 0, 1) at a
        vertex without a triangle.
    """
    place = np.asarray(points, dtype=np.float64)
    a, b, c = (place[corners[:, corner]] for corner in range(3))
    normal = np.cross(b - a, c - a)
    total = np.stack(
        [sum(np.bincount(corners[:, corner], normal[:, axis], len(place)) for corner in range(3)) for axis in range(3)],
        axis=-1,
    )
    length = np.linalg.norm(total, axis=-1, keepdims=True)
    return np.where(length > 0, total / np.where(length > 0, length, 1.0), (0.0, 0.0, 1.0)).astype(np.float32)


def _lattice(patch: Patch, finest: int) -> Integers:
    """Where the points of a patch lie on the lattice of the finest one: (column, row) [rows, columns, 2]."""
    step = finest // patch.factor
    column = patch.column * finest + step * np.arange(patch.shape[1])
    row = patch.row * finest + step * np.arange(patch.shape[0])
    return np.stack(np.meshgrid(column, row), axis=-1)


def _number(
    patch: Patch, place: Integers, first: int, below: Sequence[Patch], numbers: Sequence[Integers], finest: int
) -> Integers:
    """Number the points of a patch from `first` on; on the border those that are there already keep their number."""
    own = first + np.arange(place.shape[0] * place.shape[1]).reshape(place.shape[:2])
    border = np.ones(own.shape, dtype=np.bool_)
    border[1:-1, 1:-1] = False
    found = np.full(own.shape, -1)
    for other, known in zip(reversed(below), reversed(numbers), strict=True):
        step = finest // other.factor
        column, row = place[..., 0] - other.column * finest, place[..., 1] - other.row * finest
        height, width = other.shape
        there = (column % step == 0) & (row % step == 0) & (found < 0) & border
        column, row = column // step, row // step
        there &= (column >= 0) & (row >= 0) & (column < width) & (row < height)
        found[there] = known[row[there], column[there]]
    return np.where(found >= 0, found, own)


def _uncovered(patch: Patch, later: Sequence[Patch]) -> Flags:
    """Which cells of a patch no later one hides [rows * factor, columns * factor]."""
    free = np.ones((patch.rows * patch.factor, patch.columns * patch.factor), dtype=np.bool_)
    for other in later:
        low = other.row - patch.row, other.column - patch.column
        high = low[0] + other.rows, low[1] + other.columns
        ranges = [slice(max(a, 0) * patch.factor, max(b, 0) * patch.factor) for a, b in zip(low, high, strict=True)]
        free[ranges[0], ranges[1]] = False
    return free


def _cell_of(own: Integers, patch: Patch) -> Integers:
    """The cell of each triangle of `triangles`, which begins at the cell's lower left corner."""
    row, column = np.divmod(own[:, 0], patch.shape[1])
    return row * (patch.shape[1] - 1) + column


def _cut_at_border(drawn: Integers, where: Integers, patch: Patch, numbers: Integers, finest: int) -> Integers:
    """Cut triangles around a patch so that its points on the border are their corners."""
    left, low = patch.column * finest, patch.row * finest
    right, high = left + patch.columns * finest, low + patch.rows * finest
    step = finest // patch.factor
    cut = np.zeros(len(drawn), dtype=np.bool_)
    pieces = []
    for corner in range(3):
        start, end = where[drawn[:, corner]], where[drawn[:, (corner + 1) % 3]]
        inside = (np.minimum(start, end) >= (left, low)).all(axis=1) & (np.maximum(start, end) <= (right, high)).all(
            axis=1
        )
        upright = (start[:, 0] == end[:, 0]) & np.isin(start[:, 0], (left, right))
        level = (start[:, 1] == end[:, 1]) & np.isin(start[:, 1], (low, high))
        long = np.abs(end - start).max(axis=1) > step
        for triangle in np.flatnonzero(inside & (upright | level) & long).tolist():
            cut[triangle] = True
            (x0, y0), (x1, y1) = (start[triangle] - (left, low)) // step, (end[triangle] - (left, low)) // step
            count = max(abs(x1 - x0), abs(y1 - y0)) + 1
            edge = numbers[np.linspace(y0, y1, count).astype(int), np.linspace(x0, x1, count).astype(int)]
            apex = np.full(count - 1, drawn[triangle, (corner + 2) % 3])
            pieces.append(np.column_stack([edge[:-1], edge[1:], apex]))
    return np.concatenate([drawn[~cut], *pieces])
