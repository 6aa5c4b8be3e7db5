"""In which order the points of a grid are evaluated: a complete picture soon, then finer ones."""

from dataclasses import dataclass

import numpy as np

from talweg_compute.field.arrays import Integers

_FIRST_LINES = 9


@dataclass(frozen=True, slots=True, eq=False)
class SamplingOrder:
    """An order of all points of a grid in nested levels.

    Attributes:
        order: permutation of the flat indices row * nu + column, int64 [nv * nu], read-only.
        level_ends: after how many points each level is complete, ascending, int64 [levels], read-only. The first
            level is a coarse picture of the whole grid; each further one halves the distance of the grid lines.
    """

    order: Integers
    level_ends: Integers


def coarse_to_fine(nv: int, nu: int) -> SamplingOrder:
    """Order the points of a grid from coarse to fine, and inside a level from the centre out.

    A level is a lattice of grid lines `stride` apart on either side of the middle line, with the first and the last
    line; strides are powers of two, down to 1. The first level has at most 9 x 9 points, the middle and the corners
    among them.

    Args:
        nv: number of rows.
        nu: number of columns.

    Returns:
        The order and its levels.

    Raises:
        ValueError: nv or nu is smaller than 1.
    """
    if min(nv, nu) < 1:
        raise ValueError(f"nv, nu: a grid takes at least 1 row and 1 column, got {nv} and {nu}")
    row_level, column_level = _level_of_lines(nv), _level_of_lines(nu)
    levels = max(int(row_level.max()), int(column_level.max())) + 1
    level = np.maximum(row_level[:, None], column_level[None, :]).ravel()
    row, column = np.divmod(np.arange(nv * nu), nu)
    distance = np.square((2 * row - nv + 1) / nv) + np.square((2 * column - nu + 1) / nu)
    order = np.lexsort((distance, level))
    level_ends = np.cumsum(np.bincount(level, minlength=levels))
    order.flags.writeable = False
    level_ends.flags.writeable = False
    return SamplingOrder(order, level_ends)


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
