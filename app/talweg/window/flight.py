"""A short flight of the camera from one place to another."""

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QStyle, QWidget

from talweg.view.state import Camera

_SECONDS = 0.3
_FRAME_MS = 16

Place = tuple[float, float, float]


class Flight(QObject):
    """One flight at a time; where the desktop wants no animations, it takes no time.

    Args:
        owner: The widget in which it is seen.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._step)
        self._way: tuple[Camera, Camera, Callable[[Camera], None], Callable[[], None]] | None = None
        self._begun = 0.0

    @property
    def under_way(self) -> bool:
        """Whether the eye flies now."""
        return self._way is not None

    def begin(self, start: Camera, end: Camera, look: Callable[[Camera], None], arrive: Callable[[], None]) -> None:
        """Fly.

        Args:
            start: Where the eye is.
            end: Where it goes.
            look: Puts the eye somewhere on the way.
            arrive: Called at the end.
        """
        self.stop()
        style = self._owner.style()
        if style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self._owner) <= 0:
            arrive()
            return
        self._way = start, end, look, arrive
        self._begun = time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Leave the eye where it is."""
        self._timer.stop()
        self._way = None

    def _step(self) -> None:
        if self._way is None:
            return
        start, end, look, arrive = self._way
        share = (time.monotonic() - self._begun) / _SECONDS
        if share < 1:
            look(between(start, end, share * share * (3 - 2 * share)))
        else:
            self.stop()
            arrive()


def between(start: Camera, end: Camera, share: float) -> Camera:
    """Return a camera on the way: it turns about what it looks at while it comes nearer.

    Args:
        start: At share 0.
        end: At share 1.
        share: Of the way.
    """
    focal = _mixed(start.focal_point, end.focal_point, share)
    first, last = _offset(start), _offset(end)
    distance = math.hypot(*first) ** (1 - share) * math.hypot(*last) ** share
    direction = _unit(_mixed(_unit(first), _unit(last), share))
    return Camera(
        position=_sum(focal, direction, distance),
        focal_point=focal,
        up=_mixed(start.up, end.up, share),
        parallel_scale=start.parallel_scale ** (1 - share) * end.parallel_scale**share,
    )


def _offset(camera: Camera) -> Place:
    return _sum(camera.position, camera.focal_point, -1.0)


def _mixed(first: Place, last: Place, share: float) -> Place:
    return _sum(_sum((0.0, 0.0, 0.0), first, 1 - share), last, share)


def _sum(first: Place, second: Place, factor: float) -> Place:
    return (first[0] + factor * second[0], first[1] + factor * second[1], first[2] + factor * second[2])


def _unit(place: Place) -> Place:
    return _sum((0.0, 0.0, 0.0), place, 1 / max(math.hypot(*place), 1e-12))
