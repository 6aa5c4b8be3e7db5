"""Pins with their values beside them, and the line of a profile."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import ProbePart
from talweg.scene.glyphs import GlyphSet, sphere
from talweg.scene.meshes import polylines
from talweg.scene.tags import Tags
from talweg.theme import Theme

_PIN = 0.020  # radius, display units
_RIM, _LINE = 5.0, 2.6  # pixels at scale 1
_NEAR = (0.044, 0.050, 0.06)  # toward the eye, display units: rim and line, then pins


class ProbeLayer:
    """Draws a ProbePart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._theme = theme
        self._part: ProbePart | None = None
        self._near = [vtkMatrix4x4() for _ in _NEAR]
        self._line = [self._make_actor(matrix) for matrix in self._near[:2]]
        self._pins = GlyphSet(renderer, sphere(), _PIN, 0.3)
        self._pins.move(self._near[2])
        self._tags = Tags(renderer)
        self.restyle(theme)

    def _make_actor(self, near: vtkMatrix4x4) -> vtkActor:
        actor = vtkActor()
        actor.SetMapper(vtkPolyDataMapper())
        actor.GetMapper().ScalarVisibilityOff()
        actor.GetProperty().LightingOff()
        actor.PickableOff()
        actor.SetUserMatrix(near)
        actor.VisibilityOff()
        self._renderer.AddActor(actor)
        return actor

    def update(self, part: ProbePart | None) -> None:
        """Draw a part, or nothing."""
        self._part = part
        lines = [] if part is None else list(part.lines)
        mesh = polylines(lines)
        for actor in self._line:
            actor.GetMapper().SetInputDataObject(mesh)
            actor.SetVisibility(len(lines) > 0)
        places = self.places()
        self._pins.place(places[np.isfinite(places).all(axis=1)], visible=True)

    def places(self) -> NDArray[np.float32]:
        """Where the pins are, display coordinates [k, 3] in the order of the view's; NaN for one that is not drawn."""
        return np.zeros((0, 3), dtype=np.float32) if self._part is None else self._part.positions

    def arrange(
        self,
        scale: float,
        nearer: Callable[[float], NDArray[np.float64]],
        project: Callable[[ArrayLike], NDArray[np.float64]],
    ) -> None:
        """Lay out what depends on the window and the eye.

        Args:
            scale: Size of text and lines.
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
            project: Gives the pixels [k, 2] of display coordinates [k, 3].
        """
        for matrix, distance in zip(self._near, _NEAR, strict=True):
            matrix.DeepCopy(nearer(distance).ravel().tolist())
        for actor, width in zip(self._line, (_RIM, _LINE), strict=True):
            actor.GetProperty().SetLineWidth(width * scale)
        self._tags.draw(project(self.places()), () if self._part is None else self._part.words, self._theme, scale)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        for actor, colour in zip(self._line, (theme.outline, theme.mark), strict=True):
            actor.GetProperty().SetColor(*colour)
        self._pins.colour(theme.mark, theme.outline)

    def close(self) -> None:
        """Remove pins, labels and line."""
        for actor in self._line:
            self._renderer.RemoveActor(actor)
        self._pins.close()
        self._tags.close()
