"""The parts of a picture beside the surface: frozen arrays in display coordinates, one part a layer."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from talweg.certification import Certification
from talweg.picture.surface_part import SurfacePart

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OverlayPart:
    """A second landscape in the axes of the first.

    Attributes:
        key: Equal keys mean equal parts.
        surface: Its surface, where the first one's box holds it.
        names: Of the first landscape and of this one.
    """

    key: Hashable
    surface: SurfacePart
    names: tuple[str, str]


@dataclass(frozen=True, eq=False)
class CapPart:
    """The plane at which the surface is cut off, where it goes on above.

    Attributes:
        key: Equal keys mean equal parts.
        points: float32 [k, 3], display coordinates, all at one height.
        triangles: int32 [m, 3].
        rim: int64 [c, 2], pieces of the line in which the surface meets it, as pairs of points.
        value: Of the height's quantity.
        title: What the height shows.
        visible: Whether it is drawn.
    """

    key: Hashable
    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    rim: NDArray[np.int64]
    value: float
    title: str
    visible: bool


@dataclass(frozen=True, eq=False)
class ContoursPart:
    """Level lines of the height, on the surface and on the floor.

    Attributes:
        key: Equal keys mean equal parts.
        levels: float64 [c], display heights z of the levels.
        values: float64 [c], the same levels as values of the height's quantity.
        on_surface: Whether they are drawn on the surface.
        on_floor: Whether they are drawn on the floor.
        labelled: Whether their values stand at them.
    """

    key: Hashable
    levels: Float
    values: Float
    on_surface: bool
    on_floor: bool
    labelled: bool = False


@dataclass(frozen=True, eq=False)
class CriticalPointsPart:
    """Critical points of the loss on the plane whose persistence is over the threshold.

    Attributes:
        key: Equal keys mean equal parts.
        kind: int8 [m], 0 minimum, 1 saddle, 2 maximum.
        positions: float32 [m, 3], display coordinates on the surface.
        coordinates: float64 [m, 2], (u, v).
        loss: float64 [m].
        persistence: float64 [m]; inf for the global minimum.
        certifications: What the network said about each, or None where it was not asked.
        size: float32 [m], radius in units of the usual one, which grows with the persistence.
        confirmed: bool [m], False where the mirrored triangulation has no such point: the grid does not resolve it.
        on_boundary: bool [m], True on the frame, where the window cuts the landscape off.
        total: Number of points over the threshold; at most ``MOST_POINTS`` of them are here.
        threshold: What was applied, in the unit of the persistence.
        logarithmic: Persistence is in decades of the loss, otherwise in its units.
        visible: Whether they are drawn.
        own: So many of them, the first ones, are those of the landscape's own grid; the others are known only to finer
            grids inside it. One of its own that a finer grid does not have is not drawn: its height is NaN.
        refuted: bool [m], which ones these are.
    """

    key: Hashable
    kind: NDArray[np.int8]
    positions: NDArray[np.float32]
    coordinates: Float
    loss: Float
    persistence: Float
    certifications: tuple[Certification | None, ...]
    size: NDArray[np.float32]
    confirmed: NDArray[np.bool_]
    on_boundary: NDArray[np.bool_]
    total: int
    threshold: float
    logarithmic: bool
    visible: bool
    own: int = 0
    refuted: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def without_refuted(self) -> "CriticalPointsPart":
        """Return those that the finest grid at their place has."""
        if not self.refuted.any():
            return self
        kept = ~self.refuted
        names = "kind", "positions", "coordinates", "loss", "persistence", "size", "confirmed", "on_boundary", "refuted"
        words = tuple(word for word, keep in zip(self.certifications, kept.tolist(), strict=True) if keep)
        chosen = {name: getattr(self, name)[kept] for name in names}
        return replace(self, **chosen, certifications=words, own=int(kept[: self.own].sum()))

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Whether the network itself has the point, bool [m]."""
        return np.array([word is not None and word.confirms for word in self.certifications], dtype=bool)


