"""Critical points: minima as blue spheres, saddles as orange octahedra, maxima as red cones that point up."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import CriticalPointsPart
from talweg.scene.glyphs import GlyphSet, cone, octahedron, sphere
from talweg.scene.meshes import raised
from talweg.scene.theme import Theme

SIZE = 0.026
"""Radius of a glyph in display units."""
_RIM = 0.22
_NEARER = 0.065  # toward the eye, display units
_LIFT = (0.75, 0.9, 1.1)  # of minimum, saddle and maximum, in radii: each stands on its point


class CriticalPointsLayer:
    """Draws a CriticalPointsPart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._glyphs = [GlyphSet(renderer, source, SIZE, _RIM) for source in (sphere(), octahedron(), cone())]
        self._nearer = vtkMatrix4x4()
        for glyphs in self._glyphs:
            glyphs.move(self._nearer)
        self.restyle(theme)

    def update(self, part: CriticalPointsPart) -> None:
        """Draw a part; points over a hole of the surface are left out."""
        on_surface = np.isfinite(part.positions).all(axis=1)
        for kind, (glyphs, lift) in enumerate(zip(self._glyphs, _LIFT, strict=True)):
            positions = part.positions[on_surface & (part.kind == kind)]
            glyphs.place(raised(positions, lift * SIZE), visible=part.visible)

    def arrange(self, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        """Bring the glyphs out of the folds of the surface, toward the eye.

        Args:
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
        """
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for glyphs, colour in zip(self._glyphs, (theme.minimum, theme.saddle, theme.maximum), strict=True):
            glyphs.colour(colour, theme.outline)

    def close(self) -> None:
        """Remove the glyphs."""
        for glyphs in self._glyphs:
            glyphs.close()
