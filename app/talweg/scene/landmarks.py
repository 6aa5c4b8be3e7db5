"""The checkpoints that the plane was laid through: cubes with their names."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import LandmarksPart
from talweg.scene.critical_points import SIZE as GLYPH_SIZE
from talweg.scene.glyphs import GlyphSet, cube
from talweg.scene.meshes import raised
from talweg.scene.tags import Tags
from talweg.theme import Theme

_SIZE = 0.024  # half the side, display units
_LIFT = 2.1 * GLYPH_SIZE  # above the minimum that it often stands on
_NEARER = 0.06  # toward the eye, display units; less than the end of a run that stands there, too
_NAME = 30.0  # above the cube's middle, pixels at scale 1


class LandmarksLayer:
    """Draws a LandmarksPart, or nothing."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._theme = theme
        self._part: LandmarksPart | None = None
        self._cubes = GlyphSet(renderer, cube(), _SIZE, 0.2)
        self._nearer = vtkMatrix4x4()
        self._cubes.move(self._nearer)
        self._tags = Tags(renderer)
        self.restyle(theme)

    def update(self, part: LandmarksPart | None) -> None:
        """Draw a part."""
        self._part = part
        places = self.places()
        self._cubes.place(places[np.isfinite(places).all(axis=1)], visible=True)

    def places(self) -> NDArray[np.float32]:
        """Return where the cubes are drawn, display coordinates [k, 3]; NaN for those that are not."""
        part = self._part
        if part is None or not part.visible:
            return np.zeros((0, 3), dtype=np.float32)
        return raised(part.positions, _LIFT)

    def arrange(
        self,
        scale: float,
        nearer: Callable[[float], NDArray[np.float64]],
        project: Callable[[ArrayLike], NDArray[np.float64]],
    ) -> None:
        """Lay out what depends on the window and the eye.

        Args:
            scale: Size of text.
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
            project: Gives the pixels [k, 2] of display coordinates [k, 3].
        """
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())
        places = self.places()
        names = self._part.names if self._part is not None and len(places) else ()
        self._tags.draw(project(places), names, self._theme, scale, above=_NAME)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._cubes.colour(theme.landmark, theme.outline)

    def close(self) -> None:
        """Remove the cubes and their names."""
        self._cubes.close()
        self._tags.close()
