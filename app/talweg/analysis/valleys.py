"""What connects critical points: basins, separatrices and talwegs, found once and cut at any threshold.

Points keep their index whatever is dropped, the most persistent first, so a threshold is a count, and nothing is traced
anew while it moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from talweg_compute.field import (
    CriticalKind,
    CriticalPoints,
    Separatrix,
    Talweg,
    Topology,
    basins,
    separatrices,
    talwegs,
)

STRONGEST = 800
"""So many of the most persistent points are refined and joined by lines; what a rough field has beyond is noise."""

Float = NDArray[np.float64]
Integers = NDArray[np.int64]

_known: "WeakKeyDictionary[Topology, Valleys]" = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines in the plane, one after the other.

    Attributes:
        coordinates: float64 [n, 2], (u, v).
        owner: int64 [n], the line of each point.
    """

    coordinates: Float
    owner: Integers

    def segments(self, chosen: Integers) -> Integers:
        """Return the pieces of some of the lines as pairs of points, int64 [k, 2].

        Args:
            chosen: Numbers of lines.
        """
        among = np.zeros(int(self.owner.max(initial=-1)) + 1, dtype=np.bool_)
        among[chosen] = True
        first = np.flatnonzero((self.owner[1:] == self.owner[:-1]) & among[self.owner[:-1]])
        return np.column_stack([first, first + 1])


@dataclass(frozen=True, eq=False)
class Cut:
    """The lines that remain at a threshold, by their numbers.

    Attributes:
        descending: Of ``Valleys.separatrices``: from saddles down to minima.
        ascending: Of ``Valleys.separatrices``: from saddles up to maxima or to the frame.
        onward: Of ``Valleys.talwegs``: where a descending line goes on, from a minimum that was dropped to one that
            was kept.
        talwegs: Of ``Valleys.talwegs``: between minima that were kept.
    """

    descending: Integers
    ascending: Integers
    onward: Integers
    talwegs: Integers


