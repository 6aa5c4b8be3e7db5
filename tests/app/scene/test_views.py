"""Which part of a plane is inside the window: against rays through the corners of the window."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.scene.views import seen_part, standard_view
from talweg.view.eye import VIEW_ANGLE
from talweg.view.state import Camera

Float = NDArray[np.float64]
BOX = (-1.0, 1.0, -1.0, 1.0, 0.0, 1.2)
SQUARE = np.array([[-1, -1, 0.3], [1, -1, 0.3], [1, 1, 0.3], [-1, 1, 0.3]])


def nearer(camera: Camera, factor: float) -> Camera:
    eye, focus = np.array(camera.position), np.array(camera.focal_point)
    x, y, z = (focus + factor * (eye - focus)).tolist()
    return Camera((x, y, z), camera.focal_point, camera.up, factor * camera.parallel_scale)


def is_seen(camera: Camera, aspect: float, places: Float, *, orthographic: bool) -> NDArray[np.bool_]:
    """Whether places [n, 3] are inside the window, by their angles from the line of sight."""
    eye = np.array(camera.position)
    forward = np.array(camera.focal_point) - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, camera.up)
    right /= np.linalg.norm(right)
    upward = np.cross(right, forward)
    depth = (places - eye) @ forward
    half = camera.parallel_scale if orthographic else math.tan(math.radians(VIEW_ANGLE / 2)) * depth
    across, along = np.abs((places - eye) @ right), np.abs((places - eye) @ upward)
    return np.asarray((across < aspect * half) & (along < half) & (orthographic | (depth > 0)))


def is_inside(polygon: Float, places: Float) -> NDArray[np.bool_]:
    """Whether places [n, 2] are inside a convex polygon [k, 2] given counter-clockwise."""
    edge = np.roll(polygon, -1, axis=0) - polygon
    offset = places[:, None] - polygon[None]
    return np.asarray((edge[:, 0] * offset[..., 1] - edge[:, 1] * offset[..., 0] > 0).all(axis=1))


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize(("name", "factor"), [("isometric", 0.3), ("top", 0.5), ("isometric", 0.05), ("front", 0.6)])
def test_the_part_holds_exactly_the_places_inside_the_window(name: str, factor: float, orthographic: bool) -> None:
    aspect = 1.6
    camera = nearer(standard_view(name, BOX, aspect, orthographic=orthographic), factor)
    part = seen_part(camera, aspect, SQUARE, orthographic=orthographic)
    rng = np.random.default_rng(0)
    places = np.column_stack([rng.uniform(-1, 1, (4000, 2)), np.full(4000, 0.3)])
    expected = is_seen(camera, aspect, places, orthographic=orthographic)
    assert expected.any() or factor < 0.1
    np.testing.assert_array_equal(is_inside(part[:, :2], places[:, :2]), expected)


def test_everything_is_seen_from_afar_and_nothing_from_a_camera_that_looks_away() -> None:
    camera = standard_view("isometric", BOX, 1.6)
    np.testing.assert_allclose(seen_part(camera, 1.6, SQUARE), SQUARE)
    eye, focus = np.array(camera.position), np.array(camera.focal_point)
    x, y, z = (2 * eye - focus).tolist()
    away = Camera(camera.position, (x, y, z), camera.up, camera.parallel_scale)
    assert len(seen_part(away, 1.6, SQUARE)) == 0
