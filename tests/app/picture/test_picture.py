import dataclasses

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg.picture import MOST_POINTS, Picture, default_view, format_value, resolve, ticks
from talweg.view.scaling import LINEAR as EVEN
from talweg.view.scaling import LOG, Scaling
from talweg.view.state import Camera, Scale, ViewState, view_with
from talweg_compute.field import sample_on_triangles
from tests.app.scene.samples import bowl, himmelblau, landscape

Float = NDArray[np.float64]
LINEAR = ViewState(colour_scale="linear")
PARTS = ("surface", "contours", "critical_points", "lines", "path", "axes")


def changed(landscape: Landscape, before: ViewState, **change: object) -> set[str]:
    """Names of the parts that a change of the view replaces."""
    last = resolve(landscape, before)
    picture = resolve(landscape, msgspec.structs.replace(before, **change), last)
    return {part for part in PARTS if getattr(picture, part) is not getattr(last, part)}


def heights(picture: Picture, shape: tuple[int, int]) -> Float:
    return picture.surface.points[:, 2].astype(float).reshape(shape)


def test_heights_span_the_box_and_map_back_to_values() -> None:
    sample = bowl()
    picture = resolve(sample, LINEAR)
    z = heights(picture, sample.loss.shape)
    assert z.min() == 0
    assert z.max() == pytest.approx(1.2)
    np.testing.assert_allclose(picture.frame.z_to_height(z), sample.loss, atol=1e-6)
    np.testing.assert_allclose(picture.frame.height_to_z(sample.loss), z, atol=1e-6)
    assert picture.axes.bounds == (-1, 1, -1, 1, 0, pytest.approx(1.2))


def test_height_factor_stretches_the_surface() -> None:
    picture = resolve(bowl(), msgspec.structs.replace(LINEAR, height_factor=0.5))
    assert picture.surface.points[:, 2].max() == pytest.approx(0.6)
    assert picture.axes.bounds[5] == pytest.approx(0.6)


def test_logarithmic_height() -> None:
    loss = np.array([[0.01, 1.0, 3.0], [0.02, 100.0, 1.0], [1.0, 10.0, np.inf]])
    picture = resolve(landscape(loss), ViewState(height_scale="log"))
    z = heights(picture, loss.shape)
    assert picture.frame.height_range == (-2.0, 2.0)
    np.testing.assert_allclose(z.flat[:8], 1.2 * (np.log10(loss.flat[:8]) + 2) / 4, atol=1e-6)
    assert picture.frame.height_to_z([-3.0])[0] == 0
    np.testing.assert_allclose(picture.frame.z_to_height([0.6]), [1.0])
    assert [label for _, label in picture.axes.height_ticks] == ["0.01", "0.1", "1", "10", "100"]


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_what_is_not_positive_is_shown_on_a_symlog_scale(scale: Scale) -> None:
    loss = np.array([[0.01, 1.0, -3.0], [0.0, 100.0, 1.0], [-0.1, 10.0, 1.0]])
    view = ViewState(height_scale=scale, height_threshold=0.5)
    picture = resolve(landscape(loss), view)
    t = np.arcsinh(loss) / np.log(10)
    low, high = t.min(), t.max()
    np.testing.assert_allclose(heights(picture, loss.shape), 1.2 * (t - low) / (high - low), atol=1e-6)
    np.testing.assert_allclose(picture.frame.z_to_height(picture.frame.height_to_z(loss)), loss, atol=1e-12)
    assert [label for _, label in picture.axes.height_ticks] == ["−1", "0", "1", "10", "100"]
    assert resolve(landscape(loss), ViewState(height_scale=scale)).frame.height_scale.threshold == 0.04
    view = ViewState(colour_scale=scale, colour_threshold=0.01, colour_range=(-10.0, 10.0))
    picture = resolve(landscape(loss), view)
    assert picture.surface.scalar_range == pytest.approx(np.arcsinh(np.array([-10, 10]) / 0.02) / np.log(10))
    bar = [label for _, label in ticks(*picture.surface.scalar_range, picture.surface.colour_scale)]
    assert bar == ["−10", "−1", "−0.1", "0", "0.1", "1", "10"]
    assert picture.critical_points.logarithmic is False


