"""The eye goes where a step says: against angles, distances and shares that are taken from the cameras."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.scene.camera_moves import orbit, pan, roll, zoom
from talweg.scene.views import standard_view
from talweg.view.eye import VIEW_ANGLE, VIEW_NAMES
from talweg.view.state import Camera

Float = NDArray[np.float64]
BOX = (-1.0, 1.0, -1.0, 1.0, 0.0, 1.2)


def offset(camera: Camera) -> Float:
    return np.array(camera.position) - np.array(camera.focal_point)


def height(camera: Camera) -> float:
    """Degrees of the eye above the horizon."""
    return math.degrees(math.asin(offset(camera)[2] / np.linalg.norm(offset(camera))))


@pytest.mark.parametrize("name", VIEW_NAMES)
def test_twenty_four_steps_lead_around_and_back(name: str) -> None:
    start = standard_view(name, BOX, 1.5)
    camera = start
    for step in range(1, 25):
        camera = orbit(camera, 15.0, 0.0)
        assert np.linalg.norm(offset(camera)) == pytest.approx(np.linalg.norm(offset(start)))
        assert height(camera) == pytest.approx(height(start), abs=1e-6)
        if step == 6 and name == "front":
            assert offset(camera) / np.linalg.norm(offset(camera)) == pytest.approx((1, 0, 0), abs=1e-9)  # the right
    assert camera.position == pytest.approx(start.position, abs=1e-9)
    assert camera.up == pytest.approx(start.up, abs=1e-9)


def test_the_eye_rises_to_the_top_and_stays_there() -> None:
    camera = standard_view("front", BOX, 1.5)
    heights = []
    for _ in range(7):
        camera = orbit(camera, 0.0, 15.0)
        heights.append(height(camera))
        assert float(offset(camera) @ np.array(camera.up)) == pytest.approx(0.0, abs=1e-9)
    assert heights == pytest.approx([15, 30, 45, 60, 75, 90, 90], abs=1e-4)
    assert camera.up == pytest.approx((0, 1, 0), abs=1e-6)  # as the view from the top
    for _ in range(13):
        camera = orbit(camera, 0.0, -15.0)
    assert height(camera) == pytest.approx(-90.0, abs=1e-4)
    isometric = standard_view("isometric", BOX, 1.5)
    assert height(orbit(isometric, 0.0, 15.0)) == pytest.approx(50.0, abs=1e-6)


def test_zooming_changes_the_distance_and_panning_what_is_in_the_middle() -> None:
    camera = standard_view("isometric", BOX, 1.5)
    near = zoom(camera, 1.25)
    assert near.focal_point == camera.focal_point
    assert np.linalg.norm(offset(near)) == pytest.approx(np.linalg.norm(offset(camera)) / 1.25)
    assert near.parallel_scale == pytest.approx(camera.parallel_scale / 1.25)
    assert zoom(near, 0.8).position == pytest.approx(camera.position)
    front = standard_view("front", BOX, 1.5)
    seen = 2 * np.linalg.norm(offset(front)) * math.tan(math.radians(VIEW_ANGLE / 2))
    by = np.array(pan(front, 0.1, 0.2).focal_point) - np.array(front.focal_point)
    assert by == pytest.approx((0.1 * seen, 0.0, 0.2 * seen), abs=1e-9)
    assert offset(pan(front, 0.1, 0.2)) == pytest.approx(offset(front))


def test_a_roll_turns_the_picture_in_its_plane_and_24_of_them_lead_back() -> None:
    start = standard_view("isometric", BOX, 1.5)
    camera = roll(start, 90.0)
    assert (camera.position, camera.focal_point) == (start.position, start.focal_point)
    right = np.cross(-offset(start), start.up)
    assert np.array(camera.up) == pytest.approx(-right / np.linalg.norm(right))  # what was at the left is up now
    for _ in range(18):
        camera = roll(camera, 15.0)
    assert camera.up == pytest.approx(start.up)
