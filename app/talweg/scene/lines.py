"""Talwegs and separatrices: coloured lines with a dark rim, laid on the surface."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import LinesPart
from talweg.scene.meshes import cells, vtk_points
from talweg.theme import Colour, Theme

_THIN, _BOLD, _RIM = 2.0, 3.2, 1.6  # pixels at scale 1; the rim is what both sides add
_NEAR = (0.020, 0.024, 0.034, 0.040)  # toward the eye, display units: rim and line of separatrices, then of talwegs


class LinesLayer:
    """Draws a LinesPart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._part: LinesPart | None = None
        self._points = vtk_points(np.zeros((0, 3), dtype=np.float32))
        self._near = [vtkMatrix4x4() for _ in _NEAR]
        self._descending, self._ascending, self._talwegs = (
            (self._make_actor(self._near[rim]), self._make_actor(self._near[rim + 1])) for rim in (0, 0, 2)
        )
        self.restyle(theme)

    def _make_actor(self, near: vtkMatrix4x4) -> vtkActor:
        mapper = vtkPolyDataMapper()
        mapper.SetInputDataObject(vtkPolyData())
        mapper.ScalarVisibilityOff()
        actor = vtkActor()
        actor.SetMapper(mapper)
        actor.GetProperty().LightingOff()
        actor.PickableOff()
        actor.SetUserMatrix(near)
        self._renderer.AddActor(actor)
        return actor

    def update(self, part: LinesPart) -> None:
        """Draw a part; its points are taken over only where they are others."""
        if self._part is None or self._part.points is not part.points:
            self._points = vtk_points(part.points)
        self._part = part
        for pair, pieces in (
            (self._descending, part.descending),
            (self._ascending, part.ascending),
            (self._talwegs, part.talwegs),
        ):
            mesh = vtkPolyData()
            mesh.SetPoints(self._points)
            mesh.SetLines(cells(pieces))
            for actor in pair:
                actor.GetMapper().SetInputDataObject(mesh)
                actor.SetVisibility(len(pieces) > 0)

    def arrange(self, scale: float, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        """Set the widths of the lines and bring them out of the surface, toward the eye.

        Args:
            scale: Width of lines.
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
        """
        for matrix, distance in zip(self._near, _NEAR, strict=True):
            matrix.DeepCopy(nearer(distance).ravel().tolist())
        factor = scale * (1.0 if self._part is None else self._part.width)
        for pair, width in ((self._descending, _THIN), (self._ascending, _THIN), (self._talwegs, _BOLD)):
            for actor, extra in zip(pair, (_RIM, 0.0), strict=True):
                actor.GetProperty().SetLineWidth(width * factor + extra * scale)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for pair, colour in (
            (self._descending, theme.descending),
            (self._ascending, theme.ascending),
            (self._talwegs, theme.talweg),
        ):
            _paint(pair, theme.outline, colour)

    def close(self) -> None:
        """Remove the lines."""
        for actor in (*self._descending, *self._ascending, *self._talwegs):
            self._renderer.RemoveActor(actor)


def _paint(pair: tuple[vtkActor, vtkActor], rim: Colour, colour: Colour) -> None:
    for actor, shade in zip(pair, (rim, colour), strict=True):
        actor.GetProperty().SetColor(*shade)