def test_the_logarithm_of_the_loss_is_not_taken_twice() -> None:
    loss = 10.0 ** np.arange(9.0).reshape(3, 3)
    picture = resolve(landscape(loss), ViewState(height="log_loss", height_scale="log", colour="log_loss"))
    assert picture.frame.height_scale.kind == "linear"
    assert picture.frame.height_range == (0.0, 8.0)
    np.testing.assert_allclose(picture.frame.z_to_height([1.2]), [8.0])
    assert picture.surface.colour_scale.kind == "linear"
    np.testing.assert_allclose(picture.surface.scalars, np.arange(9.0))


def test_without_a_cap_infinite_values_are_holes() -> None:
    loss = bowl(5).loss.copy()
    loss[2, 2], loss[0, 0] = np.inf, np.nan
    picture = resolve(landscape(loss), LINEAR)
    holes = np.flatnonzero(np.isnan(picture.surface.points[:, 2]))
    np.testing.assert_array_equal(holes, [0, 12])
    assert not np.isin(picture.surface.triangles, holes).any()
    assert len(picture.surface.triangles) == 32 - 6 - 2


def test_triangles_turn_upwards_and_normals_are_unit_vectors() -> None:
    surface = resolve(himmelblau(), LINEAR).surface
    a, b, c = (surface.points[surface.triangles[:, k]].astype(float) for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all()
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=1), 1, atol=1e-6)


def test_scalars_show_the_colour_and_its_range() -> None:
    accuracy = np.linspace(0, 100, 25).reshape(5, 5)
    sample = landscape(bowl(5).loss, accuracy=accuracy)
    surface = resolve(sample, ViewState(colour="accuracy", colour_scale="linear")).surface
    np.testing.assert_allclose(surface.scalars, accuracy.ravel())
    assert surface.scalar_range == (0, 100)
    surface = resolve(sample, ViewState(colour="loss", colour_scale="log", colour_range=(0.1, 10.0))).surface
    np.testing.assert_allclose(surface.scalars, np.log10(sample.loss).ravel(), atol=1e-6)
    assert surface.scalar_range == (-1, 1)


@pytest.mark.parametrize("name", ["accuracy", "gradient_norm", "nothing_of_this"])
def test_what_a_landscape_has_not_is_replaced_by_its_loss(name: str) -> None:
    picture = resolve(bowl(), ViewState(height=name, colour=name, height_cap=2.0, colour_range=(5.0, 6.0)))
    expected = resolve(bowl(), ViewState())
    np.testing.assert_array_equal(picture.surface.points, expected.surface.points)
    np.testing.assert_array_equal(picture.surface.scalars, expected.surface.scalars)
    assert picture.surface.scalar_range == expected.surface.scalar_range
    assert (picture.surface.title, picture.axes.titles[2]) == ("loss", "loss")


def test_the_longer_side_fills_the_display_and_a_much_longer_one_is_squeezed() -> None:
    loss = bowl(5).loss
    frame = resolve(landscape(loss, u=np.linspace(0, 4, 5), v=np.linspace(10, 12, 5)), LINEAR).frame
    assert (frame.centre, frame.scale) == ((2.0, 11.0), (0.5, 0.5))
    np.testing.assert_allclose(frame.to_plane(*frame.to_display([0.3, 4.0], [10.5, 12.0])), [[0.3, 4.0], [10.5, 12.0]])
    frame = resolve(landscape(loss, u=np.linspace(0, 20, 5), v=np.linspace(0, 2, 5)), LINEAR).frame
    assert frame.scale == (0.1, pytest.approx(1 / 3))


def test_missing_points_are_interpolated_and_flagged() -> None:
    whole = bowl(9)
    computed = np.zeros(whole.loss.shape, dtype=bool)
    computed[::2, ::2] = True
    partial = landscape(np.where(computed, whole.loss, np.nan), computed=computed)
    picture = resolve(partial, LINEAR)
    np.testing.assert_array_equal(picture.surface.interpolated, ~computed.ravel())
    assert np.isfinite(picture.surface.points).all()
    assert np.isfinite(picture.surface.scalars).all()
    np.testing.assert_allclose(
        picture.frame.z_to_height(heights(picture, computed.shape))[computed], whole.loss[computed], atol=1e-6
    )
    assert len(picture.critical_points.kind) == 0


