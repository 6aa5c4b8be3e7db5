"""The surface cut off at the height's cap, and the plane that is seen where it goes on above it."""

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from talweg.picture.frame import Frame
from talweg.picture.parts import CapPart, frozen
from talweg.picture.surface_part import Basins, SurfacePart
from talweg_compute.field import Cut, cut_above


def cut_surface(whole: SurfacePart, last: SurfacePart | None = None) -> SurfacePart:
    """Leave out of a surface what lies above its top.

    Args:
        whole: The surface.
        last: What was left of the surface before, whose arrays are used again where they are the same.

    Returns:
        The rest, whose first points are those of the whole; the surface itself where nothing is above.
    """
    if whole.top is None:
        return whole
    before = None if last is None else last.uncut
    same = before is not None and before.points is whole.points and before.triangles is whole.triangles
    if last is not None and same and before is not None and last.cut is not None and before.top == whole.top:
        cut, points, corners, normals = last.cut, last.points, last.triangles, last.normals
        kept = before.scalars is whole.scalars
        scalars = last.scalars if kept else frozen(cut.spread(whole.scalars))
    else:
        cut = cut_above(whole.points[:, 2], whole.triangles, whole.top)
        points = cut.spread(whole.points)
        points[len(whole.points) :, 2] = whole.top
        points, corners = frozen(points), frozen(cut.below.astype(np.int32))
        normals, scalars = frozen(_unit(cut.spread(whole.normals))), frozen(cut.spread(whole.scalars))
    return replace(
        whole,
        points=points,
        triangles=corners,
        normals=normals,
        scalars=scalars,
        interpolated=cut.spread_nearest(whole.interpolated),
        basins=None if whole.basins is None else _spread_basins(whole.basins, cut),
        cut=cut,
        uncut=whole,
    )


def place_cap(surface: SurfacePart, frame: Frame, title: str, key: Hashable) -> CapPart | None:
    """Lay a plane where a surface was cut off.

    Args:
        surface: What is left of it.
        frame: Maps display heights to values.
        title: What the height shows.
        key: Of the part.

    Returns:
        The plane; None where nothing was cut off.
    """
    if surface.cut is None or surface.top is None:
        return None
    used, corners = np.unique(surface.cut.above, return_inverse=True)
    ends = np.searchsorted(used, surface.cut.rim)
    points = surface.points[used]
    points[:, 2] = surface.top
    return CapPart(
        key=key,
        points=frozen(points),
        triangles=frozen(corners.reshape(-1, 3).astype(np.int32)),
        rim=frozen(ends),
        value=float(frame.z_to_height(surface.top)),
        title=title,
        visible=surface.visible,
    )


def _spread_basins(basins: Basins, cut: Cut) -> Basins:
    return replace(basins, rank=cut.spread_nearest(basins.rank))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > 0, vectors / np.where(length > 0, length, 1.0), (0.0, 0.0, 1.0)).astype(np.float32)
