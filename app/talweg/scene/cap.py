"""The plane at which the height is cut off: translucent and hatched where the surface goes on above it."""

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkContourFilter
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import CapPart
from talweg.scene.meshes import cells, segments, vtk_array, vtk_points
from talweg.theme import Theme

_OPACITY = 0.30
_HATCH = 0.045  # display units between two lines
_ABOVE = 0.001  # so that the lines lie on the plane
_RIM_WIDTH, _HATCH_WIDTH = 1.8, 1.0  # pixels at scale 1


class CapLayer:
    """Draws a CapPart, or nothing."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._plane, self._hatch, self._rim = (self._make_actor() for _ in range(3))
        self._plane.GetProperty().SetOpacity(_OPACITY)
        self.restyle(theme)

    def _make_actor(self) -> vtkActor:
        actor = vtkActor()
        mapper = vtkPolyDataMapper()
        mapper.SetInputDataObject(vtkPolyData())
        mapper.ScalarVisibilityOff()
        actor.SetMapper(mapper)
        actor.GetProperty().LightingOff()
        actor.PickableOff()
        self._renderer.AddActor(actor)
        return actor

    def update(self, part: CapPart | None) -> None:
        """Draw a part."""
        shown = part is not None and part.visible
        for actor in (self._plane, self._hatch, self._rim):
            actor.SetVisibility(shown)
        if part is None:
            return
        plane = vtkPolyData()
        plane.SetPoints(vtk_points(part.points))
        plane.SetPolys(cells(part.triangles))
        self._plane.GetMapper().SetInputDataObject(plane)
        self._hatch.GetMapper().SetInputDataObject(_hatching(part))
        rim = part.points[part.rim] + np.array([0.0, 0.0, _ABOVE], dtype=np.float32)
        self._rim.GetMapper().SetInputDataObject(segments(rim))

    def arrange(self, scale: float) -> None:
        """Set the widths of the lines.

        Args:
            scale: Width of lines.
        """
        self._rim.GetProperty().SetLineWidth(_RIM_WIDTH * scale)
        self._hatch.GetProperty().SetLineWidth(_HATCH_WIDTH * scale)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for actor in (self._plane, self._hatch, self._rim):
            actor.GetProperty().SetColor(*theme.cap)

    def close(self) -> None:
        """Remove the plane."""
        for actor in (self._plane, self._hatch, self._rim):
            self._renderer.RemoveActor(actor)


def _hatching(part: CapPart) -> vtkPolyData:
    """Lines across the plane at equal distances, where it is."""
    if not len(part.triangles):
        return vtkPolyData()
    mesh = vtkPolyData()
    raised = part.points + np.array([0.0, 0.0, _ABOVE], dtype=np.float32)
    mesh.SetPoints(vtk_points(raised))
    mesh.SetPolys(cells(part.triangles))
    across = np.ascontiguousarray((part.points[:, 0] + part.points[:, 1]) / np.sqrt(2.0))
    mesh.GetPointData().SetScalars(vtk_array(across))
    used = across[part.triangles]
    contour = vtkContourFilter()
    contour.SetInputData(mesh)
    contour.ComputeScalarsOff()
    levels = np.arange(np.ceil(used.min() / _HATCH), np.floor(used.max() / _HATCH) + 1) * _HATCH
    contour.SetNumberOfContours(len(levels))
    for index, level in enumerate(levels.tolist()):
        contour.SetValue(index, level)
    contour.Update()
    result: vtkPolyData = contour.GetOutput()
    return result
