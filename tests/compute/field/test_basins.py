import numpy as np
import pytest

from talweg_compute.field import CriticalKind, basins, find_critical_points
from talweg_compute.field.triangulation import RING
from tests.reference.functions import double_well, sampled


def steepest_minimum(f, row, column):
    while True:
        star = [
            (f[row + down, column + right], row + down, column + right)
            for down, right in (*RING, (0, 0))
            if 0 <= row + down < f.shape[0] and 0 <= column + right < f.shape[1]
        ]
        _, *lowest = min(star)
        if lowest == [row, column]:
            return row, column
        row, column = lowest


@pytest.mark.parametrize("levels", [6, 10**6])
def test_basins_equal_a_walk_down_from_each_vertex(levels):
    f = np.random.default_rng(3).integers(0, levels, (14, 19)).astype(float)
    points = find_critical_points(f)
    found = basins(f, points)
    index = {(int(r), int(c)): k for k, (r, c) in enumerate(zip(points.row, points.column, strict=True))}
    for row, column in np.ndindex(f.shape):
        minimum = steepest_minimum(f, row, column)
        if minimum in index:  # others have no persistence
            assert found[row, column] == index[minimum]
        assert points.kind[found[row, column]] == CriticalKind.MINIMUM


def test_simplified_basins_are_unions():
    f = np.random.default_rng(4).normal(size=(25, 25))
    points = find_critical_points(f)
    fine, coarse = basins(f, points), basins(f, points.above(2.0))
    assert set(np.unique(coarse)) == set(np.flatnonzero(points.above(2.0).kind == CriticalKind.MINIMUM).tolist())
    for basin in np.unique(fine):
        assert np.unique(coarse[fine == basin]).size == 1


def test_double_well_is_halved_and_masked_values_belong_nowhere():
    f, _, _ = sampled(double_well, 2, 41)
    f[:5, :] = np.nan
    points = find_critical_points(f)
    found = basins(f, points)
    assert (found[:5] == -1).all()
    assert np.unique(found[5:, :18]).size == np.unique(found[5:, 23:]).size == 1
    assert set(np.unique(found[5:]).tolist()) == set(np.flatnonzero(points.kind == CriticalKind.MINIMUM).tolist())


def test_enclosed_area_without_a_minimum_in_the_list_belongs_nowhere():
    f, _, _ = sampled(double_well, 2, 41)
    f[:, 20] = np.nan
    f[:, 21:] += 0.5
    points = find_critical_points(f)
    assert np.unique(basins(f, points)).tolist() == [-1, 0, 1]
    assert (basins(f, points.above(100.0))[:, 21:] == -1).all()
    assert (basins(np.full((3, 3), np.nan), find_critical_points(np.full((3, 3), np.nan))) == -1).all()


def test_points_of_another_grid_are_refused():
    points = find_critical_points(sampled(double_well, 2, 41)[0])
    with pytest.raises(ValueError, match="outside its grid"):
        basins(np.zeros((5, 5)), points)
