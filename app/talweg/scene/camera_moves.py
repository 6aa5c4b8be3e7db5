"""The eye moved step by step, as keys do: around what it looks at, closer, or aside. Free of VTK."""

import math

import numpy as np
from numpy.typing import NDArray

from talweg.view.eye import VIEW_ANGLE
from talweg.view.state import Camera

Float = NDArray[np.float64]


def orbit(camera: Camera, right: float, up: float) -> Camera:
    """Move the eye around what it looks at, never over the top or the bottom, where the horizon would turn over.

    Args:
        camera: Where it is.
        right: Degrees around the vertical axis.
        up: Degrees toward the top.
    """
    focus, above = np.array(camera.focal_point), np.array(camera.up)
    offset = _turn(np.array(camera.position) - focus, np.array([0.0, 0.0, 1.0]), right)
    above = _turn(above, np.array([0.0, 0.0, 1.0]), right)
    aside = np.cross(above, offset)
    aside /= max(float(np.linalg.norm(aside)), 1e-12)
    toward = offset / max(float(np.linalg.norm(offset)), 1e-12)
    upright = np.cross(toward, aside)
    # as the eye rises, its height goes like a sine and the height of its upright axis like the cosine
    level = math.degrees(math.atan2(toward[2], upright[2]))
    if math.hypot(toward[2], upright[2]) > 1e-9:
        up = min(max(level + up, min(-90.0, level)), max(90.0, level)) - level
    return _looking(camera, focus + _turn(offset, aside, -up), focus, _turn(upright, aside, -up))


def roll(camera: Camera, right: float) -> Camera:
    """Turn the picture in its plane.

    Args:
        camera: Where the eye is.
        right: Degrees clockwise, as the picture is seen.
    """
    position, focus = np.array(camera.position), np.array(camera.focal_point)
    offset = position - focus
    toward = offset / max(float(np.linalg.norm(offset)), 1e-12)
    return _looking(camera, position, focus, _turn(np.array(camera.up), toward, right))


def zoom(camera: Camera, factor: float) -> Camera:
    """Move the eye closer to what it looks at, so that this is seen larger by a factor; below 1, away from it."""
    focus = np.array(camera.focal_point)
    position = focus + (np.array(camera.position) - focus) / factor
    return _looking(camera, position, focus, np.array(camera.up), camera.parallel_scale / factor)


def pan(camera: Camera, right: float, up: float) -> Camera:
    """Move the eye aside.

    Args:
        camera: Where it is.
        right: In units of the height of what is seen.
        up: In the same units.
    """
    position, focus, above = np.array(camera.position), np.array(camera.focal_point), np.array(camera.up)
    offset = position - focus
    aside = np.cross(above, offset)
    aside /= max(float(np.linalg.norm(aside)), 1e-12)
    distance = float(np.linalg.norm(offset))
    upright = np.cross(offset / max(distance, 1e-12), aside)
    height = 2 * distance * math.tan(math.radians(VIEW_ANGLE) / 2)  # as ``Eye.camera`` has it, for parallel rays too
    by = height * (right * aside + up * upright)
    return _looking(camera, position + by, focus + by, above)


def _turn(vector: Float, axis: Float, degrees: float) -> Float:
    """Rotate a vector [3] about an axis [3] of length one, counterclockwise as seen from its tip (Rodrigues 1840)."""
    angle = math.radians(degrees)
    along = (1 - math.cos(angle)) * float(axis @ vector) * axis
    turned: Float = math.cos(angle) * vector + math.sin(angle) * np.cross(axis, vector) + along
    return turned


def _looking(camera: Camera, position: Float, focus: Float, up: Float, scale: float | None = None) -> Camera:
    return Camera(
        position=(float(position[0]), float(position[1]), float(position[2])),
        focal_point=(float(focus[0]), float(focus[1]), float(focus[2])),
        up=(float(up[0]), float(up[1]), float(up[2])),
        parallel_scale=camera.parallel_scale if scale is None else scale,
    )
