"""Which points of the plane are near which others."""

import numpy as np

from talweg_compute.field.arrays import Floats, Integers


class UnitSquares:
    """Points sorted by the unit square that they lie in."""

    def __init__(self, points: Floats) -> None:
        """Sort the points.

        Args:
            points: positions [m, 2], whose unit is the distance at which others count as near.
        """
        square = np.floor(points).astype(np.int64)
        self._low = square.min(axis=0) - 1 if len(points) else np.zeros(2, dtype=np.int64)
        self._high = square.max(axis=0) + 1 if len(points) else np.zeros(2, dtype=np.int64)
        self._stride = int(self._high[1] - self._low[1]) + 3
        key = self._keys(square)
        self._order = np.argsort(key, kind="stable")
        self._ascending = key[self._order]

    def near(self, others: Floats) -> tuple[Integers, Integers]:
        """Return all pairs of another point and one of the points in the same or an adjoining square.

        Args:
            others: positions [k, 2].

        Returns:
            Index of the other and index of the point [n] each; all pairs at most 1 apart are among them.
        """
        square = np.floor(others).astype(np.int64)
        inside = np.flatnonzero(((square >= self._low) & (square <= self._high)).all(axis=-1))
        key = self._keys(square[inside])
        found = []
        for step in (-self._stride, 0, self._stride):  # three squares side by side are one range of keys
            begin = np.searchsorted(self._ascending, key + step - 1)
            count = np.searchsorted(self._ascending, key + step + 1, side="right") - begin
            other = np.repeat(np.arange(key.size), count)
            within = np.arange(other.size) - np.repeat(np.cumsum(count) - count, count)
            found.append(np.stack([inside[other], self._order[np.repeat(begin, count) + within]]))
        pairs = np.concatenate(found, axis=1)
        return pairs[0], pairs[1]

    def _keys(self, square: Integers) -> Integers:
        row, column = square[:, 0] - self._low[0], square[:, 1] - self._low[1]
        return np.asarray(row * self._stride + column + 1)
