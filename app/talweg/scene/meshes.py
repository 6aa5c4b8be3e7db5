"""From NumPy arrays to VTK's meshes, without copies where the layer keeps the array."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

from talweg.theme import Colour

Float32 = NDArray[np.float32]
_convert: Any = numpy_support  # has no type information


def vtk_array(values: NDArray[Any], name: str | None = None, *, copy: bool = True) -> Any:
    """Wrap an array for VTK.

    Args:
        values: [n] or [n, c].
        name: Of the VTK array.
        copy: Without it VTK reads this very memory, which later may be written to, followed by ``Modified()``.
    """
    array = _convert.numpy_to_vtk(np.ascontiguousarray(values), deep=copy)
    if name is not None:
        array.SetName(name)
    return array


def numpy_array(array: Any) -> NDArray[Any]:
    """See a VTK array as a NumPy array; it lives as long as VTK's memory does."""
    return np.asarray(_convert.vtk_to_numpy(array))


def raised(points: Float32, height: float) -> Float32:
    """Return points [k, 3] that much higher."""
    return points + np.array([0.0, 0.0, height], dtype=np.float32)


def vtk_points(points: Float32, *, copy: bool = True) -> vtkPoints:
    """Make VTK points of float32 [n, 3]; what is not finite, and so must not be used, comes to lie at 0."""
    result = vtkPoints()
    result.SetData(vtk_array(np.nan_to_num(points, nan=0.0) if copy else points, copy=copy))
    return result


def cells(index: NDArray[Any]) -> vtkCellArray:
    """Make cells of equal size from indices [m, k]."""
    result = vtkCellArray()
    offsets = np.arange(0, index.size + 1, index.shape[1] if index.size else 1)[: len(index) + 1]
    result.SetData(
        _convert.numpy_to_vtkIdTypeArray(offsets.astype(np.int64), deep=True),
        _convert.numpy_to_vtkIdTypeArray(np.ascontiguousarray(index, dtype=np.int64).ravel(), deep=True),
    )
    return result


def polylines(lines: list[Float32]) -> vtkPolyData:
    """Make one mesh of polylines [k, 3] each."""
    mesh = vtkPolyData()
    sizes = np.array([len(line) for line in lines], dtype=np.int64)
    total = int(sizes.sum())
    result = vtkCellArray()
    result.SetData(
        _convert.numpy_to_vtkIdTypeArray(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), deep=True),
        _convert.numpy_to_vtkIdTypeArray(np.arange(total, dtype=np.int64), deep=True),
    )
    mesh.SetPoints(vtk_points(np.concatenate(lines) if lines else np.zeros((0, 3), dtype=np.float32)))
    mesh.SetLines(result)
    return mesh


def segments(ends: NDArray[Any]) -> vtkPolyData:
    """Make one mesh of line segments [m, 2, 3]."""
    mesh = vtkPolyData()
    mesh.SetPoints(vtk_points(np.asarray(ends, dtype=np.float32).reshape(-1, 3)))
    mesh.SetLines(cells(np.arange(2 * len(ends)).reshape(-1, 2)))
    return mesh


def bytes_of(colour: Colour) -> NDArray[np.uint8]:
    """Return a colour as three bytes."""
    return np.round(np.array(colour) * 255).astype(np.uint8)
