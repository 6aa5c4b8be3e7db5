import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.interpolate import RectBivariateSpline
from scipy.ndimage import binary_dilation, gaussian_filter

from talweg_compute.field import (
    CriticalKind,
    SplineSurface,
    find_critical_points,
    merge_tree,
    refine_positions,
    separatrices,
)
from tests.reference.functions import (
    HIMMELBLAU_MAXIMUM,
    HIMMELBLAU_MINIMA,
    HIMMELBLAU_SADDLES,
    egg_crate,
    himmelblau,
    hyperbolic,
    monkey_saddle,
    oblique_bowl,
    sampled,
)


def distances_to_known(points, refined):
    known = {0: HIMMELBLAU_MINIMA, 1: HIMMELBLAU_SADDLES, 2: (HIMMELBLAU_MAXIMUM,)}
    return [
        min(np.hypot(u - point[0], v - point[1]) for point in known[kind])
        for kind, u, v in zip(points.kind.tolist(), refined.u, refined.v, strict=True)
    ]


@pytest.mark.parametrize(("n", "error"), [(21, 3e-3), (51, 1e-3)])
def test_himmelblau_positions(n, error):
    f, u, v = sampled(himmelblau, 5, n)
    points = find_critical_points(f)
    refined = refine_positions(points, f, u, v)
    assert refined.refined.all()
    assert max(distances_to_known(points, refined)) < error
    saddles = sorted(refined.value[points.kind == CriticalKind.SADDLE])
    assert saddles == pytest.approx(sorted(saddle[2] for saddle in HIMMELBLAU_SADDLES), rel=1e-3)


def test_positions_are_in_the_units_of_the_coordinates():
    f, u, v = sampled(himmelblau, 5, 51, 71)
    points = find_critical_points(f)
    plain = refine_positions(points, f, u, v)
    scaled = refine_positions(points, f, 1e-3 * u + 2, 50 * v)
    assert scaled.refined.all()
    assert scaled.u == pytest.approx(1e-3 * plain.u + 2, abs=1e-9)
    assert scaled.v == pytest.approx(50 * plain.v, abs=1e-4)


def test_bowl_between_grid_points_on_an_uneven_grid():
    u = np.array([-2.0, -1.4, -1.0, -0.5, 0.2, 0.9, 1.3, 2.0])
    v = np.array([-1.0, -0.7, -0.2, 0.25, 0.6, 1.1])
    f = oblique_bowl(u[None, :] - 0.05, v[:, None] - 0.07)
    points = find_critical_points(f).above(0.3)
    refined = refine_positions(points, f, u, v)
    assert (refined.u[0], refined.v[0], refined.value[0]) == pytest.approx((0.05, 0.07, 0.0), abs=1e-9)


def test_points_on_the_frame_and_degenerate_points_stay_at_their_vertex():
    for function in (hyperbolic, monkey_saddle):
        f, u, v = sampled(function, 1, 51)
        points = find_critical_points(f)
        refined = refine_positions(points, f, u, v)
        kept = ~refined.refined
        assert (kept == points.on_boundary).all() if function is hyperbolic else kept.all()
        assert (refined.u[kept] == u[points.column[kept]]).all()
        assert (refined.v[kept] == v[points.row[kept]]).all()
        assert (refined.value[kept] == points.value[kept]).all()


def test_only_points_with_a_finite_neighbourhood_are_refined():
    f, u, v = sampled(egg_crate, 1.13, 61)
    f[:, 40:] = np.nan
    points = find_critical_points(f)
    refined = refine_positions(points, f, u, v)
    far = (points.column < 36) & ~points.on_boundary
    assert refined.refined[far].all()
    assert not refined.refined[points.column >= 37].any()
    assert np.abs(2 * refined.u[far] - np.round(2 * refined.u[far])).max() < 1e-3


