"""From a landscape and a view to a picture, part by part; a part whose key did not change is used again."""

from typing import NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg.analysis.plane_words import name_axes
from talweg.landscape import Landscape
from talweg.picture.cap import cut_surface, place_cap
from talweg.picture.frame import Frame
from talweg.picture.landmarks import place_landmarks
from talweg.picture.parts import (
    AxesPart,
    CapPart,
    CentrePart,
    ContoursPart,
    CriticalPointsPart,
    LandmarksPart,
    LinesPart,
    PathPart,
    ProbePart,
    frozen,
)
from talweg.picture.picture import Picture
from talweg.picture.probe import place_probe
from talweg.picture.relief import Relief
from talweg.picture.runs import place_runs
from talweg.picture.surface_part import Look, SurfacePart
from talweg.picture.ticks import ticks
from talweg.picture.topology import (
    find_basins,
    lines_key,
    no_lines,
    place_critical_points,
    points_key,
    resolve_critical_points,
    resolve_lines,
)
from talweg.picture.transform import Shown, colour_scaling, height_scaling, known_places, show_colour, show_height
from talweg.view.quantities import fit_view, title_of
from talweg.view.state import Scale, ViewState, height_is_log_loss
from talweg_compute.field import lay_border, mesh_normals, patch_triangles, triangles, vertex_normals

Float = NDArray[np.float64]
Integers = NDArray[np.int64]
HEIGHT = 1.2
"""Display height of the surface at height factor 1; its wider side is 2."""
_LARGEST_RATIO = 3.0  # of the sides, as displayed
_DECADES_MATTER = 50.0  # largest over smallest loss from which on the logarithm is shown at first
_LARGEST_SCALAR = 3e38  # that float32 holds


class SurfaceKey(NamedTuple):
    """What a surface depends on, in groups that change at different times."""

    geometry: tuple[object, ...]
    colours: tuple[object, ...]
    shown: tuple[bool, bool, Look]
    shaded: tuple[bool, bool]


Part = TypeVar(
    "Part",
    CapPart,
    CentrePart,
    ContoursPart,
    CriticalPointsPart,
    LinesPart,
    PathPart,
    AxesPart,
    ProbePart,
    LandmarksPart,
)


def default_view(landscape: Landscape) -> ViewState:
    """Choose a view that shows the landscape's shape: logarithmic height where the loss spans decades.

    Args:
        landscape: The numbers, complete or not.
    """
    loss = landscape.loss[landscape.computed & np.isfinite(landscape.loss)]
    spans_decades = bool(loss.size and loss.min() > 0 and loss.max() > _DECADES_MATTER * loss.min())
    scale: Scale = "log" if spans_decades else "linear"
    return ViewState(height_scale=scale, colour_scale=scale)


def resolve(landscape: Landscape, view: ViewState, last: Picture | None = None) -> Picture:
    """Work out what is to be shown.

    Args:
        landscape: The numbers.
        view: How they are looked at.
        last: The picture before, whose unchanged parts are used again.

    Returns:
        The picture; where the landscape has not what the view asks for, ``fit_view`` says what is shown.
    """
    view = fit_view(landscape, view)
    geometry = _geometry_key(landscape, view)
    frame, surface = _resolve_surface(landscape, view, last)
    for_points, for_lines = points_key(geometry, view), lines_key(geometry, view)
    points = _kept(last.critical_points if last else None, for_points)
    lines = _kept(last.lines if last else None, for_lines)
    return _compose(
        landscape,
        view,
        last,
        (frame, surface),
        points or resolve_critical_points(landscape, view, frame, _relief(landscape, surface), for_points),
        lines
        or resolve_lines(landscape, view, frame, _relief(landscape, surface), for_lines, last.lines if last else None),
    )


def sketch(landscape: Landscape, view: ViewState, last: Picture | None = None) -> Picture:
    """Work out what can be shown at once: all but what follows from the topology, which may take seconds.

    Critical points, lines and basins stay as they were where the shape of the surface is the same; else there are none,
    and the colour shows the loss until the basins are known.

    Args:
        landscape: The numbers.
        view: How they are looked at.
        last: The picture before.

    Returns:
        A picture; ``resolve`` works out the whole one from it.
    """
    view = fit_view(landscape, view)
    geometry = _geometry_key(landscape, view)
    before = last.surface.key if last is not None else None
    same = isinstance(before, SurfaceKey) and before.geometry == geometry
    if view.colour == "basin" and last is not None and same and last.surface.basins is not None:
        shape = last.frame, last.surface
    else:
        coloured = view
        if view.colour == "basin":
            coloured = fit_view(landscape, msgspec.structs.replace(view, colour="loss"))
        shape = _resolve_surface(landscape, coloured, last)
    if last is not None and same:
        return _compose(landscape, view, last, shape, last.critical_points, last.lines)
    points = place_critical_points(
        landscape, view, shape[0], _relief(landscape, shape[1]), None, ("points", "not known yet")
    )
    return _compose(landscape, view, last, shape, points, no_lines(("lines", "not known yet"), view))


