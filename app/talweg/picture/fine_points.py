"""Critical points where a finer grid was computed: those of the coarse one move to their place, others join or go."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from talweg.analysis.valleys import valleys_of
from talweg.landscape import Landscape, Region
from talweg_compute.field import Topology

Float = NDArray[np.float64]
Flags = NDArray[np.bool_]
_REACH = 1.5
"""A fine point is that of the coarse grid where it is of the same kind, at most so many coarse cells off."""


@dataclass(frozen=True, eq=False)
class Points:
    """Critical points over a threshold.

    Attributes:
        kind: int8 [m], 0 minimum, 1 saddle, 2 maximum.
        coordinates: float64 [m, 2], (u, v).
        loss: float64 [m].
        persistence: float64 [m].
        size: float64 [m], as drawn.
        confirmed: bool [m].
        on_boundary: bool [m].
    """

    kind: NDArray[np.int8]
    coordinates: Float
    loss: Float
    persistence: Float
    size: Float
    confirmed: Flags
    on_boundary: Flags

    def of(self, chosen: NDArray[np.generic]) -> "Points":
        """Return some of them."""
        return Points(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})

    def then(self, other: "Points") -> "Points":
        """Return these and others."""
        names = self.__dataclass_fields__
        return Points(**{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names})


def sharpen(points: Points, landscape: Landscape, threshold: float, *, logarithmic: bool) -> tuple[Points, Flags]:
    """Take what the finer grids inside a landscape say about its critical points.

    Args:
        points: Those of the coarse grid; they keep their indices and their persistence.
        landscape: The numbers.
        threshold: Least persistence of further points, in the unit of the persistence.
        logarithmic: Whether that is decades.

    Returns:
        The points with further ones behind them; and which of them the finer grids do not have, bool [m].
    """
    gone = np.zeros(len(points.kind), dtype=np.bool_)
    cell = np.array([np.diff(landscape.u).max(), np.diff(landscape.v).max()])
    for number, region in enumerate(landscape.regions):
        topology = region.landscape.log_topology if logarithmic else region.landscape.topology
        if topology is None:
            continue  # it is not complete yet: the coarse grid has the word
        inside = _strictly_inside(region, points.coordinates)
        fine = _points_of(topology, threshold)
        fine = fine.of(_strictly_inside(region, fine.coordinates))
        hidden = np.zeros(len(fine.kind), dtype=np.bool_)
        for later in landscape.regions[number + 1 :]:
            hidden |= later.holds(fine.coordinates)
        fine = fine.of(~hidden)
        moved, taken = _match(points, fine, np.flatnonzero(inside), cell)
        coordinates, loss = points.coordinates.copy(), points.loss.copy()
        coordinates[moved], loss[moved] = fine.coordinates[taken], fine.loss[taken]
        gone[inside] = True
        gone[moved] = False
        others = np.setdiff1d(np.arange(len(fine.kind)), taken)
        points = replace(points, coordinates=coordinates, loss=loss).then(fine.of(others))
        gone = np.append(gone, np.zeros(others.size, dtype=np.bool_))
    return points, gone


def _points_of(topology: Topology, threshold: float) -> Points:
    """The points of a finer grid over the threshold. What its frame cuts off is at least as deep as it is known."""
    valleys = valleys_of(topology)
    count = valleys.count(threshold)
    found = valleys.points
    persistence = found.persistence[:count].copy()
    endless = ~np.isfinite(persistence)
    if endless.any():
        field = topology.f
        frame = np.concatenate([field[0], field[-1], field[:, 0], field[:, -1]])
        frame = frame[np.isfinite(frame)]
        rim = float(frame.min()) if frame.size else np.inf
        with np.errstate(divide="ignore", invalid="ignore"):
            deep = np.log10(rim / valleys.loss[:count]) if topology.logarithmic else rim - valleys.loss[:count]
        persistence[endless] = np.where(np.isfinite(deep), deep, np.inf)[endless]
    points = Points(
        kind=found.kind[:count],
        coordinates=valleys.coordinates[:count],
        loss=valleys.loss[:count],
        persistence=persistence,
        size=valleys.size[:count],
        confirmed=found.confirmed[:count],
        on_boundary=found.on_boundary[:count],
    )
    return points.of(persistence > threshold)


def _strictly_inside(region: Region, places: Float) -> Flags:
    u, v = region.landscape.u, region.landscape.v
    return np.asarray((places[:, 0] > u[0]) & (places[:, 0] < u[-1]) & (places[:, 1] > v[0]) & (places[:, 1] < v[-1]))


def _match(points: Points, fine: Points, candidates: NDArray[np.int64], cell: Float) -> tuple[list[int], list[int]]:
    """Find for coarse points, in their order, the nearest fine one of their kind that is not taken yet."""
    moved: list[int] = []
    taken: list[int] = []
    free = np.ones(len(fine.kind), dtype=np.bool_)
    for point in candidates.tolist():
        distance = np.abs((fine.coordinates - points.coordinates[point]) / cell).max(axis=1)
        distance[(fine.kind != points.kind[point]) | ~free] = np.inf
        if distance.size and distance.min() <= _REACH:
            nearest = int(distance.argmin())
            free[nearest] = False
            moved.append(point)
            taken.append(nearest)
    return moved, taken
