"""The mesh of the surface: the grid and the finer ones inside as points and triangles in display coordinates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg.picture.frame import Frame
from talweg.picture.parts import frozen
from talweg.picture.relief import Relief
from talweg.picture.transform import Shown
from talweg_compute.field import lay_border, mesh_normals, patch_triangles, triangles, vertex_normals


class Mesh(NamedTuple):
    """The mesh of a surface, as ``SurfacePart`` has it.

    Attributes:
        points: float32 [n, 3], display coordinates.
        triangles: int32 [m, 3].
        normals: float32 [n, 3].
        top: Display height at which it is to be cut off; None where nothing is above.
    """

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    normals: NDArray[np.float32]
    top: float | None


def lay_mesh(landscape: Landscape, frame: Frame, shown: Shown) -> Mesh:
    """Make the mesh of a landscape's surface.

    Args:
        landscape: The grid, with the finer ones inside.
        frame: Where it lies.
        shown: Its heights.

    Returns:
        The mesh; nothing is cut off.
    """
    low, high = frame.height_range
    t = [shown.t]
    for region, fine in zip(landscape.regions, shown.patches, strict=True):
        columns, rows = np.meshgrid(region.landscape.u, region.landscape.v)
        around = Relief.of(landscape, t).at(np.column_stack([columns.ravel(), rows.ravel()]))
        t.append(lay_border(fine, around.reshape(fine.shape), region.patch, landscape.loss.shape))
    points, heights = [], []
    for grid, height in zip((landscape, *(region.landscape for region in landscape.regions)), t, strict=True):
        x, y = frame.to_display(grid.u, grid.v)
        z = frame.z_top * (height - low) / (high - low)
        points.append(np.stack([*np.broadcast_arrays(x[None, :], y[:, None]), z], axis=-1).reshape(-1, 3))
        heights.append(z)
    if len(t) == 1:
        normals, corners = vertex_normals(x, y, heights[0]), triangles(heights[0])
    else:
        corners = patch_triangles(heights, [region.patch for region in landscape.regions]).triangles
        normals = mesh_normals(np.concatenate(points), corners)
        hidden = np.ones(len(normals), dtype=np.bool_)
        hidden[corners] = False
        own = np.arange(landscape.loss.size)[hidden[: landscape.loss.size]]  # the grid is drawn alone in drafts
        normals[own] = vertex_normals(*frame.to_display(landscape.u, landscape.v), heights[0])[own]
    drawn = np.concatenate(points).astype(np.float32)
    top = None if shown.cap is None else frame.z_top * (shown.cap - low) / (high - low)
    return Mesh(frozen(drawn), frozen(corners.astype(np.int32)), frozen(normals), top)
