"""A second landscape in the axes of the first: placed in its box, at its heights."""

from dataclasses import replace

import msgspec
import numpy as np

from talweg.landscape import Landscape
from talweg.picture.company import Company
from talweg.picture.frame import Frame
from talweg.picture.parts import OverlayPart, frozen
from talweg.picture.picture import Picture
from talweg.picture.resolve import sketch
from talweg.picture.surface_part import SurfacePart
from talweg.view.quantities import BASIN, fit_view
from talweg.view.state import OVERLAY_PAINTS, ViewState

_OUTSIDE = 1e-6  # display units beyond the box at which a point counts as in it


def lay_over(
    picture: Picture, landscape: Landscape, view: ViewState, company: Company, last: Picture | None = None
) -> Picture:
    """Lay a company's second landscape over the picture of the first.

    Args:
        picture: Of the first landscape, with its share of the company's ranges.
        landscape: The first landscape.
        view: How both are looked at, as ``share_ranges`` gives it.
        company: Has the second landscape, or none.
        last: The picture before, whose unchanged part is used again.

    Returns:
        The picture with both; as it was where there is no second landscape, or where it has not the height's quantity.
    """
    other, overlay = company.overlay, view.overlay
    if other is None or overlay is None or not lies_over(other, landscape, view):
        return picture
    tint = OVERLAY_PAINTS.get(overlay.paint)
    drawn = msgspec.structs.replace(
        view,
        height_range=tuple(picture.frame.height_scale.back(picture.frame.height_range).tolist()),
        colour="loss" if view.colour == BASIN else view.colour,
        colour_map=overlay.paint if tint is None else view.colour_map,
        colour_reversed=False,
        plain=tint is not None,
        opacity=overlay.opacity,
        surface=True,
        trajectory=False,
        landmarks=False,
        overlay=None,
        pins=(),
        profile=None,
        camera=None,
    )
    key = (other, landscape, drawn, picture.frame)
    before = last.overlay if last is not None else None
    if before is not None and before.key == key:
        return replace(picture, overlay=before)
    shown = sketch(other, drawn)
    surface = replace(shown.surface, look=replace(shown.surface.look, tint=tint))
    if _plan(shown.frame) != _plan(picture.frame):
        surface = _moved(surface, shown.frame, picture.frame, picture.axes.bounds)
    return replace(picture, overlay=OverlayPart(key, surface, (landscape.name, other.name)))


def lies_over(other: Landscape, landscape: Landscape, view: ViewState) -> bool:
    """Tell whether a view draws another landscape over one: it asks for that, and both have the height's quantity."""
    return view.overlay is not None and fit_view(other, view).height == fit_view(landscape, view).height


def _plan(frame: Frame) -> tuple[object, ...]:
    """How a frame maps the plane."""
    return frame.centre, frame.scale


def _moved(part: SurfacePart, own: Frame, frame: Frame, bounds: tuple[float, ...]) -> SurfacePart:
    """Bring a surface from its own frame into another one, and leave out what is beyond the box there."""
    scale = np.array(frame.scale) / np.array(own.scale)
    points, normals = part.points.copy(), part.normals.copy()
    points[:, :2] = np.column_stack(frame.to_display(*own.to_plane(points[:, 0], points[:, 1])))
    normals[:, :2] /= scale.astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    low, high = np.array(bounds[0:4:2]) - _OUTSIDE, np.array(bounds[1:4:2]) + _OUTSIDE
    inside = np.asarray(((points[:, :2] >= low) & (points[:, :2] <= high)).all(axis=1))
    return replace(
        part,
        points=frozen(points),
        normals=frozen(normals),
        triangles=frozen(part.triangles[inside[part.triangles].all(axis=1)]),
        uncut=None if part.uncut is None else _moved(part.uncut, own, frame, bounds),
    )
