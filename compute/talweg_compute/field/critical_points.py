"""Critical points of a field on a grid with their persistence, ready to be shown and simplified."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Bytes, Flags, Floats, Integers, as_field
from talweg_compute.field.persistence import FieldTopology, analyse, labels_of_minima
from talweg_compute.field.triangulation import LOWER_COMPONENTS, MAXIMUM_CODE, link_codes


class CriticalKind(IntEnum):
    """The type of a critical point."""

    MINIMUM = 0
    SADDLE = 1
    MAXIMUM = 2

    @property
    def title(self) -> str:
        """Its name in words: "minimum", "saddle" or "maximum"."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class PersistencePairs:
    """Pairs of an extremum and the saddle at which it dies, largest persistence first.

    Attributes:
        extremum: index of the minimum or maximum among the critical points, int64 [p].
        saddle: index of the saddle among the critical points, int64 [p].
        parent: index of the elder extremum it joins there, int64 [p]; -1 where a maximum joins the rise outside the
            frame or a masked area.
        persistence: |f(saddle) - f(extremum)|, > 0 and finite, float64 [p].
    """

    extremum: Integers
    saddle: Integers
    parent: Integers
    persistence: Floats

    def __len__(self) -> int:
        return int(self.extremum.size)


@dataclass(frozen=True, slots=True, eq=False)
class CriticalPoints:
    """Critical points of a field, largest persistence first; all arrays are read-only and of length k.

    A point's index stays the same when less persistent points are dropped, so it can serve as a name.

    Attributes:
        kind: 0 minimum, 1 saddle, 2 maximum (`CriticalKind`), int8.
        row: grid row (v), int64.
        column: grid column (u), int64.
        value: f at the vertex, float64.
        multiplicity: in how many pairs a saddle takes part: 2 for a monkey saddle of the triangulated field, otherwise
            1. Minima - saddles + maxima, counted so, is the number of minima without a partner: 1 in a field without
            masked values, whose closure outside the frame is one more maximum of a sphere. int8.
        persistence: of its pair; for a saddle of the larger of its pairs; infinity for the global minimum, which is to
            be shown as the range of f. A minimum that masked values cut off from every saddle has the range of its
            area: so much of its depth is known. float64.
        partner: index of the other point of that pair, -1 if there is none, int64.
        on_boundary: the point lies on the frame of the grid: for a minimum, the descent leaves the window there.
        confirmed: the mirrored triangulation has a point of this type at most one cell away; otherwise the grid does
            not resolve it.
        pairs: the pairs of these points.
        logarithmic: persistence is the difference of the decimal logarithms of f, in decades, instead of that of f.
    """

    kind: npt.NDArray[np.int8]
    row: Integers
    column: Integers
    value: Floats
    multiplicity: npt.NDArray[np.int8]
    persistence: Floats
    partner: Integers
    on_boundary: Flags
    confirmed: Flags
    pairs: PersistencePairs
    logarithmic: bool

    def __len__(self) -> int:
        return int(self.kind.size)

    def count(self, kind: CriticalKind) -> int:
        """Count the points of one kind, each once whatever its multiplicity.

        Args:
            kind: the type to count.

        Returns:
            The number of points.
        """
        return int(np.count_nonzero(self.kind == kind))

    def above(self, threshold: float) -> "CriticalPoints":
        """Drop the points whose persistence is not larger than a threshold; copies nothing.

        Args:
            threshold: in the unit of the persistence. A saddle stays as long as one of its pairs does.

        Returns:
            The points and pairs left, with the same indices as before.
        """
        points = len(self) - int(np.searchsorted(self.persistence[::-1], threshold, side="right"))
        pairs = len(self.pairs) - int(np.searchsorted(self.pairs.persistence[::-1], threshold, side="right"))
        columns = [field.name for field in fields(self) if field.name not in ("pairs", "logarithmic")]
        kept = {name: getattr(self, name)[:points] for name in columns}
        kept_pairs = {field.name: getattr(self.pairs, field.name)[:pairs] for field in fields(self.pairs)}
        return CriticalPoints(**kept, pairs=PersistencePairs(**kept_pairs), logarithmic=self.logarithmic)


