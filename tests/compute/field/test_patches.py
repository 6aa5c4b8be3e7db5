from collections import Counter

import numpy as np
import pytest

from talweg_compute.field import (
    Patch,
    fill_halving,
    lay_border,
    mesh_normals,
    patch_triangles,
    sample_on_triangles,
    triangles,
    vertex_normals,
)
from tests.reference.functions import himmelblau, sampled

ROWS, COLUMNS = 9, 12
TWO = Patch(3, 2, 4, 3, 2)
LAYOUTS = {
    "inside": [TWO],
    "at the corner of the frame": [Patch(0, 0, 3, 4, 4)],
    "the whole": [Patch(0, 0, COLUMNS - 1, ROWS - 1, 2)],
    "side by side": [TWO, Patch(7, 3, 2, 4, 4)],
    "one inside the other": [TWO, Patch(4, 3, 2, 1, 8)],
    "one over the edge of the other": [TWO, Patch(5, 1, 4, 3, 4)],
    "equally fine, overlapping": [TWO, Patch(5, 3, 4, 4, 2)],
    "a cell within a cell's edge": [Patch(2, 2, 1, 1, 2), Patch(3, 3, 1, 1, 4), Patch(3, 2, 1, 1, 16)],
}


def places(patch, u, v):
    row, column = np.indices(patch.shape)
    at_u = np.interp(patch.column + column / patch.factor, np.arange(u.size), u)
    at_v = np.interp(patch.row + row / patch.factor, np.arange(v.size), v)
    return at_u, at_v


def around(fields, patches, u, v, at_u, at_v):
    """The surface of the grid and the patches so far."""
    where = np.column_stack([at_u.ravel(), at_v.ravel()])
    found = sample_on_triangles(fields[0], u, v, where)
    for field, patch in zip(fields[1:], patches, strict=True):
        own_u, own_v = places(patch, u, v)
        on_patch = sample_on_triangles(field, own_u[0], own_v[:, 0], where)
        found = np.where(np.isnan(on_patch), found, on_patch)
    return found.reshape(at_u.shape)


def patched(function, patches):
    f, u, v = sampled(function, 5, ROWS, COLUMNS)
    fields, points = [f], [np.column_stack([np.tile(u, v.size), np.repeat(v, u.size), f.ravel()])]
    for number, patch in enumerate(patches):
        at_u, at_v = places(patch, u, v)
        below = around(fields, patches[:number], u, v, at_u, at_v)
        fields.append(lay_border(function(at_u, at_v), below, patch, f.shape))
        points.append(np.column_stack([at_u.ravel(), at_v.ravel(), fields[-1].ravel()]))
    return fields, np.concatenate(points), (u, v)


@pytest.mark.parametrize("patches", LAYOUTS.values(), ids=LAYOUTS)
def test_the_mesh_covers_the_plane_once_and_has_no_crack(patches):
    fields, points, (u, v) = patched(himmelblau, patches)
    mesh = patch_triangles(fields, patches)
    corner = points[mesh.triangles]
    first, second = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert (area > 1e-9).all()
    assert area.sum() == pytest.approx((u[-1] - u[0]) * (v[-1] - v[0]))
    edges = Counter(tuple(sorted(edge)) for a, b, c in mesh.triangles.tolist() for edge in ((a, b), (b, c), (c, a)))
    assert max(edges.values()) == 2
    for (start, end), count in edges.items():
        if count == 1:  # only the frame has an edge of one triangle
            both = points[[start, end]]
            sides = [np.isin(both[:, axis], (line[0], line[-1])) for axis, line in ((0, u), (1, v))]
            assert any(side.all() and both[0, axis] == both[1, axis] for axis, side in enumerate(sides))


@pytest.mark.parametrize("patches", LAYOUTS.values(), ids=LAYOUTS)
def test_each_place_has_the_height_of_its_finest_patch(patches):
    fields, points, (u, v) = patched(himmelblau, patches)
    mesh = patch_triangles(fields, patches)
    middle = points[mesh.triangles].mean(axis=1)
    expected = around(fields, patches, u, v, middle[:, :1], middle[:, 1:2])[:, 0]
    np.testing.assert_allclose(middle[:, 2], expected, rtol=1e-12, atol=1e-12)


def test_a_patch_shows_its_own_heights_inside_and_at_the_frame():
    patch = LAYOUTS["at the corner of the frame"][0]
    fields, _, (u, v) = patched(himmelblau, [patch])
    at_u, at_v = places(patch, u, v)
    np.testing.assert_array_equal(fields[1][:-1, :-1], himmelblau(at_u, at_v)[:-1, :-1])
    below = sample_on_triangles(fields[0], u, v, np.column_stack([at_u[-1], at_v[-1]]))
    np.testing.assert_array_equal(fields[1][-1], below)


def test_a_hole_stays_open():
    f = np.zeros((ROWS, COLUMNS))
    f[3, 5] = np.nan
    fine = np.zeros(TWO.shape)
    fine[2, 4] = np.nan
    mesh = patch_triangles([f, fine], [TWO])
    assert mesh.numbers[1][2, 4] not in mesh.triangles
    whole = patch_triangles([np.zeros((ROWS, COLUMNS)), np.zeros(TWO.shape)], [TWO])
    assert len(whole.triangles) - len(mesh.triangles) == 6


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_without_new_points_a_patch_is_the_coarse_surface(factor):
    f, u, v = sampled(himmelblau, 5, ROWS, COLUMNS)
    patch = Patch(3, 2, 4, 3, factor)
    values, known = np.full(patch.shape, 777.0), np.zeros(patch.shape, dtype=bool)
    values[::factor, ::factor] = f[2:6, 3:8]
    known[::factor, ::factor] = True
    at_u, at_v = places(patch, u, v)
    below = around([f], [], u, v, at_u, at_v)
    np.testing.assert_allclose(fill_halving(values, known, factor), below, rtol=1e-12)


def test_what_is_known_of_a_patch_stands_and_a_hole_spreads_halfway():
    values, known = np.arange(25.0).reshape(5, 5) ** 2, np.ones((5, 5), dtype=bool)
    np.testing.assert_array_equal(fill_halving(values, known, 4), values)
    known[:] = False
    known[::4, ::4] = True
    values[0, 0] = np.inf
    filled = fill_halving(values, known, 4)
    assert np.isinf(filled[0, 0])
    assert not np.isfinite(filled[0, 1:3]).any()
    assert np.isfinite(filled[4]).all()


def test_normals_of_a_mesh_are_those_of_the_grid():
    f, u, v = sampled(himmelblau, 5, ROWS, COLUMNS)
    points = np.column_stack([np.tile(u, v.size), np.repeat(v, u.size), f.ravel()])
    np.testing.assert_allclose(mesh_normals(points, triangles(f)), vertex_normals(u, v, f), atol=1e-6)
    assert (mesh_normals(points, np.zeros((0, 3), dtype=np.int64)) == (0, 0, 1)).all()


def test_a_finer_and_larger_patch_contains_another():
    assert Patch(2, 2, 4, 4, 4).contains(Patch(3, 3, 2, 3, 4))
    assert not Patch(2, 2, 4, 4, 4).contains(Patch(3, 3, 2, 3, 8))
    assert not Patch(2, 2, 4, 4, 4).contains(Patch(3, 3, 4, 3, 2))
