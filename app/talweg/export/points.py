"""Points in any order as the grid that they are."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg_compute.messages import InputError

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where each point of a list stands in a grid.

    Attributes:
        u: float64 [nu], ascending.
        v: float64 [nv], ascending.
        order: int64 [nv * nu], the number of the point at each place of the grid, row by row.
    """

    u: Float
    v: Float
    order: NDArray[np.int64]

    def arrange(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Put one value a point into its place; returns [nv, nu]."""
        return values[self.order].reshape(self.v.size, self.u.size)


def find_lattice(path: Path, x: Float, y: Float, what: str = "points") -> Lattice:
    """Find the grid whose points are given in any order.

    Args:
        path: The file, for errors.
        x: Coordinates [n] that become the columns.
        y: Coordinates [n] that become the rows.
        what: What the file calls the points.

    Returns:
        The grid.

    Raises:
        InputError: They are no grid: a coordinate is not finite, or some u does not meet each v exactly once.
    """
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError(f"{path}: some {what} have no finite coordinates; expected the points of a grid.")
    u, column = np.unique(x, return_inverse=True)
    v, row = np.unique(y, return_inverse=True)
    place = row * u.size + column
    if place.size != u.size * v.size or np.unique(place).size != place.size:
        raise InputError(
            f"{path}: got {place.size} {what} with {u.size} different u and {v.size} different v, which are not the "
            "points of a grid; expected each u with each v exactly once."
        )
    return Lattice(u, v, np.argsort(place).astype(np.int64))
