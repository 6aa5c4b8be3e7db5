"""Level lines of the height: dark on the surface, coloured on the floor."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkContourFilter, vtkStripper
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import ContoursPart
from talweg.scene.meshes import vtk_array, vtk_points
from talweg.scene.surface import SurfaceLayer
from talweg.scene.theme import Theme

_ABOVE_SURFACE = 0.0025  # display units, on both sides of it
_ABOVE_FLOOR = 0.002
_WIDTH_ON_SURFACE, _WIDTH_ON_FLOOR = 1.15, 1.8  # pixels at scale 1


class ContoursLayer:
    """Draws a ContoursPart of a surface."""

    def __init__(self, renderer: vtkRenderer, theme: Theme, surface: SurfaceLayer) -> None:
        self._renderer = renderer
        self._surface = surface
        self._on_surface, self._on_floor = vtkActor(), vtkActor()
        for actor in (self._on_surface, self._on_floor):
            actor.SetMapper(vtkPolyDataMapper())
            actor.GetProperty().LightingOff()
            actor.PickableOff()
            renderer.AddActor(actor)
        self._on_surface.GetMapper().ScalarVisibilityOff()
        self._on_surface.GetProperty().SetOpacity(0.62)
        floor = self._on_floor.GetMapper()
        floor.SetLookupTable(surface.table)
        floor.UseLookupTableScalarRangeOn()
        self.restyle(theme)

    def update(self, part: ContoursPart) -> None:
        """Draw the level lines of the surface as it is now."""
        lines = _level_lines(self._surface.mesh, part.levels)
        self._on_surface.GetMapper().SetInputDataObject(_lifted(lines))
        self._on_floor.GetMapper().SetInputDataObject(_on_floor(lines))
        self._on_surface.SetVisibility(part.on_surface)
        self._on_floor.SetVisibility(part.on_floor)

    def resize(self, scale: float) -> None:
        """Set the widths of the lines for a window of that scale."""
        self._on_surface.GetProperty().SetLineWidth(_WIDTH_ON_SURFACE * scale)
        self._on_floor.GetProperty().SetLineWidth(_WIDTH_ON_FLOOR * scale)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._on_surface.GetProperty().SetColor(*theme.contour)

    def close(self) -> None:
        """Remove the lines."""
        for actor in (self._on_surface, self._on_floor):
            self._renderer.RemoveActor(actor)


def _level_lines(mesh: vtkPolyData, levels: NDArray[np.float64]) -> vtkPolyData:
    """Lines of equal z with the surface's normals and scalars."""
    if not levels.size or not mesh.GetNumberOfCells():
        return vtkPolyData()
    heights = vtkPolyData()
    heights.ShallowCopy(mesh)
    z = np.ascontiguousarray(vtk_to_numpy(mesh.GetPoints().GetData())[:, 2])
    heights.GetPointData().AddArray(vtk_array(z, "z"))
    contour = vtkContourFilter()
    contour.SetInputData(heights)
    contour.SetInputArrayToProcess(0, 0, 0, 0, "z")
    contour.ComputeScalarsOff()
    contour.SetNumberOfContours(levels.size)
    for index, level in enumerate(levels.tolist()):
        contour.SetValue(index, level)
    stripper = vtkStripper()
    stripper.SetInputConnection(contour.GetOutputPort())
    stripper.SetMaximumLength(100_000)
    stripper.Update()
    return stripper.GetOutput()


def _lifted(lines: vtkPolyData) -> vtkPolyData:
    """The lines twice, a little above and a little below the surface."""
    result = vtkPolyData()
    count = lines.GetNumberOfPoints()
    if not count:
        return result
    points = vtk_to_numpy(lines.GetPoints().GetData())
    offset = _ABOVE_SURFACE * vtk_to_numpy(lines.GetPointData().GetArray("normals"))
    result.SetPoints(vtk_points(np.concatenate([points + offset, points - offset]).astype(np.float32)))
    twice = lines.GetLines().NewInstance()
    twice.DeepCopy(lines.GetLines())
    twice.Append(lines.GetLines(), count)
    result.SetLines(twice)
    return result


def _on_floor(lines: vtkPolyData) -> vtkPolyData:
    """The lines projected on the floor, in the surface's colours."""
    result = vtkPolyData()
    if not lines.GetNumberOfPoints():
        return result
    points = vtk_to_numpy(lines.GetPoints().GetData()).copy()
    points[:, 2] = _ABOVE_FLOOR
    result.SetPoints(vtk_points(points.astype(np.float32)))
    result.SetLines(lines.GetLines())
    result.GetPointData().SetScalars(lines.GetPointData().GetArray("scalars"))
    return result
