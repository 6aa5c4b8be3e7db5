from itertools import combinations

import numpy as np
import pytest
from scipy.ndimage import label

from talweg_compute.field import CriticalKind, barrier, find_critical_points, lowest_pass, merge_tree
from tests.reference.functions import double_well, himmelblau, sampled

SIX_NEIGHBOURS = [[1, 1, 0], [1, 1, 1], [0, 1, 1]]


def level_that_joins(f, first, second):
    """The lowest value at which two vertices are in one component of the sublevel set."""
    for level in np.unique(f[np.isfinite(f)]):
        components, _ = label(f <= level, SIX_NEIGHBOURS)
        if components[first] == components[second] != 0:
            return level
    return np.inf


@pytest.mark.parametrize("levels", [5, 1000])
def test_lowest_pass_equals_a_flood(levels):
    rng = np.random.default_rng(8)
    f = rng.integers(0, levels, (11, 9)).astype(float)
    f[rng.random(f.shape) < 0.25] = np.nan
    points = find_critical_points(f)
    minima = np.flatnonzero(points.kind == CriticalKind.MINIMUM).tolist()
    assert len(minima) > 4
    for first, second in combinations(minima, 2):
        vertices = [(int(points.row[k]), int(points.column[k])) for k in (first, second)]
        expected = level_that_joins(f, *vertices)
        crossed = lowest_pass(points, first, second)
        assert (points.value[crossed] if crossed >= 0 else np.inf) == expected
        assert crossed == lowest_pass(points, second, first)
        assert barrier(points, first, second) == expected - max(f[vertices[0]], f[vertices[1]])


def test_simplified_tree_is_a_part_of_the_whole():
    points = find_critical_points(np.random.default_rng(1).normal(size=(30, 30)))
    whole, part = merge_tree(points), merge_tree(points.above(1.5))
    assert 1 < len(part) < len(whole)
    for name in ("extremum", "saddle", "parent", "level"):
        assert np.array_equal(getattr(part, name), getattr(whole, name)[: len(part)])
    assert (whole.saddle[0], whole.parent[0], whole.level[0]) == (-1, -1, np.inf)
    assert np.isin(whole.parent[1:], whole.extremum).all()


def test_barriers_of_known_functions():
    points = find_critical_points(sampled(double_well, 2, 41)[0])
    minima = np.flatnonzero(points.kind == CriticalKind.MINIMUM)
    assert barrier(points, *minima) == pytest.approx(1)
    points = find_critical_points(sampled(himmelblau, 5, 201)[0])
    assert merge_tree(points).level[1:] == pytest.approx([104.015, 67.719, 13.312], rel=1e-2)


def test_only_two_minima_have_a_pass():
    points = find_critical_points(sampled(himmelblau, 5, 31)[0])
    saddle = int(np.flatnonzero(points.kind == CriticalKind.SADDLE)[0])
    with pytest.raises(ValueError, match="indices of minima"):
        lowest_pass(points, 0, saddle)
    with pytest.raises(ValueError, match="indices of minima"):
        barrier(points, -1, 0)
    with pytest.raises(ValueError, match="two minima"):
        lowest_pass(points, 0, 0)
