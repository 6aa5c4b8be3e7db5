"""Lines of steepest descent or ascent on the bicubic spline of a field, many at once, by the Runge-Kutta method."""

import numpy as np

from talweg_compute.field.arrays import Flags, Floats, Integers
from talweg_compute.field.spline import SplineSurface
from talweg_compute.field.unit_squares import UnitSquares

STEP = 0.25
"""Length of a full step, in cells."""

_SMALLEST_STEP = STEP / 64
_GROWTH = 1.25
_CAPTURE = 1.0  # cells from a target at which a line is said to reach it; at most 1, which is as far as squares see


class FlowLines:
    """Lines of steepest descent or ascent, integrated by Runge-Kutta of 4th order.

    The speed is 1, the step a quarter of a cell; a step that does not go down (up) is halved. A line ends within a cell
    of a target, in a cell with a masked corner, where no step helps, and, going up, at the frame. Going down it slides
    along the frame, as the field rises outside. Steepest is meant in (u, v), taken as orthonormal.

    Attributes:
        position: where each line is, or ended, (u, v) float64 [k, 2].
        target: index of the target that each line reached, int64 [k]; -1 for none.
    """

    def __init__(
        self, surface: SplineSurface, masked: Flags, start: Floats, targets: Floats, *, ascending: bool
    ) -> None:
        """Integrate the lines.

        Args:
            surface: the spline.
            masked: which grid points have no value [nv, nu].
            start: first positions (u, v) [k, 2], inside the grid.
            targets: positions (u, v) [m, 2] at which lines end.
            ascending: go up instead of down.
        """
        self._surface = surface
        self._masked = masked
        self._sense = 1.0 if ascending else -1.0
        self._low = np.array([surface.u[0], surface.v[0]])
        self._high = np.array([surface.u[-1], surface.v[-1]])
        self._cell = np.array([np.diff(surface.u).min(), np.diff(surface.v).min()])
        self._full = STEP * float(self._cell.min())
        self._targets = targets / self._cell
        self._squares = UnitSquares(self._targets)
        self.position = start.copy()
        self.target = np.full(len(start), -1, dtype=np.int64)
        self._step = np.full(len(start), self._full)
        self._active = np.ones(len(start), dtype=np.bool_)
        self._visited = [(np.arange(len(start)), start)]
        most = int(4 * float((self._high - self._low).sum()) / self._full)
        for _ in range(most):
            self._end_at_targets()
            self._end_at_masked_cells()
            if not self._active.any():
                break
            self._advance()

    def paths(self) -> list[Floats]:
        """Return the positions that each line went through.

        Returns:
            (u, v) [n, 2] for each line, from its start on.
        """
        owner = np.concatenate([line for line, _ in self._visited])
        path = np.concatenate([position for _, position in self._visited])[np.argsort(owner, kind="stable")]
        ends = np.cumsum(np.bincount(owner, minlength=len(self.position)))
        return np.split(path, ends[:-1]) if ends.size else []

    def _advance(self) -> None:
        moving = np.flatnonzero(self._active)
        begin = self.position[moving]
        step = self._step[moving][:, None]
        k1 = self._velocity(begin)
        k2 = self._velocity(begin + step / 2 * k1)
        k3 = self._velocity(begin + step / 2 * k2)
        k4 = self._velocity(begin + step * k3)
        end = begin + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        leaves = ((end < self._low) | (end > self._high)).any(axis=-1)
        end = np.clip(end, self._low, self._high)
        helps = self._sense * (self._surface.value(end) - self._surface.value(begin)) > 0
        # a step much shorter than its length went to and fro across a valley or an extremum
        helps &= leaves | (np.linalg.norm(end - begin, axis=-1) > step[:, 0] / 2)
        self.position[moving[helps]] = end[helps]
        self._visited.append((moving[helps], end[helps]))
        self._step[moving] = np.where(helps, np.minimum(_GROWTH * step[:, 0], self._full), step[:, 0] / 2)
        stalled = self._step[moving] < _SMALLEST_STEP * self._full / STEP
        self._active[moving] = ~(stalled | (leaves & (self._sense > 0)))

    def _velocity(self, position: Floats) -> Floats:
        inside = np.clip(position, self._low, self._high)
        flow = self._sense * self._surface.gradient(inside)
        if self._sense < 0:
            outwards = ((inside <= self._low) & (flow < 0)) | ((inside >= self._high) & (flow > 0))
            flow = np.where(outwards, 0.0, flow)
        speed = np.linalg.norm(flow, axis=-1, keepdims=True)
        return np.asarray(np.divide(flow, speed, out=np.zeros_like(flow), where=speed > 0))

    def _end_at_targets(self) -> None:
        moving = np.flatnonzero(self._active)
        place = self.position[moving] / self._cell
        line, target = self._squares.near(place)
        distance = np.linalg.norm(place[line] - self._targets[target], axis=-1)
        caught = np.flatnonzero(distance <= _CAPTURE)
        caught = caught[np.argsort(-distance[caught], kind="stable")]  # the nearest is written last
        self.target[moving[line[caught]]] = target[caught]
        self._active[moving[line[caught]]] = False

    def _end_at_masked_cells(self) -> None:
        moving = np.flatnonzero(self._active)
        rows, columns = cell_corners(self._surface, self.position[moving])
        self._active[moving] = ~self._masked[rows, columns].any(axis=-1)


def cell_corners(surface: SplineSurface, position: Floats) -> tuple[Integers, Integers]:
    """Return the corners of the cells in which positions lie.

    Args:
        surface: the spline on its grid.
        position: (u, v) [k, 2], inside the grid.

    Returns:
        Rows and columns of the corners, int64 [k, 4] each.
    """
    j = np.clip(np.searchsorted(surface.u, position[:, 0], side="right") - 1, 0, surface.u.size - 2)
    i = np.clip(np.searchsorted(surface.v, position[:, 1], side="right") - 1, 0, surface.v.size - 2)
    return i[:, None] + np.array([0, 0, 1, 1]), j[:, None] + np.array([0, 1, 0, 1])
