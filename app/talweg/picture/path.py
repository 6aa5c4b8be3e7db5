"""A training path laid on the drawn surface."""

import itertools

import numpy as np
from numpy.typing import NDArray

from talweg_compute.field import sample_on_triangles

Float = NDArray[np.float64]
Integers = NDArray[np.int64]
_MERGED = 1e-9  # of a segment's length: cuts closer than this are one


def lay_on_surface(path: Float, z: Float, u: Float, v: Float) -> list[Float]:
    """Cut a polyline at every edge of the surface's triangles and lift it onto them.

    Args:
        path: float64 [T, 2], plane coordinates; NaN breaks the line.
        z: float64 [nv, nu], heights of the surface, NaN in holes.
        u: float64 [nu], coordinates of the columns.
        v: float64 [nv], coordinates of the rows.

    Returns:
        Polylines float64 [k, 3] of (u, v, z), broken where the surface has a hole or ends; each at least 2 points.
    """
    pieces: list[list[Float]] = []
    current: list[Float] = []
    for start, end in itertools.pairwise(path):
        if not np.isfinite([start, end]).all():
            pieces.append(current)
            current = []
            continue
        cuts = _cuts(start, end, u, v)
        if cuts.size < 2:
            continue
        points = start + cuts[:, None] * (end - start)
        points[-1] = end
        middles = start + 0.5 * (cuts[:-1] + cuts[1:])[:, None] * (end - start)
        height = sample_on_triangles(z, u, v, points)
        on_surface = np.isfinite(sample_on_triangles(z, u, v, middles))
        lifted = np.column_stack([points, height])
        for index in range(cuts.size - 1):
            whole = on_surface[index] and np.isfinite(height[index : index + 2]).all()
            if not whole:
                pieces.append(current)
                current = []
            elif current:
                current.append(lifted[index + 1])
            else:
                current = [lifted[index], lifted[index + 1]]
    return [np.array(piece) for piece in [*pieces, current] if len(piece) > 1]


def _cuts(start: Float, end: Float, u: Float, v: Float) -> Float:
    """Ascending parameters in [0, 1] of a segment's ends and of its crossings with all edges."""
    if np.array_equal(start, end):
        return np.zeros(1)
    lines = np.concatenate([_crossings(start[0], end[0], u), _crossings(start[1], end[1], v)])
    cuts = _distinct(np.concatenate([[0.0, 1.0], lines]))
    # between two grid lines the segment lies in one cell, where the diagonal is s = t
    middle = start + 0.5 * (cuts[:-1] + cuts[1:])[:, None] * (end - start)
    cell = _cell(middle[:, 0], u), _cell(middle[:, 1], v)
    before = _beside_diagonal(start + cuts[:-1, None] * (end - start), cell, u, v)
    after = _beside_diagonal(start + cuts[1:, None] * (end - start), cell, u, v)
    crossed = before * after < 0
    share = before[crossed] / (before[crossed] - after[crossed])
    return _distinct(np.concatenate([cuts, cuts[:-1][crossed] + share * np.diff(cuts)[crossed]]))


def _beside_diagonal(points: Float, cell: tuple[Integers, Integers], u: Float, v: Float) -> Float:
    """How far points lie below the diagonals of cells, in cells; negative above."""
    column, row = cell
    s = (points[:, 0] - u[column]) / (u[column + 1] - u[column])
    t = (points[:, 1] - v[row]) / (v[row + 1] - v[row])
    return np.asarray(s - t)


def _crossings(start: float, end: float, lines: Float) -> Float:
    """Parameters strictly inside (0, 1) at which a coordinate passes the lines."""
    low, high = min(start, end), max(start, end)
    passed = lines[np.searchsorted(lines, low, side="right") : np.searchsorted(lines, high, side="left")]
    return np.asarray((passed - start) / (end - start)) if passed.size else np.zeros(0)


def _cell(values: Float, lines: Float) -> Integers:
    return np.asarray(np.clip(np.searchsorted(lines, values, side="right") - 1, 0, lines.size - 2))


def _distinct(parameters: Float) -> Float:
    ordered = np.unique(np.clip(parameters, 0.0, 1.0))
    kept = np.concatenate([[True], np.diff(ordered) > _MERGED])
    kept[-1] = True
    if ordered.size > 2 and ordered[-1] - ordered[-2] <= _MERGED:
        kept[-2] = False
    return np.asarray(ordered[kept])
