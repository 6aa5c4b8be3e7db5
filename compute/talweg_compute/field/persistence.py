"""Persistence pairs of a field by the elder rule, over its saddles only.

Extrema joined by saddles form a graph. Walked upwards through its saddles, the younger (higher) of two minima that
meet dies and is paired with the saddle; downwards the lower of two maxima dies, and the virtual vertex at +inf is the
eldest. A descending path from each component of a saddle's lower link names the minimum it belongs to, so that no sweep
over the whole grid is needed. In two dimensions every saddle takes part in exactly as many pairs as its multiplicity.

Edelsbrunner, Letscher and Zomorodian, "Topological persistence and simplification" (2002).
"""

from dataclasses import dataclass

import numpy as np

from talweg_compute.field.arrays import Bytes, Flags, Floats, Integers
from talweg_compute.field.triangulation import (
    LOWER_COMPONENTS,
    LOWER_DIRECTION,
    LOWER_REPRESENTATIVES,
    MAXIMUM_CODE,
    RING,
    UPPER_DIRECTION,
    UPPER_REPRESENTATIVES,
    flat_offsets,
    last_of_paths,
    link_codes,
)

_FEW_EDGES = 256
_SLOW_PROGRESS = 0.05


class TopologyError(AssertionError):
    """An invariant of the topology does not hold: a fault of this program, never of the data."""


@dataclass(frozen=True, slots=True, eq=False)
class ElderTree:
    """The extrema of one kind, eldest first, and where each one dies.

    Attributes:
        extremum: flat grid indices [n]; for maxima the first is the virtual vertex, with flat index nv * nu.
        saddle: flat index of the saddle at which each dies [n]; -1 for the eldest.
        parent: position in `extremum` of the eldest of the component it joins [n]; -1 for the eldest.
    """

    extremum: Integers
    saddle: Integers
    parent: Integers


@dataclass(frozen=True, slots=True, eq=False)
class FieldTopology:
    """All critical points of a field and all pairs, those of masked and flat areas included.

    Attributes:
        values: the field [nv, nu] with +inf in place of every non-finite value.
        codes: bit codes of the lower links, uint8 [nv, nu].
        minima: the minima and their saddles.
        maxima: the virtual vertex, the interior maxima and their saddles.
    """

    values: Floats
    codes: Bytes
    minima: ElderTree
    maxima: ElderTree


def analyse(f: Floats) -> FieldTopology:
    """Find all critical points of the piecewise linear field and pair them by persistence.

    Args:
        f: field [nv, nu]; non-finite values count as +inf.

    Returns:
        The topology of the field.

    Raises:
        TopologyError: the Euler characteristic is not that of a sphere, or a saddle is in a wrong number of pairs.
    """
    values = np.where(np.isfinite(f), f, np.inf)
    codes = link_codes(values)
    flat_codes = codes.ravel()
    saddles = np.flatnonzero(LOWER_COMPONENTS[flat_codes] >= 2)
    upwards = saddles[np.argsort(values.ravel()[saddles], kind="stable")]
    minima = _pair_minima(values, flat_codes, upwards)
    # reversed, so that of equal values the one with the larger index counts as higher
    maxima = _pair_maxima(values, flat_codes, upwards[::-1])
    _check_invariants(LOWER_COMPONENTS[flat_codes[saddles]].astype(np.int64) - 1, saddles, minima, maxima)
    return FieldTopology(values, codes, minima, maxima)


def labels_of_minima(topology: FieldTopology) -> Integers:
    """Return for each vertex a minimum of its sublevel component.

    Args:
        topology: of the field.

    Returns:
        Flat index of the minimum at the end of some descending path from each vertex, int64 [nv * nu].
    """
    return _descend(topology.codes.ravel(), topology.values.shape[1])


def _descend(codes: Bytes, columns: int) -> Integers:
    return last_of_paths(np.arange(codes.size) + flat_offsets(columns)[LOWER_DIRECTION][codes])


def _pair_minima(values: Floats, codes: Bytes, ordered: Integers) -> ElderTree:
    """Pair the minima with the saddles, which are given in the order of the sweep."""
    columns = values.shape[1]
    heights = values.ravel()
    minima = np.flatnonzero(codes == 0)
    minima = minima[np.argsort(heights[minima], kind="stable")]
    directions = LOWER_REPRESENTATIVES[codes[ordered]]  # [k, 3]
    neighbours = ordered[:, None] + flat_offsets(columns)[directions]
    return _elder_tree(minima, ordered, directions >= 0, _descend(codes, columns)[neighbours], values.size)


