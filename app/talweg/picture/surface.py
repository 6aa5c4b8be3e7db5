"""The surface of a landscape as a view asks for it; what did not change of the one before is used again."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg.picture.cap import cut_surface
from talweg.picture.frame import Frame, lay_frame
from talweg.picture.mesh import Mesh, lay_mesh
from talweg.picture.parts import frozen
from talweg.picture.picture import Picture
from talweg.picture.surface_part import Look, SurfaceKey, SurfacePart
from talweg.picture.topology import find_basins
from talweg.picture.transform import colour_scaling, height_scaling, known_places, show_colour, show_height
from talweg.view.colour_maps import map_name
from talweg.view.quantities import BASIN, title_of
from talweg.view.state import ViewState, height_is_log_loss

Float = NDArray[np.floating]
Scalars = NDArray[np.float32]

_LARGEST_SCALAR = 3e38  # that float32 holds


def resolve_surface(landscape: Landscape, view: ViewState, last: Picture | None) -> tuple[Frame, SurfacePart]:
    """Work out the surface and the frame that it lies in.

    Args:
        landscape: The numbers.
        view: As ``fit_view`` gives it.
        last: The picture before, whose surface is used again as far as it is the same.

    Returns:
        The frame, and the surface, cut off at the cap.
    """
    scaling = colour_scaling(view)
    cap = view.height_cap and (view.height, view.height_cap)  # it bounds the colours of the loss, too
    look = Look(view.faceted, view.wireframe, view.plain, view.opacity, view.lighting)
    bar = view.scalar_bar and not view.plain  # which would name colours that are not drawn
    key = SurfaceKey(
        geometry=geometry_key(landscape, view),
        colours=(landscape, view.colour, view.persistence_threshold, height_is_log_loss(view), view.height_cap)
        if view.colour == "basin"
        else (landscape, view.colour, scaling, _map_of(view), _limits_of(view), cap),
        shown=(view.surface, bar, view.bar_place, look),
        shaded=(view.shade_missing, view.shade_interpolated),
    )
    before = None if last is None else last.surface
    if last is not None and before is not None and before.key == key:
        return last.frame, before
    frame, whole = _resolve_whole(landscape, view, last, before.uncut or before if before is not None else None, key)
    return frame, cut_surface(whole, before)


def _resolve_whole(
    landscape: Landscape, view: ViewState, last: Picture | None, before: SurfacePart | None, key: SurfaceKey
) -> tuple[Frame, SurfacePart]:
    """The surface before it is cut off at the cap."""
    if last is not None and before is not None and before.key.geometry == key.geometry:
        frame, mesh = last.frame, Mesh(before.points, before.triangles, before.normals, before.top)
    else:
        height = show_height(landscape, view)
        frame = lay_frame(landscape, view, height.range)
        mesh = lay_mesh(landscape, frame, height)
        if before is not None:  # the same arrays tell the scene that nothing has to be sorted anew
            mesh = mesh._replace(triangles=_same(before.triangles, mesh.triangles))
    unknown = frozen(_unknown(landscape, view))
    if before is not None and before.key.colours == key.colours:
        scalars, scalar_range, drained = before.scalars, before.scalar_range, before.basins
    elif view.colour == "basin":
        scalars, scalar_range = frozen(np.full(len(mesh.points), np.nan, dtype=np.float32)), (0.0, 1.0)
        scalars = scalars if before is None else _same(before.scalars, scalars)
        drained = find_basins(landscape, view)
    else:
        colour = show_colour(landscape, view)
        t = np.concatenate([part.ravel() for part in (colour.t, *colour.patches)])
        scalars = frozen(np.clip(t, -_LARGEST_SCALAR, _LARGEST_SCALAR).astype(np.float32))
        scalars = scalars if before is None else _same(before.scalars, scalars)
        scalar_range, drained = colour.range, None
    holes, uncoloured = _find_gaps(landscape, view, mesh.points, scalars)
    return frame, SurfacePart(
        key=key,
        points=mesh.points,
        triangles=mesh.triangles,
        normals=mesh.normals,
        scalars=scalars,
        scalar_range=scalar_range,
        colour_scale=colour_scaling(view),
        colour_map=map_name(view.colour_map, backwards=view.colour_reversed),
        colour_steps=view.colour_steps,
        title=title_of(landscape, view.colour),
        interpolated=unknown if before is None else _same(before.interpolated, unknown),
        visible=view.surface,
        scalar_bar=key.shown[1],
        basins=drained,
        shaded_as=_name_shade(landscape, view),
        interpolated_share=landscape.interpolated_count / landscape.computed.size,
        bar_place=key.shown[2],
        look=key.shown[3],
        grid=(landscape.v.size, landscape.u.size),
        patches=tuple(region.patch.shape for region in landscape.regions),
        top=mesh.top,
        holes=holes,
        uncoloured=uncoloured,
    )


def _map_of(view: ViewState) -> tuple[object, ...]:
    """Which colours there are."""
    return view.colour_map, view.colour_reversed, view.colour_steps


def _limits_of(view: ViewState) -> tuple[object, ...]:
    """What the range of the colours follows from."""
    if view.colour_range is not None:
        return ("manual", *view.colour_range)
    return (view.colour_limits, *(view.colour_percentiles if view.colour_limits == "percentile" else ()))


def _find_gaps(landscape: Landscape, view: ViewState, points: Float, scalars: Scalars) -> tuple[bool, bool]:
    """Whether the grid has holes, and places without a colour, where points are computed but not finite."""
    count = landscape.loss.size
    hole = np.isnan(points[:count, 2])
    blank = np.isnan(scalars[:count]) & ~hole
    holes = bool(hole.any() and (hole & known_places(landscape, view.height).ravel()).any())
    return holes, bool(
        view.colour != BASIN and blank.any() and (blank & known_places(landscape, view.colour).ravel()).any()
    )


def _unknown(landscape: Landscape, view: ViewState) -> NDArray[np.bool_]:
    """Where what is shown is filled in and shaded, since the height or the colour is not known [n].

    A finer grid that is not complete is as well known as the grid around: its points lie on what is known.
    """
    known = known_places(landscape, view.height) & known_places(landscape, view.colour)
    if not known.any() or not view.shade_missing:
        known = np.ones_like(known)
    if view.shade_interpolated:
        known = known & (landscape.computed | ~landscape.interpolated)
    parts = [~known.ravel()]
    for region in landscape.regions:
        patch = region.patch
        row, column = (np.arange(size) / patch.factor for size in patch.shape)
        sure = np.ones(patch.shape, dtype=np.bool_)
        for at_row in (np.floor(row), np.ceil(row)):
            for at_column in (np.floor(column), np.ceil(column)):
                sure &= known[np.ix_(patch.row + at_row.astype(int), patch.column + at_column.astype(int))]
        own = known_places(region.landscape, view.height) & known_places(region.landscape, view.colour)
        parts.append(~(sure | own).ravel())
    return np.concatenate(parts)


def _name_shade(landscape: Landscape, view: ViewState) -> str:
    """What the shade stands for."""
    interpolated = view.shade_interpolated and landscape.interpolated_count > 0
    missing = view.shade_missing and not landscape.complete
    names = ("not computed yet", missing), ("interpolated", interpolated)
    return " or ".join(name for name, shaded in names if shaded) or "not computed yet"


def geometry_key(landscape: Landscape, view: ViewState) -> tuple[object, ...]:
    """Return what the shape depends on.

    A landscape is one object until it changes; its number recurs in other documents.
    """
    return landscape, view.height, height_scaling(view), view.height_cap, view.height_range, view.height_factor


Array = TypeVar("Array", bound=NDArray[np.generic])


def _same(before: Array, now: Array) -> Array:
    """Prefer the array from before where both are equal."""
    return before if np.array_equal(before, now, equal_nan=before.dtype.kind == "f") else now
