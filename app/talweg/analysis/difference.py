"""The difference of two landscapes, and what it compares. Free of Qt and VTK."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg_compute.field import SplineSurface, sample_on_triangles
from talweg_compute.messages import Block, InputError, Points, tell_apart

Float = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SAME = 1e-9  # how far a coordinate may be off and count as the same, as a share of the axis


@dataclass(frozen=True, eq=False)
class Difference:
    """One landscape minus another one, at the points of the first that lie within the second.

    Attributes:
        u: float64 [nu], coordinates of the columns.
        v: float64 [nv], coordinates of the rows.
        fields: float64 [nv, nu] by name.
        computed: bool [nv, nu], where both were evaluated at this very point.
        interpolated: bool [nv, nu], where at least one of them is interpolated there.
        notes: What the user should know about what is compared.
    """

    u: Float
    v: Float
    fields: dict[str, Float]
    computed: Flags
    interpolated: Flags
    notes: tuple[str, ...]

    def points(self) -> tuple[Points, ...]:
        """Say the same as a worker would."""
        found = []
        for mask, interpolated in ((self.computed, False), (self.interpolated, True)):
            index = np.flatnonzero(mask)
            fields = {name: Block.of(values.ravel()[index]) for name, values in self.fields.items()}
            if index.size:
                found.append(Points("", Block.of(index.astype(np.int64)), fields, interpolated=interpolated))
        return tuple(found)


def subtract(first: Landscape, second: Landscape) -> Difference:
    """Subtract a landscape from another one.

    Args:
        first: A plane.
        second: Another plane; where its grid is another one, the bicubic spline through it is read at the points of
            the first.

    Returns:
        first - second for every field that both have; standard errors add up as those of independent means.

    Raises:
        InputError: One of them is no plane, or they have less than two lines of points in common.
    """
    for each in (first, second):
        if each.dimensions != 2:
            kind = "line" if each.dimensions == 1 else "volume"
            raise InputError(f"{each.name}: this landscape is a {kind}; the difference takes two planes.")
    columns, rows = _within(first.u, second.u), _within(first.v, second.v)
    if columns.sum() < 2 or rows.sum() < 2:
        raise InputError(
            f"{first.name} and {second.name} have no part of the plane in common (u {_span(first.u)} and "
            f"{_span(second.u)}, v {_span(first.v)} and {_span(second.v)}); compute one of them again where the other "
            "one is."
        )
    part = np.ix_(rows, columns)
    u, v = first.u[columns], first.v[rows]
    names = [name for name in first.fields if name in second.fields]
    own = {name: first.fields[name][part] for name in names}
    same = _same(u, second.u) and _same(v, second.v)
    if same:
        others, evaluated, known = {name: second.fields[name] for name in names}, second.computed, second.known
    else:
        others, evaluated, known = _read(second, names, u, v)
    known = known & first.known[part]
    fields = {}
    for name in names:
        with np.errstate(invalid="ignore"):
            standard_error = name == "loss_standard_error"
            values = np.hypot(own[name], others[name]) if standard_error else own[name] - others[name]
        fields[name] = np.where(known, values, np.nan)
    computed = known & evaluated & first.computed[part]
    return Difference(u, v, fields, computed, known & ~computed, _notes(first, second, u, v, same=same))


def tell_planes_apart(first: Landscape, second: Landscape) -> str:
    """Say what the points of two landscapes with equal coordinates have in common, where they are not the same points.

    Args:
        first: A plane.
        second: Another one.

    Returns:
        One sentence; empty where both lie on the same plane through the same weights.
    """
    one, other = first.provenance, second.provenance
    if one is None or other is None:
        unknown = [each.name for each, source in ((first, one), (second, other)) if source is None]
        return (
            f"Nothing says whether {first.name} and {second.name} lie on the same plane, since {' and '.join(unknown)} "
            "tells nothing of its directions; the difference is of points with equal coordinates."
        )
    weights = (one.checkpoint_sha256, one.moved_sha256) == (other.checkpoint_sha256, other.moved_sha256)
    directions = one.directions_sha256 == other.directions_sha256
    if weights and directions:
        return ""
    if weights:
        return (
            f"{first.name} and {second.name} lie on different planes through the same weights; the difference is of "
            "points with equal coordinates, which are different weights but at the centre."
        )
    around = " and ".join(_weights(first, second))
    if directions:
        return (
            f"The same directions around different weights ({around}): equal coordinates are the same step from each."
        )
    return (
        f"Different models ({around}), each with its own directions{_drawn(first, second)}: the difference is of "
        "points with equal coordinates, which are not the same weights."
    )


def _notes(first: Landscape, second: Landscape, u: Float, v: Float, *, same: bool) -> tuple[str, ...]:
    """What is compared, in sentences."""
    found = [tell_planes_apart(first, second)]
    one, other = first.provenance, second.provenance
    if one is not None and other is not None and one.data_sha256 != other.data_sha256:
        found.append("The losses are over different data, or different numbers of samples.")
    if not same:
        found.append(
            f"The grids differ: {second.name} is read between its points by its bicubic spline, and counts as "
            "interpolated there."
        )
    if u.size < first.u.size or v.size < first.v.size:
        found.append(f"Only the part that both have is compared: u {_span(u)}, v {_span(v)}.")
    return tuple(filter(None, found))


def _weights(first: Landscape, second: Landscape) -> tuple[str, ...]:
    """What the two models are called: their checkpoints, as briefly as tells them apart."""
    paths = []
    for each in (first, second):
        problem = None if each.job is None else each.job.problem
        source = "" if each.provenance is None else each.provenance.checkpoint
        paths.append((problem.checkpoint or source) if problem is not None else source)
    names = tell_apart(paths)
    return (first.name, second.name) if names[0] == names[1] else names


def _drawn(first: Landscape, second: Landscape) -> str:
    """How the directions of both were found, where that is the same."""
    jobs = first.job, second.job
    if jobs[0] is None or jobs[1] is None or jobs[0].plane != jobs[1].plane or jobs[0].plane.kind != "random":
        return ""
    plane = jobs[0].plane
    scaled = "" if plane.normalization == "none" else f", {plane.normalization}-normalized to its weights"
    return f" (random, seed {plane.seed} for both{scaled})"


def _within(axis: Float, other: Float) -> Flags:
    """Which coordinates of an axis lie within another one, bool [n]."""
    slack = _SAME * (other[-1] - other[0])
    return np.asarray((axis >= other[0] - slack) & (axis <= other[-1] + slack))


def _same(axis: Float, other: Float) -> bool:
    return axis.shape == other.shape and bool(np.allclose(axis, other, rtol=0, atol=_SAME * (other[-1] - other[0])))


def _read(landscape: Landscape, names: list[str], u: Float, v: Float) -> tuple[dict[str, Float], Flags, Flags]:
    """Read fields of a landscape at the points of another grid within its own.

    Returns:
        The fields [nv, nu]; where a point coincides with one that was evaluated; and where values are known at all.
    """
    places = np.stack(np.meshgrid(np.clip(u, *landscape.u[[0, -1]]), np.clip(v, *landscape.v[[0, -1]])), axis=-1)
    flat, shape = places.reshape(-1, 2), (v.size, u.size)
    known = np.where(landscape.known, 1.0, np.nan)
    around = np.isfinite(sample_on_triangles(known, landscape.u, landscape.v, flat)).reshape(shape)
    column, row = _nearest(landscape.u, u), _nearest(landscape.v, v)
    met = np.ix_(
        np.abs(landscape.v[row] - v) <= _SAME * np.ptp(v), np.abs(landscape.u[column] - u) <= _SAME * np.ptp(u)
    )
    coincides = np.zeros(shape, dtype=np.bool_)
    coincides[met] = True
    nearest = np.ix_(row, column)
    fields = {}
    for name in names:
        values = np.where(landscape.known, landscape.fields[name], np.nan)
        read = np.full(shape, np.nan)
        if np.isfinite(values).any():
            read = SplineSurface(values, landscape.u, landscape.v).value(flat).reshape(shape)
            holes = ~np.isfinite(sample_on_triangles(values, landscape.u, landscape.v, flat)).reshape(shape)
            read[holes] = np.nan
        fields[name] = np.where(coincides, values[nearest], read)
    return fields, coincides & landscape.computed[nearest], around | (coincides & landscape.known[nearest])


def _nearest(axis: Float, wanted: Float) -> NDArray[np.int64]:
    return np.asarray(np.abs(axis[None, :] - wanted[:, None]).argmin(axis=1))


def _span(axis: Float) -> str:
    return f"{axis[0]:g} … {axis[-1]:g}"
