"""How long frames take on this machine: whether the eye moves smoothly while everything is drawn."""

import time
from collections import deque

from vtkmodules.vtkRenderingCore import vtkRenderWindow

SMOOTH = 1 / 60
"""Seconds that a frame may take for a movement to be as smooth as the display."""

_REMEMBERED = 3


class Pace:
    """Times whole frames, whatever draws them: from their beginning until the graphics have finished."""

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=_REMEMBERED)
        self._begun: float | None = None
        self._size = (0, 0)

    @property
    def slow(self) -> bool:
        """Whether whole frames take too long to move by.

        The quickest of the last few counts: the first frame of a picture also hands it over to the graphics.
        """
        return bool(self._took) and min(self._took) > SMOOTH

    def forget(self) -> None:
        """Forget what was measured: something else is drawn from now on."""
        self._took.clear()

    def begin(self, size: tuple[int, int], *, whole: bool) -> None:
        """Begin a frame.

        Args:
            size: Of the window, in pixels; in another one frames take another time.
            whole: Whether everything is drawn; a draft's time says nothing.
        """
        if size != self._size:
            self._size = size
            self.forget()
        self._begun = time.perf_counter() if whole else None

    def end(self, window: vtkRenderWindow) -> None:
        """End a frame, after waiting for the graphics where it is timed."""
        if self._begun is not None:
            window.WaitForCompletion()
            self._took.append(time.perf_counter() - self._begun)
            self._begun = None
