from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

from talweg.landscape import Landscape
from talweg.picture import Picture, basin_colours, colour_table, format_value, resolve
from talweg.scene import DARK, LIGHT, Scene
from talweg.scene.basins import divide
from talweg.scene.contours import legible
from talweg.theme import Colour, Theme
from talweg.view.colour_maps import COLOUR_MAPS
from talweg.view.display_modes import DISPLAY_MODES
from talweg.view.eye import VIEW_NAMES
from talweg.view.state import ViewState
from talweg_compute.field import sample_on_triangles
from tests.app.scene.samples import bowl, himmelblau, landscape

MakeScene = Callable[..., Scene]
BARE = ViewState(
    colour_scale="linear",
    contours_on_surface=False,
    contours_on_floor=False,
    critical_points=False,
    trajectory=False,
    axes=False,
    scalar_bar=False,
)


def pixels(scene: Scene) -> NDArray[np.int64]:
    """What the window shows [height, width, 3], the lowest row first."""
    window = scene._plotter.render_window
    assert window is not None
    width, height = window.GetSize()
    array = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, width - 1, height - 1, 0, array, 0)
    return np.array(vtk_to_numpy(array), dtype=np.int64).reshape(height, width, -1)[:, :, :3]


def around(scene: Scene, point: NDArray[np.floating], reach: int = 5) -> NDArray[np.int64]:
    """Pixels [k, 3] around where a point is seen."""
    x, y = np.round(scene.project(point)[0]).astype(int)
    return pixels(scene)[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)


def count_like(found: NDArray[np.int64], colour: Colour, tolerance: int = 60) -> int:
    return int((np.abs(found - np.round(np.array(colour) * 255)).max(axis=-1) <= tolerance).sum())


def frames(scene: Scene) -> list[int]:
    """A list that grows with every frame."""
    drawn: list[int] = []
    scene._renderer.AddObserver("EndEvent", lambda *_: drawn.append(1))
    return drawn


def with_view(sample: Landscape, scene: Scene, view: ViewState, **change: object) -> Picture:
    picture = resolve(sample, msgspec.structs.replace(view, **change), scene.picture)
    scene.apply(picture)
    return picture


def test_one_frame_for_a_change_and_none_without(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), himmelblau(21)
    drawn = frames(scene)
    picture = resolve(sample, ViewState())
    assert scene.apply(picture)
    assert len(drawn) == 1
    assert not scene.apply(picture)
    assert not scene.apply(resolve(sample, ViewState(), picture))
    assert len(drawn) == 1
    changes = ({"contour_count": 3}, {"colour_map": "magma"}, {"height_factor": 1.5}, {"orthographic": True})
    for expected, change in enumerate(changes, start=2):
        with_view(sample, scene, ViewState(), **change)
        assert len(drawn) == expected
    with_view(sample, scene, ViewState(orthographic=True), camera=scene.view("front"))
    assert len(drawn) == 6
    scene._renderer.RemoveObservers("EndEvent")


def test_everything_is_drawn_and_the_picture_has_contrast(make_scene: MakeScene) -> None:
    for theme in (LIGHT, DARK):
        scene = make_scene((800, 500), theme)
        scene.apply(resolve(himmelblau(), ViewState(height_scale="log")))
        image = pixels(scene)
        assert image.std() > 20
        assert count_like(image[:3].reshape(-1, 3), theme.background, 2) > 2000
        assert count_like(image, theme.minimum) > 20
        assert count_like(image, theme.saddle) > 20
        assert count_like(image, theme.path) > 50
        assert count_like(image, theme.foreground, 30) > 200


def test_the_colour_at_a_pixel_follows_the_map(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), bowl(41)
    picture = with_view(sample, scene, BARE, orthographic=True)
    scene.look_from(scene.view("top"))
    for index in (20 * 41 + 20, 5 * 41 + 20, 1 * 41 + 1):  # low: violet, higher: green, highest: yellow
        t = (sample.loss.flat[index] - 1) / 2
        found = around(scene, picture.surface.points[index], 1).mean(axis=0)
        import matplotlib as mpl

        expected = np.array(mpl.colormaps["viridis"](t)[:3]) * 255
        assert np.argmax(found) == np.argmax(expected)
        assert np.corrcoef(found, expected)[0, 1] > 0.95


