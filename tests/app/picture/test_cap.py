"""A height that is cut off: what is left of the surface, and the plane where it goes on above."""

import msgspec
import numpy as np
import pytest

from talweg.picture import Picture, resolve
from talweg.view.state import ViewState
from tests.app.scene.samples import bowl, himmelblau, landscape

LINEAR = ViewState(height_scale="linear", colour_scale="linear")
CAPPED = msgspec.structs.replace(LINEAR, height_cap=120.0)


def area(points: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = (points[triangles[:, k]].astype(float) for k in range(3))
    return float(((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]).sum() / 2)


def test_nothing_is_drawn_above_the_cap_and_the_plane_covers_the_rest() -> None:
    sample = himmelblau()
    picture = resolve(sample, CAPPED)
    surface, cap = picture.surface, picture.cap
    assert cap is not None
    assert picture.frame.height_range == (pytest.approx(sample.loss.min()), 120.0)
    drawn = surface.points[surface.triangles]
    assert drawn[..., 2].max() == pytest.approx(1.2)
    assert (cap.points[:, 2] == np.float32(1.2)).all()
    assert (cap.value, cap.title) == (pytest.approx(120.0), "loss")
    assert area(surface.points, surface.triangles) + area(cap.points, cap.triangles) == pytest.approx(4.0, rel=1e-5)
    # the line in which they meet has the height of the cap, by the surface's own triangles
    ends = surface.points[sample.loss.size :]
    u, v = picture.frame.to_plane(ends[:, 0], ends[:, 1])
    np.testing.assert_allclose((u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2 + 0.1, 120.0, atol=4.0)
    assert len(cap.rim) == len(np.unique(cap.rim, axis=0)) > 50
    # inside a valley nothing changes: the same values stand at the same places
    below = sample.loss < 120
    z = surface.heights[0]
    np.testing.assert_allclose(picture.frame.z_to_height(z[below]), sample.loss[below], rtol=1e-4, atol=1e-3)
    assert (z[~below] > 1.2).all()


def test_a_cap_above_everything_cuts_nothing_off() -> None:
    plain, capped = (resolve(bowl(), msgspec.structs.replace(LINEAR, height_cap=cap)) for cap in (None, 4.0))
    assert capped.cap is None
    np.testing.assert_array_equal(capped.surface.points, plain.surface.points)
    np.testing.assert_array_equal(capped.surface.triangles, plain.surface.triangles)


def test_infinite_values_lie_above_the_cap_and_nan_is_a_hole() -> None:
    loss = np.array([[1.0, 2.0, 3.0, 2.0], [2.0, 3.0, np.inf, 2.0], [1.0, 2.0, 2.0, 1.0], [np.nan, 1.0, 1.0, 1.0]])
    picture = resolve(landscape(loss), msgspec.structs.replace(LINEAR, height_cap=4.0))
    assert picture.cap is not None
    assert picture.frame.height_range == (1.0, 4.0)
    assert picture.surface.scalar_range == (1.0, 3.0)
    whole = resolve(landscape(np.where(np.isinf(loss), 3.0, loss)), LINEAR)
    covered = area(picture.surface.points, picture.surface.triangles)
    covered += area(picture.cap.points, picture.cap.triangles)
    assert covered == pytest.approx(area(whole.surface.points, whole.surface.triangles))
    assert not (picture.surface.triangles == 12).any()
    assert picture.surface.points[picture.surface.triangles][..., 2].max() <= np.float32(1.2)


def test_a_cap_below_everything_leaves_the_plane_alone() -> None:
    picture = resolve(bowl(), msgspec.structs.replace(LINEAR, height_cap=0.5))
    assert len(picture.surface.triangles) == 0
    assert picture.cap is not None
    assert area(picture.cap.points, picture.cap.triangles) == pytest.approx(4.0)


def test_points_and_lines_above_the_cap_are_left_out() -> None:
    sample = himmelblau()
    view = msgspec.structs.replace(CAPPED, persistence_threshold=0.0, separatrices=True, talwegs=True)
    whole, picture = resolve(sample, msgspec.structs.replace(view, height_cap=None)), resolve(sample, view)
    part = picture.critical_points
    np.testing.assert_array_equal(part.coordinates, whole.critical_points.coordinates)
    drawn = np.isfinite(part.positions).all(axis=1)
    np.testing.assert_array_equal(drawn[part.loss < 110], True)
    np.testing.assert_array_equal(drawn[part.loss > 130], False)
    assert (part.loss > 130).any()
    assert (picture.contours.levels < 1.2).all()
    used = np.unique(np.concatenate([picture.lines.ascending, picture.lines.descending]))
    assert picture.lines.points[used, 2].max() <= 1.2 * (1 + 1e-5)
    assert whole.lines.points[:, 2].max() > picture.lines.points[used, 2].max() * 0.5


def test_a_path_ends_exactly_at_the_cap() -> None:
    x = np.linspace(-5, 5, 41)
    sample = landscape((x[None, :] ** 2 + x[:, None] ** 2), u=x, v=x, path=np.array([[-4.9, 0.1], [4.9, 0.2]]) + 0.0)
    path = resolve(sample, msgspec.structs.replace(LINEAR, height_cap=9.0)).path
    assert path is not None
    (line,) = path.lines
    np.testing.assert_allclose(line[[0, -1], 2], 1.2, rtol=1e-4)
    assert line[:, 2].max() <= 1.2 * (1 + 1e-5)
    assert np.isnan(path.markers).all()


def test_only_what_changed_is_cut_anew() -> None:
    sample = himmelblau()
    last = resolve(sample, CAPPED)
    assert resolve(sample, CAPPED, last).surface is last.surface

    def after(**changes: object) -> Picture:
        return resolve(sample, msgspec.structs.replace(CAPPED, **changes), last)

    coloured = after(colour_map="magma")
    for name in ("points", "triangles", "normals", "scalars", "cut"):
        assert getattr(coloured.surface, name) is getattr(last.surface, name)
    assert coloured.cap is last.cap
    other = after(colour_scale="log")
    assert other.surface.points is last.surface.points
    assert other.surface.scalars is not last.surface.scalars
    hidden = after(surface=False)
    assert hidden.cap is not None
    assert not hidden.cap.visible
    moved = after(height_cap=60.0)
    assert moved.cap is not None
    assert moved.cap.value == pytest.approx(60.0)


def test_basins_are_cut_with_the_surface() -> None:
    picture = resolve(himmelblau(), msgspec.structs.replace(CAPPED, colour="basin"))
    assert picture.surface.basins is not None
    assert picture.surface.basins.rank.shape == (len(picture.surface.points),)
    assert len(picture.surface.interpolated) == len(picture.surface.points)


def test_a_logarithmic_height_is_cut_at_the_logarithm() -> None:
    picture = resolve(himmelblau(), msgspec.structs.replace(CAPPED, height_scale="log"))
    assert picture.cap is not None
    assert picture.cap.value == pytest.approx(120.0)
    assert picture.frame.height_range[1] == pytest.approx(np.log10(120.0))
