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


def toward_eye(renderer: vtkRenderer, centre: Float, distance: float) -> Float:
    """Return the matrix [4, 4] that brings things nearer to the eye without a change of where they are seen.

    It shrinks space toward the eye (in parallel projection it shifts it), so that what lies on the surface is not cut
    by the surface's own folds, while what is far behind stays hidden.

    Args:
        renderer: Whose camera looks.
        centre: Display coordinates [3] of the place that moves by exactly the distance.
        distance: In display units.
    """
    camera = renderer.GetActiveCamera()
    eye = np.array(camera.GetPosition())
    matrix = np.eye(4)
    if camera.GetParallelProjection():
        matrix[:3, 3] = -distance * np.array(camera.GetDirectionOfProjection())
    else:
        factor = 1.0 - min(distance / max(float(np.linalg.norm(eye - centre)), 1e-9), 0.5)
        matrix[:3, :3] *= factor
        matrix[:3, 3] = (1.0 - factor) * eye
    return matrix


def ray(renderer: vtkRenderer, x: float, y: float) -> tuple[Float, Float]:
    """Return the two points [3] at which the line of sight through a pixel enters and leaves the clipping range."""
    width, height = window_size(renderer)
    cube = np.array([[2 * x / width - 1, 2 * y / height - 1, depth, 1.0] for depth in (-1.0, 1.0)])
    points = cube @ np.linalg.inv(view_matrix(renderer)).T
    return points[0, :3] / points[0, 3], points[1, :3] / points[1, 3]
