"""Everything about the topology of one field, each part worked out when first asked for and then kept."""

from functools import cached_property

import numpy.typing as npt

from talweg_compute.field.arrays import Floats, Integers, as_field, check_coordinates
from talweg_compute.field.basins import basins
from talweg_compute.field.critical_points import CriticalPoints, find_critical_points
from talweg_compute.field.merge_tree import MergeTree, barrier, lowest_pass, merge_tree, split_tree
from talweg_compute.field.refine import RefinedPositions, refine_positions
from talweg_compute.field.separatrices import Separatrix, separatrices
from talweg_compute.field.talwegs import Talweg, talweg, talwegs


class Topology:
    """The critical points of a field, where they are, and how they hang together.

    The index of a critical point is its name: it stays the same when less persistent points are simplified away.

    Attributes:
        f: the field [nv, nu].
        u: column coordinates [nu].
        v: row coordinates [nv].
        logarithmic: persistence, thresholds and barriers are in decades instead of units of f.
    """

    f: Floats
    u: Floats
    v: Floats
    logarithmic: bool

    def __init__(self, f: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike, *, logarithmic: bool = False) -> None:
        """Take a field; nothing is worked out yet.

        Args:
            f: values [nv, nu]; NaN and infinity are masked.
            u: column coordinates [nu], ascending.
            v: row coordinates [nv], ascending.
            logarithmic: measure persistence in decades; all finite values are positive.

        Raises:
            ValueError: shapes do not fit.
        """
        self.logarithmic = logarithmic
        self.f = as_field(f)
        self.u = check_coordinates("u", u, self.f.shape[1])
        self.v = check_coordinates("v", v, self.f.shape[0])
        self._simplified: Simplified | None = None
        self._positions: RefinedPositions | None = None

    @cached_property
    def points(self) -> CriticalPoints:
        """All critical points, most persistent first."""
        return find_critical_points(self.f, logarithmic=self.logarithmic)

    def positions(self, points: CriticalPoints) -> RefinedPositions:
        """Return where critical points are between the grid points.

        Args:
            points: those of the field, all or simplified.

        Returns:
            One position for each; those of points that are kept at every threshold asked for are always the same.
        """
        if self._positions is None or self._positions.u.size < len(points):
            self._positions = refine_positions(points, self.f, self.u, self.v)
        return self._positions.first(len(points))

    def above(self, threshold: float) -> "Simplified":
        """Simplify: leave out the points whose persistence is not larger than a threshold.

        Args:
            threshold: in the unit of the persistence.

        Returns:
            What is left. The one asked for last is kept.
        """
        if self._simplified is None or self._simplified.threshold != threshold:
            self._simplified = Simplified(self, threshold)
        return self._simplified

    def lowest_pass(self, first: int, second: int) -> int:
        """Return the index of the highest saddle on the best path between two minima, -1 if there is none."""
        return lowest_pass(self.points, first, second)

    def barrier(self, first: int, second: int) -> float:
        """Return how far the best path between two minima climbs above the higher one; infinity if there is none."""
        return barrier(self.points, first, second)

    def talweg(self, first: int, second: int) -> Talweg | None:
        """Return the line along the valley floors from one minimum to another, None if nothing joins them."""
        return talweg(self.points, self._lines, first, second)

    @cached_property
    def _lines(self) -> tuple[Separatrix, ...]:
        return separatrices(self.points, self.positions(self.points), self.f, self.u, self.v)


class Simplified:
    """The topology of a field above a threshold of persistence.

    Attributes:
        threshold: points have a larger persistence, in its unit.
        points: the critical points that are left, most persistent first.
    """

    threshold: float
    points: CriticalPoints

    def __init__(self, topology: Topology, threshold: float) -> None:
        """Simplify a topology.

        Args:
            topology: of the field.
            threshold: in the unit of the persistence.
        """
        self.threshold = threshold
        self.points = topology.points.above(threshold)
        self._topology = topology

    @cached_property
    def positions(self) -> RefinedPositions:
        """Where the points are."""
        return self._topology.positions(self.points)

    @cached_property
    def basins(self) -> Integers:
        """Index of the minimum that each grid vertex drains to, int64 [nv, nu], read-only; -1 for none."""
        labels = basins(self._topology.f, self.points)
        labels.flags.writeable = False
        return labels

    @cached_property
    def separatrices(self) -> tuple[Separatrix, ...]:
        """Lines of steepest descent and ascent from the saddles."""
        kept = len(self.points)
        return tuple(line for line in self._topology._lines if line.saddle < kept)

    @cached_property
    def talwegs(self) -> tuple[Talweg, ...]:
        """The valley line from each minimum, over the saddle where it dies, to the deeper minimum it joins there."""
        return talwegs(self._topology.points, self._topology._lines, self.threshold)

    @cached_property
    def merge_tree(self) -> MergeTree:
        """How the minima join."""
        return merge_tree(self.points)

    @cached_property
    def split_tree(self) -> MergeTree:
        """How the maxima join."""
        return split_tree(self.points)
