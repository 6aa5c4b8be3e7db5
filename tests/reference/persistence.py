"""Persistence pairs of a field from GUDHI: the lower-star filtration of the Freudenthal triangulation, slowly."""

import gudhi
import numpy as np
from numpy.typing import NDArray

Pairs = set[tuple[int, int]]


def vertex_order(f: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rank of each vertex among all by (f, flat index), non-finite values last [nv * nu]."""
    flat = np.where(np.isfinite(f), f, np.inf).ravel()
    return np.argsort(np.argsort(flat, kind="stable"), kind="stable")


def persistence_pairs(f: NDArray[np.float64]) -> tuple[Pairs, Pairs, int]:
    """Return (minimum, saddle) pairs, (maximum, saddle) pairs as flat indices, and the global minimum.

    Dimension 0 of the sublevel filtration gives the first; dimension 1, whose classes are born at a saddle and filled
    in at a maximum, gives the second.
    """
    rows, columns = f.shape
    order = vertex_order(f)
    vertex = np.argsort(order, kind="stable")
    complex_ = gudhi.SimplexTree()
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1].ravel(), index[:-1, 1:].ravel(), index[1:, 1:].ravel(), index[1:, :-1].ravel()
    simplices = np.concatenate([np.stack([a, b, c]), np.stack([a, d, c])], axis=1)
    complex_.insert_batch(simplices, np.zeros(simplices.shape[1]))
    for flat in range(rows * columns):
        complex_.assign_filtration([flat], float(order[flat]))
    for simplex, _ in list(complex_.get_simplices()):
        complex_.assign_filtration(simplex, float(max(order[corner] for corner in simplex)))
    complex_.compute_persistence(min_persistence=0.0, persistence_dim_max=True)
    low = {
        tuple(vertex[pair.astype(int)])
        for pair in complex_.persistence_intervals_in_dimension(0)
        if np.isfinite(pair[1])
    }
    holes = {tuple(vertex[pair.astype(int)][::-1]) for pair in complex_.persistence_intervals_in_dimension(1)}
    return (
        {(int(m), int(s)) for m, s in low if m != s},
        {(int(m), int(s)) for m, s in holes if m != s},
        int(vertex[0]),
    )
