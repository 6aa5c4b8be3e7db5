"""In which order the points of a grid are evaluated: a complete picture soon, then finer ones."""

from dataclasses import dataclass

import numpy as np

from talweg_compute.field.arrays import Integers

_FIRST_LINES = 9


@dataclass(frozen=True, slots=True, eq=False)
class SamplingOrder:
    """An order of all points of a grid in nested levels.

    Attributes:
        order: permutation of the flat indices (row-major), int64 [points], read-only.
        level_ends: after how many points each level is complete, ascending, int64 [levels], read-only. The first
            level is a coarse picture of the whole grid; each further one halves the distance of the grid lines.
    """

    order: Integers
    level_ends: Integers


def coarse_to_fine(*counts: int) -> SamplingOrder:
    """Order the points of a grid from coarse to fine, and inside a level from the centre out.

    A level is a lattice of grid lines `stride` apart on either side of the middle line, with the first and the last
    line; strides are powers of two, down to 1. The first level has at most 9 lines an axis, the middle and the corners
    among its points.

    Args:
        counts: number of grid lines of each axis, the slowest first: [nv, nu] for a plane.

    Returns:
        The order and its levels.

    Raises:
        ValueError: A count is smaller than 1.
    """
    if min(counts) < 1:
        raise ValueError(f"counts: a grid takes at least 1 line an axis, got {counts}")
    levels_of_lines = np.meshgrid(*map(_level_of_lines, counts), indexing="ij")
    level = np.maximum.reduce(levels_of_lines).ravel()
    levels = int(level.max()) + 1
    places = np.unravel_index(np.arange(level.size), counts)
    offsets = [np.square((2 * place - count + 1) / count) for place, count in zip(places, counts, strict=True)]
    distance = np.sum(offsets, axis=0)
    order = np.lexsort((distance, level))
    level_ends = np.cumsum(np.bincount(level, minlength=levels))
    order.flags.writeable = False
    level_ends.flags.writeable = False
    return SamplingOrder(order, level_ends)


def first_lines(count: int) -> Integers:
    """Return the grid lines of the first level, ascending, int64 [n]; its points are their crossings."""
    return np.flatnonzero(_level_of_lines(count) == 0).astype(np.int64)


def lattice_lines(count: int, stride: int) -> Integers:
    """Return the grid lines of a lattice: every `stride`-th from the middle one, and the first and the last.

    Args:
        count: number of grid lines.
        stride: distance of lattice lines; the lattice of half the stride contains this one.

    Returns:
        Line indices, ascending, int64 [n].
    """
    inner = np.arange(count // 2 % stride, count, stride)
    return np.unique(np.concatenate([[0], inner, [count - 1]])).astype(np.int64)


def lattices(count: int) -> list[Integers]:
    """Return the lattice lines of each level of `coarse_to_fine`, the coarsest first.

    Args:
        count: number of grid lines.

    Returns:
        Line indices, ascending, for each level; the last has all lines.
    """
    strides = [1]
    while lattice_lines(count, strides[-1]).size > _FIRST_LINES:
        strides.append(2 * strides[-1])
    return [lattice_lines(count, stride) for stride in reversed(strides)]


def _level_of_lines(count: int) -> Integers:
    """The first level in which each grid line takes part [count]."""
    level = np.zeros(count, dtype=np.int64)
    lines = lattices(count)
    for number in range(len(lines) - 1, -1, -1):
        level[lines[number]] = number
    return level
