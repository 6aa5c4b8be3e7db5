"""Newton's method on the bicubic splines of many small patches of a field at once."""

from dataclasses import dataclass

import numpy as np

from talweg_compute.field.arrays import Flags, Floats, Integers
from talweg_compute.field.hermite import corner_data, jets
from talweg_compute.field.spline import heights, smoother

_STEP = 1.5  # cells a step may take
_ITERATIONS = 20
_HALVINGS = 6
_STILL = 1e-9  # cells; convergence is quadratic, so what is left then is rounding
_FLAT = 1e-6  # gradient per cell and curvature per cell squared that count as zero, relative to the range of the patch


@dataclass(frozen=True, slots=True, eq=False)
class Stationary:
    """What Newton's method found around each of k vertices.

    Attributes:
        x: column coordinate relative to the vertex, in the given unit [k].
        y: row coordinate relative to the vertex [k].
        value: f there [k].
        negative: number of negative eigenvalues of the Hessian there, int64 [k]; -1 where the gradient does not vanish,
            the Hessian is degenerate, or the height is far from those around the vertex; or a minimum lies above the
            vertex, or a maximum below.
    """

    x: Floats
    y: Floats
    value: Floats
    negative: Integers


def find_stationary(x: Floats, y: Floats, f: Floats, vertex: tuple[int, int], reach: float) -> Stationary:
    """Find a zero of the gradient of each patch's spline, starting at one of its grid points.

    Args:
        x: column coordinates of each patch relative to its vertex [m, k], in units of a cell.
        y: row coordinates [n, k].
        f: finite values of the patches [n, m, k].
        vertex: row and column of the start in each patch.
        reach: how far from the vertex the result may lie, in cells.

    Returns:
        The zeros with the types of their Hessians.
    """
    patches = _Patches(x, y, f)
    low = np.maximum(-reach, np.stack([x[0], y[0]], axis=-1))
    high = np.minimum(reach, np.stack([x[-1], y[-1]], axis=-1))
    position = np.zeros((f.shape[-1], 2))
    moving = np.arange(len(position))
    jet = patches.jet(moving, position)
    for _ in range(_ITERATIONS):
        here, steepness = position[moving], _steepness(jet[moving])
        step = _newton_step(jet[moving])
        step *= np.minimum(1.0, _STEP / np.maximum(np.abs(step).max(axis=-1, initial=0.0), 1e-300))[:, None]
        waiting = np.arange(moving.size)
        still = np.ones(moving.size, dtype=np.bool_)
        for _ in range(_HALVINGS):
            there = np.clip(here[waiting] + step[waiting], low[moving[waiting]], high[moving[waiting]])
            after = patches.jet(moving[waiting], there)
            flatter = _steepness(after) < steepness[waiting]
            better = waiting[flatter]
            position[moving[better]], jet[moving[better]] = there[flatter], after[flatter]
            still[better] = np.abs(there[flatter] - here[better]).max(axis=-1, initial=0.0) <= _STILL
            waiting = waiting[~flatter]
            step[waiting] /= 2
        moving = moving[~still]  # those that no step makes flatter have arrived, or never will
        if moving.size == 0:
            break
    height = jet[:, 0, 0]
    smaller, larger = _eigenvalues(jet)
    tolerance = _FLAT * patches.range
    found = _plausible(patches.g, vertex, height) & (_steepness(jet) <= tolerance) & (patches.range > 0)
    found &= np.minimum(np.abs(smaller), np.abs(larger)) > tolerance
    climb = height - patches.g[vertex]
    rounding = 1e-12 * patches.range
    found &= np.where(smaller > 0, climb <= rounding, np.where(larger < 0, climb >= -rounding, True))
    negative = np.where(found, (smaller < 0).astype(np.int64) + (larger < 0), -1)
    return Stationary(position[:, 0], position[:, 1], patches.heights(height), negative)


class _Patches:
    """The splines of k patches [n, m] of a field; lengths are in cells."""

    def __init__(self, x: Floats, y: Floats, f: Floats) -> None:
        self.g, self._scale, self._logarithmic = smoother(f)
        self.range = self.g.max(axis=(0, 1)) - self.g.min(axis=(0, 1))
        self._x, self._y = x, y
        self._corners = corner_data(x, y, self.g)

    def heights(self, g: Floats) -> Floats:
        return heights(g, self._scale, self._logarithmic)

    def jet(self, patch: Integers, position: Floats) -> Floats:
        """Derivatives [j, 3, 3] of order (dv, du) of some patches at one position (x, y) in each."""
        x, y = self._x[:, patch], self._y[:, patch]
        column = (x[1:-1] <= position[:, 0]).sum(axis=0)
        row = (y[1:-1] <= position[:, 1]).sum(axis=0)
        here = np.arange(patch.size)
        left, below = x[column, here], y[row, here]
        width, height = x[column + 1, here] - left, y[row + 1, here] - below
        pair = np.arange(2)
        corners = self._corners[
            (row[:, None] + pair)[:, :, None], (column[:, None] + pair)[:, None, :], patch[:, None, None]
        ]
        return jets(corners, (position[:, 0] - left) / width, (position[:, 1] - below) / height, width, height)


def _steepness(jet: Floats) -> Floats:
    return np.hypot(jet[:, 0, 1], jet[:, 1, 0])


def _newton_step(jet: Floats) -> Floats:
    """The shortest least-squares solution of Hessian @ step = -gradient, (x, y) [k, 2]."""
    a, b, c = jet[:, 0, 2], jet[:, 1, 1], jet[:, 2, 0]
    p, q = jet[:, 0, 1], jet[:, 1, 0]
    determinant, square = a * c - b * b, a * a + 2 * b * b + c * c
    regular = np.abs(determinant) > 1e-12 * square
    # of a singular symmetric matrix H the pseudo-inverse is H / (trace of H squared)
    divisor = np.where(regular, determinant, np.where(square > 0, square, 1.0))
    x = np.where(regular, c * p - b * q, a * p + b * q)
    y = np.where(regular, a * q - b * p, b * p + c * q)
    return -np.stack([x, y], axis=-1) / divisor[:, None]


def _eigenvalues(jet: Floats) -> tuple[Floats, Floats]:
    middle = (jet[:, 0, 2] + jet[:, 2, 0]) / 2
    radius = np.hypot((jet[:, 0, 2] - jet[:, 2, 0]) / 2, jet[:, 1, 1])
    return middle - radius, middle + radius


def _plausible(g: Floats, vertex: tuple[int, int], found: Floats) -> Flags:
    """Whether a height differs from the vertex's by no more than the vertex's neighbours differ: no overshoot."""
    row, column = vertex
    star = g[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    spread = star.max(axis=(0, 1)) - star.min(axis=(0, 1))
    return np.asarray(np.abs(found - g[row, column]) <= spread)
