"""Critical points: minima as blue spheres, saddles as orange octahedra, maxima as red cones that point up.

Filled where the network itself has the point, hollow where only the grid says so. The more persistent, the larger.
Points that are selected stand in a ring, as does the one that is pointed at.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import CriticalPointsPart
from talweg.scene.glyphs import GlyphSet, cone, octahedron, ring, sphere
from talweg.theme import Theme

SIZE = 0.026
"""Radius of a glyph in display units."""
_RIM = 0.22
_NEARER = 0.065  # toward the eye, display units
_RING = 1.75  # radius of the ring in radii of its glyph
_LIFT = (0.75, 0.9, 1.1)  # of minimum, saddle and maximum, in radii: each stands on its point


class CriticalPointsLayer:
    """Draws a CriticalPointsPart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        sources = sphere(), octahedron(), cone()
        self._glyphs = [GlyphSet(renderer, source, SIZE, _RIM) for source in sources]
        self._hollow = [GlyphSet(renderer, source, SIZE, _RIM, hollow=True) for source in sources]
        self._rings = GlyphSet(renderer, ring(), _RING * SIZE, 0.12)
        self._nearer = vtkMatrix4x4()
        self._part: CriticalPointsPart | None = None
        self._marked: tuple[int, ...] = ()
        for glyphs in self._all():
            glyphs.move(self._nearer)
        self.restyle(theme)

    def update(self, part: CriticalPointsPart) -> None:
        """Draw a part; points over a hole of the surface are left out."""
        self._part = part
        on_surface = np.isfinite(part.positions).all(axis=1)
        places = _lifted(part)
        for filled, sets in ((True, self._glyphs), (False, self._hollow)):
            for kind, glyphs in enumerate(sets):
                chosen = on_surface & (part.kind == kind) & (part.filled == filled)
                glyphs.place(places[chosen], part.size[chosen], visible=part.visible)
        self._place_rings()

    def mark(self, marked: Sequence[int]) -> bool:
        """Put rings around points, given by their index in the part; tell whether that changes anything."""
        changed = tuple(marked) != self._marked
        self._marked = tuple(marked)
        if changed:
            self._place_rings()
        return changed

    def places(self) -> NDArray[np.float32]:
        """Return where the glyphs are drawn, display coordinates [m, 3]; NaN for those that are not."""
        part = self._part
        if part is None or not part.visible:
            return np.zeros((0, 3), dtype=np.float32)
        return _lifted(part)

    def _place_rings(self) -> None:
        part = self._part
        if part is None:
            return
        chosen = np.array([index for index in self._marked if index < len(part.kind)], dtype=np.int64)
        chosen = chosen[np.isfinite(part.positions[chosen]).all(axis=1)]
        self._rings.place(_lifted(part)[chosen], part.size[chosen], visible=part.visible)

    def arrange(self, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        """Bring the glyphs out of the folds of the surface, toward the eye.

        Args:
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
        """
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        colours = theme.minimum, theme.saddle, theme.maximum
        for glyphs, hollow, colour in zip(self._glyphs, self._hollow, colours, strict=True):
            glyphs.colour(colour, theme.outline)
            hollow.colour(colour, theme.outline, theme.background)
        self._rings.colour(theme.mark, theme.outline)

    def close(self) -> None:
        """Remove the glyphs."""
        for glyphs in self._all():
            glyphs.close()

    def _all(self) -> tuple[GlyphSet, ...]:
        return *self._glyphs, *self._hollow, self._rings


def _lifted(part: CriticalPointsPart) -> NDArray[np.float32]:
    """Centres of the glyphs [m, 3]: each stands on its point."""
    places = part.positions.copy()
    places[:, 2] += np.array(_LIFT, dtype=np.float32)[part.kind] * part.size * SIZE
    return places