def test_two_points_do_not_share_one_position():
    f, u, v = sampled(oblique_bowl, 1, 52)
    points = find_critical_points(f)
    assert points.count(CriticalKind.MINIMUM) == 2
    refined = refine_positions(points, f, u, v)
    assert refined.refined[points.kind == CriticalKind.MINIMUM].tolist() == [True, False]


@pytest.mark.parametrize("factor", [1e-300, 1e300])
@pytest.mark.parametrize("offset", [0.0, -90.0])
def test_huge_and_tiny_fields_have_the_positions_of_others(factor, offset):
    f, u, v = sampled(himmelblau, 5, 31)
    f = (f + offset) / 1000
    points = find_critical_points(f)
    plain, scaled = refine_positions(points, f, u, v), refine_positions(points, f * factor, u, v)
    assert scaled.refined.all()
    assert scaled.u == pytest.approx(plain.u, abs=1e-7)
    assert scaled.v == pytest.approx(plain.v, abs=1e-7)


def test_cliffs_of_huge_values_overflow_nowhere():
    f, u, v = sampled(himmelblau, 5, 31)
    f[20:, 20:] *= 1.7e305 / f.max()
    f[3, 3] = -1.7e308
    points = find_critical_points(f)
    refined = refine_positions(points, f, u, v)
    assert np.isfinite(refined.value).all()
    surface = SplineSurface(f, u, v)
    everywhere = np.random.default_rng(0).uniform(-5, 5, (500, 2))
    assert np.isfinite(surface.value(everywhere)).all()
    assert np.isfinite(surface.hessian(everywhere)).all()


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=10), elements=st.floats(width=64)))
@settings(max_examples=60, deadline=None)
def test_any_field_has_finite_positions_and_lines(f):
    u, v = np.arange(f.shape[1], dtype=float), np.arange(f.shape[0], dtype=float)
    points = find_critical_points(f)
    refined = refine_positions(points, f, u, v)
    for array in (refined.u, refined.v, refined.value):
        assert np.isfinite(array).all()
    for line in separatrices(points, refined, f, u, v):
        assert np.isfinite(line.path).all()


