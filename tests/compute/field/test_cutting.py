import numpy as np
import pytest

from talweg_compute.field import cut_above, triangles
from tests.reference.functions import himmelblau, sampled


def area(points, corner):
    a, b, c = (points[corner[:, k]] for k in range(3))
    return ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2


@pytest.fixture
def mesh():
    f, u, v = sampled(himmelblau, 5, 21, 23)
    return np.column_stack([np.tile(u, v.size), np.repeat(v, u.size), f.ravel()]), triangles(f)


@pytest.mark.parametrize("top", [0.5, 20.0, 100.0, 170.0])
def test_both_parts_make_up_the_mesh(mesh, top):
    points, corners = mesh
    cut = cut_above(points[:, 2], corners, top)
    spread = cut.spread(points)
    np.testing.assert_allclose(spread[len(points) :, 2], top)
    assert (spread[cut.below, 2] <= top + 1e-9).all()
    assert (spread[cut.above, 2] >= top - 1e-9).all()
    assert (area(spread, cut.below) >= 0).all()
    assert (area(spread, cut.above) >= 0).all()
    assert area(spread, cut.below).sum() + area(spread, cut.above).sum() == pytest.approx(100)
    volume = sum((area(spread, part) * spread[part, 2].mean(axis=1)).sum() for part in (cut.below, cut.above))
    assert volume == pytest.approx((area(points, corners) * points[corners, 2].mean(axis=1)).sum())


def test_the_rim_is_where_the_parts_meet(mesh):
    points, corners = mesh
    cut = cut_above(points[:, 2], corners, 100.0)

    def edges(part):
        return {tuple(sorted(edge)) for a, b, c in part.tolist() for edge in ((a, b), (b, c), (c, a))}

    rim = {tuple(sorted(edge)) for edge in cut.rim.tolist()}
    assert rim == edges(cut.below) & edges(cut.above)
    assert len(rim) == len(cut.rim)


def test_a_plane_above_everything_changes_nothing(mesh):
    points, corners = mesh
    cut = cut_above(points[:, 2], corners, points[:, 2].max())
    np.testing.assert_array_equal(cut.below, corners)
    assert cut.above.size == cut.rim.size == cut.edges.size == 0
    assert cut.spread(points).shape == points.shape
    nothing = cut_above(points[:, 2], corners, -1.0)
    np.testing.assert_array_equal(nothing.above, corners)
    assert nothing.below.shape == (0, 3)


def test_what_is_not_a_length_takes_the_nearer_end():
    cut = cut_above(np.array([0.0, 0.0, 10.0]), np.array([[0, 1, 2]]), 8.0)
    assert cut.edges.tolist() == [[0, 2], [1, 2]]
    np.testing.assert_allclose(cut.share, 0.8)
    assert cut.spread_nearest(np.array([1, 2, 3])).tolist() == [1, 2, 3, 3, 3]
