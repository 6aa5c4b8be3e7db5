"""What the topology of a landscape adds to its picture: critical points, basins, talwegs and separatrices."""

import numpy as np
from numpy.typing import NDArray

from talweg.analysis.valleys import Valleys, valleys_of
from talweg.certification import Certification
from talweg.landscape import Landscape
from talweg.picture.fine_points import Points, sharpen
from talweg.picture.frame import Frame
from talweg.picture.parts import CriticalPointsPart, LinesPart, frozen
from talweg.picture.relief import Relief
from talweg.picture.surface_part import Basins
from talweg.view.quantities import fit_view
from talweg.view.state import ViewState, height_is_log_loss
from talweg_compute.field import Topology, default_threshold

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
        nothing = np.full(landscape.loss.shape, -1)
        return Basins(_on_all_points(nothing, landscape), np.zeros(0, dtype=np.int64), np.zeros(0))
    threshold = _threshold(landscape, view)
    minima = valleys.minima(threshold)
    return Basins(
        rank=_on_all_points(valleys.basins(threshold), landscape),
        shown=frozen(np.arange(minima.size)),
        loss=frozen(valleys.loss[minima]),
    )


def _on_all_points(rank: Integers, landscape: Landscape) -> NDArray[np.int32]:
    """Ranks of the points of a grid [nv, nu], then of its finer grids, whose points take that of the nearest one."""
    parts = [rank.ravel()]
    for region in landscape.regions:
        patch = region.patch
        row, column = (np.rint(np.arange(size) / patch.factor).astype(np.int64) for size in patch.shape)
        parts.append(rank[np.ix_(patch.row + row, patch.column + column)].ravel())
    return frozen(np.concatenate(parts).astype(np.int32))


def resolve_critical_points(
    landscape: Landscape, view: ViewState, frame: Frame, relief: Relief, key: tuple[object, ...]
) -> CriticalPointsPart:
    """Put the points over the threshold on the surface."""
    return place_critical_points(landscape, view, frame, relief, _valleys(landscape, view), key)


def place_critical_points(
    landscape: Landscape,
    view: ViewState,
    frame: Frame,
    relief: Relief,
    valleys: Valleys | None,
    key: tuple[object, ...],
) -> CriticalPointsPart:
    """Put the points over the threshold on the surface; none where their topology is not known."""
    threshold = _threshold(landscape, view)
    total = 0 if valleys is None else valleys.count(threshold)
    count = min(total, MOST_POINTS)
    points = _no_points()
    words: tuple[Certification | None, ...] = ()
    gone = np.zeros(0, dtype=np.bool_)
    if valleys is not None:
        found = landscape.certifications_of(valleys.points)[:count]
        points = Points(
            kind=valleys.points.kind[:count],
            coordinates=valleys.coordinates[:count],
            loss=valleys.loss[:count],
            persistence=valleys.points.persistence[:count],
            size=valleys.size[:count],
            confirmed=valleys.points.confirmed[:count],
            on_boundary=valleys.points.on_boundary[:count],
        )
        points, gone = sharpen(points, landscape, threshold, logarithmic=valleys.logarithmic)
        words = (*found, *[None] * (len(points.kind) - count))
    z = np.where(gone, np.nan, relief.at(points.coordinates))
    x, y = frame.to_display(points.coordinates[:, 0], points.coordinates[:, 1])
    return CriticalPointsPart(
        key=key,
        kind=points.kind,
        positions=frozen(np.stack([x, y, z], axis=-1).astype(np.float32)),
        coordinates=frozen(points.coordinates),
        loss=frozen(points.loss),
        persistence=points.persistence,
        certifications=words,
        size=frozen(points.size.astype(np.float32)),
        confirmed=points.confirmed,
        on_boundary=points.on_boundary,
        total=total + len(points.kind) - count,
        threshold=threshold,
        logarithmic=valleys is not None and valleys.logarithmic,
        visible=view.critical_points,
        own=count,
        refuted=gone,
    )


def _no_points() -> Points:
    none, flags = np.zeros(0), np.zeros(0, dtype=np.bool_)
    return Points(np.zeros(0, dtype=np.int8), np.zeros((0, 2)), none, none, none, flags, flags)


def shown_topology(landscape: Landscape, view: ViewState) -> Topology | None:
    """Return the topology whose persistence is measured as the height is: in decades where it shows the log loss.

    Args:
        landscape: The numbers.
        view: How they are looked at.

    Returns:
        The topology; None until every point was evaluated. In units of the loss, too, where a loss has no logarithm.
    """
    decades = landscape.log_topology if height_is_log_loss(fit_view(landscape, view)) else None
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
    relief: Relief,
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
        points = _on_surface(np.concatenate([lines.coordinates, floors.coordinates]), frame, relief)
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


def _on_surface(where: Float, frame: Frame, relief: Relief) -> NDArray[np.float32]:
    """Lift places (u, v) [n, 2] onto the surface; NaN over a hole."""
    z = relief.at(where)
    return frozen(np.column_stack([*frame.to_display(where[:, 0], where[:, 1]), z]).astype(np.float32))
