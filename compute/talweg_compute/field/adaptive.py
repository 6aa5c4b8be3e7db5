"""Which points of a grid need not be evaluated: those that their neighbours predict well enough."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, Integers
from talweg_compute.field.sampling import lattices
from talweg_compute.field.spline import SplineSurface

_LEVELS_IN_FULL = 2  # two are needed to see how large the error of the coarser one is
_DECAY = 1 / 8  # of the error from one level to the next; a bicubic spline of a smooth surface has 1/16
_SMALL_SHARE = 0.01  # of the median height, below which the tolerance is that of this height
_HELD_OUT = 48


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """A surface of which a part was evaluated.

    Attributes:
        values: evaluated and interpolated heights, float64 [nv, nu].
        evaluated: which points were evaluated [nv, nu].
        held_out: number of points of the last sample that was drawn at random from the interpolated ones and evaluated
            to test them; 0 where every point was evaluated.
        largest_deviation: largest |interpolated - evaluated| of that sample, as a share of the height that the
            tolerance is a share of; at most the tolerance. NaN where every point was evaluated.
        median_deviation: the median of the same.
    """

    values: Floats
    evaluated: Flags
    held_out: int
    largest_deviation: float
    median_deviation: float


def refine_adaptively(nv: int, nu: int, tolerance: float, seed: int = 1) -> Generator[Integers, Floats, Refinement]:
    """Ask for the heights of a grid's points, level by level, until the rest can be interpolated.

    A generator: it yields flat indices row * nu + column, is sent the heights of the whole grid, float64 [nv * nu], and
    returns the result. Of the heights only those count that it has asked for, among them earlier ones that may have
    changed since; the others may be anything. What it asks for follows from the heights alone, so it can be run again
    with heights that are known.

    The levels are those of `coarse_to_fine`; the first two are asked for in full. A cell of a lattice is asked for in
    the next one where the error of its interpolation, estimated from how far the last level's new points around were
    off, exceeds the tolerance. Interpolation is by the bicubic spline of each level, of the logarithm where that is
    smoother. When no cell is left, points drawn at random from the rest are asked for; where one is off by more than
    the tolerance, the cells around are refined and others are drawn. A single row or column is asked for in full.

    A point may be off by tolerance * max(|height|, a hundredth of the median |height|). Where finite and non-finite
    heights meet, everything is asked for.

    Args:
        nv: number of rows.
        nu: number of columns.
        tolerance: allowed error as a share of the height, positive.
        seed: of the random positions.

    Yields:
        Indices that have not been asked for yet, from the centre out, int64 [n].

    Returns:
        The surface.
    """
    surface = _PartialSurface(nv, nu, tolerance)
    if min(nv, nu) < 2:  # a line has no cells, and is short
        yield from surface.ask(~surface.known)
        return Refinement(surface.heights, surface.known, 0, np.nan, np.nan)
    for level in range(min(_LEVELS_IN_FULL, surface.levels)):
        yield from surface.ask(surface.lattice_mask(level))
    surface.begin()
    random = np.random.default_rng(seed)
    while True:
        for level in range(_LEVELS_IN_FULL - 1, surface.levels - 1):
            predicted = surface.predict(level + 1)  # before its points are known
            yield from surface.ask(surface.to_refine(level))
            surface.measure(level, predicted)
        predicted = surface.predict(surface.levels - 1)
        rest = np.flatnonzero(~surface.known)
        if rest.size == 0:
            return Refinement(surface.heights, surface.known, 0, np.nan, np.nan)
        drawn = np.sort(random.choice(rest, min(_HELD_OUT, rest.size), replace=False))
        mask = np.zeros(nv * nu, dtype=np.bool_)
        mask[drawn] = True
        yield from surface.ask(mask.reshape(nv, nu))
        error = surface.error(predicted).flat[drawn]
        if (error <= 1).all():
            values = surface.predict(surface.levels - 1)
            deviation = tolerance * error
            return Refinement(values, surface.known, drawn.size, float(deviation.max()), float(np.median(deviation)))
        surface.suspect(drawn[error > 1])


def interpolate_again(refinement: Refinement, heights: npt.ArrayLike) -> Refinement:
    """Interpolate a refined surface anew, when some of its evaluated heights have changed a little.

    Args:
        refinement: As `refine_adaptively` returned it.
        heights: of the whole grid [nv * nu] or [nv, nu]; only those at evaluated points count.

    Returns:
        The surface through these heights; how its interpolation was tested stays.
    """
    known = refinement.evaluated
    nv, nu = known.shape
    surface = _PartialSurface(nv, nu, 1.0)
    surface.known = known
    surface.heights = np.where(known, np.reshape(np.asarray(heights, dtype=np.float64), known.shape), np.nan)
    values = surface.heights if known.all() else surface.predict(surface.levels - 1)
    return replace(refinement, values=values)


def interpolate_like(values: npt.ArrayLike, evaluated: npt.ArrayLike) -> Floats:
    """Interpolate another quantity at the points that `refine_adaptively` did not ask for.

    Args:
        values: the quantity [nv, nu]; what stands at points not evaluated does not matter.
        evaluated: the points that were asked for [nv, nu].

    Returns:
        The quantity, interpolated as the heights are, but inside the range of the evaluated ones, float64 [nv, nu].
    """
    known = np.asarray(evaluated, dtype=np.bool_)
    nv, nu = known.shape
    surface = _PartialSurface(nv, nu, 1.0)
    surface.heights, surface.known = np.asarray(values, dtype=np.float64), known
    finite = surface.heights[known & np.isfinite(surface.heights)]
    predicted = surface.predict(surface.levels - 1)
    if finite.size == 0:
        return predicted
    within = np.clip(predicted, finite.min(), finite.max())
    return np.where(known | ~np.isfinite(predicted), predicted, within)


class _PartialSurface:
    """Heights as far as they are known, on nested lattices, and which cells of each are thought to need more."""

    def __init__(self, nv: int, nu: int, tolerance: float) -> None:
        self._rows, self._columns = lattices(nv), lattices(nu)
        self.levels = max(len(self._rows), len(self._columns))
        self._rows += [self._rows[-1]] * (self.levels - len(self._rows))
        self._columns += [self._columns[-1]] * (self.levels - len(self._columns))
        self.heights = np.full((nv, nu), np.nan)
        self.known = np.zeros((nv, nu), dtype=np.bool_)
        self._tolerance = tolerance
        self._floor = 0.0
        # of each level's cells: the estimated error in units of the allowed one, and whether they were refined
        shapes = [(r.size - 1, c.size - 1) for r, c in zip(self._rows, self._columns, strict=True)]
        self._estimate = [np.zeros(shape) for shape in shapes]
        self._refined = [np.zeros(shape, dtype=np.bool_) for shape in shapes]

    def lattice_mask(self, level: int) -> Flags:
        mask = np.zeros(self.known.shape, dtype=np.bool_)
        mask[np.ix_(self._rows[level], self._columns[level])] = True
        return mask

    def ask(self, mask: Flags) -> Generator[Integers, Floats, None]:
        """Ask for those points of a mask that are not known."""
        index = np.flatnonzero(mask & ~self.known)
        if index.size == 0:
            return
        nv, nu = self.known.shape
        row, column = np.divmod(index, nu)
        distance = np.square((2 * row - nv + 1) / nv) + np.square((2 * column - nu + 1) / nu)
        index = index[np.argsort(distance, kind="stable")]
        heights = yield np.asarray(index, dtype=np.int64)
        self.known.flat[index] = True
        self.heights = np.where(self.known, np.reshape(heights, self.known.shape), np.nan)

    def begin(self) -> None:
        """Settle what is small, and estimate the errors of the last level that is known in full from all before."""
        finite = np.abs(self.heights[self.known & np.isfinite(self.heights)])
        self._floor = _SMALL_SHARE * float(np.median(finite)) if finite.size else 0.0
        last = min(_LEVELS_IN_FULL, self.levels) - 1
        for level in range(last):
            self._refined[level][:] = True
            self.measure(level, self._spread(self._lattice_values(level), level))

    def predict(self, level: int) -> Floats:
        """Interpolate the lattice of a level from the coarser ones; known heights stand. NaN outside the lattice."""
        values = self._lattice_values(0)
        for coarse in range(level):
            fine = np.ix_(self._rows[coarse + 1], self._columns[coarse + 1])
            values = np.where(self.known[fine], self.heights[fine], self._spread(values, coarse)[fine])
        whole = np.full(self.known.shape, np.nan)
        whole[np.ix_(self._rows[level], self._columns[level])] = values
        return np.where(self.known, self.heights, whole)

    def error(self, predicted: Floats) -> Floats:
        """How far known heights are from what was predicted, in units of the allowed error [nv, nu]; 0 elsewhere."""
        allowed = self._tolerance * np.maximum(np.abs(self.heights), max(self._floor, np.finfo(float).tiny))
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.abs(predicted - self.heights) / allowed
        finite, expected = np.isfinite(self.heights), np.isfinite(predicted)
        error = np.where(finite == expected, np.where(finite, error, 0.0), np.inf)
        return np.where(self.known, error, 0.0)

    def to_refine(self, level: int) -> Flags:
        """Mark the cells of a level that need more as refined; returns the next level's points in them [nv, nu]."""
        cells = ((self._estimate[level] > 1) | self._at_holes(level)) & ~self._refined[level]
        self._refined[level] |= cells
        mask = self._points_of(cells, level)
        return mask & self.lattice_mask(level + 1)

    def measure(self, level: int, predicted: Floats) -> None:
        """Estimate the errors of the next level's cells from how far its new points were off."""
        error = self.error(predicted)
        rows, columns = self._rows[level], self._columns[level]
        worst = np.maximum.reduceat(np.maximum.reduceat(error, rows[:-1], axis=0), columns[:-1], axis=1)
        # reduceat leaves out the closing edges of the cells
        right = np.maximum.reduceat(error[:, columns[1:]], rows[:-1], axis=0)
        below = np.maximum.reduceat(error[rows[1:]], columns[:-1], axis=1)
        worst = np.maximum.reduce([worst, right, below, error[np.ix_(rows[1:], columns[1:])]])
        worst = _DECAY * np.where(self._refined[level], worst, 0.0)
        finer_rows = np.searchsorted(rows, self._rows[level + 1][:-1], side="right") - 1
        finer_columns = np.searchsorted(columns, self._columns[level + 1][:-1], side="right") - 1
        finer = worst[np.ix_(finer_rows, finer_columns)]
        np.maximum(self._estimate[level + 1], _dilated(finer), out=self._estimate[level + 1])

    def suspect(self, index: Integers) -> None:
        """Take it that the coarsest unrefined cells around points need more."""
        for row, column in zip(*np.divmod(index, self.known.shape[1]), strict=True):
            for level in range(self.levels - 1):
                i, j = _cell(self._rows[level], row), _cell(self._columns[level], column)
                if not self._refined[level][i, j]:
                    around = slice(max(i - 1, 0), i + 2), slice(max(j - 1, 0), j + 2)
                    self._estimate[level][around] = np.inf
                    break

    def _lattice_values(self, level: int) -> Floats:
        return self.heights[np.ix_(self._rows[level], self._columns[level])]

    def _spread(self, values: Floats, level: int) -> Floats:
        """Interpolate the values of a lattice at the points of the next one; NaN elsewhere [nv, nu]."""
        rows, columns = self._rows[level + 1], self._columns[level + 1]
        coarse_rows, coarse_columns = self._rows[level], self._columns[level]
        finite = np.isfinite(values)
        nearest = np.ix_(_nearest(coarse_rows, rows), _nearest(coarse_columns, columns))
        if finite.any():
            spline = SplineSurface(values, coarse_columns.astype(float), coarse_rows.astype(float))
            at = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float64)
            with np.errstate(over="ignore"):
                fine = spline.value(at).reshape(rows.size, columns.size)
            fine = np.where(finite[nearest], fine, values[nearest])
        else:
            fine = values[nearest]
        whole = np.full(self.known.shape, np.nan)
        whole[np.ix_(rows, columns)] = fine
        return whole

    def _at_holes(self, level: int) -> Flags:
        """Cells of a level with both finite and other corners, as far as those are known."""
        lattice = np.ix_(self._rows[level], self._columns[level])
        known, finite = self.known[lattice], np.isfinite(self.heights[lattice])
        corners = [(slice(a, a - 1 or None), slice(b, b - 1 or None)) for a in (0, 1) for b in (0, 1)]
        some_finite = np.logical_or.reduce([(known & finite)[corner] for corner in corners])
        some_other = np.logical_or.reduce([(known & ~finite)[corner] for corner in corners])
        return np.asarray(some_finite & some_other)

    def _points_of(self, cells: Flags, level: int) -> Flags:
        """Points inside or on the edge of cells [nv, nu]."""
        mask = np.zeros(self.known.shape, dtype=np.bool_)
        rows, columns = self._rows[level], self._columns[level]
        for i, j in np.argwhere(cells):
            mask[rows[i] : rows[i + 1] + 1, columns[j] : columns[j + 1] + 1] = True
        return mask


def _cell(lines: Integers, line: int) -> int:
    """The gap between lattice lines that holds a grid line."""
    return int(np.clip(np.searchsorted(lines, line, side="right") - 1, 0, lines.size - 2))


def _nearest(lines: Integers, of: Integers) -> Integers:
    """Position of the line nearest to each."""
    right = np.clip(np.searchsorted(lines, of), 1, lines.size - 1)
    return np.where(of - lines[right - 1] <= lines[right] - of, right - 1, right)


def _dilated(values: Floats) -> Floats:
    """The largest value of each 3 x 3 neighbourhood."""
    padded = np.pad(values, 1)
    rows = np.maximum.reduce([padded[:-2], padded[1:-1], padded[2:]])
    return np.asarray(np.maximum.reduce([rows[:, :-2], rows[:, 1:-1], rows[:, 2:]]))