def find_critical_points(f: npt.ArrayLike, *, logarithmic: bool = False) -> CriticalPoints:
    """Find the minima, saddles and maxima of a field on a grid and their persistence.

    The field is piecewise linear on the Freudenthal triangulation and rises outside the grid, so that a minimum on the
    frame is a critical point and a maximum on it is none (Banchoff 1970). Pairs of equal or non-finite height
    difference are dropped, with the points that have no other pair: nothing is ever reported in a masked area.

    Args:
        f: values [nv, nu]; NaN and infinity are masked.
        logarithmic: measure persistence in decades, as where the height shown is log f. Points and pairs are the same,
            their order is another.

    Returns:
        The critical points with their pairs; none where no value is finite.

    Raises:
        ValueError: f is no matrix of at least 2 x 2 values, or has no logarithm.
    """
    field = as_field(f)
    if logarithmic and (field[np.isfinite(field)] <= 0).any():
        raise ValueError("f: persistence in decades takes positive values")
    return collect(analyse(field), logarithmic=logarithmic)


def rise(low: npt.ArrayLike, high: npt.ArrayLike, *, logarithmic: bool) -> Floats:
    """Return how far one height lies above another.

    Args:
        low: heights, any shape.
        high: heights, the same shape.
        logarithmic: in decades, log10(high / low), of positive heights; otherwise high - low.

    Returns:
        The differences, at most the largest finite number.
    """
    below, above = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    with np.errstate(over="ignore"):
        if not logarithmic:
            return np.minimum(above - below, np.finfo(np.float64).max)
        near = np.log1p((above - below) / below) / np.log(10)  # exact where the two are almost equal
        return np.where(above < 2 * below, near, np.log10(above) - np.log10(below))


def collect(topology: FieldTopology, *, logarithmic: bool = False) -> CriticalPoints:
    """Put the critical points of a field that are worth showing into one table.

    Args:
        topology: of the field.
        logarithmic: measure persistence in decades.

    Returns:
        The critical points with their pairs.
    """
    heights = np.append(topology.values.ravel(), np.inf)  # the last one is the virtual vertex
    extremum, saddle, parent, persistence = _proper_pairs(topology, heights, logarithmic=logarithmic)
    lone, lone_persistence = _minima_without_saddle(topology, heights, logarithmic=logarithmic)

    strength = np.zeros(topology.values.size)  # of each vertex, 0 where it is no point worth showing
    np.maximum.at(strength, saddle, persistence)
    strength[extremum] = persistence
    strength[lone] = lone_persistence
    codes = topology.codes.ravel()
    shown = np.flatnonzero(strength)
    kind = _kinds(codes[shown])
    by_kind = np.concatenate([shown[kind == one] for one in CriticalKind])
    vertex = by_kind[np.argsort(-strength[by_kind], kind="stable")]
    strength, codes = strength[vertex], codes[vertex]
    kind = _kinds(codes)

    index = np.full(topology.values.size + 1, -1, dtype=np.int64)
    index[vertex] = np.arange(vertex.size)
    pair_of = np.full(topology.values.size, -1, dtype=np.int64)
    pair_of[extremum] = np.arange(extremum.size)
    order = pair_of[vertex]
    order = order[order >= 0]
    extremum, saddle, parent = index[extremum[order]], index[saddle[order]], index[parent[order]]
    partner = np.full(vertex.size, -1, dtype=np.int64)
    partner[extremum] = saddle
    partner[saddle[::-1]] = extremum[::-1]  # most persistent first, so that it is written last
    rows, columns = topology.values.shape
    row, column = np.divmod(vertex, columns)
    points = CriticalPoints(
        kind=kind,
        row=row,
        column=column,
        value=heights[vertex],
        multiplicity=np.maximum(np.bincount(saddle, minlength=vertex.size), 1).astype(np.int8),
        persistence=strength,
        partner=partner,
        on_boundary=(row == 0) | (row == rows - 1) | (column == 0) | (column == columns - 1),
        confirmed=_found_by_mirror(topology.values)[kind, row, column],
        pairs=PersistencePairs(extremum, saddle, parent, persistence[order]),
        logarithmic=logarithmic,
    )
    _freeze(points)
    _freeze(points.pairs)
    return points


