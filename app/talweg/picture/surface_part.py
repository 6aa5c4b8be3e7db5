"""The surface in a picture: its triangles, what colours them, and how it is drawn."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from talweg.picture.colour_table import colour_table
from talweg.view.scaling import Scaling
from talweg.view.state import BarPlace, Lighting
from talweg_compute.field import Cut, triangles

Float = NDArray[np.float64]


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


class SurfaceKey(NamedTuple):
    """What a surface depends on, in groups that change at different times."""

    geometry: tuple[object, ...]
    colours: tuple[object, ...]
    shown: tuple[bool, bool, BarPlace, Look]
    shaded: tuple[bool, bool]


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
        colour_map: Name of the map, as matplotlib knows it.
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
        colour_steps: In how many colours the map is drawn; 0: smooth.
        bar_place: Where the scalar bar stands: "automatic", "right" or "below".
        holes: Whether it is open where the height is computed and not finite.
        uncoloured: Whether it has a colour of its own where the colour's quantity is computed and not a number.
    """

    key: SurfaceKey
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
    colour_steps: int = 0
    bar_place: BarPlace = "automatic"
    holes: bool = False
    uncoloured: bool = False

    @property
    def colours(self) -> Float:
        """Colours of the map from the lowest scalar to the highest, float64 [n, 3], sRGB in [0, 1]."""
        return colour_table(self.colour_map, self.colour_steps)

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