def test_markers_are_where_they_are_projected(make_scene: MakeScene) -> None:
    scene, sample = make_scene((800, 600)), himmelblau()
    picture = with_view(sample, scene, BARE, critical_points=True, persistence_threshold=1.0)
    points = picture.critical_points
    for name in ("isometric", "top"):
        scene.look_from(scene.view(name))
        colours = (LIGHT.minimum, LIGHT.saddle, LIGHT.maximum)
        hits = [
            count_like(around(scene, position), colours[kind], 90) > 8
            for kind, position in zip(points.kind, points.positions, strict=True)
        ]
        assert sum(hits) >= (len(hits) if name == "top" else 6)  # from the side the surface hides some
    with_view(sample, scene, BARE, critical_points=True, persistence_threshold=1e9)
    assert count_like(pixels(scene), LIGHT.saddle, 40) == 0


def test_start_and_end_of_the_path_are_marked(make_scene: MakeScene) -> None:
    scene, sample = make_scene((800, 600)), himmelblau()
    picture = with_view(sample, scene, BARE, trajectory=True)
    scene.look_from(scene.view("top"))
    assert picture.path is not None
    assert count_like(around(scene, picture.path.markers[-1], 8), LIGHT.path_end, 80) > 20
    assert count_like(around(scene, picture.path.markers[0], 10), LIGHT.path_start, 60) > 20
    assert count_like(around(scene, picture.path.markers[7], 3), LIGHT.path, 60) > 8
    with_view(sample, scene, BARE, trajectory=False)
    assert count_like(around(scene, picture.path.markers[7], 3), LIGHT.path, 60) == 0


def test_a_hole_shows_what_is_behind(make_scene: MakeScene) -> None:
    loss = bowl(21).loss.copy()
    loss[8:13, 8:13] = np.nan
    scene = make_scene()
    with_view(landscape(loss), scene, BARE)
    scene.look_from(scene.view("top"))
    assert count_like(around(scene, np.zeros(3), 2), LIGHT.background, 1) == 25
    assert scene.pick(*scene.project(np.zeros(3))[0]) is None


def test_interpolated_and_unknown_parts_look_different(make_scene: MakeScene) -> None:
    whole = bowl(21)
    computed = np.ones(whole.loss.shape, dtype=bool)
    computed[:, 11:] = False
    scene = make_scene()
    with_view(landscape(np.where(computed, whole.loss, np.nan), computed=computed), scene, BARE)
    scene.look_from(scene.view("top"))
    left, right = (around(scene, np.array([x, 0.0, 0.5]), 3).mean(axis=0) for x in (-0.5, 0.5))
    assert np.ptp(right) < 0.6 * np.ptp(left)
    accuracy = np.full(whole.loss.shape, np.nan)
    accuracy[:3, :3] = 50.0  # known somewhere, so that it can be shown
    with_view(landscape(whole.loss, accuracy=accuracy), scene, BARE, colour="accuracy")
    assert np.ptp(around(scene, np.array([0.5, 0.5, 0.5]), 3).mean(axis=0)) < 12


def test_the_scalar_bar_shows_the_whole_map_and_goes(make_scene: MakeScene) -> None:
    scene, sample = make_scene((800, 500)), bowl()
    with_view(sample, scene, BARE, scalar_bar=True, surface=False)
    bar = pixels(scene)[:, 700:]
    for colour in ((68, 1, 84), (33, 145, 140), (253, 231, 37)):
        assert count_like(bar, tuple(part / 255 for part in colour), 6) > 20  # type: ignore[arg-type]
    with_view(sample, scene, BARE, surface=False)
    assert pixels(scene).std() == 0


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("size", [(480, 300), (300, 480)])
def test_a_standard_view_fits_the_box_tightly(make_scene: MakeScene, orthographic: bool, size: tuple[int, int]) -> None:
    scene = make_scene(size)
    picture = with_view(bowl(5), scene, BARE, orthographic=orthographic)
    b = picture.axes.bounds
    for name in VIEW_NAMES:
        scene.look_from(scene.view(name))
        corners = scene.project([[x, y, z] for x in b[:2] for y in b[2:4] for z in b[4:]])
        low, high = corners.min(axis=0), corners.max(axis=0)
        assert (low >= 0).all()
        assert (high <= size).all()
        assert ((high - low) / size).max() > 0.6


def test_an_unknown_view_is_refused(make_scene: MakeScene) -> None:
    with pytest.raises(ValueError, match="sideways: there is no such view"):
        make_scene().view("sideways")


