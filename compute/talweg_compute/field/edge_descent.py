"""Steepest descent along the edges of the grid: which basins meet at a saddle, and ways where the spline has none."""

import numpy as np

from talweg_compute.field.arrays import Floats, Integers
from talweg_compute.field.basins import basins, lowest_neighbours
from talweg_compute.field.critical_points import CriticalPoints
from talweg_compute.field.triangulation import LOWER_REPRESENTATIVES, RING, UPPER_REPRESENTATIVES, link_codes

Vertices = list[tuple[int, int]]


class EdgeDescent:
    """The steepest paths down the edges of the grid, to minima among given points.

    Attributes:
        values: the field [nv, nu] with +inf in place of every non-finite value.
        basin: index of the minimum of each vertex among the points, int64 [nv, nu]; -1 for none.
    """

    values: Floats
    basin: Integers

    def __init__(self, f: Floats, points: CriticalPoints) -> None:
        """Prepare the paths.

        Args:
            f: field [nv, nu].
            points: its critical points.
        """
        self.values = np.where(np.isfinite(f), f, np.inf)
        self.basin = basins(f, points)
        self._successor = lowest_neighbours(self.values)
        self._codes = link_codes(self.values)

    def ways_out(self, row: int, column: int, *, ascending: bool) -> Vertices:
        """Return a neighbour of a vertex in each component of its lower (upper) link.

        Args:
            row: of the vertex.
            column: of the vertex.
            ascending: take the upper link.

        Returns:
            (row, column) of each, two at a simple saddle; those outside the grid or masked are left out.
        """
        table = UPPER_REPRESENTATIVES if ascending else LOWER_REPRESENTATIVES
        steps = [RING[direction] for direction in table[self._codes[row, column]] if direction >= 0]
        rows, columns = self.values.shape
        return [
            (row + down, column + right)
            for down, right in steps
            if 0 <= row + down < rows
            and 0 <= column + right < columns
            and np.isfinite(self.values[row + down, column + right])
        ]

    def path(self, row: int, column: int) -> tuple[Integers, Integers]:
        """Follow the steepest edges down from a vertex.

        Args:
            row: of the vertex.
            column: of the vertex.

        Returns:
            Rows and columns of the vertices down to a minimum, the first one included.
        """
        vertices = [row * self.values.shape[1] + column]
        while (following := int(self._successor[vertices[-1]])) != vertices[-1]:
            vertices.append(following)
        rows, columns = np.divmod(np.array(vertices, dtype=np.int64), self.values.shape[1])
        return rows, columns
