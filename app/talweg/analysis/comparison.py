"""Numbers that landscapes are compared by. Free of Qt and VTK."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from talweg.analysis.profile import read_field
from talweg.analysis.way import Way, measure_way, read_line
from talweg.landscape import Landscape
from talweg.view.quantities import is_difference, read_out, title_of
from talweg_compute.field import CriticalKind, SplineSurface, barrier, default_threshold, triangles

Float = NDArray[np.float64]
Kind = Literal["plane", "line", "difference"]


@dataclass(frozen=True)
class Measures:
    """What is measured of one landscape f.

    Attributes:
        name: Of the landscape.
        centre: (u, v) of the plane's origin, or of the middle of a grid that does not hold it.
        loss: f there, as evaluated where that is known, else of the drawn surface; NaN where it has none.
        curvature: Eigenvalues of the Hessian of f there, ascending, from the bicubic spline through the grid: the
            sharpness of f in the plane, not of the network; NaN where nothing is known.
        area: Area of the plane in which f is at most the level, in squared units of the plane.
        share: The same as a share of the area in which f is known.
        minima: Number of minima more persistent than the noise; None until every point is known.
        further: At the centre, what else than the loss is known: title and value, as the drawn surface has it where it
            was not evaluated there.
        barriers: For the minima but the lowest one, at most ``MOST_BARRIERS``, the most persistent first: how far the
            lowest pass to it lies above the minimum, in units of f.
        level: Of the loss, under which the area was measured.
        way: Of a line what lies between its two models; None for a plane, or where a line has no two models.
        kind: Of a "line" and a "difference" only centre, loss and what is further known are measured, beside the way.
    """

    name: str
    centre: tuple[float, float]
    loss: float
    curvature: tuple[float, float] = (np.nan, np.nan)
    area: float = np.nan
    share: float = np.nan
    minima: int | None = None
    barriers: tuple[float, ...] = ()
    further: tuple[tuple[str, float], ...] = ()
    level: float = np.nan
    way: Way | None = None
    kind: Kind = "plane"


MOST_BARRIERS = 3
"""More barriers are not listed."""


def common_level(landscapes: Sequence[Landscape]) -> float:
    """Choose a level under which areas can be compared: twice the largest loss at a centre.

    Args:
        landscapes: Any; only planes and none of their differences count.

    Returns:
        The level; 1 where no loss is known.
    """
    planes = [each for each in landscapes if each.dimensions == 2 and not is_difference(each)]
    found = [loss_at_centre(landscape) for landscape in planes]
    finite = [value for value in found if np.isfinite(value)]
    return 2.0 * max(finite) if finite and max(finite) > 0 else 1.0


def measure(landscape: Landscape, level: float) -> Measures:
    """Measure one landscape.

    Args:
        landscape: A plane or a line.
        level: Of the loss, for the area.

    Returns:
        The numbers.
    """
    further = tuple((title_of(landscape, name), at_centre(landscape, name)) for name in read_out(landscape)[1:])
    if landscape.dimensions == 1:
        centre, loss = _centre(landscape), loss_at_centre(landscape)
        return Measures(landscape.name, centre, loss, further=further, way=measure_way(landscape), kind="line")
    if is_difference(landscape):
        return Measures(
            landscape.name, _centre(landscape), loss_at_centre(landscape), further=further, kind="difference"
        )
    known = np.where(landscape.known, landscape.loss, np.nan)
    area, total = area_below(known, landscape.u, landscape.v, level)
    minima, barriers = _minima(landscape)
    return Measures(
        name=landscape.name,
        centre=_centre(landscape),
        loss=loss_at_centre(landscape),
        curvature=_curvature(known, landscape.u, landscape.v, _centre(landscape)),
        area=area,
        share=area / total if total else np.nan,
        minima=minima,
        barriers=barriers,
        further=further,
        level=level,
    )


def loss_at_centre(landscape: Landscape) -> float:
    """Return the loss at the centre: as it was evaluated there, else as the drawn surface has it."""
    return at_centre(landscape, "loss")


def at_centre(landscape: Landscape, name: str) -> float:
    """Return a field at the centre: as it was evaluated there, else as the drawn surface has it; NaN where unknown."""
    centre = _centre(landscape)
    if centre == (0.0, 0.0) and name in landscape.origin:
        return float(landscape.origin[name])
    if landscape.dimensions == 1:
        return read_line(landscape, name, centre[0])
    return float(read_field(landscape, name, np.array([centre]))[0])


def area_below(f: Float, u: Float, v: Float, level: float) -> tuple[float, float]:
    """Return the area in which the triangulated surface is at most a level, and that of the whole surface.

    Args:
        f: float64 [nv, nu]; triangles with a corner that is not finite count for neither.
        u: float64 [nu], coordinates of the columns.
        v: float64 [nv], coordinates of the rows.
        level: In units of f.

    Returns:
        Both in units of u times v; exact for the piecewise linear surface.
    """
    corners = triangles(f)
    x, y = (axis.ravel() for axis in np.meshgrid(u, v))
    a, b, c = corners.T
    size = 0.5 * np.abs((x[b] - x[a]) * (y[c] - y[a]) - (x[c] - x[a]) * (y[b] - y[a]))
    low, middle, high = np.sort(f.ravel()[corners], axis=1).T
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = (level - low) ** 2 / ((middle - low) * (high - low))
        falling = 1.0 - (high - level) ** 2 / ((high - low) * (high - middle))
    share = np.where(level < middle, rising, falling)
    share = np.where(level >= high, 1.0, np.where(level <= low, 0.0, share))
    return float(size @ share), float(size.sum())


def _centre(landscape: Landscape) -> tuple[float, float]:
    inside = all(axis[0] <= 0.0 <= axis[-1] for axis in (landscape.u, landscape.v))
    if inside:
        return 0.0, 0.0
    return float(landscape.u[[0, -1]].mean()), float(landscape.v[[0, -1]].mean())


def _curvature(f: Float, u: Float, v: Float, centre: tuple[float, float]) -> tuple[float, float]:
    """Eigenvalues of the Hessian of f, which follows from that of the spline's g = f / s or log(f / s)."""
    if not np.isfinite(f).any() or min(f.shape) < 2:
        return np.nan, np.nan
    spline, place = SplineSurface(f, u, v), np.array([centre])
    hessian = spline.hessian(place)[0]
    if spline.logarithmic:  # f = s exp(g)
        slope = spline.gradient(place)[0]
        hessian = spline.value(place)[0] * (hessian + np.outer(slope, slope))
    else:
        hessian = spline.scale * hessian
    low, high = np.linalg.eigvalsh(hessian).tolist()
    return low, high


def _minima(landscape: Landscape) -> tuple[int | None, tuple[float, ...]]:
    topology = landscape.topology
    if topology is None:
        return None, ()
    kept = topology.points.above(default_threshold(landscape.loss, landscape.fields.get("loss_standard_error")))
    minima = np.flatnonzero(kept.kind == CriticalKind.MINIMUM)
    if not minima.size:
        return 0, ()
    lowest = int(minima[np.argmin(kept.value[minima])])
    others = [int(index) for index in minima if index != lowest][:MOST_BARRIERS]
    return int(minima.size), tuple(barrier(kept, other, lowest) for other in others)