def test_picking_gives_plane_coordinates(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), himmelblau()
    picture = with_view(sample, scene, ViewState())
    for name in ("isometric", "top"):
        scene.look_from(scene.view(name))
        picked = scene.pick(*scene.project(picture.surface.points[20 * 41 + 14])[0])
        assert picked is not None
        np.testing.assert_allclose(picked, (sample.u[14], sample.v[20]), atol=0.05)
    assert scene.pick(2, 2) is None


@pytest.mark.parametrize("mode", ["floor", "contours"])
def test_a_hidden_surface_is_read_where_its_contours_are(mode: str, make_scene: MakeScene) -> None:
    scene, sample = make_scene(), himmelblau()
    changes = next(each for each in DISPLAY_MODES if each.name == mode).changes(ViewState())
    picture = with_view(sample, scene, ViewState(), **changes)
    assert not picture.surface.visible
    shown = picture.surface.points[20 * 41 + 14].copy()
    if mode == "floor":
        shown[2] = picture.axes.bounds[4]
    scene.look_from(scene.view("isometric"))
    np.testing.assert_allclose(scene.pick(*scene.project(shown)[0]), (sample.u[14], sample.v[20]), atol=0.05)
    assert scene.pick(2, 2) is None


def test_picking_follows_a_changed_surface(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), bowl()
    with_view(sample, scene, BARE)
    scene.look_from(scene.view("top"))
    for factor in (1.0, 0.3, 2.0):
        picture = with_view(sample, scene, BARE, height_factor=factor)
        inner = picture.surface.points.reshape(21, 21, 3)[1:-1, 1:-1].reshape(-1, 3)
        picked = [scene.pick(*pixel) for pixel in scene.project(inner)]  # corners, where six triangles meet
        assert None not in picked
        np.testing.assert_allclose(np.array(picked), inner[:, :2], atol=1e-4)


def test_the_camera_is_read_back_and_set_again(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), bowl()
    with_view(sample, scene, BARE)
    scene._renderer.GetActiveCamera().Azimuth(20)
    moved = scene.camera()
    where = scene.project([[0.5, 0.5, 0.5]])
    with_view(sample, scene, BARE, camera=scene.view("back"))
    assert np.abs(scene.project([[0.5, 0.5, 0.5]]) - where).max() > 5
    with_view(sample, scene, BARE, camera=moved)
    np.testing.assert_allclose(scene.project([[0.5, 0.5, 0.5]]), where, atol=1e-3)
    with_view(sample, scene, BARE, camera=moved, orthographic=True)
    again = scene.camera()
    np.testing.assert_allclose(again.position, moved.position, atol=1e-9)
    assert again.parallel_scale == pytest.approx(moved.parallel_scale)


def test_a_picture_does_not_move_the_eye_that_the_mouse_moved(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), bowl()
    with_view(sample, scene, BARE)
    scene._renderer.GetActiveCamera().Azimuth(20)
    moved = scene.camera()
    with_view(sample, scene, BARE, height_factor=1.5, colour_map="magma")
    assert scene.camera() == moved


def test_an_untouched_view_follows_the_box_and_the_window(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), bowl()
    with_view(sample, scene, BARE)
    first = scene.camera()
    with_view(sample, scene, BARE, height_factor=3.0)
    second = scene.camera()
    assert second != first
    scene._plotter.render_window.SetSize(300, 400)  # type: ignore[union-attr]
    scene.render()
    assert scene.camera() != second
    np.testing.assert_allclose(scene.camera().position, scene.view("isometric").position)


def test_memory_is_used_again_while_the_grid_stays(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), bowl()
    with_view(sample, scene, BARE)
    points, triangles = scene.layers.surface.mesh.GetPoints(), scene.layers.surface.mesh.GetPolys()
    with_view(sample, scene, BARE, height_factor=0.5)
    assert scene.layers.surface.mesh.GetPoints() is points
    np.testing.assert_allclose(vtk_to_numpy(points.GetData())[:, 2].max(), 0.6)
    with_view(sample, scene, BARE, height_factor=0.5, colour_map="magma")
    assert scene.layers.surface.mesh.GetPolys() is triangles
    with_view(bowl(7), scene, BARE)
    assert scene.layers.surface.mesh.GetNumberOfPoints() == 49


