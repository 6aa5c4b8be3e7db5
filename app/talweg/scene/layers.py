"""The layers of a scene: which part of the picture each draws, and in which order they are laid out."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import Picture, SurfacePart
from talweg.scene.axes import AxesLayer
from talweg.scene.cap import CapLayer
from talweg.scene.centre import CentreLayer
from talweg.scene.contours import ContoursLayer
from talweg.scene.critical_points import CriticalPointsLayer
from talweg.scene.draft import Draft
from talweg.scene.eye import Box
from talweg.scene.landmarks import LandmarksLayer
from talweg.scene.legend import LegendLayer
from talweg.scene.lines import LinesLayer
from talweg.scene.probe import ProbeLayer
from talweg.scene.projection import toward_eye
from talweg.scene.scalar_bar import ScalarBarLayer
from talweg.scene.second_surface import SecondSurfaceLayer
from talweg.scene.surface import SurfaceLayer
from talweg.scene.trajectory import TrajectoryLayer
from talweg.theme import Theme


class Layers:
    """Everything that is drawn of a picture.

    Args:
        renderer: What it is drawn with.
        theme: Colours.
        filled_walls: Whether the walls of the box hide the background.
    """

    def __init__(self, renderer: vtkRenderer, theme: Theme, *, filled_walls: bool) -> None:
        self._renderer = renderer
        self.surface = SurfaceLayer(renderer, theme)
        self.contours = ContoursLayer(renderer, theme, self.surface)
        self.cap = CapLayer(renderer, theme)
        self.centre = CentreLayer(renderer, theme)
        self.lines = LinesLayer(renderer, theme)
        self.critical_points = CriticalPointsLayer(renderer, theme)
        self.trajectory = TrajectoryLayer(renderer, theme)
        self.landmarks = LandmarksLayer(renderer, theme)
        self.probe = ProbeLayer(renderer, theme)
        self.axes = AxesLayer(renderer, theme, filled=filled_walls)
        self.scalar_bar = ScalarBarLayer(renderer, theme)
        self.legend = LegendLayer(renderer, theme)
        self.second = SecondSurfaceLayer(renderer, theme)
        self.draft = Draft(renderer, theme, self.surface, self.trajectory, self.second)
        self._parts: dict[str, Any] = {
            "overlay": self.second,
            "cap": self.cap,
            "centre": self.centre,
            "lines": self.lines,
            "critical_points": self.critical_points,
            "path": self.trajectory,
            "landmarks": self.landmarks,
            "probe": self.probe,
            "axes": self.axes,
        }
        """Layers that depend on one part of the picture, by its name."""
        self._all = (
            self.draft,
            self.surface,
            self.second,
            self.contours,
            self.cap,
            self.centre,
            self.lines,
            self.critical_points,
            self.trajectory,
            self.landmarks,
            self.probe,
            self.axes,
            self.scalar_bar,
            self.legend,
        )

    def update(self, picture: Picture, last: Picture | None) -> bool:
        """Draw what differs from the picture before from the next frame on.

        Args:
            picture: What is to be shown.
            last: What was shown, or None.

        Returns:
            Whether anything differs.
        """
        changed = False
        if last is None or picture.surface is not last.surface:
            self.surface.update(picture.surface)
            changed = True
        if last is None or picture.contours is not last.contours or _contoured_anew(last.surface, picture.surface):
            self.contours.update(picture.contours, picture.surface)
            changed = True
        for name, layer in self._parts.items():
            part = getattr(picture, name)
            if last is None or part is not getattr(last, name):
                layer.update(part)
                changed = True
        if last is not None and picture.legend != last.legend:
            changed = True
        if changed:
            self.legend.update(picture)
            self.scalar_bar.update(picture)
        return changed

    def arrange(self, scale: float, bounds: Box, project: Callable[[ArrayLike], NDArray[np.float64]]) -> None:
        """Lay out what depends on the window and the eye.

        Args:
            scale: Size of text and lines.
            bounds: The box of what is shown.
            project: Gives the pixels [k, 2] of display coordinates [k, 3].
        """
        centre = np.array([(bounds[k] + bounds[k + 1]) / 2 for k in (0, 2, 4)])

        def nearer(distance: float) -> NDArray[np.float64]:
            return toward_eye(self._renderer, centre, distance)

        self.surface.arrange(scale)
        self.contours.arrange(scale, nearer, project)
        self.cap.arrange(scale)
        self.centre.arrange(nearer)
        self.lines.arrange(scale, nearer)
        self.critical_points.arrange(nearer)
        self.trajectory.arrange(scale, nearer)
        self.landmarks.arrange(scale, nearer, project)
        self.probe.arrange(scale, nearer, project)
        if self.draft.shown:
            self.draft.surface.arrange(scale)
            self.draft.trajectory.arrange(scale, nearer)
        taken = self.legend.arrange(scale) + self.scalar_bar.arrange(scale)
        self.axes.arrange(scale, taken)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for layer in self._all:
            layer.restyle(theme)

    def close(self) -> None:
        """Remove everything."""
        for layer in self._all:
            layer.close()


def _contoured_anew(before: SurfacePart, now: SurfacePart) -> bool:
    """Tell whether level lines have to be found or coloured anew; where only basins changed they have not."""
    arrays = all(getattr(before, name) is getattr(now, name) for name in ("points", "triangles", "scalars"))
    looks = [(part.colour_map, part.colour_steps, part.scalar_range, part.visible, part.look) for part in (before, now)]
    return not arrays or looks[0] != looks[1]
