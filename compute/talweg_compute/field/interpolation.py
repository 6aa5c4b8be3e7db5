"""Heights where none was computed: between the computed points of a grid, and anywhere on the drawn surface."""

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, Integers, as_field, check_coordinates
from talweg_compute.field.sampling import lattice_lines


def fill(values: npt.ArrayLike, computed: npt.ArrayLike) -> tuple[Floats, Flags]:
    """Fill in the values of a grid that are not computed yet.

    Bilinear interpolation on the finest lattice of `coarse_to_fine` whose points around are computed. Where there is
    none, points of a coarse lattice get the mean of their computed neighbours in the finer one first, so that any
    pattern of computed points gives a complete picture.

    Args:
        values: values [nv, nu]; what stands at points not computed does not matter.
        computed: which points are computed [nv, nu]. Non-finite ones stay as they are and are not interpolated from.

    Returns:
        The filled values float64 [nv, nu], NaN at points not computed if there is no finite value at all; and which of
        them are interpolated [nv, nu].

    Raises:
        ValueError: shapes differ, or values is no matrix.
    """
    field = np.asarray(values, dtype=np.float64)
    done = np.asarray(computed, dtype=np.bool_)
    if field.ndim != 2 or field.shape != done.shape:
        raise ValueError(
            f"values, computed: take the same shape [nv, nu], got {list(field.shape)} and {list(done.shape)}"
        )
    known = done & np.isfinite(field)
    if not known.any():
        return np.where(done, field, np.nan), np.zeros(field.shape, dtype=np.bool_)
    estimate, _ = _fill_lattice(
        np.where(known, field, 0.0), known, known, np.arange(field.shape[0]), np.arange(field.shape[1]), 1
    )
    return np.where(done, field, estimate), ~done


def _fill_lattice(
    values: Floats, firm: Flags, known: Flags, rows: Integers, columns: Integers, stride: int
) -> tuple[Floats, Flags]:
    """Fill the lattice of these grid lines with the help of the next coarser one.

    `known` points have a value, 0 stands at the others; `firm` ones are computed, not means of neighbours. Returns all
    values, and which of them are computed or interpolated between firm ones: those are preferred to means.
    """
    if firm.all():
        return values, firm
    if stride > max(rows[-1], columns[-1]):
        return np.where(known, values, values.sum() / np.count_nonzero(known)), firm
    coarse_rows = np.flatnonzero(np.isin(rows, lattice_lines(int(rows[-1]) + 1, 2 * stride)))
    coarse_columns = np.flatnonzero(np.isin(columns, lattice_lines(int(columns[-1]) + 1, 2 * stride)))
    pulled, pulled_known = _pull(values, known, coarse_rows, coarse_columns)
    own = np.ix_(coarse_rows, coarse_columns)
    coarse, coarse_firm = _fill_lattice(
        np.where(firm[own], values[own], pulled), firm[own], pulled_known,
        rows[coarse_rows], columns[coarse_columns], 2 * stride,
    )  # fmt: skip
    between = _between(rows, rows[coarse_rows], _between(columns, columns[coarse_columns], coarse.T).T)
    missing = (~coarse_firm.T).astype(np.float64)
    missing = _between(rows, rows[coarse_rows], _between(columns, columns[coarse_columns], missing).T)
    firm_between = missing == 0
    return np.where(firm | (known & ~firm_between), values, between), firm | firm_between


def _pull(values: Floats, known: Flags, coarse_rows: Integers, coarse_columns: Integers) -> tuple[Floats, Flags]:
    """Values of the coarser lattice: the mean of the known neighbours in the finer one, and whether there are any."""
    total = _around(values, coarse_rows, coarse_columns)
    weight = _around(known.astype(np.float64), coarse_rows, coarse_columns)
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0), weight > 0


def _around(values: Floats, rows: Integers, columns: Integers) -> Floats:
    """Sum of the 3 x 3 neighbours of lattice points, those beside it counting half, those across a quarter."""
    padded = np.pad(values, 1)
    vertical = padded[rows + 1] + 0.5 * (padded[rows] + padded[rows + 2])
    return np.asarray(vertical[:, columns + 1] + 0.5 * (vertical[:, columns] + vertical[:, columns + 2]))


def _between(lines: Integers, coarse_lines: Integers, coarse: Floats) -> Floats:
    """Interpolate linearly along the first axis from coarse grid lines to all."""
    if coarse_lines.size == 1:
        return coarse[np.zeros(lines.size, dtype=np.int64)]
    left = np.clip(np.searchsorted(coarse_lines, lines, side="right") - 1, 0, coarse_lines.size - 2)
    gap = coarse_lines[left + 1] - coarse_lines[left]
    share = ((lines - coarse_lines[left]) / gap)[:, None]
    return np.asarray((1 - share) * coarse[left] + share * coarse[left + 1])


def sample_on_triangles(f: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike, points: npt.ArrayLike) -> Floats:
    """Return the height of the drawn surface at any positions.

    Args:
        f: heights [nv, nu].
        u: column coordinates [nu], ascending.
        v: row coordinates [nv], ascending.
        points: positions (u, v) [k, 2].

    Returns:
        Heights [k], linear on each triangle of `triangles(f)`; NaN outside the grid and in its holes. On an edge or a
        vertex only the heights there count.

    Raises:
        ValueError: shapes do not fit.
    """
    field = as_field(f)
    columns = check_coordinates("u", u, field.shape[1])
    rows = check_coordinates("v", v, field.shape[0])
    position = np.asarray(points, dtype=np.float64)
    if position.ndim != 2 or position.shape[1] != 2:
        raise ValueError(f"points: takes positions (u, v) of shape [k, 2], got {list(position.shape)}")
    x, y = position[:, 0], position[:, 1]
    inside = (x >= columns[0]) & (x <= columns[-1]) & (y >= rows[0]) & (y <= rows[-1])
    x, y = x[inside], y[inside]
    j = np.clip(np.searchsorted(columns, x, side="right") - 1, 0, columns.size - 2)
    i = np.clip(np.searchsorted(rows, y, side="right") - 1, 0, rows.size - 2)
    s = (x - columns[j]) / (columns[j + 1] - columns[j])
    t = (y - rows[i]) / (rows[i + 1] - rows[i])
    below = s >= t
    middle = np.where(below, field[i, j + 1], field[i + 1, j])
    near, far = np.maximum(s, t), np.minimum(s, t)
    weighted = ((1 - near, field[i, j]), (near - far, middle), (far, field[i + 1, j + 1]))
    height = np.zeros(x.size)
    hole = np.zeros(x.size, dtype=np.bool_)
    for weight, corner in weighted:
        used = weight > 0
        hole |= used & ~np.isfinite(corner)
        height += np.where(used & np.isfinite(corner), corner, 0.0) * weight
    result = np.full(position.shape[0], np.nan)
    result[inside] = np.where(hole, np.nan, height)
    return result
