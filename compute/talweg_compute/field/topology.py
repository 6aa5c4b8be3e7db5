"""The critical points of one field and where they are, worked out when first asked for and then kept."""

from functools import cached_property

import numpy.typing as npt

from talweg_compute.field.arrays import Floats, as_field, check_coordinates
from talweg_compute.field.critical_points import CriticalPoints, find_critical_points
from talweg_compute.field.refine import RefinedPositions, refine_positions


class Topology:
    """The critical points of a field and where they are: the one home of both.

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
