"""Level lines of the height: on the surface in a contrasting shade, on the floor in the surface's colours."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import vtkLookupTable
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkFiltersCore import vtkContourFilter, vtkStripper
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import ContoursPart, SurfacePart
from talweg.scene.colours import colours_of, fill_table
from talweg.scene.meshes import numpy_array, vtk_array, vtk_points
from talweg.scene.surface import SurfaceLayer
from talweg.theme import Theme

_NEARER = 0.012  # toward the eye, display units
_ABOVE_FLOOR = 0.002
_WIDTH_ON_SURFACE, _WIDTH_ON_FLOOR = 1.15, 1.8  # pixels at scale 1
_DARK = 0.24  # luma below which a colour takes a light line
_LUMA = np.array([0.299, 0.587, 0.114])


class ContoursLayer:
    """Draws a ContoursPart of a surface."""

    def __init__(self, renderer: vtkRenderer, theme: Theme, surface: SurfaceLayer) -> None:
        self._renderer = renderer
        self._theme = theme
        self._surface = surface
        self._part: SurfacePart | None = None
        self._contrast = vtkLookupTable()
        self._nearer = vtkMatrix4x4()
        self._on_surface, self._on_floor = vtkActor(), vtkActor()
        for actor, table in ((self._on_surface, self._contrast), (self._on_floor, surface.table)):
            mapper = vtkPolyDataMapper()
            mapper.SetInputDataObject(vtkPolyData())
            mapper.SetLookupTable(table)
            mapper.UseLookupTableScalarRangeOn()
            actor.SetMapper(mapper)
            actor.GetProperty().LightingOff()
            actor.PickableOff()
            renderer.AddActor(actor)
        self._on_surface.GetProperty().SetOpacity(0.6)
        self._on_surface.SetUserMatrix(self._nearer)

    def update(self, part: ContoursPart, surface: SurfacePart) -> None:
        """Draw the level lines of the surface, which the surface's layer draws already."""
        self._part = surface
        lines = _level_lines(self._surface.mesh, part.levels)
        self._on_surface.GetMapper().SetInputDataObject(lines)
        self._on_floor.GetMapper().SetInputDataObject(_on_floor(lines))
        self._on_surface.SetVisibility(part.on_surface)
        self._on_floor.SetVisibility(part.on_floor)
        self._colour()

    def arrange(self, scale: float, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        """Set the widths of the lines and bring them a little out of the surface, toward the eye.

        Args:
            scale: Width of lines.
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
        """
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())
        self._on_surface.GetProperty().SetLineWidth(_WIDTH_ON_SURFACE * scale)
        self._on_floor.GetProperty().SetLineWidth(_WIDTH_ON_FLOOR * scale)

    def _colour(self) -> None:
        if self._part is None:
            return
        dark = colours_of(self._part.colour_map) @ _LUMA < _DARK
        lines = np.where(dark[:, None], self._theme.contour_on_dark, self._theme.contour)
        fill_table(self._contrast, lines, self._part.scalar_range, self._theme.contour)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._colour()

    def close(self) -> None:
        """Remove the lines."""
        for actor in (self._on_surface, self._on_floor):
            self._renderer.RemoveActor(actor)


def _level_lines(mesh: vtkPolyData, levels: NDArray[np.float64]) -> vtkPolyData:
    """Lines of equal z with the surface's scalars."""
    if not levels.size or not mesh.GetNumberOfCells():
        return vtkPolyData()
    heights = vtkPolyData()
    heights.ShallowCopy(mesh)
    heights.GetPointData().SetNormals(None)
    z = np.ascontiguousarray(numpy_array(mesh.GetPoints().GetData())[:, 2])
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
    result: vtkPolyData = stripper.GetOutput()
    result.GetPointData().SetActiveScalars("scalars")
    return result


def _on_floor(lines: vtkPolyData) -> vtkPolyData:
    """The lines projected on the floor, in the surface's colours."""
    result = vtkPolyData()
    if not lines.GetNumberOfPoints():
        return result
    points = numpy_array(lines.GetPoints().GetData()).copy()
    points[:, 2] = _ABOVE_FLOOR
    result.SetPoints(vtk_points(points.astype(np.float32)))
    result.SetLines(lines.GetLines())
    result.GetPointData().SetScalars(lines.GetPointData().GetArray("scalars"))
    return result
