"""Triangles cut where basins meet: each corner's colour reaches halfway to its neighbours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Triangles of one basin each.

    Attributes:
        triangles: int64 [m, 3].
        label: int64 [m], the basin of each.
        corners: int64 [k, 3], the old points in whose middle each additional point lies; on an edge, one is there
            twice, in the share that ``weights`` says.
        weights: float32 [k, 3], adding up to 1.
    """

    triangles: Integers
    label: Integers
    corners: Integers
    weights: Float32

    def spread(self, values: Float32) -> Float32:
        """Return values [n, c] of the old points, followed by those of the additional ones."""
        between = (values[self.corners] * self.weights[:, :, None]).sum(axis=1)
        return np.concatenate([values, between.astype(np.float32)])


def divide(triangles: NDArray[np.integer], label: NDArray[np.integer]) -> Pieces:
    """Cut every triangle whose corners belong to several basins.

    Args:
        triangles: [m, 3], corners by their number.
        label: Basin of each point [n].

    Returns:
        The triangles that need no cut, then six pieces for each of the others.
    """
    names = label[triangles].astype(np.int64)
    whole = (names[:, 0] == names[:, 1]) & (names[:, 1] == names[:, 2])
    cut, cut_names = triangles[~whole].astype(np.int64), names[~whole]
    count = len(cut)
    middle = label.size + np.arange(4 * count).reshape(count, 4)  # of edges 01, 12, 20, and of the triangle
    edges = [cut[:, [0, 1, 1]], cut[:, [1, 2, 2]], cut[:, [2, 0, 0]]]
    corners = np.stack([*edges, cut], axis=1).reshape(-1, 3)
    halves, thirds = np.array([0.5, 0.25, 0.25]), np.full(3, 1 / 3)
    weights = np.tile(np.stack([halves, halves, halves, thirds]), (count, 1)).astype(np.float32)
    pieces, piece_names = [triangles[whole].astype(np.int64)], [names[whole, 0]]
    for corner in range(3):
        after, before = middle[:, corner], middle[:, (corner + 2) % 3]
        pieces += [
            np.column_stack([cut[:, corner], after, middle[:, 3]]),
            np.column_stack([cut[:, corner], middle[:, 3], before]),
        ]
        piece_names += [cut_names[:, corner]] * 2
    return Pieces(np.concatenate(pieces), np.concatenate(piece_names), corners, weights)
