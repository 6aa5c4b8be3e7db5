"""Separatrices: the lines of steepest descent and ascent from the saddles of a field to its extrema.

They are integrated on the bicubic spline, since steepest paths along grid edges may go astray. Which components of the
sublevel sets meet at a saddle is known exactly from the grid, however: where the lines down from a saddle do not join
these, or end where the grid has no minimum, they follow the edges of the grid and say so.

Edelsbrunner, Harer and Zomorodian, "Hierarchical Morse-Smale complexes for piecewise linear 2-manifolds" (2003), whose
lines run along the edges throughout.
"""

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Floats, as_field
from talweg_compute.field.critical_points import CriticalKind, CriticalPoints
from talweg_compute.field.edge_descent import EdgeDescent
from talweg_compute.field.flow_lines import STEP, FlowLines, cell_corners
from talweg_compute.field.refine import RefinedPositions
from talweg_compute.field.spline import SplineSurface


@dataclass(frozen=True, slots=True, eq=False)
class Separatrix:
    """A line of steepest descent or ascent from a saddle.

    Attributes:
        saddle: index of the saddle among the critical points.
        extremum: index of the minimum or maximum it reaches; -1 if it ends at the frame, at masked values, or at an
            extremum that is not among the points.
        ascending: it goes up, to a maximum.
        smooth: the whole line lies on the spline; otherwise it is, or ends in, a path along the edges of the grid.
        path: (u, v, f) from the saddle on, float64 [n, 3], read-only.
    """

    saddle: int
    extremum: int
    ascending: bool
    smooth: bool
    path: Floats


def separatrices(
    points: CriticalPoints, positions: RefinedPositions, f: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike
) -> tuple[Separatrix, ...]:
    """Draw the lines of steepest descent and ascent from all saddles to their minima and maxima.

    Args:
        points: critical points of f, best not simplified: then a line can end at every minimum and maximum.
        positions: their refined positions.
        f: values [nv, nu].
        u: column coordinates [nu], ascending.
        v: row coordinates [nv], ascending.

    Returns:
        The lines by saddle, descending ones first: two of each for a simple saddle, fewer ascending ones where those
        would leave the grid at once.

    Raises:
        ValueError: shapes do not fit.
    """
    field = as_field(f)
    if not (points.kind == CriticalKind.SADDLE).any():
        return ()
    drawing = _Drawing(points, positions, field, SplineSurface(field, u, v))
    lines = [*drawing.reconciled(drawing.lines(ascending=False)), *drawing.lines(ascending=True)]
    return drawing.lifted(sorted(lines, key=lambda line: line.saddle))


class _Drawing:
    """What all lines of one field have in common."""

    def __init__(
        self, points: CriticalPoints, positions: RefinedPositions, field: Floats, surface: SplineSurface
    ) -> None:
        self._points = points
        self._where = np.stack([positions.u, positions.v], axis=-1)
        self._refined = positions.refined
        self._masked = ~np.isfinite(field)
        self._surface = surface
        self._descent = EdgeDescent(field, points)

    def lines(self, *, ascending: bool) -> list[Separatrix]:
        saddle, start = self._starts(ascending=ascending)
        targets = np.flatnonzero(self._points.kind == (CriticalKind.MAXIMUM if ascending else CriticalKind.MINIMUM))
        flow = FlowLines(self._surface, self._masked, start, self._where[targets], ascending=ascending)
        lines = []
        for index, target, path in zip(saddle, flow.target.tolist(), flow.paths(), strict=True):
            reached = target >= 0
            if reached:
                lines.append(self._line(index, int(targets[target]), [path], ascending=ascending, smooth=True))
            elif ascending:
                lines.append(self._line(index, -1, [path], ascending=True, smooth=True))
            else:
                lines.append(self._down_edges(index, path, self._lowest_corner(path[-1])))
        return lines

    def reconciled(self, lines: list[Separatrix]) -> list[Separatrix]:
        """Replace the descending lines of saddles that do not join the components that meet there."""
        points = self._points
        component = list(range(len(points)))

        def root(minimum: int) -> int:
            while minimum >= 0 and component[minimum] != minimum:
                component[minimum] = minimum = component[component[minimum]]
            return minimum

        groups = {saddle: list(group) for saddle, group in groupby(lines, key=lambda line: line.saddle)}
        result: list[Separatrix] = []
        for saddle in sorted(groups, key=lambda index: (points.value[index], points.row[index], points.column[index])):
            ways = self._descent.ways_out(int(points.row[saddle]), int(points.column[saddle]), ascending=False)
            meeting = [root(int(self._descent.basin[way])) for way in ways]
            if {root(line.extremum) for line in groups[saddle]} != set(meeting):
                groups[saddle] = [self._down_edges(saddle, np.empty((0, 2)), way) for way in ways]
            result += groups[saddle]
            for minimum in meeting[1:]:
                if min(minimum, meeting[0]) >= 0:
                    component[root(minimum)] = root(meeting[0])
        return result

    def lifted(self, lines: list[Separatrix]) -> tuple[Separatrix, ...]:
        """Add the heights to the paths, of all lines at once."""
        path = np.concatenate([line.path for line in lines])
        path = np.column_stack([path, self._surface.value(path)])
        path.flags.writeable = False
        pieces = np.split(path, np.cumsum([len(line.path) for line in lines])[:-1])
        return tuple(replace(line, path=piece) for line, piece in zip(lines, pieces, strict=True))

    def _starts(self, *, ascending: bool) -> tuple[list[int], Floats]:
        """Saddle and second position of each line: along an eigenvector, or a neighbour where not refined."""
        u, v = self._surface.u, self._surface.v
        reach = STEP * min(np.diff(u).min(), np.diff(v).min())
        saddle: list[int] = []
        start: list[Floats] = []
        for index in np.flatnonzero(self._points.kind == CriticalKind.SADDLE).tolist():
            if self._refined[index]:
                _, vectors = np.linalg.eigh(self._surface.hessian(self._where[index][None])[0])
                direction = vectors[:, 1 if ascending else 0]
                found = [self._where[index] + sign * reach * direction for sign in (1, -1)]
            else:
                row, column = int(self._points.row[index]), int(self._points.column[index])
                ways = self._descent.ways_out(row, column, ascending=ascending)
                found = [np.array([u[j], v[i]]) for i, j in ways]
            saddle += [index] * len(found)
            start += found
        inside = np.clip(np.array(start).reshape(-1, 2), (u[0], v[0]), (u[-1], v[-1]))
        return saddle, inside

    def _lowest_corner(self, position: Floats) -> tuple[int, int]:
        rows, columns = cell_corners(self._surface, position[None])
        lowest = int(np.argmin(self._descent.values[rows[0], columns[0]]))
        return int(rows[0, lowest]), int(columns[0, lowest])

    def _down_edges(self, saddle: int, begun: Floats, vertex: tuple[int, int]) -> Separatrix:
        rows, columns = self._descent.path(*vertex)
        edges = np.stack([self._surface.u[columns], self._surface.v[rows]], axis=-1)
        minimum = int(self._descent.basin[vertex])
        return self._line(saddle, minimum, [begun, edges], ascending=False, smooth=False)

    def _line(self, saddle: int, extremum: int, pieces: list[Floats], *, ascending: bool, smooth: bool) -> Separatrix:
        end = self._where[[extremum]] if extremum >= 0 else np.empty((0, 2))
        path = np.concatenate([self._where[[saddle]], *pieces, end])  # (u, v), not lifted yet
        return Separatrix(saddle, extremum, ascending, smooth, path)
