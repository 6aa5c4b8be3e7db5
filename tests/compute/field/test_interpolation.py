import time

import numpy as np
import pytest

from talweg_compute.field import coarse_to_fine, fill, sample_on_triangles
from tests.reference.functions import himmelblau, oblique_bowl, sampled


def test_complete_levels_are_filled_bilinearly():
    sampling = coarse_to_fine(45, 70)
    row, column = np.mgrid[:45, :70]
    f = 3.0 + 0.5 * row - 0.25 * column + 0.125 * row * column
    for end in sampling.level_ends:
        computed = np.zeros(f.size, dtype=bool)
        computed[sampling.order[:end]] = True
        computed = computed.reshape(f.shape)
        filled, interpolated = fill(np.where(computed, f, np.nan), computed)
        assert filled == pytest.approx(f, rel=1e-12)
        assert np.array_equal(interpolated, ~computed)


def test_error_shrinks_while_points_come_in():
    f, _, _ = sampled(himmelblau, 5, 101)
    sampling = coarse_to_fine(101, 101)
    errors = []
    for count in (1, 81, 160, 729, 1500, 2601, 10201):
        computed = np.zeros(f.size, dtype=bool)
        computed[sampling.order[:count]] = True
        filled, _ = fill(f, computed.reshape(f.shape))
        errors.append(np.sqrt(np.square(filled - f).mean()))
    assert (np.diff(errors) < 0).all()
    assert errors[-1] == 0


def test_any_pattern_stays_between_the_computed_values():
    rng = np.random.default_rng(2)
    f = rng.normal(size=(33, 20))
    patterns = [rng.random(f.shape) < share for share in (0.003, 0.02, 0.3, 0.9)]
    rows = np.zeros(f.shape, dtype=bool)
    rows[:7] = True
    corner = np.zeros(f.shape, dtype=bool)
    corner[-1, -1] = True
    for computed in (*patterns, rows, corner):
        if not computed.any():
            continue
        filled, interpolated = fill(np.where(computed, f, 1e9), computed)
        assert np.array_equal(filled[computed], f[computed])
        assert f[computed].min() - 1e-12 <= filled.min() <= filled.max() <= f[computed].max() + 1e-12
        assert np.array_equal(interpolated, ~computed)


def test_one_point_fills_everything_and_none_nothing():
    values = np.full((5, 8), np.nan)
    values[2, 3] = 4.5
    filled, interpolated = fill(values, np.isfinite(values))
    assert (filled == 4.5).all()
    assert interpolated.sum() == 39
    for computed in (np.zeros((5, 8), dtype=bool), np.isnan(values)):
        filled, interpolated = fill(np.full((5, 8), np.nan), computed)
        assert np.isnan(filled).all()
        assert not interpolated.any()


def test_diverged_points_stay_and_are_not_spread():
    f, _, _ = sampled(oblique_bowl, 1, 33)
    f[10:14, 16] = np.nan
    f[20, 20] = np.inf
    f[25, 25] = -np.inf
    computed = np.zeros(f.shape, dtype=bool)
    computed[::2, ::2] = True
    computed[10:14, 16] = True
    filled, interpolated = fill(f, computed)
    assert np.array_equal(filled[computed], f[computed], equal_nan=True)
    assert np.isfinite(filled[interpolated]).all()


def test_lines_can_be_filled_too():
    filled, _ = fill([[0.0, 9.0, 2.0, 9.0, 4.0]], [[True, False, True, False, True]])
    assert filled.tolist() == [[0, 1, 2, 3, 4]]


def test_filling_is_fast():
    f, _, _ = sampled(himmelblau, 5, 101)
    computed = np.zeros(f.size, dtype=bool)
    computed[coarse_to_fine(101, 101).order[:4000]] = True
    computed = computed.reshape(f.shape)
    durations = []
    for _ in range(5):
        start = time.perf_counter()
        fill(f, computed)
        durations.append(time.perf_counter() - start)
    assert min(durations) < 0.02


def test_fill_refuses_other_shapes():
    with pytest.raises(ValueError, match="same shape"):
        fill(np.zeros((3, 4)), np.zeros((4, 3), dtype=bool))


def test_surface_height_is_exact_on_planes_and_at_vertices():
    u, v = np.linspace(-1, 1, 9) ** 3, np.linspace(0, 5, 6)
    rng = np.random.default_rng(0)
    points = np.stack([rng.uniform(-1, 1, 500), rng.uniform(0, 5, 500)], axis=-1)
    plane = 2 * u[None, :] - 3 * v[:, None] + 1
    assert sample_on_triangles(plane, u, v, points) == pytest.approx(2 * points[:, 0] - 3 * points[:, 1] + 1)
    f = rng.normal(size=(6, 9))
    grid = np.stack([np.tile(u, 6), np.repeat(v, 9)], axis=-1)
    assert np.array_equal(sample_on_triangles(f, u, v, grid), f.ravel())


def test_surface_bends_along_the_drawn_diagonal():
    u = np.array([0.0, 1.0])
    f = np.array([[0.0, 1.0], [1.0, 0.0]])
    heights = sample_on_triangles(f, u, u, [[0.5, 0.5], [0.75, 0.25], [0.25, 0.75], [1.0, 0.5]])
    assert heights == pytest.approx([0.0, 0.5, 0.5, 0.5])


def test_no_height_outside_and_in_holes():
    f = np.ones((4, 4))
    f[1, 1] = np.nan
    u = np.arange(4.0)
    outside = [[-0.1, 1], [3.1, 1], [1, -0.1], [1, 3.1], [np.nan, 1]]
    in_hole = [[1.0, 1.0], [1.2, 1.1], [0.5, 0.6], [0.9, 1.5]]
    assert np.isnan(sample_on_triangles(f, u, u, outside + in_hole)).all()
    at_rim = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [0.5, 0.0], [2.0, 1.5], [0.4, 1.7], [3.0, 3.0]]
    assert sample_on_triangles(f, u, u, at_rim).tolist() == [1.0] * len(at_rim)
    assert sample_on_triangles(f, u, u, np.empty((0, 2))).shape == (0,)


def test_sample_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"shape \[k, 2\]"):
        sample_on_triangles(np.ones((2, 2)), [0.0, 1.0], [0.0, 1.0], [0.5, 0.5])
