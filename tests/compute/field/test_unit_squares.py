import numpy as np
import pytest
from scipy.spatial import cKDTree

from talweg_compute.field.unit_squares import UnitSquares


@pytest.mark.parametrize(("points", "others", "spread"), [(50, 80, 4), (300, 200, 30), (1, 40, 3), (5, 5, 1e6)])
def test_all_pairs_within_one_are_found(points, others, spread):
    rng = np.random.default_rng(points)
    a, b = rng.uniform(-spread, spread, (points, 2)), rng.uniform(-1.5 * spread, 1.5 * spread, (others, 2))
    other, point = UnitSquares(a).near(b)
    pairs = set(zip(other.tolist(), point.tolist(), strict=True))
    assert len(pairs) == other.size
    expected = {(k, near) for k, found in enumerate(cKDTree(a).query_ball_point(b, 1.0)) for near in found}
    assert expected <= pairs
    assert (np.abs(b[other] - a[point]) < 2).all()


def test_nothing_is_near_nothing():
    for points, others in ((0, 3), (3, 0), (0, 0)):
        assert [found.size for found in UnitSquares(np.zeros((points, 2))).near(np.zeros((others, 2)))] == [0, 0]
