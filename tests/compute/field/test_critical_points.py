import numpy as np
import pytest
from numpy.typing import NDArray

from talweg_compute.field import CriticalKind, CriticalPoints, default_threshold, find_critical_points
from tests.reference.functions import (
    HIMMELBLAU_MAXIMUM,
    HIMMELBLAU_MINIMA,
    HIMMELBLAU_SADDLES,
    bottle,
    double_well,
    egg_crate,
    himmelblau,
    hyperbolic,
    monkey_saddle,
    oblique_bowl,
    sampled,
)

KINDS = list(CriticalKind)


def counts(points: CriticalPoints, *, inner: bool = False) -> list[int]:
    if inner:
        return [int(np.count_nonzero((points.kind == kind) & ~points.on_boundary)) for kind in KINDS]
    return [points.count(kind) for kind in KINDS]


def names(points: CriticalPoints) -> list[tuple[int, int, int]]:
    return list(zip(points.kind.tolist(), points.row.tolist(), points.column.tolist(), strict=True))


@pytest.mark.parametrize(
    ("function", "radius", "n", "inner", "everywhere"),
    [
        (himmelblau, 6, 101, [4, 4, 1], [4, 4, 1]),
        (himmelblau, 5, 51, [4, 4, 1], [4, 4, 1]),
        (double_well, 2, 51, [2, 1, 0], [2, 1, 0]),
        (hyperbolic, 1, 51, [0, 1, 0], [2, 1, 0]),
        (monkey_saddle, 1, 51, [0, 1, 0], [3, 1, 0]),
        (monkey_saddle, 1, 52, [0, 2, 0], [3, 2, 0]),
        (oblique_bowl, 1, 51, [1, 0, 0], [1, 0, 0]),
        (egg_crate, 1.13, 101, [4, 12, 9], [16, 24, 9]),
    ],
)
def test_reference_counts(function, radius, n, inner, everywhere):
    f, _, _ = sampled(function, radius, n)
    points = find_critical_points(f)
    assert counts(points, inner=True) == inner
    assert counts(points) == everywhere
    assert points.confirmed.all()


def test_monkey_saddle_has_multiplicity_two():
    f, _, _ = sampled(monkey_saddle, 1, 51)
    points = find_critical_points(f)
    saddle = points.kind == CriticalKind.SADDLE
    assert points.multiplicity[saddle].tolist() == [2]
    assert len(points.pairs) == 2
    assert (points.multiplicity[~saddle] == 1).all()


def test_degenerate_ring_simplifies_to_one_minimum():
    f, _, _ = sampled(bottle, 2, 51)
    points = find_critical_points(f)
    assert counts(points) == [24, 24, 1]
    assert np.sort(points.persistence)[-4] < 0.008
    assert counts(points.above(0.01)) == [1, 1, 1]


def test_himmelblau_positions_values_and_persistence():
    f, u, v = sampled(himmelblau, 6, 101)
    points = find_critical_points(f)
    cell = u[1] - u[0]
    for kind, known in zip(KINDS, (HIMMELBLAU_MINIMA, HIMMELBLAU_SADDLES, (HIMMELBLAU_MAXIMUM,)), strict=True):
        mine = points.kind == kind
        found = np.stack([u[points.column[mine]], v[points.row[mine]]], axis=-1)
        for point in known:
            assert np.abs(found - point[:2]).max(axis=-1).min() <= cell
    minima = points.kind == CriticalKind.MINIMUM
    assert points.persistence[minima] == pytest.approx([np.inf, 104.0, 67.7, 13.3], abs=0.5)
    assert points.persistence[0] == np.inf
    assert points.partner[0] == -1
    assert (points.kind[points.partner[minima][1:]] == CriticalKind.SADDLE).all()


@pytest.mark.parametrize("seed", range(4))
def test_noise_on_himmelblau_is_simplified_away(seed):
    f, _, _ = sampled(himmelblau, 6, 101)
    noise = np.random.default_rng(seed).normal(0, 2, f.shape)
    points = find_critical_points(f + noise)
    minima = [counts(points.above(threshold))[0] for threshold in (0, 1, 6, 10, 20, 30)]
    assert minima[0] == 81 if seed == 0 else 80 < minima[0] < 100
    assert 35 < minima[1] < 60
    assert minima[2:] == [4, 4, 3, 3]


def test_simplification_keeps_indices_and_saddles_in_use():
    f = np.random.default_rng(0).normal(size=(40, 30))
    points = find_critical_points(f)
    assert (np.diff(points.persistence) <= 0).all()
    for threshold in (0.0, 0.3, 1.0, 2.0, 100.0):
        kept = points.above(threshold)
        assert (kept.persistence > threshold).all()
        assert len(kept) == np.count_nonzero(points.persistence > threshold)
        assert (kept.partner < len(kept)).all()
        for column in (kept.pairs.extremum, kept.pairs.saddle, kept.pairs.parent):
            assert (column < len(kept)).all()
        saddles = np.flatnonzero(kept.kind == CriticalKind.SADDLE)
        assert np.array_equal(np.unique(kept.pairs.saddle), saddles)
        assert len(kept.pairs) == kept.count(CriticalKind.MINIMUM) - 1 + kept.count(CriticalKind.MAXIMUM)