def test_a_landscape_without_any_point_is_empty() -> None:
    nothing = landscape(np.full((4, 4), np.nan), computed=np.zeros((4, 4), dtype=bool), path=np.zeros((2, 2)))
    picture = resolve(nothing, default_view(nothing))
    assert len(picture.surface.triangles) == 0
    assert picture.path is not None
    assert picture.path.lines == ()


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5, 1e-30, 1e30])
def test_a_flat_landscape_has_a_height_range(value: float) -> None:
    flat = landscape(np.full((4, 4), value))
    for scale in ("linear", "log"):
        picture = resolve(flat, ViewState(height_scale=scale, colour_scale=scale))
        assert picture.frame.height_range[0] < picture.frame.height_range[1]
        assert np.isfinite(picture.surface.points).all()
        assert picture.surface.scalar_range[0] < picture.surface.scalar_range[1]


def test_contours_are_evenly_spaced_inside_the_range() -> None:
    picture = resolve(bowl(), msgspec.structs.replace(LINEAR, contour_count=3))
    np.testing.assert_allclose(picture.contours.values, [1.5, 2.0, 2.5])
    np.testing.assert_allclose(picture.contours.levels, [0.3, 0.6, 0.9])
    assert resolve(bowl(), msgspec.structs.replace(LINEAR, contour_count=0)).contours.levels.size == 0


def test_critical_points_are_refined_and_lie_on_the_surface() -> None:
    sample = himmelblau()
    picture = resolve(sample, ViewState(height_scale="log", persistence_threshold=0.005))
    points = picture.critical_points
    assert [int((points.kind == kind).sum()) for kind in range(3)] == [4, 4, 1]
    distance = np.linalg.norm(points.coordinates[points.kind == 0] - [3.0, 2.0], axis=1)
    assert distance.min() < 2e-3
    z = sample_on_triangles(heights(picture, sample.loss.shape), sample.u, sample.v, points.coordinates)
    np.testing.assert_allclose(points.positions[:, 2], z, atol=1e-6)
    np.testing.assert_allclose(points.positions[:, 0], points.coordinates[:, 0] / 5, atol=1e-6)


def test_the_threshold_selects_and_keeps_what_was_there() -> None:
    sample = himmelblau()
    few = resolve(sample, ViewState(persistence_threshold=60.0)).critical_points
    many = resolve(sample, ViewState(persistence_threshold=0.0)).critical_points
    again = resolve(sample, ViewState(persistence_threshold=60.0)).critical_points
    assert (few.persistence > 60).all()
    assert len(many.kind) > len(few.kind)
    np.testing.assert_array_equal(many.coordinates[: len(few.kind)], few.coordinates)
    np.testing.assert_array_equal(again.coordinates, few.coordinates)
    assert resolve(sample, ViewState()).critical_points.threshold == pytest.approx(0.01 * np.ptp(sample.loss))


def test_persistence_is_measured_as_the_height_is() -> None:
    sample = himmelblau()
    decades = float(np.log10(sample.loss.max() / sample.loss.min()))
    for view in (ViewState(height_scale="log"), ViewState(height="log_loss")):
        part = resolve(sample, view).critical_points
        assert part.logarithmic
        assert part.threshold == pytest.approx(0.01 * decades)
        np.testing.assert_array_equal(np.sort(part.persistence)[::-1], part.persistence)
        saddle = part.loss[part.kind == 1].min()
        shallowest = np.sort(part.loss[part.kind == 0])[-1]
        assert part.persistence[part.kind == 0].min() == pytest.approx(np.log10(saddle / shallowest), rel=0.5)
    known = dataclasses.replace(sample, fields={**sample.fields, "accuracy": 100 / (1 + sample.loss)})
    for view in (LINEAR, ViewState(height="accuracy", height_scale="log"), ViewState(height_scale="symlog")):
        assert not resolve(known, view).critical_points.logarithmic
    below_zero = landscape(sample.loss - 1.0, u=sample.u, v=sample.v)
    assert not resolve(below_zero, ViewState(height_scale="log")).critical_points.logarithmic


def test_what_is_cut_off_does_not_count_for_the_threshold() -> None:
    sample = himmelblau()
    lowest = sample.loss.min()
    for view in (ViewState(height_cap=20.0), ViewState(height_cap=20.0, height="loss")):
        assert resolve(sample, view).critical_points.threshold == pytest.approx(0.01 * (20 - lowest))
    capped = resolve(sample, ViewState(height="log_loss", height_cap=1.0)).critical_points
    assert capped.threshold == pytest.approx(0.01 * np.log10(10 / lowest))


