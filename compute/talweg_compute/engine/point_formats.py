"""Which number format each point of a grid is evaluated in, and which points have to be evaluated again."""

import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.noise import critical_vertices, within_noise
from talweg_compute.engine.number_format import Precision
from talweg_compute.engine.precision import Deviation
from talweg_compute.messages import COARSE_FIELDS

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


class PointFormats:
    """A coarse number format for most points, and float32 where it would only show its noise.

    Near a minimum, or wherever neighbours differ by less than ``FLOORS_OF_RANGE`` noise floors, slopes in a coarse
    format cannot be trusted; those points, and the persistent critical points with their neighbours, are evaluated in
    float32.

    Each decision follows from the numbers as they were when it was made. A run that resumes makes all of them again, so
    a point that was settled in float32 later counts with its coarse loss, which is kept, until it is settled again.

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
        self._settled = np.zeros(points.seen.size, dtype=np.bool_)
        self._given_up = False

    @property
    def has_coarse(self) -> bool:
        """Whether points are in a coarse format."""
        return bool(self._coarse().any())

    @property
    def heights(self) -> Floats:
        """The losses that decisions follow from, float64 [points]; NaN where nothing is known."""
        return self._values("loss", COARSE_FIELDS[0])

    def of(self, index: int) -> Precision:
        """Return the format in which a point is to be evaluated; one that saw some samples stays in its own."""
        if self._points.seen[index] and self._points.precision[index] != "":
            return "float32" if self._points.precision[index] == "float32" else self.choice
        return "float32" if self._fine[index] else self.choice

    def give_up(self) -> None:
        """Use float32 from now on, also for the points that are in a coarse format already."""
        self.choice, self._given_up = "float32", True

    def foresee(self, among: Flags) -> None:
        """Mark the points where the surface is too flat for the coarse format.

        Args:
            among: bool [points], the evaluated ones that show the surface.
        """
        if self.choice != "float32":
            self._fine |= self._flat(among)

    def demand(self, indices: Indices) -> None:
        """Let points be evaluated in float32 from now on."""
        self._fine[indices] = True

    def is_beyond(self, among: Flags, samples: int) -> bool:
        """Tell whether points in a coarse format have seen more than so many samples."""
        return bool((self._coarse() & among & (self._points.seen > samples)).any())

    def persistent(self, lattice: tuple[Indices, ...]) -> tuple[Indices, Flags]:
        """Find the persistent critical points of a lattice of the grid that is known.

        Args:
            lattice: Its lines along each axis of the shape, ascending.

        Returns:
            Their flat indices in the grid, none of a line or a volume; and which are in a coarse format.
        """
        if len(lattice) != 2 or min(lines.size for lines in lattice) < 2:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
        rows, columns = lattice
        crossings = np.ix_(rows, columns)
        inside, _ = critical_vertices(self._surface()[crossings], self._errors()[crossings])
        row, column = np.divmod(inside, columns.size)
        index = np.asarray(rows[row] * self._shape[1] + columns[column], dtype=np.int64)
        return index, self._coarse()[index]

    def unsettled(self, among: Flags, surface: Floats | None = None) -> Indices:
        """List the points in a coarse format that must be evaluated in float32 after all.

        Args:
            among: bool [points], the evaluated ones that show the surface.
            surface: float64 [nv, nu], heights everywhere, whose critical points are among them; None: not looked at.
        """
        coarse = self._coarse() & among
        if not coarse.any() or (self._deviation is None and not self._given_up):
            return np.empty(0, dtype=np.int64)
        if self._given_up:
            return np.flatnonzero(coarse)
        wrong = self._flat(among)
        if surface is not None and surface.ndim == 2 and min(surface.shape) > 1:
            wrong |= critical_vertices(surface, self._errors())[1].ravel()
        self._fine |= wrong
        return np.flatnonzero(wrong & coarse)

    def broken(self, among: Flags) -> Indices:
        """List the points that are not finite in a coarse format, which float32 may be."""
        return np.flatnonzero(self._coarse() & among & ~np.isfinite(self.heights))

    def settle(self, indices: Indices) -> Indices:
        """Count points as settled in float32 from now on; returns those that have to be evaluated for it."""
        anew = indices[self._is_stored_coarse()[indices]]
        self._fine[indices] = True
        self._settled[indices] = True
        return anew

    def _values(self, name: str, coarse_name: str) -> Floats:
        now, before = self._points.fields[name], self._points.coarse[coarse_name]
        return np.where(self._counts_as_coarse(), before, now)

    def _surface(self) -> Floats:
        return self.heights.reshape(self._shape)

    def _errors(self) -> Floats:
        return self._values("loss_standard_error", COARSE_FIELDS[1]).reshape(self._shape)

    def _is_stored_coarse(self) -> Flags:
        return np.asarray((self._points.precision != "float32") & (self._points.precision != ""))

    def _counts_as_coarse(self) -> Flags:
        """Points that an earlier process settled, later than this one has come."""
        kept = ~np.isnan(self._points.coarse[COARSE_FIELDS[0]]) & (self._points.precision == "float32")
        return np.asarray(kept & ~self._settled & (not self._given_up))

    def _coarse(self) -> Flags:
        return np.asarray(self._is_stored_coarse() | self._counts_as_coarse())

    def _flat(self, among: Flags) -> Flags:
        if self._deviation is None:
            return np.zeros(among.size, dtype=np.bool_)
        known = ((self._points.precision != "") & among).reshape(self._shape)
        return within_noise(self._surface(), known, self._deviation.floor, self._deviation.relative).ravel()