@dataclass(frozen=True, eq=False)
class LinesPart:
    """Separatrices and talwegs on the surface, as pieces of straight lines; a layer that is hidden has none.

    Attributes:
        key: Equal keys mean equal parts.
        points: float32 [n, 3], display coordinates.
        descending: int64 [a, 2], pieces from saddles down to minima.
        ascending: int64 [b, 2], pieces from saddles up to maxima or to the frame.
        talwegs: int64 [c, 2], pieces of the valley lines between minima.
        width: Of all lines, in units of the usual one.
    """

    key: Hashable
    points: NDArray[np.float32]
    descending: NDArray[np.int64]
    ascending: NDArray[np.int64]
    talwegs: NDArray[np.int64]
    width: float


@dataclass(frozen=True, eq=False)
class PathPart:
    """A training path drawn on the surface.

    Attributes:
        key: Equal keys mean equal parts.
        lines: float32 [k, 3] each, polylines that follow the surface exactly, broken where it has a hole or ends.
        markers: float32 [T, 3], the checkpoints on the surface; NaN for one outside.
        names: T names.
        residual: float64 [T], distance from the plane.
        visible: Whether it is drawn.
        title: What the run is called, where there are several.
        others: The other runs on the plane.
        shares: float32 [k] for each line: where its points stand in the colours, 0 to 1; empty for one colour.
        coloured_by: What these are, in words with the values of both ends; empty for one colour.
        thin: A thin line instead of a tube.
        stems: float32 [m, 2, 3], from the surface to each checkpoint that is drawn at its own value.
        standing_at: What that value is.
    """

    key: Hashable
    lines: tuple[NDArray[np.float32], ...]
    markers: NDArray[np.float32]
    names: tuple[str, ...]
    residual: Float
    visible: bool
    title: str = ""
    others: "tuple[PathPart, ...]" = ()
    shares: tuple[NDArray[np.float32], ...] = ()
    coloured_by: str = ""
    thin: bool = False
    stems: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2, 3), dtype=np.float32))
    standing_at: str = ""


@dataclass(frozen=True, eq=False)
class LandmarksPart:
    """The checkpoints that the plane was laid through.

    Attributes:
        key: Equal keys mean equal parts.
        positions: float32 [k, 3], on the surface; NaN for one outside or in a hole.
        names: What stands beside each.
        coordinates: float64 [k, 2], (u, v).
        visible: Whether they are drawn.
    """

    key: Hashable
    positions: NDArray[np.float32]
    names: tuple[str, ...]
    coordinates: Float
    visible: bool


@dataclass(frozen=True, eq=False)
class ProbePart:
    """What is probed: pinned points and the line of a profile.

    Attributes:
        key: Equal keys mean equal parts.
        positions: float32 [k, 3], the pins on the surface; NaN for one outside or in a hole.
        words: What stands beside each.
        lines: float32 [n, 3] each, the line on the surface, broken where it has a hole or ends.
    """

    key: Hashable
    positions: NDArray[np.float32]
    words: tuple[str, ...]
    lines: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, eq=False)
class AxesPart:
    """The frame around the surface and the axes with their names and ticks.

    Attributes:
        key: Equal keys mean equal parts.
        bounds: (xmin, xmax, ymin, ymax, zmin, zmax) of the box, display coordinates.
        titles: Of x, y and z.
        u_range: Plane coordinates at the ends of x.
        v_range: Plane coordinates at the ends of y.
        height_ticks: (display z, label) pairs.
        visible: Whether they are drawn.
        grid: Whether floor and walls are, with lines at the ticks.
    """

    key: Hashable
    bounds: tuple[float, float, float, float, float, float]
    titles: tuple[str, str, str]
    u_range: tuple[float, float]
    v_range: tuple[float, float]
    height_ticks: tuple[tuple[float, str], ...]
    visible: bool
    grid: bool = True


@dataclass(frozen=True, eq=False)
class CentrePart:
    """The centre of the plane, where all coordinates are zero.

    Attributes:
        key: Equal keys mean equal parts.
        position: float32 [3], on the surface; NaN outside and in a hole.
        visible: Whether it is marked.
    """

    key: Hashable
    position: NDArray[np.float32]
    visible: bool


Array = TypeVar("Array", bound=NDArray[np.generic])


def frozen(array: Array) -> Array:
    """Forbid writing to an array, since parts of a picture share it."""
    array.flags.writeable = False
    return array
