"""Points in any order as the grid that they are."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.export.imported import LINE
from talweg_compute.messages import InputError

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where each point of a list stands in a grid.

    Attributes:
        u: float64 [nu], ascending.
        v: float64 [nv], ascending.
        w: float64 [nw], ascending, of a volume; otherwise ``LINE``.
        order: int64 [nw * nv * nu], the number of the point at each place of the grid, sheet by sheet and row by row.
    """

    u: Float
    v: Float
    w: Float
    order: NDArray[np.int64]

    def arrange(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Put one value a point into its place; returns [nv, nu], or [nw, nv, nu] for a volume."""
        shape = (self.v.size, self.u.size) if self.w is LINE else (self.w.size, self.v.size, self.u.size)
        return values[self.order].reshape(shape)


def find_lattice(path: Path, x: Float, y: Float, z: Float | None = None, what: str = "points") -> Lattice:
    """Find the grid whose points are given in any order.

    Args:
        path: The file, for errors.
        x: Coordinates [n] that become the columns.
        y: Coordinates [n] that become the rows.
        z: Coordinates [n] that become the sheets of a volume; None: there is one sheet.
        what: What the file calls the points.

    Returns:
        The grid.

    Raises:
        InputError: They are no grid: a coordinate is not finite, or some u does not meet each v exactly once.
    """
    given = {"u": x, "v": y} | ({} if z is None else {"w": z})
    if not all(np.isfinite(values).all() for values in given.values()):
        raise InputError(f"{path}: some {what} have no finite coordinates; expected the points of a grid.")
    place, count = np.zeros(x.size, dtype=np.int64), 1
    axes = {}
    for name, values in reversed(given.items()):
        axes[name], index = np.unique(values, return_inverse=True)
        place = place * axes[name].size + index
        count *= axes[name].size
    if place.size != count or np.unique(place).size != place.size:
        sizes = " and ".join(f"{axes[name].size} different {name}" for name in given)
        each = "each u with each v" if z is None else "each u with each v and each w"
        raise InputError(
            f"{path}: got {place.size} {what} with {sizes}, which are not the points of a grid; expected {each} "
            "exactly once."
        )
    return Lattice(axes["u"], axes["v"], axes.get("w", LINE), np.argsort(place).astype(np.int64))
