"""A mesh cut off by a horizontal plane."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What a plane leaves of a mesh of n vertices; further vertices lie where edges cross it.

    Attributes:
        below: triangles at and below the plane, vertex numbers int64 [a, 3].
        above: triangles above it, the same.
        rim: pieces of the line in which the surface crosses the plane, pairs of vertex numbers int64 [c, 2].
        edges: the edges that cross it, vertex numbers int64 [k, 2]; vertex n + i lies on edge i.
        share: where on its edge each further vertex lies, float64 [k], 0 at the first end, 1 at the second.
    """

    below: Integers
    above: Integers
    rim: Integers
    edges: Integers
    share: Floats

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return values [n, …] of the vertices, followed by those of the further ones, linear along the edges."""
        share = self.share.reshape(-1, *[1] * (values.ndim - 1)).astype(values.dtype)
        between = (1 - share) * values[self.edges[:, 0]] + share * values[self.edges[:, 1]]
        return np.concatenate([values, between])

    def spread_nearest(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return values [n, …] of the vertices, followed by those of the nearer end of each edge."""
        nearer = np.where(self.share <= 0.5, self.edges[:, 0], self.edges[:, 1])
        return np.concatenate([values, values[nearer]])


def cut_above(z: npt.ArrayLike, triangles: npt.NDArray[np.integer], top: float) -> Cut:
    """Cut a mesh at a height.

    Args:
        z: finite heights of the vertices that triangles have, [n].
        triangles: vertex numbers [m, 3].
        top: height of the plane. What lies in it counts as below.

    Returns:
        Both parts, with the same orientation as before.
    """
    height = np.asarray(z, dtype=np.float64)
    corners = np.asarray(triangles, dtype=np.int64)
    over = height[corners] > top
    count = over.sum(axis=1)
    # turn the triangles that are crossed so that the corner that is alone on its side comes first
    crossed = (count == 1) | (count == 2)
    alone = np.where(count[crossed, None] == 1, over[crossed], ~over[crossed]).argmax(axis=1)
    turned = corners[crossed][np.arange(alone.size)[:, None], (alone[:, None] + np.arange(3)) % 3]
    tip_is_over = count[crossed] == 1
    ends = np.sort(np.stack([turned[:, [0, 1]], turned[:, [0, 2]]], axis=1).reshape(-1, 2), axis=1)
    edges, number = np.unique(ends, axis=0, return_inverse=True)
    first, second = (height.size + number.reshape(-1, 2)).T
    tip = np.column_stack([turned[:, 0], first, second])
    rest = np.concatenate(
        [np.column_stack([first, turned[:, 1], turned[:, 2]]), np.column_stack([first, turned[:, 2], second])]
    )
    twice = np.tile(tip_is_over, 2)
    low, high = height[edges[:, 0]], height[edges[:, 1]]
    return Cut(
        below=np.concatenate([corners[count == 0], tip[~tip_is_over], rest[twice]]),
        above=np.concatenate([corners[count == 3], tip[tip_is_over], rest[~twice]]),
        rim=np.column_stack([first, second]),
        edges=edges,
        share=(top - low) / np.where(high == low, 1.0, high - low),
    )
