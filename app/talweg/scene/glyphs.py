"""Small solids, each with a dark rim: the inside of a slightly larger copy, seen around it.

A hollow one shows its colour only around a heart, as a ring: there the solid itself is seen from inside.
"""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkFiltersCore import vtkAppendPolyData, vtkPolyDataNormals
from vtkmodules.vtkFiltersSources import (
    vtkConeSource,
    vtkCubeSource,
    vtkPlatonicSolidSource,
    vtkSphereSource,
    vtkSuperquadricSource,
)
from vtkmodules.vtkRenderingCore import vtkActor, vtkGlyph3DMapper, vtkPolyDataMapper, vtkProperty, vtkRenderer

from talweg.scene.meshes import cells, numpy_array, vtk_array, vtk_points
from talweg.theme import Colour

_HEART = 0.55  # of the radius


class GlyphSet:
    """The same solid at many places."""

    def __init__(
        self, renderer: vtkRenderer, source: vtkPolyData, size: float, rim: float, *, hollow: bool = False
    ) -> None:
        """Set up the solid.

        Args:
            renderer: What it is drawn with.
            source: The solid around the origin, about 1 in radius.
            size: Its radius in display units.
            rim: Width of the dark rim as a share of the radius.
            hollow: Draw a heart in place of the solid's middle.
        """
        self._renderer = renderer
        self._places = vtkPolyData()
        self._places.SetPoints(vtk_points(np.zeros((0, 3), dtype=np.float32)))
        self._actors = [self._make_actor(source, size * factor) for factor in (1.0, 1.0 + rim)]
        make_rim(self._actors[1].GetProperty())
        if hollow:
            make_rim(self._actors[0].GetProperty())
            self._actors.append(self._make_actor(source, _HEART * size))
            self._actors[2].GetProperty().LightingOff()
        else:
            soften(self._actors[0].GetProperty())

    def _make_actor(self, source: vtkPolyData, size: float) -> vtkActor:
        mapper = vtkGlyph3DMapper()
        mapper.SetSourceData(source)
        mapper.SetInputData(self._places)
        mapper.ScalarVisibilityOff()
        mapper.OrientOff()
        mapper.SetScaleFactor(size)
        mapper.SetScaleModeToScaleByMagnitude()
        mapper.SetScaleArray("size")
        actor = vtkActor()
        actor.SetMapper(mapper)
        actor.PickableOff()
        self._renderer.AddActor(actor)
        return actor

    @property
    def actors(self) -> tuple[vtkActor, ...]:
        """What it draws with."""
        return tuple(self._actors)

    def place(self, positions: NDArray[np.float32], sizes: NDArray[np.float32] | None = None, *, visible: bool) -> None:
        """Draw the solid at positions [k, 3], in sizes [k] relative to the usual one."""
        self._places.SetPoints(vtk_points(positions))
        self._places.GetPointData().AddArray(
            vtk_array(np.ones(len(positions), dtype=np.float32) if sizes is None else sizes, "size")
        )
        self._places.Modified()
        for actor in self._actors:
            actor.SetVisibility(visible and len(positions) > 0)

    def move(self, matrix: vtkMatrix4x4) -> None:
        """Transform what is drawn; the matrix may change later."""
        for actor in self._actors:
            actor.SetUserMatrix(matrix)

    def colour(self, fill: Colour, rim: Colour, heart: Colour | None = None) -> None:
        """Set the colours of the solid, of its rim, and of the heart if it is hollow."""
        for actor, colour in zip(self._actors, (fill, rim, heart or rim), strict=False):
            actor.GetProperty().SetColor(*colour)
        self._places.Modified()  # the mapper keeps the colour of each solid until its places change

    def close(self) -> None:
        """Remove the solids."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)


class RimmedMesh:
    """One mesh and a second one that shows as its rim."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._actors = [vtkActor(), vtkActor()]
        for actor in self._actors:
            actor.SetMapper(vtkPolyDataMapper())
            actor.GetMapper().ScalarVisibilityOff()
            actor.PickableOff()
            renderer.AddActor(actor)
        soften(self._actors[0].GetProperty())
        make_rim(self._actors[1].GetProperty())

    @property
    def actors(self) -> tuple[vtkActor, ...]:
        """What it draws with."""
        return tuple(self._actors)

    def show(self, mesh: vtkPolyData, larger: vtkPolyData, *, visible: bool) -> None:
        """Draw a mesh and its larger copy."""
        for actor, shape in zip(self._actors, (mesh, larger), strict=True):
            actor.GetMapper().SetInputDataObject(shape)
            actor.SetVisibility(visible and shape.GetNumberOfPoints() > 0)

    def colour_points(self, on: bool) -> None:
        """Take the colours that the mesh brings for its points, or one for all."""
        self._actors[0].GetMapper().SetScalarVisibility(on)

    def move(self, matrix: vtkMatrix4x4) -> None:
        """Transform what is drawn; the matrix may change later."""
        for actor in self._actors:
            actor.SetUserMatrix(matrix)

    def colour(self, fill: Colour, rim: Colour) -> None:
        """Set the colours of the mesh and of its rim."""
        for actor, colour in zip(self._actors, (fill, rim), strict=True):
            actor.GetProperty().SetColor(*colour)

    def close(self) -> None:
        """Remove the mesh."""
        for actor in self._actors:
            self._renderer.RemoveActor(actor)


