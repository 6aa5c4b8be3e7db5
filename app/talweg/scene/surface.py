"""The surface: smooth, coloured where its colour is known, paler where it is interpolated, open in holes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import mutable, vtkLookupTable
from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkStaticCellLocator
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import Look, SurfacePart, basin_colours
from talweg.scene.basins import divide
from talweg.scene.colours import fill_table
from talweg.scene.meshes import cells, vtk_array, vtk_points
from talweg.theme import Theme

_PALE = 0.38  # share of the wall's colour where the surface is interpolated
_TOLERANCE = 1e-5  # display units: a line through a corner or an edge must not slip between triangles
_LIGHT = {"soft": (0.40, 0.66, 0.10, 24.0), "shiny": (0.24, 0.78, 0.45, 40.0), "none": (1.0, 0.0, 0.0, 1.0)}
"""Ambient, diffuse and specular share of each preset, and how sharp its highlights are."""
_WIRE = 1.0  # pixels at scale 1
_KINDS = ("computed", "interpolated", "unknown", "basins")


class SurfaceLayer:
    """Draws a SurfacePart; three meshes share its points, one for each kind of triangle."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._theme = theme
        self._part: SurfacePart | None = None
        self.mesh = vtkPolyData()
        """All triangles with their normals and scalars, for the layers that lie on the surface."""
        self.table = vtkLookupTable()
        self._pale_table = vtkLookupTable()
        self._locator: vtkStaticCellLocator | None = None
        self._meshes = {kind: vtkPolyData() for kind in _KINDS}
        self._actors = {kind: self._make_actor(kind) for kind in _KINDS}
        self._points = np.zeros((0, 3), dtype=np.float32)
        self._normals = np.zeros((0, 3), dtype=np.float32)
        self._scalars = np.zeros(0, dtype=np.float32)

    @property
    def actors(self) -> tuple[vtkActor, ...]:
        """What it draws with."""
        return tuple(self._actors.values())

    def _make_actor(self, kind: str) -> vtkActor:
        mapper = vtkPolyDataMapper()
        mapper.SetInputData(self._meshes[kind])
        if kind == "basins":
            mapper.SetScalarModeToUseCellData()
        elif kind == "unknown":
            mapper.ScalarVisibilityOff()
        else:
            mapper.SetLookupTable(self.table if kind == "computed" else self._pale_table)
            mapper.InterpolateScalarsBeforeMappingOn()
            mapper.UseLookupTableScalarRangeOn()
        actor = vtkActor()
        actor.SetMapper(mapper)
        self._renderer.AddActor(actor)
        return actor

    def update(self, part: SurfacePart) -> None:
        """Draw a part; memory is reused while the number of points stays the same."""
        last, self._part = self._part, part
        if last is None or len(last.points) != len(part.points):
            self._allocate(part)
            last = None
        if last is None or last.points is not part.points or last.normals is not part.normals:
            self._points[:] = np.nan_to_num(part.points, nan=0.0)
            self._normals[:] = part.normals
            self.mesh.GetPoints().GetData().Modified()
            self.mesh.GetPoints().Modified()
            self.mesh.GetPointData().GetNormals().Modified()
        if last is None or last.scalars is not part.scalars:
            self._scalars[:] = part.scalars
            self.mesh.GetPointData().GetScalars().Modified()
        same_triangles = last is not None and last.triangles is part.triangles
        same_kinds = last is not None and last.scalars is part.scalars and last.interpolated is part.interpolated
        same_basins = last is not None and last.basins is part.basins
        same_way = last is not None and (last.basins is None) == (part.basins is None)
        if not (same_triangles and same_kinds and same_way):
            self._split(part)
        if part.basins is not None and (last is None or last.points is not part.points or not same_basins):
            self._divide(part)
        if last is None or last.points is not part.points or not same_triangles:
            self._locator = None
        for mesh in (self.mesh, *self._meshes.values()):
            mesh.Modified()
        self._colour()
        for actor in self._actors.values():
            actor.SetVisibility(part.visible)
        if last is None or last.look != part.look:
            self._style(part.look)

    def _style(self, chosen: Look) -> None:
        """Draw all triangles as a look says."""
        ambient, diffuse, specular, power = _LIGHT[chosen.lighting]
        for kind, actor in self._actors.items():
            look = actor.GetProperty()
            if chosen.faceted:
                look.SetInterpolationToFlat()
            else:
                look.SetInterpolationToPhong()
            if chosen.wireframe:
                look.SetRepresentationToWireframe()
            else:
                look.SetRepresentationToSurface()
            look.SetAmbient(ambient)
            look.SetDiffuse(diffuse)
            look.SetSpecular(specular)
            look.SetSpecularPower(power)
            look.SetOpacity(chosen.opacity)
            actor.GetMapper().SetScalarVisibility(kind != "unknown" and not chosen.plain)

    def arrange(self, scale: float) -> None:
        """Set the width of the lines of a wireframe.

        Args:
            scale: Width of lines.
        """
        for actor in self._actors.values():
            actor.GetProperty().SetLineWidth(max(1.0, _WIRE * scale))

    def _allocate(self, part: SurfacePart) -> None:
        """Give all meshes common arrays that are written in place from now on."""
        self._points = np.zeros(part.points.shape, dtype=np.float32)
        self._normals = np.zeros(part.normals.shape, dtype=np.float32)
        self._scalars = np.zeros(part.scalars.shape, dtype=np.float32)
        points = vtk_points(self._points, copy=False)
        normals = vtk_array(self._normals, "normals", copy=False)
        scalars = vtk_array(self._scalars, "scalars", copy=False)
        for mesh in (self.mesh, *(self._meshes[kind] for kind in _KINDS[:3])):
            mesh.SetPoints(points)
            mesh.GetPointData().SetNormals(normals)
            mesh.GetPointData().SetScalars(scalars)

    def _split(self, part: SurfacePart) -> None:
        """Sort the triangles by what is known about their corners."""
        self.mesh.SetPolys(cells(part.triangles))
        unknown = np.asarray(~np.isfinite(part.scalars)[part.triangles].all(axis=1))
        interpolated = np.asarray(part.interpolated[part.triangles].any(axis=1)) & ~unknown
        chosen = {
            "computed": ~unknown & ~interpolated,
            "interpolated": interpolated,
            "unknown": unknown,
        }
        for kind, triangles in chosen.items():
            shown = triangles & (part.basins is None)
            self._meshes[kind].SetPolys(cells(part.triangles[shown]))
        if part.basins is None:
            self._meshes["basins"].Initialize()

    def _divide(self, part: SurfacePart) -> None:
        """Cut the triangles where basins meet and colour each piece as one."""
        assert part.basins is not None  # noqa: S101 (its only caller has seen it)
        pieces = divide(part.triangles, part.basins.rank)
        mesh = self._meshes["basins"]
        mesh.SetPoints(vtk_points(pieces.spread(self._points)))
        mesh.GetPointData().SetNormals(vtk_array(pieces.spread(self._normals), "normals"))
        mesh.SetPolys(cells(pieces.triangles))
        colours = basin_colours(pieces.label, self._theme.unknown)
        mesh.GetCellData().SetScalars(vtk_array(np.round(255 * colours).astype(np.uint8)))

    def _colour(self) -> None:
        part = self._part
        if part is None:
            return
        colours = part.colours
        fill_table(self.table, colours, part.scalar_range, self._theme.unknown)
        grey = colours @ np.array([0.30, 0.59, 0.11])
        faded = 0.7 * colours + 0.3 * grey[:, None]
        pale = (1 - _PALE) * faded + _PALE * np.array(self._theme.grid)
        fill_table(self._pale_table, pale, part.scalar_range, self._theme.unknown)
        for actor in self._actors.values():
            actor.GetMapper().SetScalarRange(*part.scalar_range)
        for kind, actor in self._actors.items():
            paint = self._theme.unknown if kind == "unknown" else part.look.tint or self._theme.plain
            actor.GetProperty().SetColor(*paint)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._colour()
        if self._part is not None and self._part.basins is not None:
            self._divide(self._part)

    def hit(
        self, start: NDArray[np.float64], end: NDArray[np.float64], *, hidden: bool = False
    ) -> NDArray[np.float64] | None:
        """Return the first point [3] in which a line meets the surface, or None.

        Args:
            start: Of the line, display coordinates [3].
            end: Of it.
            hidden: Whether the surface counts also where it is not drawn.
        """
        part = self._part
        if part is None or not (part.visible or hidden) or not len(part.triangles):
            return None
        if self._locator is None:
            self._locator = vtkStaticCellLocator()
            self._locator.SetDataSet(self.mesh)
            self._locator.BuildLocator()
        return _first_hit(self._locator, start, end)

    def close(self) -> None:
        """Remove the surface."""
        for actor in self._actors.values():
            self._renderer.RemoveActor(actor)
        self._locator = None


def _first_hit(
    locator: vtkStaticCellLocator, start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    t: Any = mutable(0.0)
    part: Any = mutable(0)
    where, inside = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    met = locator.IntersectWithLine(start.tolist(), end.tolist(), _TOLERANCE, t, where, inside, part)
    return np.array(where) if met else None
