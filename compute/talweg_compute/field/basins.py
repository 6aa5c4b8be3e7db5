"""The basins of a field: which minimum the steepest way down from each grid vertex leads to.

They are the descending manifolds of Edelsbrunner, Harer and Zomorodian (2003), vertex by vertex.
"""

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Floats, Integers, as_field
from talweg_compute.field.critical_points import CriticalKind, CriticalPoints
from talweg_compute.field.persistence import analyse
from talweg_compute.field.triangulation import RING, last_of_paths


def basins(f: npt.ArrayLike, points: CriticalPoints) -> Integers:
    """Return the minimum of each grid vertex; the basin of a dropped minimum belongs to the one it joins.

    Args:
        f: values [nv, nu].
        points: critical points of f; simplified ones give the basins of the simplified field.

    Returns:
        Index of a minimum among the points for each vertex, int64 [nv, nu]; -1 where f is not finite, and in finite
        areas without a minimum in the list.

    Raises:
        ValueError: f is no matrix of at least 2 x 2 values, or the points lie outside it.
    """
    field = as_field(f)
    columns = field.shape[1]
    minima = np.flatnonzero(points.kind == CriticalKind.MINIMUM)
    if len(points) and (points.row.max() >= field.shape[0] or points.column.max() >= columns):
        raise ValueError("points: take critical points of the field f, got points outside its grid")
    topology = analyse(field)
    tree = topology.minima
    name = np.full(field.size, -1, dtype=np.int64)
    name[points.row[minima] * columns + points.column[minima]] = minima
    kept = name[tree.extremum] >= 0
    joins = (tree.saddle >= 0) & np.isfinite(topology.values.ravel()[tree.saddle])
    position = np.arange(tree.extremum.size)
    survivor = last_of_paths(np.where(kept | ~joins, position, tree.parent))
    basin_of = np.full(field.size, -1, dtype=np.int64)
    basin_of[tree.extremum] = name[tree.extremum[survivor]]
    labels = basin_of[last_of_paths(lowest_neighbours(topology.values))].reshape(field.shape)
    return np.where(np.isfinite(field), labels, -1)


def lowest_neighbours(values: Floats) -> Integers:
    """Return the lowest vertex of each star: one step of the steepest way down.

    Args:
        values: field [nv, nu] without NaN; +inf stands for masked values.

    Returns:
        Flat index of the lowest of each vertex and its neighbours, int64 [nv * nu]; the vertex itself at a minimum.
    """
    rows, columns = values.shape
    lowest = np.full((rows, columns), np.inf)
    step = np.zeros((rows, columns), dtype=np.int64)
    # ascending flat index, so that of equal values the smaller index is taken
    for down, right in sorted([*RING, (0, 0)]):
        here = (slice(max(0, -down), rows - max(0, down)), slice(max(0, -right), columns - max(0, right)))
        there = (slice(max(0, down), rows + min(0, down)), slice(max(0, right), columns + min(0, right)))
        lower = values[there] < lowest[here]
        lowest[here][lower] = values[there][lower]
        step[here][lower] = down * columns + right
    return np.arange(values.size) + step.ravel()
