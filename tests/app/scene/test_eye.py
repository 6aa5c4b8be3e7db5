"""Where the eye of a scene goes: fitted from any side, and straight above a map."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.picture import Picture, resolve
from talweg.scene import Scene
from talweg.view.state import Camera, ViewState
from tests.app.scene.samples import bowl, himmelblau

MakeScene = Callable[..., Scene]
VIEW = ViewState(scalar_bar=False, legend=False)
SIDE = Camera((3.0, -1.0, 2.0), (0.9, 0.5, 0.1), (0.0, 0.0, 1.0))


def corners_of(scene: Scene, picture: Picture) -> NDArray[np.float64]:
    b = picture.axes.bounds
    return scene.project([[x, y, z] for x in b[:2] for y in b[2:4] for z in b[4:]])


def show(scene: Scene, **changes: object) -> Picture:
    picture = resolve(bowl(9), msgspec.structs.replace(VIEW, **changes), scene.picture)
    scene.apply(picture)
    return picture


@pytest.mark.parametrize("orthographic", [False, True])
def test_a_fit_keeps_the_side_and_shows_everything(make_scene: MakeScene, orthographic: bool) -> None:
    scene = make_scene((480, 360))
    picture = show(scene, camera=SIDE, orthographic=orthographic)
    before = np.subtract(SIDE.focal_point, SIDE.position)
    fitted = scene.fitted()
    after = np.subtract(fitted.focal_point, fitted.position)
    np.testing.assert_allclose(after / np.linalg.norm(after), before / np.linalg.norm(before), atol=1e-9)
    scene.eye.send(fitted)
    corners = corners_of(scene, picture)
    assert (corners >= 0).all()
    assert (corners <= (480, 360)).all()
    assert (np.ptp(corners, axis=0) / (480, 360)).max() > 0.6
    again = scene.fitted()
    np.testing.assert_allclose(again.position, fitted.position, atol=1e-6)


def test_a_map_is_seen_from_straight_above_and_the_eye_comes_back(make_scene: MakeScene) -> None:
    scene = make_scene((480, 360))
    show(scene)
    usual = scene.camera()
    picture = show(scene, flat=True)
    above = scene.camera()
    assert np.subtract(above.focal_point, above.position)[:2] == pytest.approx((0, 0), abs=1e-9)
    assert scene._renderer.GetActiveCamera().GetParallelProjection()
    corners = corners_of(scene, picture)
    np.testing.assert_allclose(corners[0], corners[1], atol=1e-6)  # what lies above each other is seen at one place
    labels = scene.layers.axes._labels
    texts = {actor.GetInput() for actor in labels._actors[: labels._used]}
    assert {"u", "v"} <= texts
    show(scene)
    np.testing.assert_allclose(scene.camera().position, usual.position)
    show(scene, camera=SIDE)
    show(scene, flat=True, camera=None, camera_before=SIDE)
    show(scene, camera=SIDE)
    np.testing.assert_allclose(scene.camera().position, SIDE.position)


def test_a_map_follows_the_window_like_the_usual_view(make_scene: MakeScene) -> None:
    scene = make_scene((480, 360))
    scene.apply(resolve(himmelblau(21), msgspec.structs.replace(VIEW, flat=True)))
    before = scene.camera()
    scene._plotter.render_window.SetSize(300, 400)  # type: ignore[union-attr]
    scene.render()
    assert scene.camera().parallel_scale != before.parallel_scale
    assert np.subtract(scene.camera().focal_point, scene.camera().position)[:2] == pytest.approx((0, 0), abs=1e-9)