def test_a_threshold_in_another_unit_is_forgotten() -> None:
    view = ViewState(persistence_threshold=0.5)
    assert view_with(view, height_cap=3.0).persistence_threshold == 0.5
    assert view_with(view, height="accuracy").persistence_threshold == 0.5
    assert view_with(view, height="log_loss").persistence_threshold is None
    assert view_with(view, height_scale="log").persistence_threshold is None
    assert view_with(view, height_scale="log", persistence_threshold=0.1).persistence_threshold == 0.1


def test_the_path_lies_on_the_surface_everywhere() -> None:
    generator = np.random.default_rng(3)
    u, v = np.sort(generator.random(12)) * 4, np.sort(generator.random(9)) * 4
    sample = landscape(generator.random((9, 12)) + 1, u=u, v=v, path=generator.random((15, 2)) * 5 - 0.5)
    picture = resolve(sample, LINEAR)
    assert picture.path is not None
    z = heights(picture, sample.loss.shape)
    length = 0.0
    for line in picture.path.lines:
        between = np.linspace(line[:-1], line[1:], 7).astype(float).reshape(-1, 3)  # straight in 3D
        inside = np.stack(picture.frame.to_plane(between[:, 0], between[:, 1]), axis=-1)
        inside = np.clip(inside, (u[0], v[0]), (u[-1], v[-1]))
        np.testing.assert_allclose(sample_on_triangles(z, u, v, inside), between[:, 2], atol=2e-5)
        length += float(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum())
    assert sample.path is not None
    fine = np.linspace(sample.path.coordinates[:-1], sample.path.coordinates[1:], 2001)
    middle = 0.5 * (fine[1:] + fine[:-1])
    kept = ((middle > (u[0], v[0])) & (middle < (u[-1], v[-1]))).all(axis=-1)
    expected = (np.linalg.norm(np.diff(fine, axis=0) * picture.frame.scale, axis=-1) * kept).sum()
    assert length == pytest.approx(expected, rel=1e-3)


def test_the_path_breaks_at_holes_and_outside() -> None:
    loss = np.ones((5, 5)) + np.arange(5.0)
    loss[2, 2] = np.nan
    sample = landscape(loss, path=np.array([[-2.0, 0.1], [2.0, 0.1], [np.nan, 0.0], [0.9, 0.9], [0.9, -0.9]]))
    path = resolve(sample, LINEAR).path
    assert path is not None
    assert len(path.lines) == 3
    np.testing.assert_allclose(path.lines[0][0, :2], [-1, 0.1], atol=1e-6)
    np.testing.assert_allclose(path.lines[1][-1, :2], [1, 0.1], atol=1e-6)
    np.testing.assert_array_equal(np.isnan(path.markers).all(axis=1), [True, True, True, False, False])


def test_a_path_along_grid_lines_and_diagonals_is_whole() -> None:
    corners = np.array([[-1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]])
    path = resolve(landscape(bowl(5).loss, path=corners), LINEAR).path
    assert path is not None
    assert len(path.lines) == 1
    np.testing.assert_allclose(path.lines[0][[0, -1], :2], corners[[0, -1]], atol=1e-6)
    assert (np.linalg.norm(np.diff(path.lines[0], axis=0), axis=1) > 1e-4).all()


def test_unchanged_parts_are_used_again() -> None:
    sample = himmelblau(21)
    view = default_view(sample)
    everything = {"surface", "contours", "critical_points", "path", "axes"}
    assert changed(sample, view) == set()
    assert changed(sample, view, camera=Camera((1, 1, 1), (0, 0, 0), (0, 0, 1)), orthographic=True) == set()
    assert changed(sample, view, contour_count=5) == {"contours"}
    assert changed(sample, view, contours_on_floor=False) == {"contours"}
    assert changed(sample, view, persistence_threshold=1.0) == {"critical_points"}
    assert changed(sample, view, talwegs=True) == {"lines"}
    assert changed(sample, view, trajectory=False) == {"path"}
    assert changed(sample, view, axes=False) == {"axes"}
    assert changed(sample, view, colour_map="magma") == {"surface"}
    assert changed(sample, view, scalar_bar=False) == {"surface"}
    assert changed(sample, view, height_factor=2.0) == everything
    assert changed(sample, view, height_cap=50.0) == everything
    assert changed(sample, msgspec.structs.replace(view, height="log_loss"), height_scale="linear") == set()


