"""From display coordinates to pixels and back, for a renderer that fills its window."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

Float = NDArray[np.float64]


def window_size(renderer: vtkRenderer) -> tuple[int, int]:
    """Return width and height of the window in device pixels, at least 1."""
    window = renderer.GetRenderWindow()
    width, height = window.GetSize() if window is not None else (1, 1)
    return max(int(width), 1), max(int(height), 1)


def view_matrix(renderer: vtkRenderer) -> Float:
    """Return the matrix [4, 4] from display coordinates to the cube [-1, 1]^3."""
    camera = renderer.GetActiveCamera()
    matrix = camera.GetCompositeProjectionTransformMatrix(renderer.GetTiledAspectRatio(), -1.0, 1.0)
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def to_pixels(renderer: vtkRenderer, points: NDArray[np.floating]) -> Float:
    """Return pixels [k, 2], from the lower left corner, of display coordinates [k, 3]; NaN behind the eye."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ view_matrix(renderer).T
    weight = np.where(homogeneous[:, 3] > 1e-12, homogeneous[:, 3], np.nan)
    size = np.array(window_size(renderer))
    return np.asarray((homogeneous[:, :2] / weight[:, None] + 1.0) * 0.5 * size)


def ray(renderer: vtkRenderer, x: float, y: float) -> tuple[Float, Float]:
    """Return the two points [3] at which the line of sight through a pixel enters and leaves the clipping range."""
    width, height = window_size(renderer)
    cube = np.array([[2 * x / width - 1, 2 * y / height - 1, depth, 1.0] for depth in (-1.0, 1.0)])
    points = cube @ np.linalg.inv(view_matrix(renderer)).T
    return points[0, :3] / points[0, 3], points[1, :3] / points[1, 3]
