"""What is drawn while the eye moves: fewer triangles, the same heights and colours, and nothing of it afterwards."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.picture import resolve
from talweg.scene import DARK
from talweg.scene.draft import coarsen
from talweg.view.state import ViewState
from tests.app.scene.samples import bowl, himmelblau, landscape
from tests.app.scene.test_scene import MakeScene, frames, pixels

SIZE = (320, 240)


@pytest.fixture(autouse=True)
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every frame for one that takes too long."""
    monkeypatch.setattr("talweg.scene.pace.SMOOTH", 0.0)


def test_a_coarse_surface_lies_on_the_whole_one_and_reaches_its_frame() -> None:
    part = resolve(himmelblau(101), ViewState()).surface
    coarse = coarsen(part, 400)
    assert 300 < len(coarse.points) <= 500
    assert coarse.points.min(axis=0).tolist()[:2] == part.points.min(axis=0).tolist()[:2]
    assert coarse.points.max(axis=0).tolist()[:2] == part.points.max(axis=0).tolist()[:2]
    known = {tuple(point): (value, *normal) for point, value, normal in rows(part)}
    assert all(known[tuple(point)] == (value, *normal) for point, value, normal in rows(coarse))
    # its triangles cover the whole rectangle once, seen from above
    assert covered(coarse) == pytest.approx(covered(part), rel=1e-5)
    assert coarsen(part, len(part.points)) is part


def rows(part: object) -> "zip[tuple[list[float], float, list[float]]]":
    points, scalars, normals = (getattr(part, name).tolist() for name in ("points", "scalars", "normals"))
    return zip(points, scalars, normals, strict=True)


def covered(part: object) -> float:
    corners: NDArray[np.float64] = part.points[part.triangles].astype(float)  # type: ignore[attr-defined]
    first, second = (corners[:, k, :2] - corners[:, 0, :2] for k in (1, 2))
    return float((first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]).sum() / 2)


def test_a_coarse_surface_keeps_holes_and_what_is_not_computed() -> None:
    x = np.linspace(-1, 1, 61)
    loss = 1 + x[None, :] ** 2 + x[:, None] ** 2
    loss[20:41, 20:41] = np.nan
    computed = np.ones(loss.shape, dtype=bool)
    computed[:, 45:] = False
    part = resolve(landscape(loss, computed=computed), ViewState()).surface
    coarse = coarsen(part, 450)
    assert np.isfinite(coarse.points[coarse.triangles]).all()
    missing = 1 - covered(coarse) / covered(coarsen(resolve(bowl(61), ViewState()).surface, 450))
    assert missing == pytest.approx(1 - covered(part) / covered(resolve(bowl(61), ViewState()).surface), abs=0.06)
    known = dict(zip(map(tuple, part.points.tolist()), part.interpolated.tolist(), strict=True))
    there = np.isfinite(coarse.points[:, 2])
    told = zip(coarse.points[there].tolist(), coarse.interpolated[there].tolist(), strict=True)
    assert all(known[tuple(point)] == flag for point, flag in told)
    assert coarse.interpolated.any()


def test_a_moving_scene_draws_few_triangles_and_afterwards_the_same_pixels_as_before(make_scene: MakeScene) -> None:
    scene = make_scene(SIZE)
    scene.apply(resolve(himmelblau(201), ViewState()))
    before = pixels(scene)
    drawn = frames(scene)
    scene.move()
    scene.move()
    assert not drawn
    scene.render()
    assert scene.moving
    assert triangles(scene) < 30_000
    draft = pixels(scene)
    assert np.abs(draft - before).mean() < 6  # edges are rough, heights and colours are not others
    scene.rest()
    assert len(drawn) == 2
    assert not scene.moving
    assert triangles(scene) > 80_000
    assert (pixels(scene) == before).all()
    scene.rest()
    assert len(drawn) == 2


def triangles(scene: object) -> int:
    """How many cells the surfaces and tubes that are visible have."""
    count = 0
    for prop in scene._renderer.GetViewProps():  # type: ignore[attr-defined]
        mapper = getattr(prop, "GetMapper", lambda: None)()
        if prop.GetVisibility() and hasattr(mapper, "GetInput") and hasattr(mapper.GetInput(), "GetNumberOfPolys"):
            count += mapper.GetInput().GetNumberOfPolys()
    return count