def _compose(
    landscape: Landscape,
    view: ViewState,
    last: Picture | None,
    shape: tuple[Frame, SurfacePart],
    points: CriticalPointsPart,
    lines: LinesPart,
) -> Picture:
    """Put a picture together from its slow parts and those that are quick."""
    geometry = _geometry_key(landscape, view)
    frame, surface = shape
    contours = _kept(last.contours if last else None, _contours_key(geometry, view))
    drawn = view.trajectory_style, view.trajectory_colour, view.trajectory_at, view.trajectory_until
    path_key = ("path", geometry, view.trajectory, drawn)
    path = _kept(last.path if last else None, path_key)
    axes = _kept(last.axes if last else None, _axes_key(geometry, view))
    centre_key = ("centre", geometry, view.centre)
    centre = _kept(last.centre if last else None, centre_key)
    probe_key = ("probe", geometry, view.pins, view.profile, view.colour if view.pins else None)
    probe = _kept(last.probe if last else None, probe_key)
    landmarks_key = ("landmarks", geometry, view.landmarks)
    landmarks = _kept(last.landmarks if last else None, landmarks_key)
    cap_key = ("cap", geometry, view.surface)
    cap = _kept(last.cap if last else None, cap_key)
    return Picture(
        frame=frame,
        surface=surface,
        contours=contours or _resolve_contours(frame, view, geometry),
        critical_points=points,
        lines=lines,
        path=path or place_runs(landscape, view, frame, _relief(landscape, surface), path_key),
        axes=axes or _resolve_axes(landscape, view, frame),
        orthographic=view.orthographic,
        camera=view.camera,
        centre=centre or _place_centre(view, frame, _relief(landscape, surface), centre_key),
        cap=cap or place_cap(surface, frame, title_of(landscape, view.height), cap_key),
        probe=probe or place_probe(landscape, view, frame, _relief(landscape, surface), probe_key),
        landmarks=landmarks or place_landmarks(landscape, view, frame, _relief(landscape, surface), landmarks_key),
        legend=view.legend,
    )


def _kept(part: Part | None, key: tuple[object, ...]) -> Part | None:
    return part if part is not None and part.key == key else None


def _geometry_key(landscape: Landscape, view: ViewState) -> tuple[object, ...]:
    """What the shape depends on. A landscape is one object until it changes; its number recurs in other documents."""
    return landscape, view.height, height_scaling(view), view.height_cap, view.height_range, view.height_factor


def _contours_key(geometry: tuple[object, ...], view: ViewState) -> tuple[object, ...]:
    return (
        "contours",
        geometry,
        view.contour_count,
        view.contour_levels,
        view.contours_on_surface,
        view.contours_on_floor,
        view.contour_labels,
    )


def _resolve_surface(landscape: Landscape, view: ViewState, last: Picture | None) -> tuple[Frame, SurfacePart]:
    scaling = colour_scaling(view)
    cap = view.height_cap and (view.height, view.height_cap)  # it bounds the colours of the loss, too
    look = Look(view.faceted, view.wireframe, view.plain, view.opacity, view.lighting)
    bar = view.scalar_bar and not view.plain  # which would name colours that are not drawn
    key = SurfaceKey(
        geometry=_geometry_key(landscape, view),
        colours=(landscape, view.colour, view.persistence_threshold, height_is_log_loss(view), view.height_cap)
        if view.colour == "basin"
        else (landscape, view.colour, scaling, view.colour_map, view.colour_range, cap),
        shown=(view.surface, bar, look),
        shaded=(view.shade_missing, view.shade_interpolated),
    )
    before = last.surface if last is not None and isinstance(last.surface.key, SurfaceKey) else None
    if last is not None and before is not None and before.key == key:
        return last.frame, before
    frame, whole = _resolve_whole(landscape, view, last, before.uncut or before if before is not None else None, key)
    return frame, cut_surface(whole, before)


