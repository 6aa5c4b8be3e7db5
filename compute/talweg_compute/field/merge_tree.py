"""The tree in which the minima of a field join at its saddles, and the lowest pass between two of them.

Carr, Snoeyink and Axen, "Computing contour trees in all dimensions" (2003), section 3: one of the two trees.
"""

from dataclasses import dataclass

import numpy as np

from talweg_compute.field.arrays import Floats, Integers
from talweg_compute.field.critical_points import CriticalKind, CriticalPoints, rise


@dataclass(frozen=True, slots=True, eq=False)
class MergeTree:
    """A tree of minima as branches, most persistent first; all arrays are of length m and read-only.

    Attributes:
        extremum: index of the minimum among the critical points, int64.
        saddle: index of the saddle at which its branch joins another; -1 for one that never does, int64.
        parent: index of the minimum of that other branch; -1 for none, int64.
        level: f at the saddle; infinity for one that never joins, float64.
    """

    extremum: Integers
    saddle: Integers
    parent: Integers
    level: Floats

    def __len__(self) -> int:
        return int(self.extremum.size)


def merge_tree(points: CriticalPoints) -> MergeTree:
    """Return the tree of the minima: the components of the sublevel sets and where they join.

    Args:
        points: critical points of a field, simplified or not.

    Returns:
        One branch for each minimum. The global minimum never joins, nor does one that masked values enclose.
    """
    pairs = points.pairs
    extremum = np.flatnonzero(points.kind == CriticalKind.MINIMUM)
    saddle, parent = np.full(len(points), -1, dtype=np.int64), np.full(len(points), -1, dtype=np.int64)
    saddle[pairs.extremum] = pairs.saddle
    parent[pairs.extremum] = pairs.parent
    saddle, parent = saddle[extremum], parent[extremum]
    level = np.full(extremum.size, np.inf)
    level[saddle >= 0] = points.value[saddle[saddle >= 0]]
    tree = MergeTree(extremum, saddle, parent, level)
    for array in (tree.extremum, tree.saddle, tree.parent, tree.level):
        array.flags.writeable = False
    return tree


def lowest_pass(points: CriticalPoints, first: int, second: int) -> int:
    """Return the highest saddle that the best path between two minima has to cross.

    Args:
        points: critical points of a field; those that are simplified away cannot be crossed.
        first: index of a minimum.
        second: index of another minimum.

    Returns:
        The index of the saddle, -1 if no path of finite values joins the two.

    Raises:
        ValueError: one of the two is no minimum, or both are the same.
    """
    check_minima(points, first, second)
    tree = merge_tree(points)
    saddle = dict(zip(tree.extremum.tolist(), tree.saddle.tolist(), strict=True))
    parent = dict(zip(tree.extremum.tolist(), tree.parent.tolist(), strict=True))

    def joins_at(minimum: int) -> tuple[float, int, int]:
        at = saddle[minimum]
        if at < 0:
            return (np.inf, 0, 0)
        return (float(points.value[at]), int(points.row[at]), int(points.column[at]))

    crossed = -1
    while first != second:
        if joins_at(second) < joins_at(first):
            first, second = second, first
        crossed = saddle[first]
        if crossed < 0:
            return -1
        first = parent[first]
    return crossed


def barrier(points: CriticalPoints, first: int, second: int) -> float:
    """Return how far the best path between two minima climbs above the higher one.

    Args:
        points: critical points of a field.
        first: index of a minimum.
        second: index of another minimum.

    Returns:
        How far the lowest pass lies above the larger f of the two minima, in the unit of the persistence; infinity if
        there is no pass.

    Raises:
        ValueError: one of the two is no minimum, or both are the same.
    """
    crossed = lowest_pass(points, first, second)
    if crossed < 0:
        return float("inf")
    higher = max(points.value[first], points.value[second])
    return float(rise(higher, points.value[crossed], logarithmic=points.logarithmic))


def check_minima(points: CriticalPoints, first: int, second: int) -> None:
    """Check that two critical points are minima and not the same.

    Args:
        points: critical points of a field.
        first: index of one of them.
        second: index of the other one.

    Raises:
        ValueError: one of the two is no minimum, or both are the same.
    """
    for index in (first, second):
        if not 0 <= index < len(points) or points.kind[index] != CriticalKind.MINIMUM:
            raise ValueError(f"first, second: take indices of minima, got {index}")
    if first == second:
        raise ValueError(f"first, second: take two minima, got {first} twice")