def soften(look: vtkProperty) -> None:
    """Light a solid so that it stays recognizable by its colour."""
    look.SetAmbient(0.45)
    look.SetDiffuse(0.62)
    look.SetSpecular(0.18)
    look.SetSpecularPower(30.0)


def make_rim(look: vtkProperty) -> None:
    """Show only the inside of the far half, in one flat colour."""
    look.FrontfaceCullingOn()
    look.LightingOff()


def sphere(sides: int = 28) -> vtkPolyData:
    """Return a sphere of radius 1.

    Args:
        sides: Around the equator.
    """
    source = vtkSphereSource()
    source.SetRadius(1.0)
    source.SetThetaResolution(sides)
    source.SetPhiResolution(max(4, 5 * sides // 7))
    source.Update()
    result: vtkPolyData = source.GetOutput()
    return result


def octahedron() -> vtkPolyData:
    """Return an octahedron with corners at distance 1.35 and flat sides."""
    source = vtkPlatonicSolidSource()
    source.SetSolidTypeToOctahedron()
    source.Update()
    return _flat(source.GetOutput(), 1.35)


def cube() -> vtkPolyData:
    """Return a cube with sides of length 2 and flat sides."""
    source = vtkCubeSource()
    for set_length in (source.SetXLength, source.SetYLength, source.SetZLength):
        set_length(2.0)
    source.Update()
    result: vtkPolyData = source.GetOutput()
    return result


def cross() -> vtkPolyData:
    """Return a cross of three bars along the axes that reaches 1 from its middle."""
    joined = vtkAppendPolyData()
    for lengths in ((2.0, 0.3, 0.3), (0.3, 2.0, 0.3), (0.3, 0.3, 2.0)):
        source = vtkCubeSource()
        source.SetXLength(lengths[0])
        source.SetYLength(lengths[1])
        source.SetZLength(lengths[2])
        source.Update()
        joined.AddInputData(source.GetOutput())
    joined.Update()
    result: vtkPolyData = joined.GetOutput()
    return result


def cone() -> vtkPolyData:
    """Return a cone that points up."""
    source = vtkConeSource()
    source.SetDirection(0.0, 0.0, 1.0)
    source.SetRadius(1.1)
    source.SetHeight(2.4)
    source.SetResolution(36)
    source.Update()
    normals = vtkPolyDataNormals()
    normals.SetInputData(source.GetOutput())
    normals.SetFeatureAngle(50.0)
    normals.SplittingOn()
    normals.Update()
    result: vtkPolyData = normals.GetOutput()
    return result


def ring() -> vtkPolyData:
    """Return a torus of outer radius 1 around the z axis."""
    source = vtkSuperquadricSource()
    source.ToroidalOn()
    source.SetThickness(0.32)
    source.SetSize(1.0)
    source.SetAxisOfSymmetry(2)
    source.SetThetaResolution(48)
    source.SetPhiResolution(24)
    source.Update()
    result: vtkPolyData = source.GetOutput()
    return result


def star() -> vtkPolyData:
    """Return a five-pointed star that lies flat, its middle raised on both sides."""
    angle = np.pi / 2 + np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2 == 0, 1.5, 0.62)
    rim = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.zeros(10)])
    points = np.concatenate([rim, [[0.0, 0.0, 0.62], [0.0, 0.0, -0.62]]])
    k = np.arange(10)
    upper = np.column_stack([k, (k + 1) % 10, np.full(10, 10)])
    lower = np.column_stack([(k + 1) % 10, k, np.full(10, 11)])
    mesh = vtkPolyData()
    mesh.SetPoints(vtk_points(points.astype(np.float32)))
    mesh.SetPolys(cells(np.concatenate([upper, lower])))
    return _flat(mesh, 1.0)


def _flat(mesh: vtkPolyData, factor: float) -> vtkPolyData:
    """Scale a solid and give each side its own normal."""
    scaled = vtkPolyData()
    scaled.SetPoints(vtk_points((numpy_array(mesh.GetPoints().GetData()) * factor).astype(np.float32)))
    scaled.SetPolys(mesh.GetPolys())
    normals = vtkPolyDataNormals()
    normals.SetInputData(scaled)
    normals.SetFeatureAngle(1.0)
    normals.SplittingOn()
    normals.ConsistencyOn()
    normals.AutoOrientNormalsOn()
    normals.Update()
    result: vtkPolyData = normals.GetOutput()
    return result
