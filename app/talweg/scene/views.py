"""Standard views that just fit the box into the window."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.view.eye import VIEW_ANGLE, VIEW_NAMES
from talweg.view.state import Camera

Float = NDArray[np.float64]

_AZIMUTH, _ELEVATION = math.radians(-57.0), math.radians(35.0)
_STEP = 5  # degrees between the places from which everything has to be in view on the way around
_Z, _Y = (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)
_VIEWS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "isometric": (
        (math.cos(_ELEVATION) * math.cos(_AZIMUTH), math.cos(_ELEVATION) * math.sin(_AZIMUTH), math.sin(_ELEVATION)),
        _Z,
    ),
    "top": (_Z, _Y),
    "front": ((0.0, -1.0, 0.0), _Z),
    "right": ((1.0, 0.0, 0.0), _Z),
    "left": ((-1.0, 0.0, 0.0), _Z),
    "back": ((0.0, 1.0, 0.0), _Z),
    "bottom": ((0.0, 0.0, -1.0), _Y),
}


@dataclass(frozen=True)
class Margins:
    """What stands around the box, in pixels.

    Attributes:
        left: Of the box.
        right: Of it.
        bottom: Below an edge of it that is level.
        corner: Below a corner of it, when it is seen at an angle.
        top: Above it.
    """

    left: float
    right: float
    bottom: float
    corner: float
    top: float


@dataclass(frozen=True)
class Room:
    """The part of the window in which the box has to fit, in units of half the window, from -1 to 1.

    Attributes:
        left: Its left edge.
        right: Its right edge.
        bottom: Its lower edge.
        top: Its upper edge.
    """

    left: float = -0.95
    right: float = 0.95
    bottom: float = -0.95
    top: float = 0.95


def standard_view(
    name: str,
    bounds: tuple[float, ...],
    aspect: float,
    room: Room | None = None,
    *,
    orthographic: bool = False,
    turning: bool = False,
) -> Camera:
    """Return the camera of a standard view, as near as the whole box allows.

    Args:
        name: One of ``VIEW_NAMES``.
        bounds: (xmin, xmax, ymin, ymax, zmin, zmax) of the box.
        aspect: Width over height of the window.
        room: Where in the window the box may be.
        orthographic: For parallel projection.
        turning: Leave so much room that the box fits all the way while the eye goes around it.

    Raises:
        ValueError: There is no view of that name.
    """
    if name not in _VIEWS:
        raise ValueError(f"{name}: there is no such view; expected one of {', '.join(VIEW_NAMES)}")
    toward, up = (np.array(axis) for axis in _VIEWS[name])
    return fitting_view(toward, up, bounds, aspect, room, orthographic=orthographic, turning=turning)


def fitting_view(
    toward: Float,
    up: Float,
    bounds: tuple[float, ...],
    aspect: float,
    room: Room | None = None,
    *,
    orthographic: bool = False,
    turning: bool = False,
) -> Camera:
    """Return the camera that looks from a direction, as near as the whole box allows.

    Args:
        toward: From the box to the eye [3], of length one.
        up: What is up in the picture [3], not along it.
        bounds: As for ``standard_view``, and so are all others.
        aspect: Width over height of the window.
        room: Where in the window the box may be.
        orthographic: For parallel projection.
        turning: Leave so much room that the box fits all the way around.
    """
    right = np.cross(up, toward)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(toward, right), -toward])  # right, up, forward
    low, high = np.array(bounds[::2]), np.array(bounds[1::2])
    picks = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1]), axis=-1).reshape(-1, 3)
    corners = np.where(picks == 1, high, low)  # [8, 3]
    if turning:
        middle = (low + high) / 2
        corners = np.concatenate([(corners - middle) @ _about_z(step).T + middle for step in range(0, 360, _STEP)])
    depth = float(axes[2] @ (low + high) / 2)
    room = room or Room()
    half = math.tan(math.radians(VIEW_ANGLE) / 2)
    sides = (((room.left * aspect), (room.right * aspect)), (room.bottom, room.top))
    fit = _fit_parallel if orthographic else _fit_perspective
    eye, focus = fit(corners @ axes.T, depth, [(near * half, far * half) for near, far in sides])
    position, focal_point = axes.T @ eye, axes.T @ focus
    upward = axes[1]
    return Camera(
        position=_triple(position),
        focal_point=_triple(focal_point),
        up=_triple(upward),
        parallel_scale=float(np.linalg.norm(position - focal_point)) * half,
    )


def seen_part(
    camera: Camera, aspect: float, corners: NDArray[np.float64], *, orthographic: bool = False
) -> NDArray[np.float64]:
    """Return the part of a flat polygon that is inside the window.

    Args:
        camera: Where the eye is.
        aspect: Width over height of the window.
        corners: float64 [k, 3], those of a convex polygon, in order.
        orthographic: For parallel projection.

    Returns:
        The corners of the part, in order, float64 [n, 3]; none where nothing is seen.
    """
    eye, focus = np.array(camera.position), np.array(camera.focal_point)
    forward = focus - eye
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, camera.up)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(right, forward), forward])
    half = math.tan(math.radians(VIEW_ANGLE) / 2)
    sides = ((0, aspect), (0, -aspect), (1, 1.0), (1, -1.0))  # of the frustum: axis, and how far it reaches there
    part = np.asarray(corners, dtype=np.float64)
    if not orthographic:
        part = _cut(part, (part - eye) @ axes[2])
    for axis, reach in sides:
        place = (part - eye) @ axes.T
        limit = camera.parallel_scale if orthographic else half * place[:, 2]
        part = _cut(part, abs(reach) * limit - np.sign(reach) * place[:, axis])
    return part


def _cut(corners: Float, inside: Float) -> Float:
    """Keep of a convex polygon [k, 3] what has a positive distance [k] to a plane, by Sutherland and Hodgman (1974)."""
    kept = []
    for index in range(len(corners)):
        here, before = inside[index], inside[index - 1]
        if (here > 0) != (before > 0):
            kept.append(corners[index - 1] + before / (before - here) * (corners[index] - corners[index - 1]))
        if here > 0:
            kept.append(corners[index])
    return np.array(kept).reshape(-1, 3)


def turned(camera: Camera, bounds: tuple[float, ...], degrees: float) -> Camera:
    """Return a camera that has gone around the vertical axis through the middle of the box.

    Args:
        camera: Where the eye was.
        bounds: (xmin, xmax, ymin, ymax, zmin, zmax) of the box.
        degrees: How far, counter-clockwise as seen from above.
    """
    middle = np.array([(bounds[k] + bounds[k + 1]) / 2 for k in (0, 2, 4)])
    turn = _about_z(degrees)
    position, focal_point = (
        turn @ (np.array(place) - middle) + middle for place in (camera.position, camera.focal_point)
    )
    return Camera(
        position=_triple(position),
        focal_point=_triple(focal_point),
        up=_triple(turn @ np.array(camera.up)),
        parallel_scale=camera.parallel_scale,
    )


def _about_z(degrees: float) -> Float:
    """The rotation [3, 3] about the vertical axis."""
    angle = math.radians(degrees)
    return np.array(
        [[math.cos(angle), -math.sin(angle), 0.0], [math.sin(angle), math.cos(angle), 0.0], [0.0, 0.0, 1.0]]
    )


def _fit_perspective(corners: Float, depth: float, slopes: list[tuple[float, float]]) -> tuple[Float, Float]:
    """Eye and focal point in (right, up, forward): the eye as far forward as all corners stay between the slopes.

    A corner c is left of the right edge where c_r - eye_r <= slope (c_f - eye_f), and so on for each edge: linear in
    the eye, so that the largest eye_f of each direction follows from the two corners that bind.
    """
    bounds = []
    for axis, (low, high) in enumerate(slopes):
        least = np.max(corners[:, axis] - high * corners[:, 2])  # eye - high * eye_f >= least
        most = np.min(corners[:, axis] - low * corners[:, 2])  # eye - low * eye_f <= most
        bounds.append((least, most, low, high))
    forward = min((most - least) / (high - low) for least, most, low, high in bounds)
    across = [0.5 * (least + high * forward + most + low * forward) for least, most, low, high in bounds]
    return np.array([*across, forward]), np.array([*across, depth])


def _fit_parallel(corners: Float, depth: float, slopes: list[tuple[float, float]]) -> tuple[Float, Float]:
    """The same for parallel projection, where only the distance of eye and focal point gives the scale."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    distance = max((high[axis] - low[axis]) / (far - near) for axis, (near, far) in enumerate(slopes))
    across = [0.5 * (low[axis] + high[axis]) - 0.5 * (near + far) * distance for axis, (near, far) in enumerate(slopes)]
    return np.array([*across, depth - distance]), np.array([*across, depth])


def _triple(values: Float) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