class Valleys:
    """What is drawn of a topology; each part is worked out when it is asked for first.

    Args:
        topology: Of the loss; its persistence has its unit.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self.points: CriticalPoints = topology.points
        """Critical points, most persistent first."""
        self.logarithmic = topology.logarithmic
        """Whether persistence is in decades."""

    def count(self, threshold: float) -> int:
        """Return how many points are more persistent than a threshold; they are the first ones."""
        return len(self.points) - int(np.searchsorted(self.points.persistence[::-1], threshold, side="right"))

    @cached_property
    def strongest(self) -> CriticalPoints:
        """The points that are refined and joined: all, or the most persistent ones."""
        if len(self.points) <= STRONGEST:
            return self.points
        return self.points.above(float(self.points.persistence[STRONGEST]))

    @cached_property
    def coordinates(self) -> Float:
        """(u, v) of all points, float64 [k, 2]; between the grid points for those of ``strongest``."""
        positions = self._topology.positions(self.strongest)
        found = np.column_stack([self._topology.u[self.points.column], self._topology.v[self.points.row]])
        found[: positions.u.size] = np.column_stack([positions.u, positions.v])
        return found

    @cached_property
    def loss(self) -> Float:
        """Loss at all points, float64 [k]."""
        positions = self._topology.positions(self.strongest)
        return np.concatenate([positions.value, self.points.value[positions.value.size :]])

    @cached_property
    def size(self) -> Float:
        """How large each point is drawn, float64 [k]: 0.6 to 1.35 with the logarithm of its persistence."""
        values = self._topology.f[np.isfinite(self._topology.f)]
        if self.logarithmic:
            values = np.log10(values)
        share = self.points.persistence / max(float(np.ptp(values)) if values.size else 1.0, 1e-300)
        return 0.6 + 0.75 * np.clip(1.0 + np.log10(np.maximum(share, 1e-12)) / 3.0, 0.0, 1.0)

    @cached_property
    def separatrices(self) -> tuple[Separatrix, ...]:
        """Lines of steepest descent and ascent from the saddles of ``strongest``."""
        field = self._topology
        return separatrices(self.strongest, field.positions(self.strongest), field.f, field.u, field.v)

    @cached_property
    def talwegs(self) -> tuple[Talweg, ...]:
        """The valley line from each minimum of ``strongest`` to the deeper one that it merges into."""
        return talwegs(self.strongest, self.separatrices)

    @cached_property
    def separatrix_lines(self) -> Lines:
        """The separatrices as lines of the plane."""
        return _joined([line.path for line in self.separatrices])

    @cached_property
    def talweg_lines(self) -> Lines:
        """The talwegs as lines of the plane."""
        return _joined([line.path for line in self.talwegs])

    def cut(self, threshold: float) -> Cut:
        """Choose the lines of the field simplified at a threshold.

        A saddle that is kept keeps its lines; one that ends in a minimum that is dropped goes on along the valleys to
        one that is kept.

        Args:
            threshold: In the unit of the persistence.
        """
        count = self.count(threshold)
        kept = self._saddle < count
        descending = np.flatnonzero(kept & ~self._ascending)
        talweg_of = {line.first: number for number, line in enumerate(self.talwegs)}
        onward: set[int] = set()
        for end in np.unique(self._extremum[descending]).tolist():
            while end >= count and (number := talweg_of.get(end)) is not None and number not in onward:
                onward.add(number)
                end = self.talwegs[number].second
        return Cut(
            descending=descending,
            ascending=np.flatnonzero(kept & self._ascending),
            onward=np.array(sorted(onward), dtype=np.int64),
            talwegs=np.array([number for first, number in talweg_of.items() if first < count], dtype=np.int64),
        )

    def basins(self, threshold: float) -> Integers:
        """Return which minimum each grid point drains to, as the simplified field has it.

        Args:
            threshold: In the unit of the persistence; a basin whose minimum is dropped joins the one it merges into.

        Returns:
            The rank of that minimum among all minima, most persistent first, int64 [nv, nu], which stays the same at
            every threshold; -1 where the loss is not finite.
        """
        return self._names(self.count(threshold))[self._finest_basins]

    def minima(self, threshold: float) -> Integers:
        """Return the indices of the minima that are kept at a threshold, most persistent first."""
        return np.flatnonzero(self.points.kind[: self.count(threshold)] == CriticalKind.MINIMUM)

    @cached_property
    def _finest_basins(self) -> Integers:
        """Index of each grid point's minimum; the last place of ``_names`` where there is none."""
        found = basins(self._topology.f, self.points)
        return np.where(found < 0, len(self.points), found)

    def _names(self, count: int) -> Integers:
        """For each point the rank of the minimum that its basin belongs to while the first ones are kept [k + 1]."""
        total = len(self.points)
        joins = np.full(total + 1, total, dtype=np.int64)
        pairs = self.points.pairs
        joins[pairs.extremum] = np.where(pairs.parent < 0, total, pairs.parent)
        joins[:count] = np.arange(count)
        while not np.array_equal(further := joins[joins], joins):
            joins = further
        rank = np.append(np.cumsum(self.points.kind == CriticalKind.MINIMUM) - 1, -1)
        return rank[joins]

    @cached_property
    def _saddle(self) -> Integers:
        return np.array([line.saddle for line in self.separatrices], dtype=np.int64)

    @cached_property
    def _extremum(self) -> Integers:
        return np.array([line.extremum for line in self.separatrices], dtype=np.int64)

    @cached_property
    def _ascending(self) -> NDArray[np.bool_]:
        return np.array([line.ascending for line in self.separatrices], dtype=np.bool_)


def valleys_of(topology: Topology) -> Valleys:
    """Return the valleys of a topology, always the same object."""
    known = _known.get(topology)
    if known is None:
        known = _known[topology] = Valleys(topology)
    return known


def _joined(paths: Sequence[Float]) -> Lines:
    """Put lines (u, v, f) [n, 3] one after the other."""
    coordinates = np.concatenate([path[:, :2] for path in paths]) if paths else np.zeros((0, 2))
    owner = np.repeat(np.arange(len(paths)), [len(path) for path in paths])
    return Lines(coordinates, owner.astype(np.int64))