def rough_with_holes(seed: int, holes: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    f = gaussian_filter(rng.normal(size=(70, 60)), 1.5)
    f[rng.random(f.shape) < holes] = rng.choice([np.nan, np.inf])
    return f, np.cumsum(rng.uniform(0.1, 0.2, 60)), np.cumsum(rng.uniform(1, 2, 70))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("holes", [0.0, 0.004, 0.02])
def test_points_stay_near_their_vertices_and_in_order(seed, holes):
    f, u, v = rough_with_holes(seed, holes)
    points = find_critical_points(f)
    refined = refine_positions(points, f, u, v)
    minimum, maximum = points.kind == CriticalKind.MINIMUM, points.kind == CriticalKind.MAXIMUM
    assert 0.2 < refined.refined.mean() < 1
    assert (refined.value[minimum] <= points.value[minimum] + 1e-9).all()
    assert (refined.value[maximum] >= points.value[maximum] - 1e-9).all()
    column = np.interp(refined.u, u, np.arange(u.size)) - points.column
    row = np.interp(refined.v, v, np.arange(v.size)) - points.row
    away = np.maximum(np.abs(column), np.abs(row))
    near_hole = binary_dilation(~np.isfinite(f), np.ones((13, 13)))[points.row, points.column]
    assert (away[near_hole] <= 1.5).all()  # one mean cell, on an uneven grid
    assert (away <= 4.5).all()
    for mine in (minimum, points.kind == CriticalKind.SADDLE, maximum):
        mine = mine & refined.refined
        apart = np.maximum(
            *(np.abs(np.subtract.outer(x[mine], x[mine])) for x in (column + points.column, row + points.row))
        )
        assert apart[~np.eye(len(apart), dtype=bool)].min() > 0.4
    tree = merge_tree(points)
    child, elder = tree.extremum[tree.parent >= 0], tree.parent[tree.parent >= 0]
    fixed = ~refined.refined[elder]
    assert (refined.value[child[fixed]] >= refined.value[elder[fixed]]).all()


def test_a_minimum_does_not_sink_below_an_elder_one_at_a_hole():
    u = np.linspace(0, 20, 41)
    f = np.minimum(np.square(u[None, :] - 5.25), np.square(u[None, :] - 15.0) + 0.05) + np.square(u[:, None] - 10.0)
    assert f[20].argmin() == 30  # between grid points the other well is the deeper one
    points = find_critical_points(f)
    refined = refine_positions(points, f, u, u)
    assert refined.refined[:2].all()
    f[20, 32] = np.nan
    masked = refine_positions(find_critical_points(f), f, u, u)
    assert not masked.refined[:2].any()
    assert masked.value[0] < masked.value[1]


@pytest.mark.parametrize("shape", [(4, 4), (5, 9), (14, 9)])
def test_spline_equals_the_one_of_scipy(shape):
    rng = np.random.default_rng(1)
    u, v = np.cumsum(rng.uniform(0.1, 1, shape[1])), np.cumsum(rng.uniform(0.1, 1, shape[0]))
    f = rng.normal(size=shape)
    surface, reference = SplineSurface(f, u, v), RectBivariateSpline(v, u, f)
    points = np.stack([rng.uniform(u[0], u[-1], 200), rng.uniform(v[0], v[-1], 200)], axis=-1)
    jet = surface.jet(points) * surface.scale
    for dv, du in np.ndindex(3, 3):
        expected = reference(points[:, 1], points[:, 0], dx=dv, dy=du, grid=False)
        assert jet[:, dv, du] == pytest.approx(expected, abs=1e-8)
    assert surface.value(points) == pytest.approx(jet[:, 0, 0])


def test_spline_takes_the_logarithm_where_that_is_smoother():
    u = np.linspace(-2, 2, 21)
    exponential = np.exp(3 * np.square(u[None, :]) + u[:, None])
    assert SplineSurface(exponential, u, u).logarithmic
    assert not SplineSurface(np.square(u[None, :]) + np.square(u[:, None]) + 1e-3, u, u).logarithmic
    assert not SplineSurface(-exponential, u, u).logarithmic
    points = np.array([[0.123, -1.04], [1.5, 1.9]])
    surface = SplineSurface(exponential, u, u)
    assert surface.value(points) == pytest.approx(np.exp(3 * points[:, 0] ** 2 + points[:, 1]), rel=1e-9)
    assert surface.gradient(points) == pytest.approx(np.stack([6 * points[:, 0], np.ones(2)], axis=-1))
    assert surface.hessian(points)[1] == pytest.approx(np.array([[6.0, 0], [0, 0]]), abs=1e-9)


def test_spline_refuses_what_does_not_fit():
    u = np.linspace(0, 1, 5)
    with pytest.raises(ValueError, match="at least one finite value"):
        SplineSurface(np.full((5, 5), np.nan), u, u)
    with pytest.raises(ValueError, match="v: takes one coordinate for each of 4"):
        SplineSurface(np.zeros((4, 5)), u, u)
    with pytest.raises(ValueError, match="u: takes finite, strictly ascending"):
        SplineSurface(np.zeros((5, 5)), u[::-1], u)


@pytest.mark.parametrize("shape", [(2, 2), (2, 5), (3, 3), (7, 2)])
def test_spline_on_very_small_grids_passes_through_the_values(shape):
    f = np.random.default_rng(0).normal(size=shape)
    u, v = np.linspace(1, 2, shape[1]), np.linspace(-3, 3, shape[0])
    surface = SplineSurface(f, u, v)
    grid = np.stack([np.tile(u, v.size), np.repeat(v, u.size)], axis=-1)
    assert surface.value(grid) == pytest.approx(f.ravel())
    assert np.isfinite(surface.hessian(grid)).all()
