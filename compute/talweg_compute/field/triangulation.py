"""The Freudenthal triangulation of a grid, and which neighbours of a vertex lie lower.

Every cell is cut along the diagonal (i, j)-(i+1, j+1), so an interior vertex has six neighbours, its link. Equal values
are told apart by the flat index (simulation of simplicity, Edelsbrunner and Mücke 1990): a vertex is lower than another
if (f, flat index) is. A virtual vertex at +inf is joined to the whole boundary and makes the square a sphere, so
directions that leave the grid count as upper. The mirrored triangulation has the other diagonal.
"""

from typing import Final

import numpy as np

from talweg_compute.field.arrays import Bytes, Floats, Integers

RING: Final = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
"""The link in cyclic order as (rows, columns); direction d and direction (d + 3) % 6 are opposite."""

MIRRORED_RING: Final = ((1, 0), (1, -1), (0, -1), (-1, 0), (-1, 1), (0, 1))

MAXIMUM_CODE: Final = 0b111111


def _runs(code: int, bit: int) -> list[list[int]]:
    """The runs of ring directions whose bit in the code is `bit`, each in cyclic order."""
    if code == (MAXIMUM_CODE if bit else 0):
        return [list(range(6))]
    starts = [d for d in range(6) if code >> d & 1 == bit and code >> (d - 1) % 6 & 1 != bit]
    runs = []
    for start in starts:
        length = 1
        while code >> (start + length) % 6 & 1 == bit:
            length += 1
        runs.append([(start + step) % 6 for step in range(length)])
    return runs


def _representatives(bit: int) -> Integers:
    """For each code, one ring direction for each run of `bit`; -1 where there are fewer than three runs."""
    table = np.full((64, 3), -1, dtype=np.int64)
    for code in range(64):
        for run_index, run in enumerate(_runs(code, bit)):
            table[code, run_index] = run[len(run) // 2]
    return table


def _main_direction(bit: int) -> Integers:
    """For each code, the middle of the longest run of `bit`; -1 where there is none."""
    table = np.full(64, -1, dtype=np.int64)
    for code in range(64):
        runs = _runs(code, bit)
        if runs:
            longest = max(runs, key=len)
            table[code] = longest[len(longest) // 2]
    return table


LOWER_REPRESENTATIVES: Final = _representatives(1)
UPPER_REPRESENTATIVES: Final = _representatives(0)
LOWER_DIRECTION: Final = _main_direction(1)
UPPER_DIRECTION: Final = _main_direction(0)
LOWER_COMPONENTS: Final = np.array([len(_runs(code, 1)) for code in range(64)], dtype=np.uint8)
"""Number of connected components of the lower link: 0 at a minimum, k >= 2 at a saddle of multiplicity k - 1."""


def link_codes(values: Floats, *, mirrored: bool = False) -> Bytes:
    """Tell for each vertex which of its neighbours are lower.

    Args:
        values: field [nv, nu] without NaN; +inf stands for masked values.
        mirrored: use the diagonal (i, j)-(i+1, j-1) instead of (i, j)-(i+1, j+1).

    Returns:
        Bit codes uint8 [nv, nu]; bit d is set if the neighbour in direction d of the ring is lower. Directions that
        leave the grid are never set. Code 0 is a minimum, 63 a maximum; other types follow from `LOWER_COMPONENTS`.
    """
    rows, columns = values.shape
    codes = np.zeros(values.shape, dtype=np.uint8)
    ring = MIRRORED_RING if mirrored else RING
    for direction, (down, right) in enumerate(ring):
        if down * columns + right < 0:
            continue  # each edge is met once, from its end with the smaller flat index
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns + min(0, right)))
        lower = values[there] < values[here]
        codes[here] |= lower.view(np.uint8) << np.uint8(direction)
        codes[there] |= (~lower).view(np.uint8) << np.uint8((direction + 3) % 6)
    return codes


def flat_offsets(columns: int) -> Integers:
    """Return the step in the flat index for each direction of the ring, and 0 for direction -1.

    Args:
        columns: nu, the number of grid columns.

    Returns:
        Steps int64 [7].
    """
    return np.array([down * columns + right for down, right in RING] + [0], dtype=np.int64)


def last_of_paths(successor: Integers) -> Integers:
    """Follow every pointer to the end of its path by pointer jumping.

    Args:
        successor: for each vertex the next one [n]; a vertex that points at itself is an end. There are no cycles.

    Returns:
        For each vertex the end of its path, int64 [n].
    """
    while True:
        jumped = successor[successor]
        if np.array_equal(jumped, successor):
            return jumped
        successor = jumped
