"""What the topology of a landscape adds to its picture: critical points, basins, talwegs and separatrices."""

import numpy as np
from numpy.typing import NDArray

from talweg.certification import Certification
from talweg.landscape import Landscape
from talweg.picture.parts import Basins, CriticalPointsPart, Frame, LinesPart, frozen
from talweg.valleys import Valleys, valleys_of
from talweg.view_state import ViewState, height_is_log_loss
from talweg_compute.field import Topology, default_threshold, sample_on_triangles

Float = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_POINTS = 2000
"""More critical points than these are not drawn: nobody could tell them apart."""


def points_key(geometry: tuple[object, ...], view: ViewState) -> tuple[object, ...]:
    """What the critical points depend on."""
    return "points", geometry, view.persistence_threshold, view.critical_points


def lines_key(geometry: tuple[object, ...], view: ViewState) -> tuple[object, ...]:
    """What talwegs and separatrices depend on: the surface second, or None where no line is shown."""
    if not (view.talwegs or view.separatrices):
        return "lines", None
    shown = view.talwegs, view.separatrices, view.separatrix_kind
    return "lines", geometry, view.persistence_threshold, shown, view.line_width


def find_basins(landscape: Landscape, view: ViewState) -> Basins:
    """Find to which minimum over the threshold each point drains."""
    valleys = _valleys(landscape, view)
    if valleys is None:
        nothing = frozen(np.full(landscape.loss.size, -1, dtype=np.int32))
        return Basins(nothing, np.zeros(0, dtype=np.int64), np.zeros(0))
    threshold = _threshold(landscape, view)
    minima = valleys.minima(threshold)
    return Basins(
        rank=frozen(valleys.basins(threshold).ravel().astype(np.int32)),
        shown=frozen(np.arange(minima.size)),
        loss=frozen(valleys.loss[minima]),
    )


def resolve_critical_points(
    landscape: Landscape, view: ViewState, frame: Frame, heights: Float, key: tuple[object, ...]
) -> CriticalPointsPart:
    """Put the points over the threshold on the surface, whose display heights are given [nv, nu]."""
    return place_critical_points(landscape, view, frame, heights, _valleys(landscape, view), key)


def place_critical_points(
    landscape: Landscape,
    view: ViewState,
    frame: Frame,
    heights: Float,
    valleys: Valleys | None,
    key: tuple[object, ...],
) -> CriticalPointsPart:
    """Put the points over the threshold on the surface; none where their topology is not known."""
    threshold = _threshold(landscape, view)
    total = 0 if valleys is None else valleys.count(threshold)
    count = min(total, MOST_POINTS)
    kind, coordinates = np.zeros(0, dtype=np.int8), np.zeros((0, 2))
    loss = persistence = size = np.zeros(0)
    confirmed = on_boundary = np.zeros(0, dtype=np.bool_)
    words: tuple[Certification | None, ...] = ()
    if valleys is not None:
        words = landscape.certifications_of(valleys.points)[:count]
        kind, persistence = valleys.points.kind[:count], valleys.points.persistence[:count]
        confirmed, on_boundary = valleys.points.confirmed[:count], valleys.points.on_boundary[:count]
        coordinates, loss, size = valleys.coordinates[:count], valleys.loss[:count], valleys.size[:count]
    z = sample_on_triangles(heights, landscape.u, landscape.v, coordinates)
    x, y = frame.to_display(coordinates[:, 0], coordinates[:, 1])
    return CriticalPointsPart(
        key=key,
        kind=kind,
        positions=frozen(np.stack([x, y, z], axis=-1).astype(np.float32)),
        coordinates=frozen(coordinates),
        loss=frozen(loss),
        persistence=persistence,
        certifications=words,
        size=frozen(size.astype(np.float32)),
        confirmed=confirmed,
        on_boundary=on_boundary,
        total=total,
        threshold=threshold,
        logarithmic=valleys is not None and valleys.logarithmic,
        visible=view.critical_points,
    )


def shown_topology(landscape: Landscape, view: ViewState) -> Topology | None:
    """Return the topology whose persistence is measured as the height is: in decades where it shows the log loss.

    Args:
        landscape: The numbers.
        view: How they are looked at.

    Returns:
        The topology; None until every point was evaluated. In units of the loss, too, where a loss has no logarithm.
    """
    decades = landscape.log_topology if height_is_log_loss(view) else None
    return landscape.topology if decades is None else decades


def _valleys(landscape: Landscape, view: ViewState) -> Valleys | None:
    topology = shown_topology(landscape, view)
    return None if topology is None else valleys_of(topology)


def _threshold(landscape: Landscape, view: ViewState) -> float:
    """The least persistence shown: the chosen one, or that of the noise and of the shown range of the loss."""
    if view.persistence_threshold is not None:
        return view.persistence_threshold
    top = view.height_cap if view.height == "loss" else None
    if view.height == "log_loss" and view.height_cap is not None:
        top = 10.0 ** min(view.height_cap, 300.0)
    known = np.where(landscape.known, landscape.loss, np.nan)
    error = landscape.fields.get("loss_standard_error")
    topology = shown_topology(landscape, view)
    logarithmic = topology is not None and topology.logarithmic
    return default_threshold(known, error, logarithmic=logarithmic, top=top)


def resolve_lines(
    landscape: Landscape,
    view: ViewState,
    frame: Frame,
    heights: Float,
    key: tuple[object, ...],
    last: LinesPart | None,
) -> LinesPart:
    """Choose the lines over the threshold; those of the part before lie on the same surface where its key says so."""
    valleys = _valleys(landscape, view)
    if key[1] is None or valleys is None:
        return no_lines(key, view)
    none = frozen(np.zeros((0, 2), dtype=np.int64))
    cut = valleys.cut(_threshold(landscape, view))
    lines, floors = valleys.separatrix_lines, valleys.talweg_lines
    if last is not None and isinstance(last.key, tuple) and last.key[1:2] == key[1:2]:
        points = last.points
    else:
        points = _on_surface(np.concatenate([lines.coordinates, floors.coordinates]), landscape, frame, heights)
    drawn = np.asarray(np.isfinite(points).all(axis=1))
    begin = len(lines.coordinates)

    def pieces(*parts: Integers) -> Integers:
        every = np.concatenate(parts)
        return frozen(every[drawn[every].all(axis=1)])

    down = view.separatrices and view.separatrix_kind != "ascending"
    up = view.separatrices and view.separatrix_kind != "descending"
    return LinesPart(
        key=key,
        points=points,
        descending=pieces(lines.segments(cut.descending), begin + floors.segments(cut.onward)) if down else none,
        ascending=pieces(lines.segments(cut.ascending)) if up else none,
        talwegs=pieces(begin + floors.segments(cut.talwegs)) if view.talwegs else none,
        width=view.line_width,
    )


def no_lines(key: tuple[object, ...], view: ViewState) -> LinesPart:
    """Make a part without lines."""
    none = frozen(np.zeros((0, 2), dtype=np.int64))
    return LinesPart(key, frozen(np.zeros((0, 3), dtype=np.float32)), none, none, none, view.line_width)


def _on_surface(where: Float, landscape: Landscape, frame: Frame, heights: Float) -> NDArray[np.float32]:
    """Lift places (u, v) [n, 2] onto the surface; NaN over a hole."""
    z = sample_on_triangles(heights, landscape.u, landscape.v, where)
    return frozen(np.column_stack([*frame.to_display(where[:, 0], where[:, 1]), z]).astype(np.float32))