@pytest.mark.parametrize("change", [{"colour": "basin"}, {"trajectory": False}])
def test_a_change_in_the_midst_of_a_movement_shows_at_once_and_stays(
    change: dict[str, object], make_scene: MakeScene
) -> None:
    sample = himmelblau(101)
    scene, moved = make_scene(SIZE), make_scene(SIZE)
    view = msgspec.structs.replace(ViewState(), **change)
    scene.apply(resolve(sample, view))
    moved.apply(resolve(sample, ViewState()))
    moved.move()
    moved.render()
    assert moved.apply(resolve(sample, view, moved.picture))
    assert moved.moving
    assert np.abs(pixels(moved) - pixels(scene)).mean() < 6
    moved.rest()
    assert (pixels(moved) == pixels(scene)).all()


def test_a_draft_takes_the_colours_of_another_theme(make_scene: MakeScene) -> None:
    scene, dark = make_scene(SIZE), make_scene(SIZE, DARK)
    picture = resolve(himmelblau(101), ViewState(critical_points=False))
    scene.apply(picture)
    dark.apply(picture)
    scene.move()
    scene.set_theme(DARK)
    dark.move()
    dark.render()
    assert (pixels(scene) == pixels(dark)).all()


def test_a_camera_that_the_mouse_has_reached_already_costs_no_frame(make_scene: MakeScene) -> None:
    scene, sample = make_scene(SIZE), bowl()
    scene.apply(resolve(sample, ViewState()))
    scene.look_from(scene.view("front"))
    drawn = frames(scene)
    view = msgspec.structs.replace(ViewState(), camera=scene.camera())
    assert not scene.apply(resolve(sample, view, scene.picture))
    assert not drawn
    assert scene.apply(resolve(sample, ViewState(), scene.picture))
    assert len(drawn) == 1


def test_a_rest_elsewhere_moves_the_eye_and_draws_once(make_scene: MakeScene) -> None:
    scene = make_scene(SIZE)
    scene.apply(resolve(bowl(), ViewState()))
    target = scene.view("top")
    scene.move()
    drawn = frames(scene)
    scene.rest(target)
    assert len(drawn) == 1
    assert scene.camera().position == pytest.approx(target.position)


def test_a_draft_is_cut_off_where_the_surface_is() -> None:
    view = msgspec.structs.replace(ViewState(height_scale="linear"), height_cap=120.0)
    draft = coarsen(resolve(himmelblau(81), view).surface, most=900)
    assert len(draft.points) < 1200
    assert draft.points[draft.triangles][..., 2].max() == pytest.approx(1.2)


def test_where_everything_is_drawn_quickly_no_draft_is_shown(
    make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talweg.scene.pace.SMOOTH", 60.0)
    scene = make_scene(SIZE)
    scene.apply(resolve(himmelblau(201), ViewState()))
    drawn = frames(scene)
    scene.move()
    scene.render()
    assert not scene.moving
    assert triangles(scene) > 80_000
    scene.rest()
    assert len(drawn) == 1


def test_a_draft_is_shown_once_whole_frames_take_too_long(
    make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first frame of a picture, which hands it over to the graphics, does not decide it for ever."""
    clock = iter([0.0, 0.5, 1.0, 1.01, 2.0, 2.01, 3.0, 3.1, 4.0, 4.1, 5.0, 5.1])
    monkeypatch.setattr("talweg.scene.pace.SMOOTH", 1 / 60)
    monkeypatch.setattr("talweg.scene.pace.time.perf_counter", lambda: next(clock))
    scene = make_scene(SIZE)
    scene.apply(resolve(bowl(), ViewState()))  # 0.5 s
    scene.move()
    assert scene.moving
    scene.render()  # a draft is not timed
    scene.rest()  # 0.01 s
    scene.move()
    assert not scene.moving
    scene.render()  # 0.01 s
    for _ in range(3):  # 0.1 s each
        scene.move()
        assert not scene.moving
        scene.render()
    scene.move()
    assert scene.moving
