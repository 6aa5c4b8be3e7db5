"""Critical points and persistence pairs of a sampled surface, against GUDHI and topopy, which landscaper calls."""

from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType

import gudhi
import numpy as np
from numpy.typing import NDArray

from bench.frame import Options, Row, compare, largest_difference, seconds
from bench.peers import fetch_package
from talweg_compute.field import CriticalKind, find_critical_points

Field = NDArray[np.float64]

_TOPOPY = (
    ("threadpoolctl", "threadpoolctl"),
    ("cloudpickle", "cloudpickle"),
    ("joblib", "joblib"),
    ("narwhals", "narwhals"),
    ("scikit-learn", "sklearn"),
    ("nglpy", "nglpy"),
    ("topopy", "topopy"),
)
"""What topopy needs beside NumPy and SciPy, itself last; its wheels are for Python 3.11."""


def measure(options: Options) -> Iterator[Row]:
    """Measure clean and noisy fields."""
    side = 301 if options.quick else 1001
    for name, f in _fields(side):
        yield from _against_gudhi(f"{name}, {side} x {side}", f, options)
    yield from _against_topopy(options)


def _fields(side: int) -> Iterator[tuple[str, Field]]:
    """Himmelblau's function, and with noise of 1 % of its range."""
    u = np.linspace(-5, 5, side)
    f = (u[None, :] ** 2 + u[:, None] - 11) ** 2 + (u[None, :] + u[:, None] ** 2 - 7) ** 2
    yield "clean", f
    yield "noisy", f + np.random.default_rng(0).normal(0, 0.01 * np.ptp(f), f.shape)


def _against_gudhi(work: str, f: Field, options: Options) -> Iterator[Row]:
    def deviation() -> float:
        ours, theirs = _our_pairs(f), _gudhi_pairs(f)
        return largest_difference(ours, theirs) if ours.shape == theirs.shape else np.inf

    yield compare(
        work,
        ("points, types and pairs", seconds(lambda: find_critical_points(f))),
        ("GUDHI SimplexTree", seconds(lambda: _gudhi_pairs(f))),
        min(options.repeats, 3),
        "s",
        "lower",
        deviation=deviation,
        goal=3.0,
        note="the same pairs: lower-star filtration of the same triangulation",
    )
    yield compare(
        work,
        ("points, types and pairs", seconds(lambda: find_critical_points(f))),
        ("GUDHI CubicalComplex", seconds(lambda: _cubical_pairs(f))),
        options.repeats,
        "s",
        "lower",
        note="other pairs: saddles of squares, where four values are compared instead of six",
    )


def _against_topopy(options: Options) -> Iterator[Row]:
    try:
        topopy, nglpy = _fetch_topopy()
    except (ImportError, AttributeError, ValueError) as error:
        yield Row("merge tree", "points, types and pairs", "topopy", note=f"cannot be had here: {error}")
        return
    cases: list[tuple[int, dict[str, object], str]] = [
        (101, {"max_neighbors": 9}, "topopy, 9 neighbours"),
        (21 if options.quick else 31, {"beta": 1.0, "relaxed": False, "p": 2.0}, "topopy as landscaper calls it"),
    ]
    for side, graph, which in cases:
        for name, f in _fields(side):
            tree = _topopy_tree(topopy, nglpy, f, graph)
            yield compare(
                f"merge tree, {name}, {side} x {side}",
                ("points, types and pairs", seconds(partial(find_critical_points, f))),
                (which, seconds(tree)),
                3,
                "s",
                "lower",
                note="on a graph of neighbours instead of a triangulation; the merge tree alone",
            )


def _our_pairs(f: Field) -> Field:
    """Heights at which each pair is born and dies in the sublevel sets, sorted [p, 2]."""
    points = find_critical_points(f)
    pairs = points.pairs
    ends = np.stack([points.value[pairs.extremum], points.value[pairs.saddle]], axis=-1)
    minima = points.kind[pairs.extremum] == CriticalKind.MINIMUM
    return _sorted(np.where(minima[:, None], ends, ends[:, ::-1]))


def _gudhi_pairs(f: Field) -> Field:
    """The same from the lower-star filtration of the triangulation."""
    rows, columns = f.shape
    index = np.arange(f.size).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1].ravel(), index[:-1, 1:].ravel(), index[1:, 1:].ravel(), index[1:, :-1].ravel()
    triangles = np.concatenate([np.stack([a, b, c]), np.stack([a, d, c])], axis=1)
    edges = [(index[:-1], index[1:]), (index[:, :-1], index[:, 1:]), (index[:-1, :-1], index[1:, 1:])]
    lines = np.concatenate([np.stack([one.ravel(), other.ravel()]) for one, other in edges], axis=1)
    heights = f.ravel()
    tree = gudhi.SimplexTree()
    for simplices in (index.reshape(1, -1), lines, triangles):
        tree.insert_batch(simplices, heights[simplices].max(axis=0))
    tree.compute_persistence(min_persistence=0.0)
    return _sorted(np.concatenate([tree.persistence_intervals_in_dimension(k) for k in (0, 1)]))


def _cubical_pairs(f: Field) -> Field:
    cubical = gudhi.CubicalComplex(vertices=f)
    cubical.compute_persistence(min_persistence=0.0)
    return _sorted(np.concatenate([cubical.persistence_intervals_in_dimension(k) for k in (0, 1)]))


def _sorted(pairs: Field) -> Field:
    """The pairs with an end, in an order of their own."""
    finite = pairs[np.isfinite(pairs).all(axis=1)]
    return np.asarray(finite[np.lexsort(finite.T)])


def _fetch_topopy() -> tuple[ModuleType, ModuleType]:
    for name, module in _TOPOPY[:-2]:
        fetch_package(name, module)
    nglpy, topopy = (fetch_package(name, module) for name, module in _TOPOPY[-2:])
    return topopy, nglpy


def _topopy_tree(topopy: ModuleType, nglpy: ModuleType, f: Field, graph: dict[str, object]) -> Callable[[], object]:
    side = np.linspace(0.0, 1.0, len(f))
    positions = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)

    def build() -> object:
        tree = topopy.MergeTree(graph=nglpy.EmptyRegionGraph(**graph))
        tree.build(positions, f.ravel())
        return tree

    return build
