"""From the grid vertex of a critical point to its position between the grid points."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, Integers, as_field, check_coordinates
from talweg_compute.field.critical_points import CriticalKind, CriticalPoints
from talweg_compute.field.newton import find_stationary
from talweg_compute.field.unit_squares import UnitSquares

_SAME: Final = 0.5
"""Cells within which two points of one kind are one."""

_AT_ONCE: Final = 2048


@dataclass(frozen=True, slots=True, eq=False)
class RefinedPositions:
    """Positions of critical points between the grid points; read-only arrays of length k.

    Attributes:
        u: column coordinate, float64.
        v: row coordinate, float64.
        value: f there, from the spline; where not refined, at the vertex. float64.
        refined: the position is a zero of the spline's gradient whose Hessian has the point's type; otherwise the
            position is that of the grid vertex.
    """

    u: Floats
    v: Floats
    value: Floats
    refined: Flags

    def first(self, count: int) -> "RefinedPositions":
        """Return the positions of the first points only; copies nothing."""
        return RefinedPositions(self.u[:count], self.v[:count], self.value[:count], self.refined[:count])


def refine_positions(points: CriticalPoints, f: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike) -> RefinedPositions:
    """Move critical points from their grid vertices to where a bicubic spline has them.

    Newton's method on the spline, of f or of log f, of the finite neighbourhood of each vertex. The result is taken
    only if it stays in the grid and within 3 cells, or within one cell of a vertex near masked values; if its gradient
    vanishes, its Hessian has the point's type, and its height is not beyond those around the vertex; if no more
    persistent point of its kind went to the same place; and, for a minimum, if it does not sink below the elder minimum
    that it joins while that one stays at its vertex.

    Args:
        points: critical points of f.
        f: values [nv, nu] that the points were found in.
        u: column coordinates [nu], ascending.
        v: row coordinates [nv], ascending.

    Returns:
        One position for each point. Those of the more persistent points do not depend on the others.

    Raises:
        ValueError: shapes do not fit.
    """
    field = as_field(f)
    columns = check_coordinates("u", u, field.shape[1])
    rows = check_coordinates("v", v, field.shape[0])
    where_u, where_v, value = columns[points.column], rows[points.row], points.value.copy()
    refined = np.zeros(len(points), dtype=np.bool_)
    width, height = np.gradient(columns), np.gradient(rows)
    for patch in _patches(points, field):
        row, column = points.row[patch.points], points.column[patch.points]
        i, j = row + patch.rows[:, None], column + patch.columns[:, None]
        x, y = (columns[j] - columns[column]) / width[column], (rows[i] - rows[row]) / height[row]
        vertex = int(-patch.rows[0]), int(-patch.columns[0])
        found = find_stationary(x, y, field[i[:, None], j[None]], vertex, patch.reach)
        good = found.negative == points.kind[patch.points]  # 0 minimum, 1 saddle, 2 maximum
        target = patch.points[good]
        where_u[target] += found.x[good] * width[column[good]]
        where_v[target] += found.y[good] * height[row[good]]
        value[target] = found.value[good]
        refined[target] = True
    twice = _taken_before(
        np.flatnonzero(refined), points.kind,
        np.interp(where_u, columns, np.arange(columns.size)), np.interp(where_v, rows, np.arange(rows.size)),
    )  # fmt: skip
    refined[twice] = False
    refined &= ~_sinks_below_elder(points, value, refined)
    result = RefinedPositions(
        np.where(refined, where_u, columns[points.column]),
        np.where(refined, where_v, rows[points.row]),
        np.where(refined, value, points.value),
        refined,
    )
    for array in (result.u, result.v, result.value, result.refined):
        array.flags.writeable = False
    return result


class _Patch(NamedTuple):
    """Points whose neighbourhoods have one shape.

    Attributes:
        points: their indices [k].
        rows: rows of the neighbourhood relative to the vertex [n].
        columns: columns relative to the vertex [m].
        reach: how far a point may move, in cells.
    """

    points: Integers
    rows: Integers
    columns: Integers
    reach: float


def _patches(points: CriticalPoints, field: Floats) -> Iterator[_Patch]:
    """Neighbourhoods 6 cells wide to each side where all values are finite, else 3 cells wide, as the grid has them."""
    holes = np.zeros((field.shape[0] + 1, field.shape[1] + 1), dtype=np.int64)
    np.cumsum(np.cumsum(~np.isfinite(field), axis=0), axis=1, out=holes[1:, 1:])
    left_over = np.ones(len(points), dtype=np.bool_)
    last_row, last_column = field.shape[0] - 1, field.shape[1] - 1
    for half, reach in ((6, 3.0), (3, 1.0)):
        sides = np.stack(
            [points.row, last_row - points.row, points.column, last_column - points.column], axis=-1
        ).clip(max=half)  # fmt: skip
        above, below = points.row - sides[:, 0], points.row + sides[:, 1] + 1
        left, right = points.column - sides[:, 2], points.column + sides[:, 3] + 1
        inside = holes[below, right] - holes[above, right] - holes[below, left] + holes[above, left]
        whole = left_over & (inside == 0) & (below - above >= 4) & (right - left >= 4)
        left_over &= ~whole
        name = sides @ ((half + 1) ** np.arange(4))
        chosen = np.flatnonzero(whole)
        chosen = chosen[np.argsort(name[chosen], kind="stable")]
        for group in np.split(chosen, np.flatnonzero(np.diff(name[chosen])) + 1):
            for start in range(0, group.size, _AT_ONCE):
                up, down, back, forth = sides[group[0]]
                yield _Patch(
                    group[start : start + _AT_ONCE], np.arange(-up, down + 1), np.arange(-back, forth + 1), reach
                )


def _taken_before(candidates: Integers, kind: npt.NDArray[np.int8], column: Floats, row: Floats) -> Integers:
    """Those of the candidates that lie on an earlier one of their kind which is not itself among them.

    Positions are in cells; candidates are ascending.
    """
    position = np.stack([column, row], axis=-1)
    pairs = []
    for one_kind in CriticalKind:
        mine = candidates[kind[candidates] == one_kind]
        later, earlier = UnitSquares(position[mine]).near(position[mine])
        pairs.append(np.stack([mine[earlier], mine[later]]))
    first, second = np.concatenate(pairs, axis=1)
    near = (first < second) & (np.abs(position[first] - position[second]) < _SAME).all(axis=-1)
    first, second = first[near], second[near]
    rejected = np.zeros(kind.size, dtype=np.bool_)
    while first.size:
        late = np.zeros(kind.size, dtype=np.bool_)
        late[second] = True
        rejected[second[~late[first]]] = True
        open_ = ~rejected[first] & ~rejected[second]
        first, second = first[open_], second[open_]
    return np.flatnonzero(rejected)


def _sinks_below_elder(points: CriticalPoints, value: Floats, refined: Flags) -> Flags:
    """Which minima would come to lie below the elder minimum they join, which stays at its vertex."""
    pairs = points.pairs
    minima = points.kind[pairs.extremum] == CriticalKind.MINIMUM
    minimum, elder = pairs.extremum[minima], pairs.parent[minima]
    sinks = np.zeros(len(points), dtype=np.bool_)
    while True:
        stays = ~refined | sinks
        now = (value[minimum] < points.value[elder]) & stays[elder] & ~stays[minimum]
        if not now.any():
            return sinks
        sinks[minimum[now]] = True