def test_arrays_of_an_unchanged_shape_or_colour_are_used_again() -> None:
    sample = himmelblau(21)
    view = default_view(sample)
    last = resolve(sample, view)
    recoloured = resolve(sample, msgspec.structs.replace(view, colour_scale="linear"), last)
    assert recoloured.surface.points is last.surface.points
    assert recoloured.surface.scalars is not last.surface.scalars
    stretched = resolve(sample, msgspec.structs.replace(view, height_factor=2.0), last)
    assert stretched.surface.scalars is last.surface.scalars
    assert stretched.surface.points is not last.surface.points
    assert not last.surface.points.flags.writeable


def test_a_changed_landscape_replaces_every_part_even_if_its_number_is_the_same() -> None:
    sample = himmelblau(21)
    view = msgspec.structs.replace(default_view(sample), talwegs=True)
    last = resolve(sample, view)
    other = dataclasses.replace(sample, fields={**sample.fields, "loss": sample.loss + 1})
    picture = resolve(other, view, last)
    assert all(getattr(picture, part) is not getattr(last, part) for part in PARTS)


def test_the_default_view_is_logarithmic_where_the_loss_spans_decades() -> None:
    assert default_view(himmelblau()).height_scale == "log"
    assert default_view(bowl()).height_scale == "linear"
    assert default_view(landscape(bowl().loss - 1.5)).colour_scale == "linear"
    loss = bowl().loss.copy()
    loss[0, 0] = np.inf
    assert default_view(landscape(loss)).height_scale == "linear"


@pytest.mark.parametrize(
    ("low", "high", "scaling", "labels"),
    [
        (0.0, 1.0, EVEN, "0.0 0.2 0.4 0.6 0.8 1.0"),
        (-1.0, 1.0, EVEN, "−1.0 −0.5 0.0 0.5 1.0"),
        (93.12, 93.38, EVEN, "93.15 93.20 93.25 93.30 93.35"),
        (0.0, 1.8e19, EVEN, "0 5·10¹⁸ 10¹⁹ 1.5·10¹⁹"),
        (-3.0, 2.0, LOG, "0.001 0.01 0.1 1 10 100"),
        (0.3, 19.0, LOG, "10⁴ 10⁸ 10¹² 10¹⁶"),
        (-1.0, 1.0, LOG, "0.1 0.3 1 3 10"),
        (0.0, 0.5, LOG, "1 1.5 2 2.5 3"),
        (1.0, 1.0, EVEN, ""),
        (-3.001, 3.001, Scaling("symlog", 1.0), "−1000 −100 −10 0 10 100 1000"),
        (-0.2, 0.2, Scaling("symlog", 1.0), "−0.5 −0.2 0 0.2 0.5"),
        (1.0, 1.5, Scaling("symlog", 1.0), "10 15 20 25 30"),
        (-12.0, 0.0, Scaling("symlog", 1e-3), "−10⁹ −10⁷ −10⁵ −10³ −10 −10⁻¹ 0"),
    ],
)
def test_ticks_say_real_values(low: float, high: float, scaling: Scaling, labels: str) -> None:
    found = ticks(low, high, scaling)
    assert " ".join(label for _, label in found) == labels
    assert all(low - 1e-9 <= position <= high + 1e-9 for position, _ in found)


@pytest.mark.parametrize("seed", range(40))
def test_ticks_are_few_distinct_and_in_range(seed: int) -> None:
    generator = np.random.default_rng(seed)
    low = float(generator.normal() * 10.0 ** generator.integers(-6, 7))
    high = low + float(generator.random() * 10.0 ** generator.integers(-5, 7) + 1e-6 * abs(low))
    found = ticks(low, high)
    assert 2 <= len(found) <= 8
    assert len({label for _, label in found}) == len(found)
    assert all(low <= position + 1e-9 * abs(position) + 1e-15 for position, _ in found)


def test_numbers_are_written_for_people() -> None:
    numbers = (0.0, 1.0, -1.5, 2e-5, 3.2e7, 1e-4, 12345.0, 99999.9, 0.0123456, -1e-9, np.nan, np.inf, -np.inf)
    assert [format_value(number) for number in numbers] == (
        ["0", "1", "−1.5", "2·10⁻⁵", "3.2·10⁷", "10⁻⁴", "12345", "10⁵", "0.01235", "−10⁻⁹", "NaN", "∞", "−∞"]
    )


