import numpy as np
import pytest

from talweg_compute.field import triangles, vertex_normals
from tests.reference.functions import himmelblau, sampled


def vertices(f, u, v):
    return np.stack([np.tile(u, v.size), np.repeat(v, u.size), f.ravel()], axis=-1)


def test_triangles_are_counter_clockwise_and_cover_the_grid_once():
    f, u, v = sampled(himmelblau, 5, 7, 11)
    corner = vertices(f, u, v)[triangles(f)]
    first, second = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    twice_area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    assert (twice_area > 0).all()
    assert twice_area.sum() / 2 == pytest.approx(100)
    assert len(corner) == 2 * 6 * 10


def test_diagonal_is_the_one_of_the_topology():
    nu = 4
    edges = {
        tuple(sorted(pair)) for a, b, c in triangles(np.zeros((3, nu))).tolist() for pair in ((a, b), (b, c), (c, a))
    }
    steps = {(end // nu - start // nu, end % nu - start % nu) for start, end in edges}
    assert steps == {(0, 1), (1, 0), (1, 1)}


def test_triangles_at_a_hole_are_left_out():
    f = np.zeros((5, 6))
    f[2, 3] = np.nan
    whole, holed = triangles(np.zeros((5, 6))), triangles(f)
    assert len(whole) - len(holed) == 6
    assert 2 * 6 + 3 not in holed
    f[:, 0] = np.inf
    assert not np.isin(triangles(f), np.arange(5) * 6).any()
    assert triangles(np.full((3, 3), np.nan)).shape == (0, 3)


def test_normals_of_a_plane():
    u, v = np.linspace(-1, 1, 9) ** 3, np.linspace(0, 5, 6)
    normals = vertex_normals(u, v, 2 * u[None, :] - 3 * v[:, None])
    assert normals.dtype == np.float32
    assert normals.shape == (54, 3)
    assert np.abs(normals - np.array([-2, 3, 1]) / np.sqrt(14)).max() < 1e-6


def test_normals_equal_the_sum_over_triangles_around_holes():
    f, u, v = sampled(himmelblau, 5, 9, 7)
    f = f / 100
    f[3, 4] = np.nan
    f[8, :] = np.inf
    faces = triangles(f)
    corner = vertices(f, u, v)[faces]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    expected = np.zeros((f.size, 3))
    for k in range(3):
        np.add.at(expected, faces[:, k], cross)
    expected[expected[:, 2] == 0] = (0, 0, 1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    normals = vertex_normals(u, v, f)
    assert np.abs(normals - expected).max() < 1e-6
    assert normals[3 * 7 + 4].tolist() == [0, 0, 1]
    assert normals[-1].tolist() == [0, 0, 1]


def test_normals_of_huge_heights_are_unit_vectors():
    f = np.random.default_rng(0).uniform(-1.7, 1.7, (8, 8)) * 1e308
    u = np.linspace(-1, 1, 8)
    assert np.linalg.norm(vertex_normals(u, u, f), axis=1) == pytest.approx(np.ones(64), rel=1e-6)
