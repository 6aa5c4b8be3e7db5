"""The surface of a second landscape in the same axes."""

from collections.abc import Callable

from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer

from talweg.picture import OverlayPart, SurfacePart
from talweg.scene.surface import SurfaceLayer
from talweg.theme import Theme


class SecondSurfaceLayer:
    """Draws an OverlayPart; what it draws with is made when there is one first.

    Args:
        renderer: Where it is drawn.
        theme: Colours.
        simplify: Makes of its surface what is drawn.
    """

    def __init__(
        self, renderer: vtkRenderer, theme: Theme, simplify: Callable[[SurfacePart], SurfacePart] | None = None
    ) -> None:
        self._renderer, self._theme, self._simplify = renderer, theme, simplify
        self._layer: SurfaceLayer | None = None

    @property
    def actors(self) -> tuple[vtkActor, ...]:
        """What it draws with."""
        return () if self._layer is None else self._layer.actors

    def update(self, part: OverlayPart | None) -> None:
        """Draw a part, or nothing."""
        if part is None:
            for actor in self.actors:
                actor.VisibilityOff()
            return
        if self._layer is None:
            self._layer = SurfaceLayer(self._renderer, self._theme)
        self._layer.update(part.surface if self._simplify is None else self._simplify(part.surface))

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        if self._layer is not None:
            self._layer.restyle(theme)

    def close(self) -> None:
        """Remove the surface."""
        if self._layer is not None:
            self._layer.close()
