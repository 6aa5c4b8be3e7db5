"""From a landscape and a view to a picture, part by part; a part whose key did not change is used again."""

from typing import TypeVar

import msgspec
import numpy as np

from talweg.analysis.plane_words import name_axes
from talweg.landscape import Landscape
from talweg.picture.cap import place_cap
from talweg.picture.differences import difference_view
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
from talweg.picture.surface import geometry_key, resolve_surface
from talweg.picture.surface_part import SurfacePart
from talweg.picture.ticks import ticks
from talweg.picture.topology import (
    lines_key,
    no_lines,
    place_critical_points,
    points_key,
    resolve_critical_points,
    resolve_lines,
)
from talweg.view.quantities import fit_view, is_difference, title_of
from talweg.view.state import Scale, ViewState, reads_floor

_DECADES_MATTER = 50.0  # largest over smallest loss from which on the logarithm is shown at first


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
    if is_difference(landscape):
        return difference_view(landscape)
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
    geometry = geometry_key(landscape, view)
    frame, surface = resolve_surface(landscape, view, last)
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
    geometry = geometry_key(landscape, view)
    before = last.surface.key if last is not None else None
    same = before is not None and before.geometry == geometry
    if view.colour == "basin" and last is not None and same and last.surface.basins is not None:
        shape = last.frame, last.surface
    else:
        coloured = view
        if view.colour == "basin":
            coloured = fit_view(landscape, msgspec.structs.replace(view, colour="loss"))
        shape = resolve_surface(landscape, coloured, last)
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
    geometry = geometry_key(landscape, view)
    frame, surface = shape
    contours = _kept(last.contours if last else None, _contours_key(geometry, view))
    drawn = view.trajectory_style, view.trajectory_colour, view.trajectory_at, view.trajectory_until
    path_key = ("path", geometry, view.trajectory, drawn)
    path = _kept(last.path if last else None, path_key)
    axes = _kept(last.axes if last else None, _axes_key(geometry, view))
    centre_key = ("centre", geometry, view.centre)
    centre = _kept(last.centre if last else None, centre_key)
    probe_key = ("probe", geometry, view.pins, view.profile, view.colour if view.pins else None, reads_floor(view))
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
        orthographic=view.orthographic or view.flat,
        flat=view.flat,
        camera=view.camera,
        centre=centre or _place_centre(view, frame, _relief(landscape, surface), centre_key),
        cap=cap or place_cap(surface, frame, title_of(landscape, view.height), cap_key),
        probe=probe or place_probe(landscape, view, frame, _relief(landscape, surface), probe_key),
        landmarks=landmarks or place_landmarks(landscape, view, frame, _relief(landscape, surface), landmarks_key),
        legend=view.legend,
    )


def _kept(part: Part | None, key: tuple[object, ...]) -> Part | None:
    return part if part is not None and part.key == key else None


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
        key=_axes_key(geometry_key(landscape, view), view),
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