def _pair_maxima(values: Floats, codes: Bytes, ordered: Integers) -> ElderTree:
    """Pair the maxima with the saddles, which are given in the order of the sweep."""
    rows, columns = values.shape
    heights = values.ravel()
    virtual = values.size
    maxima = np.flatnonzero(codes == MAXIMUM_CODE)
    maxima = maxima[np.argsort(heights[maxima], kind="stable")][::-1]
    successor = np.empty(virtual + 1, dtype=np.int64)
    np.add(np.arange(virtual), flat_offsets(columns)[UPPER_DIRECTION][codes], out=successor[:-1])
    successor[-1] = virtual
    grid = successor[:-1].reshape(rows, columns)
    grid[[0, -1], :] = virtual
    grid[:, [0, -1]] = virtual
    directions = UPPER_REPRESENTATIVES[codes[ordered]]  # [k, 3]
    ring = np.array([*RING, (0, 0)])
    down = (ordered // columns)[:, None] + ring[directions, 0]
    right = (ordered % columns)[:, None] + ring[directions, 1]
    inside = (down >= 0) & (down < rows) & (right >= 0) & (right < columns)
    neighbours = np.where(inside, down * columns + right, virtual)
    eldest_first = np.concatenate([np.array([virtual], dtype=np.int64), maxima])
    return _elder_tree(eldest_first, ordered, directions >= 0, last_of_paths(successor)[neighbours], virtual + 1)


def _elder_tree(extrema: Integers, saddles: Integers, present: Flags, labels: Integers, size: int) -> ElderTree:
    """Apply the elder rule: extrema eldest first, saddles in the order of the sweep, labels [k, 3] by component."""
    age = np.empty(size, dtype=np.int64)
    age[extrema] = np.arange(extrema.size)
    ends = age[labels]
    joins = present[:, 1:].ravel()  # the first component with the second, the second with the third
    edge_saddle = np.repeat(np.arange(saddles.size), 2)[joins]
    first, second = ends[:, :-1].ravel()[joins], ends[:, 1:].ravel()[joins]
    death, neighbour = elder_rule(first, second, extrema.size)
    death_saddle = np.full(extrema.size, saddles.size, dtype=np.int64)
    dead = death >= 0
    death_saddle[dead] = edge_saddle[death[dead]]
    parent = _eldest_met(neighbour, death_saddle)
    saddle = np.full(extrema.size, -1, dtype=np.int64)
    saddle[dead] = saddles[death_saddle[dead]]
    return ElderTree(extrema, saddle, parent)


def _eldest_met(neighbour: Integers, death: Integers) -> Integers:
    """Move each pointer on from extrema that die no later than the one that points, up to the eldest alive."""
    parent = neighbour
    while True:
        moves = (parent >= 0) & (death[parent] <= death)
        if not moves.any():
            return parent
        parent = np.where(moves, parent[parent], parent)


def elder_rule(first: Integers, second: Integers, count: int) -> tuple[Integers, Integers]:
    """Join components along edges in the given order; at each join the younger one dies.

    Rounds over all components at once: the first edge that leaves a component is the one at which it dies if the other
    side is elder. What is left when rounds no longer pay is joined one edge after the other.

    Args:
        first: component at one end of each edge [m]; a smaller number is elder.
        second: component at the other end [m].
        count: number of components.

    Returns:
        For each component the position of the edge at which it dies [count], -1 if it never does, and an elder
        component on the other side of that edge [count], -1 if it never dies.
    """
    death = np.full(count, -1, dtype=np.int64)
    neighbour = np.full(count, -1, dtype=np.int64)
    edge = np.flatnonzero(first != second)
    first, second = first[edge], second[edge]
    alive = count
    while edge.size > _FEW_EDGES:
        earliest = np.full(count, edge.size, dtype=np.int64)
        backwards = np.arange(edge.size)[::-1]
        earliest[first[::-1]] = backwards  # of equal targets the last one written stays
        at_second = np.full(count, edge.size, dtype=np.int64)
        at_second[second[::-1]] = backwards
        np.minimum(earliest, at_second, out=earliest)
        component = np.flatnonzero(earliest < edge.size)
        position = earliest[component]
        other = first[position] + second[position] - component
        dies = other < component
        component, position, other = component[dies], position[dies], other[dies]
        death[component] = edge[position]
        neighbour[component] = other
        survivor = np.arange(count)
        survivor[component] = other
        survivor = last_of_paths(survivor)
        first, second = survivor[first], survivor[second]
        left = first != second
        edge, first, second = edge[left], first[left], second[left]
        if component.size < _SLOW_PROGRESS * alive:
            break
        alive -= component.size
    _join_one_by_one(edge, first, second, death, neighbour)
    return death, neighbour


def _join_one_by_one(edge: Integers, first: Integers, second: Integers, death: Integers, neighbour: Integers) -> None:
    root = list(range(death.size)) if edge.size else []
    for position, a, b in zip(edge.tolist(), first.tolist(), second.tolist(), strict=True):
        while root[a] != a:
            root[a] = a = root[root[a]]
        while root[b] != b:
            root[b] = b = root[root[b]]
        if a != b:
            elder, younger = min(a, b), max(a, b)
            root[younger] = elder
            death[younger] = position
            neighbour[younger] = elder


def _check_invariants(multiplicity: Integers, saddles: Integers, minima: ElderTree, maxima: ElderTree) -> None:
    euler = minima.extremum.size - int(multiplicity.sum()) + maxima.extremum.size  # the virtual vertex is among them
    if euler != 2:
        raise TopologyError(f"minima - saddles + maxima of the closed field is {euler}, of a sphere it is 2")
    used = np.concatenate([minima.saddle, maxima.saddle])
    uses = np.bincount(used[used >= 0], minlength=int(saddles[-1]) + 1 if saddles.size else 0)
    if used[used >= 0].size != multiplicity.sum() or not np.array_equal(uses[saddles], multiplicity):
        raise TopologyError("a saddle takes part in fewer or more pairs than its multiplicity")