def test_basins_as_colour_follow_the_threshold_and_leave_the_shape_alone() -> None:
    sample = himmelblau()
    view = msgspec.structs.replace(default_view(sample), colour="basin")
    last = resolve(sample, view)
    assert last.surface.basins is not None
    assert np.isnan(last.surface.scalars).all()
    rank = last.surface.basins.rank.reshape(sample.loss.shape)
    assert sorted(np.unique(rank)) == [0, 1, 2, 3]
    for quadrant in (rank[30:, 30:], rank[30:, :8], rank[:8, :8], rank[:8, 32:]):
        assert len(np.unique(quadrant)) == 1
    np.testing.assert_allclose(last.surface.basins.loss, 0.1, atol=0.3)
    one = resolve(sample, msgspec.structs.replace(view, persistence_threshold=1e6), last)
    assert one.surface.basins is not None
    assert (one.surface.basins.rank == 0).all()
    assert one.surface.points is last.surface.points
    assert one.surface.scalars is last.surface.scalars


def test_talwegs_and_separatrices_lie_on_the_surface_and_follow_the_threshold() -> None:
    sample = himmelblau()
    view = msgspec.structs.replace(default_view(sample), talwegs=True, separatrices=True)
    picture = resolve(sample, view)
    lines, z = picture.lines, heights(picture, sample.loss.shape)
    u, v = picture.frame.to_plane(lines.points[:, 0], lines.points[:, 1])
    inside = np.column_stack([np.clip(u, -5, 5), np.clip(v, -5, 5)])
    np.testing.assert_allclose(sample_on_triangles(z, sample.u, sample.v, inside), lines.points[:, 2], atol=1e-4)
    step = np.linalg.norm(np.diff(lines.points[lines.talwegs][:, :, :2], axis=1), axis=-1)
    assert step.max() < 0.05  # pieces of one line, none from one line to the next
    assert min(len(lines.talwegs), len(lines.descending), len(lines.ascending)) > 50
    few = resolve(sample, msgspec.structs.replace(view, persistence_threshold=1e6), picture).lines
    assert few.points is lines.points
    assert (len(few.talwegs), len(few.descending), len(few.ascending)) == (0, 0, 0)
    up = resolve(sample, msgspec.structs.replace(view, separatrix_kind="ascending"), picture).lines
    assert len(up.descending) == 0
    np.testing.assert_array_equal(up.ascending, lines.ascending)
    hidden = resolve(sample, default_view(sample), picture).lines
    assert len(hidden.points) == len(hidden.talwegs) == 0


def test_lines_have_no_piece_over_a_hole() -> None:
    sample = himmelblau()
    view = ViewState(height="accuracy", talwegs=True)
    accuracy = 100 - np.sqrt(sample.loss)
    accuracy[22:26] = np.nan
    picture = resolve(dataclasses.replace(sample, fields={**sample.fields, "accuracy": accuracy}), view)
    assert np.isnan(picture.lines.points).any()
    assert len(picture.lines.talwegs) > 20
    assert np.isfinite(picture.lines.points[picture.lines.talwegs]).all()


def test_more_points_than_anyone_could_tell_apart_are_not_drawn() -> None:
    noise = landscape(np.random.default_rng(0).random((90, 90)))
    points = resolve(noise, ViewState(persistence_threshold=0.0)).critical_points
    assert len(points.kind) == len(points.positions) == MOST_POINTS < points.total


def test_pins_and_profile_lie_on_the_floor_where_nothing_of_the_surface_is_drawn() -> None:
    sample = himmelblau()
    view = ViewState(pins=((1.0, -1.0),), profile=(-1.0, 0.0, 2.0, 1.0))
    picture = resolve(sample, view)
    for changes, on_floor in (({"contours_on_surface": False}, True), ({"contours_on_surface": True}, False)):
        probe = resolve(sample, msgspec.structs.replace(view, surface=False, **changes), picture).probe
        assert probe is not None
        heights = [probe.positions[:, 2], *(line[:, 2] for line in probe.lines)]
        assert all(bool((height == 0).all()) is on_floor for height in heights)
