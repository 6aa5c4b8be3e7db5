"""The surface mesh of a field, on the triangulation that its topology is computed on."""

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, Floats32, Integers, as_field, check_coordinates

_LARGEST = 1e300  # heights are cut off here, so that no sum of them overflows


def triangles(f: npt.ArrayLike) -> Integers:
    """Return the triangles of a field's surface without those that touch a non-finite height.

    Each cell is cut along (i, j)-(i+1, j+1). Vertex k = row * nu + column; x = u, y = v, z = f.

    Args:
        f: heights [nv, nu].

    Returns:
        Vertex indices int64 [m, 3], counter-clockwise seen from +z, cell by cell.

    Raises:
        ValueError: f is no matrix of at least 2 x 2 values.
    """
    field = as_field(f)
    rows, columns = field.shape
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    below = np.stack([corner, corner + 1, corner + columns + 1], axis=-1)
    above = np.stack([corner, corner + columns + 1, corner + columns], axis=-1)
    drawn = np.stack(_drawn(field), axis=-1).reshape(-1)
    return np.stack([below, above], axis=1).reshape(-1, 3)[drawn]


def vertex_normals(u: npt.ArrayLike, v: npt.ArrayLike, f: npt.ArrayLike) -> Floats32:
    """Return the unit normal of the surface at each vertex.

    Args:
        u: column coordinates [nu], ascending.
        v: row coordinates [nv], ascending.
        f: heights [nv, nu], in the same unit of length as u and v.

    Returns:
        Sum of the normals of the adjacent triangles weighted by their area, normalized, float32 [nv * nu, 3]; (0, 0, 1)
        at a vertex without a triangle.

    Raises:
        ValueError: shapes do not fit.
    """
    field = as_field(f)
    width = np.diff(check_coordinates("u", u, field.shape[1]))[None, :]
    depth = np.diff(check_coordinates("v", v, field.shape[0]))[:, None]
    below, above = _drawn(field)
    heights = np.clip(np.where(np.isfinite(field), field, 0.0), -_LARGEST, _LARGEST)
    a, b, c, d = heights[:-1, :-1], heights[:-1, 1:], heights[1:, 1:], heights[1:, :-1]
    area = np.broadcast_to(width * depth, a.shape)  # of a cell, twice that of a triangle
    # cross product of two edges of each triangle: (-slope along u, -slope along v, 1) times twice its area
    lower = np.stack([(a - b) * depth, (b - c) * width, area], axis=-1) * below[..., None]
    upper = np.stack([(d - c) * depth, (a - d) * width, area], axis=-1) * above[..., None]
    total = np.zeros((*field.shape, 3))
    total[:-1, :-1] += lower + upper
    total[:-1, 1:] += lower
    total[1:, 1:] += lower + upper
    total[1:, :-1] += upper
    total[total[..., 2] == 0] = (0.0, 0.0, 1.0)
    total /= np.abs(total).max(axis=-1, keepdims=True)
    total /= np.linalg.norm(total, axis=-1, keepdims=True)
    return total.reshape(-1, 3).astype(np.float32)


def _drawn(field: Floats) -> tuple[Flags, Flags]:
    """Which lower and which upper triangles have three finite heights [nv - 1, nu - 1] each."""
    finite = np.isfinite(field)
    diagonal = finite[:-1, :-1] & finite[1:, 1:]
    return diagonal & finite[:-1, 1:], diagonal & finite[1:, :-1]
