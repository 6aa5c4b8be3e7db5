"""What the topology of a field may and may not depend on."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label

from talweg_compute.field import CriticalKind, CriticalPoints, Topology, basins, find_critical_points
from tests.reference.functions import egg_crate, himmelblau, sampled

Field = NDArray[np.float64]

PLATEAUS = st.sampled_from([0.0, 1.0, 2.0, 3.0])
MASKED = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, np.nan, np.inf])
ANYTHING = st.floats(width=64, allow_nan=True, allow_infinity=True)
SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9)


def fields(*elements: st.SearchStrategy[float]) -> st.SearchStrategy[Field]:
    return st.one_of(*(arrays(np.float64, SHAPES, elements=one, fill=st.nothing()) for one in elements))


def diagram(f: Field) -> Counter[tuple[int, float, float]]:
    """Kind and heights of all pairs: what does not depend on how equal values are told apart."""
    points = find_critical_points(f)
    pairs = points.pairs
    heights = points.kind[pairs.extremum], points.value[pairs.extremum], points.value[pairs.saddle]
    return Counter(zip(*(column.tolist() for column in heights), strict=True))


def table(points: CriticalPoints) -> set[tuple[int, ...]]:
    columns = (points.kind, points.row, points.column, points.multiplicity, points.on_boundary, points.confirmed)
    return set(zip(*(column.tolist() for column in columns), strict=True))


def finite_areas(f: Field) -> int:
    """Number of connected areas of finite values on the triangulation."""
    return int(label(np.isfinite(f), [[1, 1, 0], [1, 1, 1], [0, 1, 1]])[1])


@given(fields(PLATEAUS, MASKED, ANYTHING))
@settings(max_examples=100, deadline=None)
def test_euler_sum(f):
    points = find_critical_points(f)
    minima, maxima = points.count(CriticalKind.MINIMUM), points.count(CriticalKind.MAXIMUM)
    saddles = int(points.multiplicity[points.kind == CriticalKind.SADDLE].sum())
    lone = int((points.partner[points.kind == CriticalKind.MINIMUM] < 0).sum())
    assert minima - saddles + maxima == lone <= finite_areas(f)
    if np.isfinite(f).all():
        assert lone == 1  # with the maximum outside the frame: two, as on every sphere
    for threshold in (0.5, 1.5):
        kept = points.above(threshold)
        extrema = kept.count(CriticalKind.MINIMUM) + kept.count(CriticalKind.MAXIMUM)
        assert extrema - len(kept.pairs) == int((kept.partner[kept.kind == CriticalKind.MINIMUM] < 0).sum())


@given(fields(PLATEAUS, MASKED, ANYTHING))
@settings(max_examples=70, deadline=None)
def test_symmetries_of_the_triangulation_keep_the_persistence_diagram(f):
    expected = diagram(f)
    for turned in (f.T, f[::-1, ::-1], f[::-1, ::-1].T):
        assert diagram(turned) == expected


@given(fields(PLATEAUS, MASKED))
@settings(max_examples=50, deadline=None)
def test_monotone_maps_keep_points_and_basins(f):
    points = find_critical_points(f)
    for changed in (f**3, np.exp(f), 8.0 * f - 3.0, np.where(f > 1.5, f + 100.0, f)):
        other = find_critical_points(changed)
        assert table(other) == table(points)
        # names differ, since persistences do; the basins themselves do not
        mine, theirs = basins(f, points), basins(changed, other)
        assert np.array_equal(mine < 0, theirs < 0)
        both = np.unique(np.stack([mine, theirs]).reshape(2, -1), axis=1)
        assert len(np.unique(both[0])) == len(np.unique(both[1])) == both.shape[1]


def smooth_field(seed: int, smoothness: float = 4.0) -> Field:
    return np.asarray(gaussian_filter(np.random.default_rng(seed).normal(size=(64, 55)), smoothness, mode="wrap"))


def placed(f: Field, u: Field, v: Field, least: float) -> dict[int, Field]:
    """Refined positions (u, v) of the points that are not at the frame by kind, lowest first."""
    topology = Topology(f, u, v)
    points = topology.points.above(least)
    where = topology.positions(points)
    position = np.stack([where.u, where.v], axis=-1)
    inside = (position > [u[1], v[1]]).all(axis=-1) & (position < [u[-2], v[-2]]).all(axis=-1)
    assert where.refined[inside].all()
    assert points.confirmed[inside].all()
    mine = {kind: np.flatnonzero(inside & (points.kind == kind)) for kind in CriticalKind}
    return {kind: position[index[np.argsort(where.value[index])]] for kind, index in mine.items()}


@pytest.mark.parametrize("seed", range(6))
def test_rotations_and_reflections_of_a_resolved_field_only_move_its_points(seed):
    f = smooth_field(seed)
    u, v = np.linspace(-1, 1, 55), np.linspace(-2, 3, 64)
    least = 0.05 * float(np.ptp(f))
    expected = placed(f, u, v, least)
    assert len(expected[0]) > 2
    turned = {
        "rotated by 90": (np.rot90(f), v, -u[::-1], lambda p: (-p[:, 1], p[:, 0])),
        "rotated by 180": (f[::-1, ::-1], -u[::-1], -v[::-1], lambda p: (-p[:, 0], -p[:, 1])),
        "mirrored": (f[:, ::-1], -u[::-1], v, lambda p: (-p[:, 0], p[:, 1])),
        "transposed": (f.T, v, u, lambda p: (p[:, 1], p[:, 0])),
    }
    for name, (g, x, y, back) in turned.items():
        found = placed(g, x, y, least)
        for kind in CriticalKind:
            assert len(found[kind]) == len(expected[kind]), name
            assert np.stack(back(found[kind]), axis=-1) == pytest.approx(expected[kind], abs=1e-4), name


@pytest.mark.parametrize("function", [himmelblau, egg_crate])
def test_scaling_moves_nothing(function):
    f, u, v = sampled(function, 1.9, 61)
    f = f + 0.1 * u[None, :] + 0.03 * v[:, None]
    plain = Topology(f, u, v)
    for factor, stretch in ((2.0**40, 1.0), (2.0**-30, 1e-3), (1.0, 1e4)):
        other = Topology(factor * f, stretch * u, 3 * stretch * v)
        assert table(other.points) == table(plain.points)
        assert np.array_equal(other.points.pairs.persistence, factor * plain.points.pairs.persistence)
        mine, theirs = plain.positions(plain.points), other.positions(other.points)
        assert np.array_equal(mine.refined, theirs.refined)
        assert theirs.u == pytest.approx(stretch * mine.u, abs=1e-9 * stretch)
        assert theirs.v == pytest.approx(3 * stretch * mine.v, abs=1e-9 * stretch)
        assert theirs.value == pytest.approx(factor * mine.value, rel=1e-9, abs=1e-12 * factor)


@pytest.mark.parametrize("seed", range(4))
def test_points_of_a_resolved_field_are_confirmed_and_those_of_the_mirror_are_the_same(seed):
    f = smooth_field(seed)
    least = 0.05 * float(np.ptp(f))
    points, mirrored = find_critical_points(f).above(least), find_critical_points(f[:, ::-1]).above(least)
    assert points.confirmed.all()
    assert mirrored.confirmed.all()
    for kind in CriticalKind:
        assert points.count(kind) == mirrored.count(kind)