def test_arrays_are_read_only():
    points = find_critical_points(sampled(himmelblau, 5, 21)[0])
    for array in (points.value, points.persistence, points.above(1.0).kind, points.pairs.saddle):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    "transform", [np.log, np.sqrt, np.arctan, lambda f: 3 * f - 7], ids=["log", "sqrt", "atan", "affine"]
)
def test_points_do_not_change_under_monotone_maps(transform):
    f = np.random.default_rng(1).integers(1, 50, (23, 31)).astype(float)
    before, after = find_critical_points(f), find_critical_points(transform(f))
    assert sorted(names(before)) == sorted(names(after))


def test_adding_a_constant_or_scaling_moves_only_the_values():
    f, _, _ = sampled(himmelblau, 5, 51)
    before, after = find_critical_points(f), find_critical_points(4 * f + 64)
    assert names(before) == names(after)
    assert after.persistence == pytest.approx(4 * before.persistence)


def test_plane_and_constant_have_one_minimum():
    u = np.linspace(0, 1, 9)
    assert names(find_critical_points(u[None, :] + 2 * u[:7, None])) == [(0, 0, 0)]
    assert names(find_critical_points(np.full((5, 8), 2.5))) == [(0, 0, 0)]


def test_boundary_maximum_is_no_critical_point():
    f, _, _ = sampled(oblique_bowl, 1, 11)
    points = find_critical_points(-f)
    assert points.count(CriticalKind.MAXIMUM) == 1
    assert not points.on_boundary[points.kind == CriticalKind.MAXIMUM].any()
    assert points.on_boundary[points.kind == CriticalKind.MINIMUM].all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "patch", [np.s_[:5, :5], np.s_[-5:, -5:], np.s_[:5, -5:], np.s_[10:20, :4], np.s_[-1, :], np.s_[0, 0], np.s_[:, :7]]
)
def test_bowl_with_masked_patch_has_one_minimum(bad, patch):
    f, _, _ = sampled(oblique_bowl, 1, 51)
    f[patch] = bad
    points = find_critical_points(f)
    assert names(points) == [(0, 25, 25)]


def test_masked_patch_inside_reports_nothing_in_it():
    f, _, _ = sampled(oblique_bowl, 1, 51)
    f[30:40, 28:33] = np.nan
    points = find_critical_points(f)
    assert np.isfinite(points.value).all()
    assert names(points) == [(0, 25, 25)]


def test_random_masks_never_hold_a_point():
    rng = np.random.default_rng(5)
    for share in (0.05, 0.3, 0.7, 0.97):
        f = rng.normal(size=(19, 27))
        f[rng.random(f.shape) < share] = np.nan
        points = find_critical_points(f)
        assert np.isfinite(f[points.row, points.column]).all()
        assert np.isfinite(points.persistence[1:]).all()
        assert (points.persistence > 0).all()
        assert points.persistence[0] == np.inf
        assert (points.row[0], points.column[0]) == np.unravel_index(np.nanargmin(f), f.shape)


def test_minimum_cut_off_by_masked_values_is_as_persistent_as_its_area_is_deep():
    f, _, _ = sampled(double_well, 2, 41)
    f[:, 20] = np.nan
    f[:, 21:] += 0.5
    points = find_critical_points(f)
    assert counts(points) == [2, 0, 0]
    assert points.persistence.tolist() == [np.inf, np.nanmax(f[:, 21:]) - np.nanmin(f[:, 21:])]
    assert points.partner.tolist() == [-1, -1]


def test_nothing_finite_gives_nothing():
    for f in (np.full((6, 4), np.nan), np.full((2, 2), np.inf)):
        points = find_critical_points(f)
        assert len(points) == len(points.pairs) == len(points.above(1.0)) == 0
        assert default_threshold(f) == 0.0


def test_smallest_grids():
    assert names(find_critical_points([[1.0, 2.0], [3.0, 0.0]])) == [(0, 1, 1)]
    # both ends of the diagonal that is not an edge are low: two minima and the saddle between them
    assert counts(find_critical_points([[2.0, 0.0], [1.0, 3.0]])) == [2, 1, 0]
    assert counts(find_critical_points([[0.0, 2.0], [3.0, 1.0]])) == [1, 0, 0]


@pytest.mark.parametrize("f", [np.zeros(5), np.zeros((1, 5)), np.zeros((5, 1)), np.zeros((2, 2, 2))])
def test_other_shapes_are_refused(f):
    with pytest.raises(ValueError, match="at least 2 rows"):
        find_critical_points(f)


def test_valley_across_the_diagonals_is_not_confirmed():
    index = np.arange(15)
    f = np.abs(index[:, None] + index[None, :] - 14).astype(float) + 0.01 * index[:, None]
    points = find_critical_points(f)
    mirrored = find_critical_points(f[:, ::-1])
    assert points.count(CriticalKind.MINIMUM) > mirrored.count(CriticalKind.MINIMUM) == 1
    assert 1 <= np.count_nonzero(points.confirmed[points.kind == CriticalKind.MINIMUM]) <= 2


def test_default_threshold():
    f = np.array([[0.0, 10.0], [np.nan, 5.0]])
    assert default_threshold(f) == pytest.approx(0.1)
    assert default_threshold(f, np.full((2, 2), 0.3)) == pytest.approx(0.6)
    assert default_threshold(f, np.array([[0.01, np.nan], [np.inf, 0.01]])) == pytest.approx(0.1)
    assert default_threshold(f, np.full((2, 2), np.nan)) == pytest.approx(0.1)


def test_numbers_of_other_types_are_taken():
    f: NDArray[np.float64] = sampled(himmelblau, 5, 31)[0]
    single = np.asfortranarray(f.astype(np.float32))
    assert names(find_critical_points(single)) == names(find_critical_points(single.astype(np.float64)))
