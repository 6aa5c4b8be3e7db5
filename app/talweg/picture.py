"""What is to be shown: one frozen picture, resolved from a landscape and a view. NumPy only, no Qt, no VTK.

Display coordinates: the grid's centre is (0, 0), its wider side spans [-1, 1], the floor is z = 0, and the surface
rises to 1.2 times the view's height factor. The scene, figures, movies and meshes all draw this one picture.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg.view_state import Camera, Scale, ViewState

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """The map between plane coordinates (u, v) and display coordinates (x, y), and between values and z.

    Attributes:
        centre: Plane coordinates of the display's origin.
        scale: Display units per plane unit along u and v; equal unless one side is over three times the other.
        height_range: Lowest and highest transformed height shown; z = z_top * (t - low) / (high - low).
        z_top: Display height of the highest value.
        height_scale: How a value becomes t: itself, or its decimal logarithm.
    """

    centre: tuple[float, float]
    scale: tuple[float, float]
    height_range: tuple[float, float]
    z_top: float
    height_scale: Scale


@dataclass(frozen=True, eq=False)
class SurfacePart:
    """The surface.

    Attributes:
        key: Equal keys mean equal parts.
        points: float32 [nv * nu, 3], display coordinates, row by row; z is NaN where the height is not finite.
        triangles: int32 [m, 3], counter-clockwise from above, none at a non-finite height.
        normals: float32 [nv * nu, 3], unit normals in display coordinates.
        scalars: float32 [nv * nu], the colour's quantity on its scale (log10 applied where logarithmic), NaN possible.
        scalar_range: Lowest and highest scalar of the colour map, on the same scale.
        colour_scale: Whether scalars are logarithms; labels show the values themselves.
        colour_map: Name of the map.
        title: Of the scalar bar.
        interpolated: bool [nv * nu], True where the point is not computed yet and drawn from its neighbours.
        visible: Whether the surface is drawn.
        scalar_bar: Whether the scalar bar is drawn.
    """

    key: Hashable
    points: NDArray[np.float32]
    triangles: NDArray[np.int32]
    normals: NDArray[np.float32]
    scalars: NDArray[np.float32]
    scalar_range: tuple[float, float]
    colour_scale: Scale
    colour_map: str
    title: str
    interpolated: NDArray[np.bool_]
    visible: bool
    scalar_bar: bool


@dataclass(frozen=True, eq=False)
class ContoursPart:
    """Level lines of the height, on the surface and on the floor.

    Attributes:
        key: Equal keys mean equal parts.
        levels: float64 [c], display heights z of the levels.
        values: float64 [c], the same levels as values of the height's quantity.
        on_surface: Whether they are drawn on the surface.
        on_floor: Whether they are drawn on the floor.
    """

    key: Hashable
    levels: Float
    values: Float
    on_surface: bool
    on_floor: bool


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
        threshold: What was applied, in units of the loss.
        visible: Whether they are drawn.
    """

    key: Hashable
    kind: NDArray[np.int8]
    positions: NDArray[np.float32]
    coordinates: Float
    loss: Float
    persistence: Float
    threshold: float
    visible: bool


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
    """

    key: Hashable
    lines: tuple[NDArray[np.float32], ...]
    markers: NDArray[np.float32]
    names: tuple[str, ...]
    residual: Float
    visible: bool


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
    """

    key: Hashable
    bounds: tuple[float, float, float, float, float, float]
    titles: tuple[str, str, str]
    u_range: tuple[float, float]
    v_range: tuple[float, float]
    height_ticks: tuple[tuple[float, str], ...]
    visible: bool


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that is to be shown; parts that did not change are the same objects as in the picture before."""

    frame: Frame
    surface: SurfacePart
    contours: ContoursPart
    critical_points: CriticalPointsPart
    path: PathPart | None
    axes: AxesPart
    orthographic: bool
    camera: Camera | None


def default_view(landscape: Landscape) -> ViewState:
    """Choose a view that shows the landscape's shape: logarithmic height where the loss spans decades."""
    raise NotImplementedError


def resolve(landscape: Landscape, view: ViewState, last: Picture | None = None) -> Picture:
    """Work out what is to be shown.

    Args:
        landscape: The numbers.
        view: How they are looked at.
        last: The picture before, whose unchanged parts are used again.

    Returns:
        The picture.
    """
    raise NotImplementedError
