"""The scene: draws one picture after another with a plotter, changing only what differs."""

import pyvista as pv

from talweg.picture import Picture
from talweg.scene.theme import LIGHT, Theme
from talweg.view_state import Camera


class Scene:
    """Everything that is drawn in one plotter.

    The plotter may be a ``pv.Plotter(off_screen=True)`` or a ``pyvistaqt.QtInteractor``; the scene takes over its
    lights, background and camera. All pixels are VTK's: device pixels, counted from the lower left corner.
    """

    def __init__(self, plotter: pv.BasePlotter, theme: Theme = LIGHT, *, pixel_ratio: float = 1.0) -> None:
        """Take over a plotter.

        Args:
            plotter: What is drawn with; the caller closes it after the scene.
            theme: Colours.
            pixel_ratio: Device pixels per logical pixel, so that text never gets smaller than readable.
        """
        raise NotImplementedError

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        raise NotImplementedError

    def apply(self, picture: Picture) -> bool:
        """Show a picture, rendering once if anything changed; returns whether it did."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Change the colours and render."""
        raise NotImplementedError

    def camera(self) -> Camera:
        """Read back where the eye is now, after the mouse moved it."""
        raise NotImplementedError

    def view(self, name: str) -> Camera:
        """Return the standard view of that name (``VIEW_NAMES``) that just fits the whole box into the window."""
        raise NotImplementedError

    def pick(self, x: float, y: float) -> tuple[float, float] | None:
        """Return (u, v) of the surface under a pixel, or None beside it."""
        raise NotImplementedError

    def project(self, points: object) -> object:
        """Return the pixels float64 [k, 2] of display coordinates [k, 3]."""
        raise NotImplementedError

    def close(self) -> None:
        """Remove everything from the plotter; a closed scene does nothing more."""
        raise NotImplementedError