def default_threshold(
    f: npt.ArrayLike,
    standard_error: npt.ArrayLike | None = None,
    *,
    logarithmic: bool = False,
    top: float | None = None,
) -> float:
    """Return the persistence below which points are not shown at first.

    Noise of at most e at every point moves no persistence by more than 2 e (Cohen-Steiner, Edelsbrunner and Harer,
    "Stability of persistence diagrams", 2007).

    Args:
        f: values [nv, nu]; non-finite ones are left out.
        standard_error: standard error of each value, in units of f, or None if unknown.
        logarithmic: in decades, for persistence measured so; f is positive.
        top: the highest value shown, where the picture is cut off there.

    Returns:
        The larger of 2 median standard errors and 1 % of the shown range of f; 0 where nothing is finite.
    """
    field = np.asarray(f, dtype=np.float64)
    finite = np.isfinite(field)
    if not finite.any():
        return 0.0
    low, high = field[finite].min(), field[finite].max()
    high = high if top is None else max(low, min(high, top))
    threshold = 0.01 * float(rise(low, high, logarithmic=True)) if logarithmic else float(0.01 * high - 0.01 * low)
    if standard_error is not None:
        errors = np.asarray(standard_error, dtype=np.float64)
        known = finite & np.isfinite(errors)
        if logarithmic:  # of log10 f, to first order
            errors = np.divide(errors, np.log(10) * field, out=np.zeros_like(errors), where=known)
        if known.any():
            threshold = max(threshold, 2.0 * float(np.median(errors[known])))
    return threshold


def _proper_pairs(
    topology: FieldTopology, heights: Floats, *, logarithmic: bool
) -> tuple[Integers, Integers, Integers, Floats]:
    """Flat indices of extremum, saddle and parent, and persistence, of all pairs worth showing, minima first."""
    extremum, saddle, parent = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (tree.extremum[1:], tree.saddle[1:], tree.extremum[tree.parent[1:]])
                for tree in (topology.minima, topology.maxima)
            ),
            strict=True,
        )
    )
    both = np.isfinite(heights[extremum]) & np.isfinite(heights[saddle])
    extremum, saddle, parent = extremum[both], saddle[both], parent[both]
    ends = heights[extremum], heights[saddle]
    persistence = rise(np.minimum(*ends), np.maximum(*ends), logarithmic=logarithmic)
    proper = persistence > 0
    return extremum[proper], saddle[proper], parent[proper], persistence[proper]


def _kinds(codes: Bytes) -> npt.NDArray[np.int8]:
    """The kinds of critical vertices from the codes of their lower links."""
    kind = np.where(codes == 0, CriticalKind.MINIMUM, CriticalKind.SADDLE).astype(np.int8)
    kind[codes == MAXIMUM_CODE] = CriticalKind.MAXIMUM
    return kind


def _minima_without_saddle(topology: FieldTopology, heights: Floats, *, logarithmic: bool) -> tuple[Integers, Floats]:
    """The global minimum, and minima in finite areas that masked values enclose, with their persistence."""
    tree = topology.minima
    merges = np.isfinite(heights[tree.saddle])  # not the eldest: its -1 is the virtual vertex at infinity
    finite = np.isfinite(heights[tree.extremum])
    lone = np.flatnonzero(finite & ~merges)
    persistence = np.full(lone.size, np.inf)
    if lone.size > 1:
        top = _top_of_areas(topology, heights, merges)[lone[1:]]
        persistence[1:] = rise(heights[tree.extremum[lone[1:]]], top, logarithmic=logarithmic)
    keep = persistence > 0
    return tree.extremum[lone[keep]], persistence[keep]


def _top_of_areas(topology: FieldTopology, heights: Floats, merges: Flags) -> Floats:
    """For each minimum that is the lowest of its finite area, the largest finite value there."""
    tree = topology.minima
    area = np.arange(tree.extremum.size)
    for position in np.flatnonzero(merges):  # parents come before their children
        area[position] = area[tree.parent[position]]
    position_of = np.empty(topology.values.size, dtype=np.int64)
    position_of[tree.extremum] = np.arange(tree.extremum.size)
    vertex = np.flatnonzero(np.isfinite(heights[:-1]))
    top = np.full(tree.extremum.size, -np.inf)
    np.maximum.at(top, area[position_of[labels_of_minima(topology)[vertex]]], heights[vertex])
    return top


def _found_by_mirror(values: Floats) -> Flags:
    """For each kind and vertex, whether the mirrored triangulation has that kind at most a cell away [3, nv, nu]."""
    codes = link_codes(values, mirrored=True)
    return np.stack([_dilate(codes == 0), _dilate(LOWER_COMPONENTS[codes] >= 2), _dilate(codes == MAXIMUM_CODE)])


def _dilate(mask: Flags) -> Flags:
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide


def _freeze(table: CriticalPoints | PersistencePairs) -> None:
    for field in fields(table):
        column = getattr(table, field.name)
        if isinstance(column, np.ndarray):
            column.flags.writeable = False