def test_contours_lie_at_their_levels(make_scene: MakeScene) -> None:
    scene = make_scene()
    picture = with_view(himmelblau(), scene, ViewState(height_scale="log", contour_count=7))
    on_surface = scene.layers.contours._on_surface.GetMapper().GetInput()
    z = vtk_to_numpy(on_surface.GetPoints().GetData())[:, 2]
    np.testing.assert_allclose(np.unique(np.round(z, 4)), np.round(picture.contours.levels, 4), atol=2e-4)
    on_floor = scene.layers.contours._on_floor.GetMapper().GetInput()
    assert np.ptp(vtk_to_numpy(on_floor.GetPoints().GetData())[:, 2]) == 0
    assert on_floor.GetNumberOfLines() == on_surface.GetNumberOfLines() > 7


def test_the_theme_changes_every_colour(make_scene: MakeScene) -> None:
    scene = make_scene((640, 400))
    scene.apply(resolve(himmelblau(21), ViewState()))
    scene.set_theme(DARK)
    image = pixels(scene)
    assert count_like(image[:3].reshape(-1, 3), DARK.background, 2) > 1500
    assert count_like(image, LIGHT.background, 2) < 0.01 * image.shape[0] * image.shape[1]


def test_another_theme_looks_as_if_it_had_been_there_from_the_start(make_scene: MakeScene) -> None:
    picture = resolve(himmelblau(21), ViewState())
    changed, begun = make_scene((640, 400)), make_scene((640, 400), DARK)
    changed.apply(picture)
    pixels(changed)
    changed.set_theme(DARK)
    begun.apply(picture)
    difference = np.abs(pixels(changed).astype(int) - pixels(begun).astype(int)).max(axis=2)
    assert np.count_nonzero(difference > 20) == 0


def test_a_landscape_without_points_is_an_empty_box(make_scene: MakeScene) -> None:
    nothing = landscape(np.full((4, 4), np.nan), computed=np.zeros((4, 4), dtype=bool), path=np.zeros((3, 2)))
    scene = make_scene()
    scene.apply(resolve(nothing, ViewState()))
    assert scene.pick(240, 180) is None
    scene.apply(resolve(bowl(4), ViewState()))
    assert pixels(scene).std() > 10


def test_texts_do_not_overlap(make_scene: MakeScene) -> None:
    scene = make_scene((640, 400))
    scene.apply(resolve(himmelblau(), ViewState(height_scale="log")))
    for azimuth in range(0, 360, 15):
        scene._renderer.GetActiveCamera().Azimuth(15)
        scene._arrange()  # as before a frame
        boxes = []
        for labels in (scene.layers.axes._labels, scene.layers.scalar_bar._labels, scene.layers.legend._labels):
            for actor in labels._actors[: labels._used]:
                box = [0.0] * 4
                actor.GetBoundingBox(scene._renderer, box)
                x, y = actor.GetPosition()
                boxes.append((x + box[0], y + box[2], x + box[1], y + box[3]))
        for k, one in enumerate(boxes):
            for other in boxes[:k]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (azimuth, one, other)


def test_a_closed_scene_leaves_nothing_in_the_plotter(make_scene: MakeScene) -> None:
    scene = make_scene()
    scene.apply(resolve(himmelblau(21), ViewState()))
    assert scene._renderer.GetViewProps().GetNumberOfItems() > 20
    scene.close()
    assert scene._renderer.GetViewProps().GetNumberOfItems() == 0
    assert not scene._renderer.HasObserver("StartEvent")


def test_each_basin_has_its_colour_and_none_in_between(make_scene: MakeScene) -> None:
    scene, sample = make_scene((600, 450)), himmelblau()
    with_view(sample, scene, BARE, colour="basin", orthographic=True)
    scene.look_from(scene.view("top"))
    where = ((3.0, 2.0), (-2.8, 3.1), (-3.8, -3.3), (3.6, -1.8))
    basins = scene.picture.surface.basins if scene.picture is not None else None
    assert basins is not None
    columns, rows = (np.array([np.abs(sample.u - place[k]).argmin() for place in where]) for k in (0, 1))
    seen = [np.array(around(scene, np.array([u / 5, v / 5, 0.0]), 1).mean(axis=0)) for u, v in where]
    expected = 255 * basin_colours(basins.rank.reshape(41, 41)[rows, columns], (0, 0, 0))
    for found, colour in zip(seen, expected, strict=True):
        assert np.corrcoef(found, colour)[0, 1] > 0.9
    with_view(sample, scene, BARE, colour="basin", orthographic=True, persistence_threshold=1e9)
    image = pixels(scene).reshape(-1, 3)
    colourful = image[np.ptp(image, axis=1) > 40]
    assert len(colourful) > 10_000
    assert (np.argmax(colourful, axis=1) == 2).all()  # one basin: all blue
    with_view(sample, scene, BARE)
    assert scene.layers.surface._meshes["basins"].GetNumberOfCells() == 0


