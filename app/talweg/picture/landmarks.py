"""The checkpoints that a plane was laid through, on the drawn surface."""

import numpy as np

from talweg.landscape import Landscape
from talweg.picture.frame import Frame
from talweg.picture.parts import LandmarksPart, frozen
from talweg.picture.relief import Relief
from talweg.view.state import ViewState

_LONGEST = 32  # characters of a name


def place_landmarks(
    landscape: Landscape, view: ViewState, frame: Frame, relief: Relief, key: tuple[object, ...]
) -> LandmarksPart | None:
    """Put the landmarks of a landscape on the surface.

    Args:
        landscape: The numbers.
        view: Says whether they are drawn.
        frame: Maps to display coordinates.
        relief: Heights of the surface.
        key: Of the part.

    Returns:
        The part; None where there is none.
    """
    landmarks = landscape.landmarks
    if landmarks is None:
        return None
    places = landmarks.coordinates
    z = relief.at(places)
    positions = np.column_stack([*frame.to_display(*places.T), z]).astype(np.float32)
    return LandmarksPart(
        key=key,
        positions=frozen(positions),
        names=tuple(map(shorten, landmarks.names)),
        coordinates=places,
        visible=view.landmarks,
    )


def shorten(name: str) -> str:
    """Leave out the middle of a long name."""
    half = (_LONGEST - 1) // 2
    return name if len(name) <= _LONGEST else f"{name[:half]}…{name[-half:]}"
