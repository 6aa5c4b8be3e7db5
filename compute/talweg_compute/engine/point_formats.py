"""Which number format each point of a grid is evaluated in, and which points have to be evaluated again."""

import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.number_format import Precision
from talweg_compute.engine.precision import Deviation, critical_vertices, within_noise

Indices = NDArray[np.int64]


class PointFormats:
    """A coarse number format for most points, and float32 where it would only show its noise.

    Near a minimum, or wherever neighbours differ by less than ``FLOORS_OF_RANGE`` noise floors, slopes in a coarse
    format cannot be trusted; those points, and the persistent critical points with their neighbours, are evaluated in
    float32.

    Args:
        points: What is known of the points.
        shape: [nu], [nv, nu] or [nw, nv, nu], of the grid.
        choice: The format for most points.
        deviation: What was measured of it; None for float32.
    """

    def __init__(
        self,
        points: KnownPoints,
        shape: tuple[int, ...],
        choice: Precision = "float32",
        deviation: Deviation | None = None,
    ) -> None:
        self._points, self._shape, self.choice, self._deviation = points, shape, choice, deviation
        self._fine = np.zeros(points.seen.size, dtype=np.bool_)  # to be evaluated in float32
        self._given_up = False

    @property
    def has_coarse(self) -> bool:
        """Whether points are in a coarse format."""
        return bool(self._coarse().any())

    def of(self, index: int) -> Precision:
        """Return the format in which a point is to be evaluated."""
        return "float32" if self._fine[index] else self.choice

    def give_up(self) -> None:
        """Use float32 from now on, also for the points that are in a coarse format already."""
        self.choice, self._given_up = "float32", True

    def foresee(self, lattice: tuple[Indices, ...]) -> None:
        """Mark the points where the surface, as a lattice of the grid shows it, is too flat for the coarse format.

        Args:
            lattice: Its lines along each axis of the shape, ascending.
        """
        if self.choice != "float32":
            among = np.zeros(self._shape, dtype=np.bool_)
            among[np.ix_(*lattice)] = True
            self._fine |= self._flat(among)

    def demand(self, indices: Indices) -> None:
        """Let points be evaluated anew in float32."""
        self._fine[indices] = True
        self._points.forget(indices)

    def persistent(self, lattice: tuple[Indices, ...]) -> Indices:
        """Find the persistent critical points of a lattice of the grid that is known.

        Args:
            lattice: Its lines along each axis of the shape, ascending.

        Returns:
            Flat indices in the grid of those in a coarse format; none of a line or a volume.
        """
        if len(lattice) != 2 or min(lines.size for lines in lattice) < 2:
            return np.empty(0, dtype=np.int64)
        rows, columns = lattice
        crossings = np.ix_(rows, columns)
        loss, error = self._field("loss")[crossings], self._field("loss_standard_error")[crossings]
        inside, _ = critical_vertices(loss, error)
        row, column = np.divmod(inside, columns.size)
        index = rows[row] * self._shape[1] + columns[column]
        return np.asarray(index[self._coarse()[index]])

    def unsettled(self) -> Indices:
        """List the points in a coarse format that must be evaluated in float32 after all."""
        coarse = self._coarse()
        if not coarse.any() or (self._deviation is None and not self._given_up):
            return np.empty(0, dtype=np.int64)
        everywhere = np.ones(self._shape, dtype=np.bool_)
        wrong = everywhere.ravel() if self._given_up else self._flat(everywhere) | self._is_broken()
        if len(self._shape) == 2 and min(self._shape) > 1:
            wrong |= critical_vertices(self._field("loss"), self._field("loss_standard_error"))[1].ravel()
        self._fine |= wrong
        return np.flatnonzero(wrong & coarse)

    def broken(self) -> Indices:
        """List the points that are not finite in a coarse format, which float32 may be."""
        return np.flatnonzero(self._is_broken())

    def _is_broken(self) -> NDArray[np.bool_]:
        return np.asarray(self._coarse() & ~np.isfinite(self._points.fields["loss"]))

    def _field(self, name: str) -> NDArray[np.float64]:
        return self._points.fields[name].reshape(self._shape)

    def _coarse(self) -> NDArray[np.bool_]:
        return np.asarray((self._points.precision != "float32") & (self._points.precision != ""))

    def _flat(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        if self._deviation is None:
            return np.zeros(among.size, dtype=np.bool_)
        known = (self._points.precision != "").reshape(self._shape) & among
        return within_noise(self._field("loss"), known, self._deviation.floor, self._deviation.relative).ravel()
