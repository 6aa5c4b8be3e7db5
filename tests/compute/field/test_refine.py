import numpy as np
import pytest

from talweg_compute.field import CriticalKind, SplineSurface, find_critical_points, refine_positions
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


def test_huge_and_tiny_fields_raise_nothing():
    f, u, v = sampled(himmelblau, 5, 21)
    points = find_critical_points(f)
    for factor in (1e-300, 1e300):
        refined = refine_positions(points, f * factor, u, v)
        assert np.isfinite(refined.u).all()


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
