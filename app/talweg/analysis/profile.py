"""What lies along a straight line drawn on a landscape. Free of Qt and VTK."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg_compute.field import sample_on_triangles

Float = NDArray[np.float64]
Ends = tuple[float, float, float, float]
"""(u, v) of the first end, (u, v) of the second."""

_QUANTITIES = ("loss", "accuracy")


@dataclass(frozen=True, eq=False)
class Profile:
    """Values along a line, as the drawn triangles have them: all are interpolated between points of the grid.

    Attributes:
        distance: float64 [n], from the first end, in units of the plane.
        values: float64 [n] by field; NaN outside the grid, in holes, and where a field is not known.
        computed: bool [n], whether all corners of the cell around were evaluated; elsewhere neighbours stand for them.
    """

    distance: Float
    values: Mapping[str, Float]
    computed: NDArray[np.bool_]


def sample_profile(landscape: Landscape, ends: Ends, names: Sequence[str] = _QUANTITIES, count: int = 301) -> Profile:
    """Read a landscape along a line.

    Args:
        landscape: A plane.
        ends: Of the line.
        names: The fields that are read.
        count: Number of places, both ends included.

    Returns:
        The values.
    """
    share = np.linspace(0.0, 1.0, count)[:, None]
    first, second = np.array(ends[:2]), np.array(ends[2:])
    places = first + share * (second - first)
    values = {name: read_field(landscape, name, places) for name in names}
    distance = share[:, 0] * float(np.linalg.norm(second - first))
    return Profile(distance, values, near_computed(landscape, places))


def write_pins(landscape: Landscape, pins: Sequence[tuple[float, float]]) -> str:
    """Write the values at places (u, v) as a table with tabs between columns, for a spreadsheet."""
    places = np.array(pins, dtype=np.float64).reshape(-1, 2)
    names = tuple(dict.fromkeys((*_QUANTITIES, *landscape.further_fields())))
    values = np.stack([places[:, 0], places[:, 1], *(read_field(landscape, name, places) for name in names)], axis=-1)
    sure = np.where(near_computed(landscape, places), "computed", "not computed")
    rows = ["\t".join(("u", "v", *names, "points around"))]
    rows += ["\t".join((*map(repr, row), known)) for row, known in zip(values.tolist(), sure.tolist(), strict=True)]
    return "\n".join(rows) + "\n"


class FieldReader:
    """Reads the fields of a landscape anywhere; what is filled in is kept.

    Args:
        landscape: A plane, or a line, which has no v.
    """

    def __init__(self, landscape: Landscape) -> None:
        self.landscape = landscape
        self._filled: dict[str, list[Float]] = {}

    def read(self, name: str, places: Float) -> Float:
        """Return a field at places (u, v) [n, 2] of the drawn triangles, float64 [n]; NaN where it is not known."""
        whole = self.landscape
        if name not in whole.fields:
            return np.full(len(places), np.nan)
        if whole.dimensions == 1:
            line: Float = np.interp(places[:, 0], whole.u, whole.fields[name][0], left=np.nan, right=np.nan)
            return line
        regions = [region for region in whole.regions if name in region.landscape.fields]
        if name not in self._filled:
            self._filled[name] = [whole.filled(name), *(region.filled(name) for region in regions)]
        values = sample_on_triangles(self._filled[name][0], whole.u, whole.v, places)
        for region, filled in zip(regions, self._filled[name][1:], strict=True):
            inside = region.holds(places)
            values[inside] = sample_on_triangles(filled, region.landscape.u, region.landscape.v, places[inside])
        return values


def read_field(landscape: Landscape, name: str, places: Float) -> Float:
    """Return a field at places (u, v) [n, 2] of the drawn triangles, float64 [n]; NaN where it is not known."""
    return FieldReader(landscape).read(name, places)


def near_computed(landscape: Landscape, places: Float) -> NDArray[np.bool_]:
    """Tell whether all four points around places (u, v) [n, 2] were evaluated, of the finest grid there, bool [n]."""
    near = _near_computed(landscape, places)
    for region in landscape.regions:
        inside = region.holds(places)
        near[inside] = _near_computed(region.landscape, places[inside])
    return near


def _near_computed(landscape: Landscape, places: Float) -> NDArray[np.bool_]:
    corner = landscape.computed
    column = np.clip(np.searchsorted(landscape.u, places[:, 0], side="right") - 1, 0, landscape.u.size - 2)
    row = np.clip(np.searchsorted(landscape.v, places[:, 1], side="right") - 1, 0, landscape.v.size - 2)
    around = [corner[row + down, column + right] for down in (0, 1) for right in (0, 1)]
    return np.asarray(np.logical_and.reduce(around))
