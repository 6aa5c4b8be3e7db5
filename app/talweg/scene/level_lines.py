"""Lines of equal height on a triangulated surface: all levels in one pass over its triangles."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkStripper

from talweg.scene.meshes import cells, numpy_array, vtk_array, vtk_points


class Segments(NamedTuple):
    """Pieces of level lines, one a triangle and level.

    Attributes:
        points: float32 [n, 3], where level lines cross edges of the surface; z is the level itself.
        ends: int64 [m, 2], the two points of each piece.
        low: int64 [n], the vertex at one end of each point's edge.
        high: int64 [n], the vertex at the other end.
        share: float64 [n], how far the point is from low to high, from 0 to 1.
    """

    points: NDArray[np.float32]
    ends: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    share: NDArray[np.float64]

    def along_edges(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Interpolate values of the surface's vertices [v] at the points [n]."""
        return np.asarray(values[self.low] + self.share * (values[self.high] - values[self.low]))


def find_segments(
    points: NDArray[np.float32], triangles: NDArray[np.integer[Any]], levels: NDArray[np.float64]
) -> Segments:
    """Cut triangles at levels of their height.

    A vertex is above a level where it is higher, so that one exactly at it is below. Of a triangle that is cut, one
    corner is alone on its side, and the piece joins the two edges from there.

    Args:
        points: [v, 3].
        triangles: [t, 3], corners whose heights are finite.
        levels: [k], ascending.

    Returns:
        The pieces; points that neighbouring triangles share are the same.
    """
    height = points[:, 2].astype(np.float64)
    rank = np.searchsorted(levels, height)  # how many levels a vertex is above
    corner = rank[triangles]
    lowest, highest = corner.min(axis=1), corner.max(axis=1)
    cut = np.flatnonzero(highest > lowest)
    times = (highest - lowest)[cut]
    owner = np.repeat(cut, times)
    level = np.arange(owner.size) - np.repeat(np.cumsum(times) - times - lowest[cut], times)
    above = corner[owner] > level[:, None]
    alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), above.argmin(axis=1))
    pick = np.arange(owner.size)
    corners = triangles[owner].astype(np.int64)
    tip = corners[pick, alone]
    pairs = np.stack([np.stack([tip, corners[pick, (alone + step) % 3]], axis=1) for step in (1, 2)], axis=1)
    pairs.sort(axis=2)
    key = (pairs[:, :, 0] * len(points) + pairs[:, :, 1]) * max(levels.size, 1) + level[:, None]
    known, first, ends = np.unique(key.ravel(), return_index=True, return_inverse=True)
    low, high = pairs.reshape(-1, 2)[first].T
    at = levels[known % max(levels.size, 1)]
    share = (at - height[low]) / (height[high] - height[low])
    found = points[low] + share[:, None] * (points[high] - points[low])
    found[:, 2] = at
    return Segments(found.astype(np.float32), ends.reshape(-1, 2), low, high, share)


def level_lines(surface: vtkPolyData, levels: NDArray[np.float64]) -> vtkPolyData:
    """Find the level lines of a surface.

    Args:
        surface: Triangles with an array "scalars" of their points.
        levels: [k], ascending.

    Returns:
        Lines as long as they go, with the surface's scalars.
    """
    if not levels.size or not surface.GetNumberOfCells():
        return vtkPolyData()
    points = numpy_array(surface.GetPoints().GetData())
    triangles = numpy_array(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    pieces = find_segments(points, triangles, levels)
    lines = vtkPolyData()
    lines.SetPoints(vtk_points(pieces.points))
    lines.SetLines(cells(pieces.ends))
    scalars = pieces.along_edges(numpy_array(surface.GetPointData().GetScalars()))
    lines.GetPointData().SetScalars(vtk_array(scalars.astype(np.float32), "scalars"))
    stripper = vtkStripper()
    stripper.SetInputData(lines)
    stripper.SetMaximumLength(100_000)
    stripper.Update()
    result: vtkPolyData = stripper.GetOutput()
    return result
