"""Cubic splines as the Hermite cubics of their slopes, for one grid or for many patches at once.

A bicubic spline is known in each cell from f, df/du, df/dv and d2f/dudv at its four corners. These follow from the
values by solving one tridiagonal system along each axis (not-a-knot ends), in loops over grid lines, not over patches.
"""

import numpy as np

from talweg_compute.field.arrays import Floats, Integers


def slopes(x: Floats, f: Floats) -> Floats:
    """Return the slopes of the interpolating cubic splines along the first axis, with not-a-knot ends.

    De Boor, A Practical Guide to Splines, chapter IV. Two values give a line, three a parabola.

    Args:
        x: ascending abscissae [n, ...], n at least 2, broadcast against f.
        f: values [n, ...].

    Returns:
        Slopes [n, ...] of the shape of f.
    """
    h = np.diff(x, axis=0)
    secant = np.diff(f, axis=0) / h
    if len(f) == 2:
        return np.concatenate([secant, secant])
    first = _end_slope(h[0], h[1], secant[0], secant[1])
    last = _end_slope(h[-1], h[-2], secant[-1], secant[-2])
    if len(f) == 3:
        middle = (h[1] * secant[0] + h[0] * secant[1]) / (h[0] + h[1])
        return np.stack([2 * secant[0] - middle, middle, 2 * secant[1] - middle])
    # rows of the tridiagonal system: below, diagonal, above
    result = np.empty_like(f)
    above = np.empty((len(f), *np.broadcast_shapes(h.shape[1:], (1,) * (f.ndim - 1))))
    above[0] = (h[0] + h[1]) / h[1]
    result[0] = first / h[1]
    for i in range(1, len(f) - 1):
        pivot = 2 * (h[i - 1] + h[i]) - h[i] * above[i - 1]
        above[i] = h[i - 1] / pivot
        right = 3 * (h[i] * secant[i - 1] + h[i - 1] * secant[i])
        result[i] = (right - h[i] * result[i - 1]) / pivot
    below = h[-1] + h[-2]
    result[-1] = (last - below * result[-2]) / (h[-2] - below * above[-2])
    for i in range(len(f) - 2, -1, -1):
        result[i] -= above[i] * result[i + 1]
    return result


def _end_slope(h0: Floats, h1: Floats, secant0: Floats, secant1: Floats) -> Floats:
    """Right-hand side of the not-a-knot condition at an end."""
    return np.asarray(((3 * h0 + 2 * h1) * h1 * secant0 + h0 * h0 * secant1) / (h0 + h1))


def corner_data(u: Floats, v: Floats, f: Floats) -> Floats:
    """Return what a bicubic spline is made of at each grid point.

    Args:
        u: column coordinates [nu, ...].
        v: row coordinates [nv, ...].
        f: values [nv, nu, ...]; further axes are further fields.

    Returns:
        [nv, nu, ..., 2, 2]: the derivatives of order (dv, du), each 0 or 1.
    """
    along_u = np.swapaxes(slopes(u[:, None], np.swapaxes(f, 0, 1)), 0, 1)
    rows = np.stack([f, along_u], axis=-1)
    return np.stack([rows, slopes(v[:, None, ..., None], rows)], axis=-2)


def jets(corners: Floats, s: Floats, t: Floats, width: Floats, height: Floats) -> Floats:
    """Evaluate bicubic Hermite cells and their derivatives.

    Args:
        corners: [k, 2, 2, 2, 2], `corner_data` of the corners (row, column) of each cell.
        s: where in the cell along u, from 0 to 1 [k].
        t: where in the cell along v [k].
        width: extent of the cells along u [k].
        height: extent of the cells along v [k].

    Returns:
        [k, 3, 3]: the derivatives of order (dv, du), each 0, 1 or 2.
    """
    data = corners.transpose(0, 1, 3, 2, 4).reshape(-1, 4, 4)
    return np.asarray(_basis(t, height) @ data @ _basis(s, width).transpose(0, 2, 1))


def _basis(s: Floats, width: Floats) -> Floats:
    """Values and first and second derivatives of the Hermite cubics of value, slope, value, slope [k, 3, 4]."""
    r, ss = 1 - s, s * s
    rise = ss * (3 - 2 * s)
    bend, turn = 6 * s * r / width, (12 * s - 6) / width**2
    basis = np.empty((s.size, 3, 4))
    basis[:, 0] = np.stack([1 - rise, width * s * r * r, rise, -width * ss * r], axis=-1)
    basis[:, 1] = np.stack([-bend, r * (1 - 3 * s), bend, s * (3 * s - 2)], axis=-1)
    basis[:, 2] = np.stack([turn, (6 * s - 4) / width, -turn, (6 * s - 2) / width], axis=-1)
    return basis


def cells(x: Floats, position: Floats) -> Integers:
    """Return the cell of each position on a grid line: the index of its lower end.

    Args:
        x: ascending coordinates [n].
        position: coordinates [k]; those outside belong to the first and the last cell.

    Returns:
        int64 [k], 0 to n - 2.
    """
    return np.clip(np.searchsorted(x, position, side="right") - 1, 0, x.size - 2)