def test_divided_triangles_cover_the_same_area_and_meet_halfway() -> None:
    picture = resolve(himmelblau(15), ViewState(colour="basin"))
    surface = picture.surface
    assert surface.basins is not None
    pieces = divide(surface.triangles, surface.basins.rank)
    points = pieces.spread(surface.points)

    def areas(triangles: NDArray[np.integer]) -> NDArray[np.float64]:
        a, b, c = (points[triangles[:, k]].astype(float) for k in range(3))
        return np.asarray(np.cross(b - a, c - a)[:, 2])

    assert (areas(pieces.triangles) > 0).all()
    for name in np.unique(surface.basins.rank):
        shares = (surface.basins.rank[surface.triangles] == name).mean(axis=1)
        np.testing.assert_allclose(
            areas(pieces.triangles)[pieces.label == name].sum(), (areas(surface.triangles) * shares).sum(), rtol=1e-5
        )


def test_lines_are_drawn_in_their_colours_and_wider_when_asked(make_scene: MakeScene) -> None:
    scene, sample = make_scene((800, 600)), himmelblau()
    counts = []
    for width in (1.0, 3.0):
        with_view(sample, scene, BARE, colour_map="gray", talwegs=True, separatrices=True, line_width=width)
        scene.look_from(scene.view("top"))
        image = pixels(scene).reshape(-1, 3)
        counts.append([count_like(image, colour, 30) for colour in (LIGHT.talweg, LIGHT.ascending)])
    assert min(counts[0]) > 100
    assert all(wide > 1.8 * thin for thin, wide in zip(*counts, strict=True))
    with_view(sample, scene, BARE, colour_map="gray")
    assert count_like(pixels(scene).reshape(-1, 3), LIGHT.talweg, 30) == 0


def test_a_glyph_is_found_under_its_pixel_and_gets_a_ring(make_scene: MakeScene) -> None:
    scene, sample = make_scene((800, 600)), himmelblau()
    picture = with_view(sample, scene, BARE, critical_points=True)
    scene.look_from(scene.view("top"))
    places = scene.layers.critical_points.places()
    for index, pixel in enumerate(scene.project(places)):
        assert scene.point_at(*pixel) == index
    assert scene.point_at(3, 3) is None
    drawn = frames(scene)
    assert count_like(pixels(scene).reshape(-1, 3), LIGHT.mark, 40) == 0
    scene.mark((1,))
    assert count_like(around(scene, places[1], 20), LIGHT.mark, 60) > 20
    scene.mark((1,))
    assert len(drawn) == 1
    scene.mark((len(picture.critical_points.kind) + 5,))  # no longer drawn
    assert count_like(pixels(scene).reshape(-1, 3), LIGHT.mark, 40) == 0
    scene._renderer.RemoveObservers("EndEvent")


def test_a_glyph_behind_the_surface_is_not_found(make_scene: MakeScene) -> None:
    scene, sample = make_scene((800, 600)), himmelblau()
    picture = with_view(sample, scene, BARE, critical_points=True, height_scale="log")
    hidden = int(np.linalg.norm(picture.critical_points.coordinates - (-2.8, 3.1), axis=1).argmin())  # in its well
    pixel = scene.project(scene.layers.critical_points.places()[hidden])[0]
    assert scene.point_at(*pixel) is None
    with_view(sample, scene, BARE, critical_points=True, height_scale="log", surface=False)
    assert scene.point_at(*pixel) == hidden


def test_persistent_points_are_drawn_larger(make_scene: MakeScene) -> None:
    scene = make_scene((800, 600))
    x = np.linspace(-1, 1, 61)
    u, v = np.meshgrid(x, x)
    wells = -np.exp(-40 * ((u - 0.5) ** 2 + v**2)) - 0.05 * np.exp(-40 * ((u + 0.5) ** 2 + v**2))
    sample = landscape(wells + 2, u=x, v=x)
    view = msgspec.structs.replace(BARE, orthographic=True, surface=False)
    picture = with_view(sample, scene, view, critical_points=True, persistence_threshold=0.01)
    scene.look_from(scene.view("top"))
    minima = picture.critical_points.positions[picture.critical_points.kind == 0][:2]
    deep, shallow = ((around(scene, place, 25) < 250).any(axis=1).sum() for place in minima)
    assert deep > 1.4 * shallow > 100


