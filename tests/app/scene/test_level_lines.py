"""Level lines against exact ones, and against VTK's filter."""

import numpy as np
import pytest
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkContourFilter

from talweg.scene.level_lines import find_segments, level_lines
from talweg.scene.meshes import cells, numpy_array, vtk_array, vtk_points
from talweg_compute.field import triangles

LEVELS = np.array([0.25, 0.5, 0.875])


def surface(heights: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Points and triangles over [-1, 1]²."""
    v, u = np.meshgrid(*(np.linspace(-1.0, 1.0, size) for size in heights.shape), indexing="ij")
    return np.stack([u, v, heights], axis=-1).reshape(-1, 3).astype(np.float32), triangles(heights).astype(np.int64)


def rough(seed: int, ties: bool) -> NDArray[np.float64]:
    heights = np.random.default_rng(seed).random((13, 17))
    if ties:
        heights = np.round(8 * heights) / 8  # many vertices lie exactly at levels
    heights[4:6, 7] = np.nan
    return heights


def lengths(points: NDArray[np.floating], ends: NDArray[np.integer]) -> dict[float, float]:
    """Length of the lines at each height."""
    pieces = points[ends].astype(np.float64)
    size = np.linalg.norm(pieces[:, 1] - pieces[:, 0], axis=-1)
    return {level: float(size[np.abs(pieces[:, 0, 2] - level) < 1e-4].sum()) for level in LEVELS.tolist()}


def mesh_of(points: NDArray[np.float32], corners: NDArray[np.int64]) -> vtkPolyData:
    mesh = vtkPolyData()
    mesh.SetPoints(vtk_points(points))
    mesh.SetPolys(cells(corners))
    mesh.GetPointData().SetScalars(vtk_array(np.nan_to_num(2 * points[:, 2] + points[:, 0]), "scalars"))
    return mesh


def test_the_lines_of_a_cone_are_circles() -> None:
    axis = np.linspace(-1.0, 1.0, 201)
    points, corners = surface(np.hypot(axis[None, :], axis[:, None]))
    found = find_segments(points, corners, LEVELS)
    radius = np.hypot(found.points[:, 0], found.points[:, 1])
    np.testing.assert_allclose(radius, found.points[:, 2], atol=1e-3)
    assert set(np.unique(found.points[:, 2])) == set(LEVELS.astype(np.float32))
    np.testing.assert_array_equal(np.bincount(found.ends.ravel()), 2)  # closed
    for level, length in lengths(found.points, found.ends).items():
        assert length == pytest.approx(2 * np.pi * level, rel=1e-3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ties", [False, True])
def test_they_are_as_long_as_those_of_vtk(seed: int, ties: bool) -> None:
    points, corners = surface(rough(seed, ties))
    found = find_segments(points, corners, LEVELS)
    assert np.isfinite(found.points).all()
    mesh = mesh_of(points, corners)
    mesh.GetPointData().AddArray(vtk_array(np.nan_to_num(points[:, 2]), "z"))
    contour = vtkContourFilter()
    contour.SetInputData(mesh)
    contour.SetInputArrayToProcess(0, 0, 0, 0, "z")
    for index, level in enumerate(LEVELS.tolist()):
        contour.SetValue(index, level + 1e-6)  # what is exactly at a level counts as below it
    contour.Update()
    theirs = contour.GetOutput()
    ends = numpy_array(theirs.GetLines().GetConnectivityArray()).reshape(-1, 2)
    expected = lengths(numpy_array(theirs.GetPoints().GetData()), ends)
    assert lengths(found.points, found.ends) == pytest.approx(expected, rel=1e-3)


def test_they_carry_the_colour_of_the_surface() -> None:
    points, corners = surface(rough(7, ties=False))
    lines = level_lines(mesh_of(points, corners), LEVELS)
    where = numpy_array(lines.GetPoints().GetData())
    np.testing.assert_allclose(
        numpy_array(lines.GetPointData().GetScalars()), 2 * where[:, 2] + where[:, 0], rtol=1e-5, atol=1e-6
    )
    assert lines.GetNumberOfLines() < len(find_segments(points, corners, LEVELS).ends) / 2  # joined


def test_nothing_is_found_where_there_is_nothing() -> None:
    points, corners = surface(np.zeros((4, 4)))
    assert not len(find_segments(points, corners, LEVELS).ends)
    assert level_lines(mesh_of(points, corners), LEVELS).GetNumberOfLines() == 0
    assert level_lines(mesh_of(points, corners), np.zeros(0)).GetNumberOfPoints() == 0
    assert level_lines(vtkPolyData(), LEVELS).GetNumberOfPoints() == 0