def _resolve_whole(
    landscape: Landscape, view: ViewState, last: Picture | None, before: SurfacePart | None, key: SurfaceKey
) -> tuple[Frame, SurfacePart]:
    """The surface before it is cut off at the cap."""
    if last is not None and before is not None and before.key.geometry == key.geometry:  # type: ignore[attr-defined]  # seen above
        frame, mesh = last.frame, _Mesh(before.points, before.triangles, before.normals, before.top)
    else:
        height = show_height(landscape, view)
        frame = _frame(landscape, view, height.range)
        mesh = _mesh(landscape, frame, height)
        if before is not None:  # the same arrays tell the scene that nothing has to be sorted anew
            mesh = mesh._replace(triangles=_same(before.triangles, mesh.triangles))
    unknown = frozen(_unknown(landscape, view))
    if before is not None and before.key.colours == key.colours:  # type: ignore[attr-defined]  # seen above
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
    return frame, SurfacePart(
        key=key,
        points=mesh.points,
        triangles=mesh.triangles,
        normals=mesh.normals,
        scalars=scalars,
        scalar_range=scalar_range,
        colour_scale=colour_scaling(view),
        colour_map=view.colour_map,
        title=title_of(landscape, view.colour),
        interpolated=unknown if before is None else _same(before.interpolated, unknown),
        visible=view.surface,
        scalar_bar=key.shown[1],
        basins=drained,
        shaded_as=_name_shade(landscape, view),
        interpolated_share=landscape.interpolated_count / landscape.computed.size,
        look=key.shown[2],
        grid=(landscape.v.size, landscape.u.size),
        patches=tuple(region.patch.shape for region in landscape.regions),
        top=mesh.top,
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


def _frame(landscape: Landscape, view: ViewState, height_range: tuple[float, float]) -> Frame:
    low = np.array([landscape.u[0], landscape.v[0]])
    high = np.array([landscape.u[-1], landscape.v[-1]])
    sides = high - low
    shown = 2.0 * np.maximum(sides / sides.max(), 1.0 / _LARGEST_RATIO)
    centre, scale = (low + high) / 2, shown / sides
    return Frame(
        centre=(float(centre[0]), float(centre[1])),
        scale=(float(scale[0]), float(scale[1])),
        height_range=height_range,
        z_top=HEIGHT * view.height_factor,
        height_scale=height_scaling(view),
    )


class _Mesh(NamedTuple):
    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    normals: NDArray[np.float32]
    top: float | None


def _mesh(landscape: Landscape, frame: Frame, shown: Shown) -> _Mesh:
    """Points, triangles and normals of the surface in display coordinates."""
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
    return _Mesh(frozen(drawn), frozen(corners.astype(np.int32)), frozen(normals), top)


def _relief(landscape: Landscape, surface: SurfacePart) -> Relief:
    """Heights of the drawn surface."""
    return Relief.of(landscape, surface.heights, surface.top)


def _resolve_contours(frame: Frame, view: ViewState, geometry: tuple[object, ...]) -> ContoursPart:
    levels = np.linspace(0.0, frame.z_top, view.contour_count + 2)[1:-1]
    if view.contour_levels is not None:
        asked = np.array([value for value in view.contour_levels if frame.height_scale.kind != "log" or value > 0])
        levels = np.unique(frame.height_to_z(asked))
        levels = levels[(levels >= 0.0) & (levels <= frame.z_top)]
    levels = frozen(levels)
    return ContoursPart(
        key=_contours_key(geometry, view),
        levels=levels,
        values=frozen(frame.z_to_height(levels)),
        on_surface=view.contours_on_surface,
        on_floor=view.contours_on_floor,
        labelled=view.contour_labels,
    )


def _resolve_axes(landscape: Landscape, view: ViewState, frame: Frame) -> AxesPart:
    u_title, v_title, *_ = name_axes(landscape)
    u_range = float(landscape.u[0]), float(landscape.u[-1])
    v_range = float(landscape.v[0]), float(landscape.v[-1])
    x, y = frame.to_display(u_range, v_range)
    low, high = frame.height_range
    height_ticks = tuple(
        (frame.z_top * (t - low) / (high - low), label) for t, label in ticks(low, high, frame.height_scale)
    )
    return AxesPart(
        key=_axes_key(_geometry_key(landscape, view), view),
        bounds=(float(x[0]), float(x[1]), float(y[0]), float(y[1]), 0.0, frame.z_top),
        titles=(u_title, v_title, title_of(landscape, view.height)),
        u_range=u_range,
        v_range=v_range,
        height_ticks=height_ticks,
        visible=view.axes,
        grid=view.grid,
    )


def _axes_key(geometry: tuple[object, ...], view: ViewState) -> tuple[object, ...]:
    return "axes", geometry, view.axes, view.grid


def _place_centre(view: ViewState, frame: Frame, relief: Relief, key: tuple[object, ...]) -> CentrePart:
    """Mark the centre of the plane on the surface."""
    place = np.zeros((1, 2))
    position = np.column_stack([*frame.to_display(*place.T), relief.at(place)])[0]
    return CentrePart(key, frozen(position.astype(np.float32)), view.centre)


Array = TypeVar("Array", bound=NDArray[np.generic])


def _same(before: Array, now: Array) -> Array:
    """Prefer the array from before where both are equal."""
    return before if np.array_equal(before, now, equal_nan=before.dtype.kind == "f") else now
