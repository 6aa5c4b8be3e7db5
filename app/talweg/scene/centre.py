"""The centre of the plane: a cross on the surface."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import CentrePart
from talweg.scene.glyphs import GlyphSet, cross
from talweg.scene.meshes import raised
from talweg.theme import Theme

_SIZE = 0.058  # half its width, display units
_NEARER = 0.07  # toward the eye, display units


class CentreLayer:
    """Draws a CentrePart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._cross = GlyphSet(renderer, cross(), _SIZE, 0.18)
        self._nearer = vtkMatrix4x4()
        self._cross.move(self._nearer)
        self.restyle(theme)

    def update(self, part: CentrePart | None) -> None:
        """Draw a part."""
        shown = part is not None and part.visible and bool(np.isfinite(part.position).all())
        places = part.position[None] if part is not None and shown else np.zeros((0, 3), dtype=np.float32)
        self._cross.place(raised(places, 0.3 * _SIZE), visible=shown)

    def arrange(self, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        """Bring the cross out of the folds of the surface.

        Args:
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
        """
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._cross.colour(theme.mark, theme.outline)

    def close(self) -> None:
        """Remove the cross."""
        self._cross.close()
