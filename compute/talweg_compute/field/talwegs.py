"""Talwegs: the lines along the valley floors from one minimum over the lowest saddles to another.

On a plane they can be had exactly: Draxler et al., "Essentially no barriers in neural network energy landscape" (2018),
and Garipov et al., "Loss surfaces, mode connectivity, and fast ensembling of DNNs" (2018), seek them among all weights.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from talweg_compute.field.arrays import Floats
from talweg_compute.field.critical_points import CriticalKind, CriticalPoints, rise
from talweg_compute.field.merge_tree import check_minima
from talweg_compute.field.separatrices import Separatrix


@dataclass(frozen=True, slots=True, eq=False)
class Talweg:
    """The line from one minimum to another whose highest point is as low as possible.

    Attributes:
        first: index of the minimum where it begins.
        second: index of the minimum where it ends.
        saddles: indices of the saddles it crosses, in order; the highest is the lowest pass between the two.
        barrier: how far that pass lies above the higher of the two minima, in the unit of the persistence.
        smooth: the whole line lies on the spline; otherwise parts of it follow the edges of the grid.
        path: (u, v, f), float64 [n, 3], read-only.
    """

    first: int
    second: int
    saddles: tuple[int, ...]
    barrier: float
    smooth: bool
    path: Floats


def talweg(points: CriticalPoints, lines: Iterable[Separatrix], first: int, second: int) -> Talweg | None:
    """Join two minima by descending separatrices through the lowest saddles.

    Args:
        points: critical points of a field.
        lines: the separatrices from these points.
        first: index of a minimum.
        second: index of another minimum.

    Returns:
        The line, or None if the separatrices do not connect the two.

    Raises:
        ValueError: one of the two is no minimum, or both are the same.
    """
    check_minima(points, first, second)
    return _walk(points, _valleys(points, lines), first, second)


def talwegs(points: CriticalPoints, lines: Iterable[Separatrix], threshold: float = 0.0) -> tuple[Talweg, ...]:
    """Join each minimum with the deeper one that it merges into.

    Args:
        points: critical points of a field.
        lines: the separatrices from these points.
        threshold: leave out minima whose persistence is not larger; lines still lead through them.

    Returns:
        One line for each pair of a minimum and a saddle, as far as the separatrices connect them.
    """
    valleys = _valleys(points, lines)
    pairs = points.above(threshold).pairs
    found = []
    for extremum, parent in zip(pairs.extremum.tolist(), pairs.parent.tolist(), strict=True):
        if points.kind[extremum] == CriticalKind.MINIMUM:
            line = _walk(points, valleys, extremum, parent)
            if line is not None:
                found.append(line)
    return tuple(found)


_Valleys = dict[int, list[tuple[int, Separatrix, Separatrix]]]


def _valleys(points: CriticalPoints, lines: Iterable[Separatrix]) -> _Valleys:
    """The spanning forest of the minima with the lowest saddles: for each minimum, the next ones and the way there."""
    by_saddle: dict[int, list[Separatrix]] = {}
    for line in lines:
        if not line.ascending and line.extremum >= 0:
            by_saddle.setdefault(line.saddle, []).append(line)
    root: dict[int, int] = {}

    def find(minimum: int) -> int:
        while root.setdefault(minimum, minimum) != minimum:
            minimum = root[minimum]
        return minimum

    valleys: _Valleys = {}
    for saddle in sorted(by_saddle, key=lambda index: (points.value[index], points.row[index], points.column[index])):
        for one, other in pairwise(by_saddle[saddle]):
            a, b = find(one.extremum), find(other.extremum)
            if a != b:
                root[a] = b
                valleys.setdefault(one.extremum, []).append((other.extremum, one, other))
                valleys.setdefault(other.extremum, []).append((one.extremum, other, one))
    return valleys


def _walk(points: CriticalPoints, valleys: _Valleys, first: int, second: int) -> Talweg | None:
    came_from: dict[int, tuple[int, Separatrix, Separatrix] | None] = {second: None}
    queue = deque([second])
    while queue and first not in came_from:
        here = queue.popleft()
        for minimum, near, far in valleys.get(here, []):
            if minimum not in came_from:
                came_from[minimum] = (here, far, near)
                queue.append(minimum)
    if first not in came_from:
        return None
    pieces, saddles, smooth = [], [], True
    here = first
    while (step := came_from[here]) is not None:
        here, up, down = step
        pieces += [up.path[::-1], down.path[1:]]
        saddles.append(up.saddle)
        smooth = smooth and up.smooth and down.smooth
    path = np.concatenate(pieces)
    path.flags.writeable = False
    higher, highest = points.value[[first, second]].max(), points.value[saddles].max()
    barrier = float(rise(higher, highest, logarithmic=points.logarithmic))
    return Talweg(first, second, tuple(saddles), barrier, smooth, path)
