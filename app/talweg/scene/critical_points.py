"""Critical points: minima as blue spheres, saddles as orange octahedra, maxima as red cones that point up."""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import CriticalPointsPart
from talweg.scene.glyphs import GlyphSet, cone, octahedron, sphere
from talweg.scene.theme import Theme

SIZE = 0.026
"""Radius of a glyph in display units."""
_RIM = 0.22
_LIFT = (0.75, 0.9, 1.1)  # of minimum, saddle and maximum, in radii: each stands on its point


class CriticalPointsLayer:
    """Draws a CriticalPointsPart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._glyphs = [GlyphSet(renderer, source, SIZE, _RIM) for source in (sphere(), octahedron(), cone())]
        self.restyle(theme)

    def update(self, part: CriticalPointsPart) -> None:
        """Draw a part; points over a hole of the surface are left out."""
        on_surface = np.isfinite(part.positions).all(axis=1)
        for kind, (glyphs, lift) in enumerate(zip(self._glyphs, _LIFT, strict=True)):
            positions = part.positions[on_surface & (part.kind == kind)]
            glyphs.place(positions + np.float32([0.0, 0.0, lift * SIZE]), visible=part.visible)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for glyphs, colour in zip(self._glyphs, (theme.minimum, theme.saddle, theme.maximum), strict=True):
            glyphs.colour(colour, theme.outline)

    def close(self) -> None:
        """Remove the glyphs."""
        for glyphs in self._glyphs:
            glyphs.close()
