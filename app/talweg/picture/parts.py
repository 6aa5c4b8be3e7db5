"""The parts of a picture: frozen arrays in display coordinates, and the frame that maps them back to the plane."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from talweg.certification import Certification
from talweg.view.scaling import Scaling
from talweg.view.state import Camera, Lighting, TrajectoryColour
from talweg_compute.field import Cut, triangles

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """The map between plane coordinates (u, v) and display coordinates (x, y), and between values and z.

    Attributes:
        centre: Plane coordinates of the display's origin.
        scale: Display units per plane unit along u and v; equal unless one side is over three times the other.
        height_range: Lowest and highest transformed height shown; z = z_top * (t - low) / (high - low).
        z_top: Display height of the highest value.
        height_scale: How a value becomes t.
    """

    centre: tuple[float, float]
    scale: tuple[float, float]
    height_range: tuple[float, float]
    z_top: float
    height_scale: Scaling

    def to_display(self, u: ArrayLike, v: ArrayLike) -> tuple[Float, Float]:
        """Return (x, y) of plane coordinates."""
        x = (np.asarray(u, dtype=np.float64) - self.centre[0]) * self.scale[0]
        y = (np.asarray(v, dtype=np.float64) - self.centre[1]) * self.scale[1]
        return np.asarray(x), np.asarray(y)

    def to_plane(self, x: ArrayLike, y: ArrayLike) -> tuple[Float, Float]:
        """Return (u, v) of display coordinates."""
        u = np.asarray(x, dtype=np.float64) / self.scale[0] + self.centre[0]
        v = np.asarray(y, dtype=np.float64) / self.scale[1] + self.centre[1]
        return np.asarray(u), np.asarray(v)

    def height_to_z(self, values: ArrayLike) -> Float:
        """Return z of values of the height's quantity; on a logarithmic scale, values that have none lie on the floor.

        Nothing is capped: values above the shown range come out above ``z_top``.
        """
        low, high = self.height_range
        t = self.height_scale.forward(values)
        if self.height_scale.kind == "log":
            t = np.where(np.isneginf(t), low, t)
        return np.asarray(self.z_top * (t - low) / (high - low))

    def z_to_height(self, z: ArrayLike) -> Float:
        """Return the values of the height's quantity at z."""
        low, high = self.height_range
        return self.height_scale.back(low + np.asarray(z, dtype=np.float64) * (high - low) / self.z_top)


@dataclass(frozen=True)
class Look:
    """How a surface is drawn, whatever it shows.

    Attributes:
        faceted: Each triangle in one shade, instead of smooth.
        wireframe: Only the edges of the triangles.
        plain: In one colour, whatever the colour shows.
        opacity: Above 0, at most 1.
        lighting: Which light falls on it.
        tint: The one colour, sRGB in [0, 1]; None: that of the theme.
    """

    faceted: bool = False
    wireframe: bool = False
    plain: bool = False
    opacity: float = 1.0
    lighting: Lighting = "soft"
    tint: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class Basins:
    """Basins as colour.

    Attributes:
        rank: int32 [n], rank of the minimum that each point of the surface drains to among all minima, most persistent
            first; -1 for none.
        shown: int64 [b], the ranks of the minima that are kept, most persistent first.
        loss: float64 [b], the loss at those minima.
    """

    rank: NDArray[np.int32]
    shown: NDArray[np.int64]
    loss: Float


@dataclass(frozen=True, eq=False)
class SurfacePart:
    """The surface.

    Attributes:
        key: Equal keys mean equal parts.
        points: float32 [n, 3], display coordinates: of the grid row by row, then of the finer grids inside; z is NaN
            where the height is not finite.
        triangles: int32 [m, 3], counter-clockwise from above, none at a non-finite height.
        normals: float32 [n, 3], unit normals in display coordinates.
        scalars: float32 [n], the colour's quantity on its scale, NaN possible.
        scalar_range: Lowest and highest scalar of the colour map, on the same scale.
        colour_scale: How values became scalars; labels show the values themselves.
        colour_map: Name of the map.
        title: Of the scalar bar.
        interpolated: bool [n], True where the surface is shaded, since it is drawn from its neighbours.
        visible: Whether the surface is drawn.
        scalar_bar: Whether the scalar bar is drawn.
        basins: What the colour shows instead of the scalars, which are NaN then; None: the scalars.
        shaded_as: What is shaded, in words.
        interpolated_share: Share of the points that were not evaluated because the job's tolerance lets their
            neighbours stand for them; drawn like the others.
        look: How it is drawn.
        grid: Rows and columns of the grid, whose points are the first ones.
        patches: Rows and columns of each finer grid inside, whose points follow.
        top: Display height at which it is cut off; None where nothing is above.
        cut: How it was cut, where it was; the points where its edges cross the top are the last ones.
        uncut: The whole surface, where it was cut.
    """

    key: Hashable
    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    normals: NDArray[np.float32]
    scalars: NDArray[np.float32]
    scalar_range: tuple[float, float]
    colour_scale: Scaling
    colour_map: str
    title: str
    interpolated: NDArray[np.bool_]
    visible: bool
    scalar_bar: bool
    basins: Basins | None = None
    shaded_as: str = "not computed yet"
    interpolated_share: float = 0.0
    look: Look = Look()
    grid: tuple[int, int] = (0, 0)
    patches: tuple[tuple[int, int], ...] = ()
    top: float | None = None
    cut: Cut | None = None
    uncut: "SurfacePart | None" = None

    @property
    def heights(self) -> tuple[Float, ...]:
        """Display heights of the grid [nv, nu], then of each finer grid inside; nothing is cut off."""
        z, start, found = self.points[:, 2].astype(np.float64), 0, []
        for rows, columns in (self.grid, *self.patches):
            found.append(z[start : start + rows * columns].reshape(rows, columns))
            start += rows * columns
        return tuple(found)

    def grid_alone(self) -> "SurfacePart":
        """Return the grid without finer ones inside, whose points are where they were; nothing is cut off."""
        if self.uncut is not None:
            return self.uncut.grid_alone()
        if not self.patches:
            return self
        count = self.grid[0] * self.grid[1]
        return replace(
            self,
            points=self.points[:count],
            triangles=triangles(self.heights[0]).astype(np.int32),
            normals=self.normals[:count],
            scalars=self.scalars[:count],
            interpolated=self.interpolated[:count],
            basins=None if self.basins is None else replace(self.basins, rank=self.basins.rank[:count]),
            patches=(),
        )


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
        coloured_by: What these are: "epoch", "loss", or "plain" for one colour.
        thin: A thin line instead of a tube.
        stems: float32 [m, 2, 3], from the surface to each checkpoint that is drawn at its own loss.
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
    coloured_by: TrajectoryColour = "plain"
    thin: bool = False
    stems: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2, 3), dtype=np.float32))


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


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that is to be shown; parts that did not change are the same objects as in the picture before."""

    frame: Frame
    surface: SurfacePart
    contours: ContoursPart
    critical_points: CriticalPointsPart
    lines: LinesPart
    path: PathPart | None
    axes: AxesPart
    orthographic: bool
    camera: Camera | None
    probe: ProbePart | None = None
    overlay: OverlayPart | None = None
    landmarks: LandmarksPart | None = None
    cap: CapPart | None = None
    centre: CentrePart | None = None
    legend: bool = True


Array = TypeVar("Array", bound=NDArray[np.generic])


def frozen(array: Array) -> Array:
    """Forbid writing to an array, since parts of a picture share it."""
    array.flags.writeable = False
    return array
