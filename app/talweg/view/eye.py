"""From where something is seen: apart from all else of a view, under a name, and as text that can be pasted."""

import math
from typing import Any

import msgspec

from talweg.view.state import Camera, ViewState
from talweg_compute.messages import InputError

VIEW_ANGLE = 30.0
"""Vertical field of view, degrees."""

VIEW_NAMES = ("isometric", "top", "front", "right", "left", "back", "bottom")
"""From where the standard views look at the box."""

Place = tuple[float, float, float]

_DIGITS = 6
_EXAMPLE = '{"position": [3, -4, 3], "focal_point": [0, 0, 0.6], "up": [0, 0, 1]}'


class Eye(msgspec.Struct, frozen=True):
    """From where something is seen; the fields are those of a view."""

    camera: Camera | None = None
    orthographic: bool = False
    flat: bool = False
    camera_before: Camera | None = None


class SavedView(msgspec.Struct, frozen=True):
    """A place to come back to.

    Attributes:
        name: What the user calls it; no other one of a document is called so.
        eye: Where it is; its camera is there.
    """

    name: str
    eye: Eye


EYE_FIELDS = Eye.__struct_fields__
"""Fields of a view that say from where it is seen."""


def eye_of(view: ViewState) -> Eye:
    """Return from where a view is seen."""
    return Eye(**{name: getattr(view, name) for name in EYE_FIELDS})


def seen_by(view: ViewState, eye: Eye) -> ViewState:
    """Return a view as seen from elsewhere."""
    return msgspec.structs.replace(view, **changes_to(eye))


def changes_to(eye: Eye) -> dict[str, Any]:
    """Return what makes a view seen by an eye, by field."""
    return {name: getattr(eye, name) for name in EYE_FIELDS}


def toggle_flat(view: ViewState) -> dict[str, Any]:
    """Return what turns a view into a map from above, or back to where the eye was before, by field."""
    if view.flat:
        return changes_to(Eye(view.camera_before, view.orthographic))
    return changes_to(Eye(None, view.orthographic, True, view.camera))


class _Text(msgspec.Struct, forbid_unknown_fields=True):
    """What stands in the text of an eye."""

    position: Place
    focal_point: Place
    up: Place
    orthographic: bool = False
    flat: bool = False


def write_eye(eye: Eye) -> str:
    """Write an eye as text: JSON in one line, in display coordinates.

    Args:
        eye: Its camera is there.
    """
    camera = eye.camera or Camera((0.0, -5.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    position, focal_point, up = (_rounded(place) for place in (camera.position, camera.focal_point, camera.up))
    text = msgspec.json.encode(_Text(position, focal_point, up, eye.orthographic, eye.flat))
    return msgspec.json.format(text, indent=0).decode()


def read_eye(text: str) -> Eye:
    """Read an eye from text.

    Args:
        text: As ``write_eye`` writes it; whether it is orthographic or flat may be left out.

    Raises:
        InputError: It is no such text, or nothing can be seen from there.
    """
    try:
        found = msgspec.json.decode(text, type=_Text)
    except msgspec.MsgspecError as error:
        raise InputError(f"camera: this text is not one ({error}); expected such as {_EXAMPLE}.") from None
    toward = tuple(focus - here for here, focus in zip(found.position, found.focal_point, strict=True))
    distance, height = math.hypot(*toward), math.hypot(*found.up)
    across = math.hypot(*_cross(toward, found.up))
    if not (math.isfinite(distance) and distance > 0 and across > 1e-9 * distance * height):
        raise InputError(
            "camera: nothing is seen from there; expected a position apart from the focal point, and an up that does "
            "not lie on the line between them."
        )
    if found.flat and math.hypot(toward[0], toward[1]) > 1e-6 * distance:
        raise InputError("camera: a flat one looks straight down; expected a position above the focal point.")
    scale = distance * math.tan(math.radians(VIEW_ANGLE) / 2)
    return Eye(Camera(found.position, found.focal_point, found.up, scale), found.orthographic, found.flat)


def name_view(saved: tuple[SavedView, ...]) -> str:
    """Return a name that no saved view has yet."""
    taken = {view.name for view in saved}
    return next(name for number in range(1, len(saved) + 2) if (name := f"View {number}") not in taken)


def _rounded(place: Place) -> Place:
    x, y, z = (float(f"{value:.{_DIGITS}g}") + 0.0 for value in place)
    return x, y, z


def _cross(one: tuple[float, ...], other: tuple[float, ...]) -> Place:
    (a, b, c), (x, y, z) = one, other
    return b * z - c * y, c * x - a * z, a * y - b * x
