"""The drawn surface as heights over the plane: of the grid, and of the finer grids inside."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg_compute.field import sample_on_triangles

Float = NDArray[np.float64]
Integers = NDArray[np.int64]
_MERGED = 1e-9  # of a segment's length: cuts closer than this are one


@dataclass(frozen=True, eq=False)
class Level:
    """One grid of the surface.

    Attributes:
        u: float64 [nu], coordinates of the columns.
        v: float64 [nv], coordinates of the rows.
        z: float64 [nv, nu], display heights, NaN in holes.
    """

    u: Float
    v: Float
    z: Float


class Relief:
    """Heights of the drawn surface, linear on each of its triangles.

    Args:
        levels: The grid, then the finer grids inside; a later one hides those before it.
        top: Above this display height nothing is drawn; None: all is.
    """

    def __init__(self, levels: Sequence[Level], top: float | None = None) -> None:
        self._levels, self._top = tuple(levels), top

    @classmethod
    def of(cls, landscape: Landscape, heights: Sequence[Float], top: float | None = None) -> "Relief":
        """Make that of a landscape.

        Args:
            landscape: Where the grids lie.
            heights: Display heights [nv, nu] of its grid, then of each of its regions, as far as they are known.
            top: Above this display height nothing is drawn.
        """
        grids = [landscape, *(region.landscape for region in landscape.regions)]
        return cls([Level(grid.u, grid.v, z) for grid, z in zip(grids, heights, strict=False)], top)

    def at(self, places: Float) -> Float:
        """Return the heights at places (u, v) [k, 2], float64 [k]; NaN where nothing is drawn."""
        height = self._whole_at(places)
        if self._top is not None:
            height[height > self._top * (1 + 1e-6)] = np.nan
        return height

    def _whole_at(self, places: Float) -> Float:
        """Heights whatever the top is."""
        height = np.full(len(places), np.nan)
        for level in self._levels:
            inside = _inside(level, places)
            height[inside] = sample_on_triangles(level.z, level.u, level.v, places[inside])
        return height

    def _with_crossings(self, cuts: Float, start: Float, end: Float) -> Float:
        """Cut a segment also where it passes the top; between two cuts its height is linear."""
        if self._top is None:
            return cuts
        over = self._whole_at(start + cuts[:, None] * (end - start)) - self._top
        with np.errstate(invalid="ignore"):
            passing = over[:-1] * over[1:] < 0
        share = over[:-1][passing] / (over[:-1] - over[1:])[passing]
        return _distinct(np.concatenate([cuts, cuts[:-1][passing] + share * np.diff(cuts)[passing]]))

    def lay(self, path: Float) -> list[Float]:
        """Cut a polyline at every edge of the surface's triangles and lift it onto them.

        Args:
            path: float64 [T, 2], plane coordinates; NaN breaks the line.

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
            cuts = _distinct(np.concatenate([_cuts(start, end, level.u, level.v) for level in self._levels]))
            if cuts.size < 2:
                continue
            cuts = self._with_crossings(cuts, start, end)
            points = start + cuts[:, None] * (end - start)
            points[-1] = end
            middles = start + 0.5 * (cuts[:-1] + cuts[1:])[:, None] * (end - start)
            height = self.at(points)
            on_surface = np.isfinite(self.at(middles))
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


def _inside(level: Level, places: Float) -> NDArray[np.bool_]:
    u, v = places[:, 0], places[:, 1]
    return np.asarray((u >= level.u[0]) & (u <= level.u[-1]) & (v >= level.v[0]) & (v <= level.v[-1]))


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