def test_the_values_of_levels_stand_at_their_lines(make_scene: MakeScene) -> None:
    scene, sample = make_scene(), himmelblau()
    levels = tuple(np.quantile(sample.loss, (0.3, 0.6)).tolist())
    view = ViewState(contour_labels=True, contour_levels=levels)
    picture = with_view(sample, scene, view)
    words = scene.layers.contours._words
    assert [text for text, _ in words] == [format_value(level, 3) for level in levels]
    for (_, points), level in zip(words, levels, strict=True):
        places = np.column_stack(picture.frame.to_plane(points[:, 0], points[:, 1]))
        np.testing.assert_allclose(sample_on_triangles(sample.loss, sample.u, sample.v, places), level, rtol=2e-3)
    boxes = scene.layers.contours._boxes._actor
    assert boxes.GetVisibility()
    with_view(sample, scene, view, contour_labels=False)
    assert not boxes.GetVisibility()


def test_a_cap_draws_a_hatched_plane_that_the_legend_names(make_scene: MakeScene) -> None:
    sample, bare = himmelblau(31), msgspec.structs.replace(BARE, height_scale="linear", orthographic=True)
    for theme in (LIGHT, DARK):
        scene = make_scene((480, 360), theme)
        with_view(sample, scene, bare)
        scene.look_from(scene.view("top"))
        assert not any("cut off" in name for _, _, name in scene.layers.legend._entries)
        picture = with_view(sample, scene, bare, height_cap=60.0)
        assert picture.cap is not None
        scene.look_from(scene.view("top"))
        inside = around(scene, np.array([0.0, 0.0, 1.2]), reach=12)  # the maximum, far above the cap
        over_wall = 0.7 * np.array(theme.wall) + 0.3 * np.array(theme.cap)
        assert count_like(inside, (over_wall[0], over_wall[1], over_wall[2]), 12) > 0.3 * len(inside)
        assert count_like(inside, theme.cap, 40) > 0.02 * len(inside)  # hatching
        valley = around(scene, np.array([0.6, 0.4, 0.0]), reach=3)  # the minimum at (3, 2)
        assert count_like(valley, (over_wall[0], over_wall[1], over_wall[2]), 12) == 0
        assert ("▨", "cap", "cut off at loss 60") in scene.layers.legend._entries
        with_view(sample, scene, bare, height_cap=60.0, surface=False)
        assert count_like(around(scene, np.array([0.0, 0.0, 1.2]), reach=12), theme.cap, 40) == 0


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_lines_are_told_from_the_walls_in_every_colour_map(name: str, theme: Theme) -> None:
    luma = np.array([0.299, 0.587, 0.114])
    colours = colour_table(name)
    lines = legible(colours, theme)
    wall = np.array(theme.wall) @ luma
    apart = np.abs(lines @ luma - wall)
    assert apart.min() > 0.2
    strong = np.abs(colours @ luma - wall) > 0.4
    np.testing.assert_array_equal(lines[strong], colours[strong])


def test_contours_alone_have_the_colours_and_on_a_surface_they_contrast(make_scene: MakeScene) -> None:
    sample, view = bowl(31), msgspec.structs.replace(BARE, contours_on_surface=True, contour_count=3)
    for theme in (LIGHT, DARK):
        scene = make_scene((480, 360), theme)
        with_view(sample, scene, view, surface=False)
        scene.look_from(scene.view("top"))
        middle = np.round(legible(colour_table("viridis"), theme)[128] * 255) / 255
        alone = pixels(scene).reshape(-1, 3)
        assert count_like(alone, (middle[0], middle[1], middle[2]), 25) > 100
        with_view(sample, scene, view, surface=True)
        scene.look_from(scene.view("top"))
        assert scene.layers.contours._on_surface.GetProperty().GetOpacity() < 1
        with_view(sample, scene, view, surface=True, wireframe=True)
        assert scene.layers.contours._on_surface.GetProperty().GetOpacity() == 1
