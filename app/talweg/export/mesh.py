"""The drawn surface in plane coordinates: what every mesh format writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from talweg.export.colours import Bytes, surface_colours
from talweg.export.metadata import describe
from talweg.landscape import FIELDS, Landscape, TrainingPath
from talweg.picture import Frame, Picture
from talweg.view.quantities import LOG_LOSS, fit_view, smallest_positive
from talweg.view.state import ViewState
from talweg_compute.messages import InputError

Float = NDArray[np.float64]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Lift:
    """How a drawn height becomes a coordinate: z = factor * (height - base), both z and x, y in units of the plane.

    Attributes:
        factor: Plane units per unit of the drawn height.
        base: Drawn height at z = 0.
        formula: The drawn height in terms of the quantity, such as "log10(loss)".
        scale: Display units per plane unit along x, y and z.
    """

    factor: float
    base: float
    formula: str
    scale: tuple[float, float, float]

    @property
    def sentence(self) -> str:
        """The whole map in one line from which a reader can compute heights back from z."""
        sign = "-" if self.base >= 0 else "+"
        return f"x=u y=v z={self.factor!r}*(height{sign}{abs(self.base)!r}) ; height = {self.formula}"

    def height(self, z: Float) -> Float:
        """Return the drawn height at z in plane units."""
        return self.base + z / self.factor


@dataclass(frozen=True, eq=False)
class Mesh:
    """The surface of a picture in plane coordinates.

    Its vertices are the points of the grid, row by row, then those of each finer grid inside. Where finer grids hide
    coarser points, or share points of their border with what is around, no triangle has these.

    Attributes:
        vertices: float64 [n, 3]; x = u and y = v exactly, z by ``lift``; all finite.
        normals: float32 [n, 3], unit length, upwards.
        triangles: int32 [m, 3], counter-clockwise seen from +z, none at a hole.
        colours: uint8 [n, 4], sRGB and opacity.
        height: float64 [n], the drawn height; at a hole the highest one. On the border of a finer grid it is that of
            the surface around.
        loss: float64 [n], the loss as computed, or interpolated where ``interpolated``; NaN and inf possible.
        fields: float64 [n], whatever else is known of the points, by name; NaN where it is not.
        quality: float64 [n], the loss, or the highest finite one where it is not finite.
        hole: bool [n], True where no triangle may be: the loss or the drawn height is not finite.
        interpolated: bool [n], True where the point was not computed, but drawn from its neighbours.
        lift: How z came about.
        plateau: At which value of the height's quantity there is a plateau, in words; empty where nothing is above.
    """

    vertices: Float
    normals: NDArray[np.float32]
    triangles: NDArray[np.int32]
    colours: Bytes
    height: Float
    loss: Float
    fields: dict[str, Float]
    quality: Float
    hole: NDArray[np.bool_]
    interpolated: NDArray[np.bool_]
    lift: Lift
    plateau: str = ""

    def only_drawn(self) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
        """Return which vertices triangles have, bool [n], and the triangles with those numbered consecutively."""
        drawn = np.zeros(len(self.vertices), dtype=np.bool_)
        drawn[self.triangles] = True
        number = np.cumsum(drawn, dtype=np.int32) - 1
        return drawn, number[self.triangles].astype(np.int32)

    def describe(self, landscape: Landscape) -> dict[str, Any]:
        """Describe the landscape and how its mesh came about, as ``metadata.describe`` does."""
        table = describe(landscape) | {"axes": self.lift.sentence}
        return table | {"plateau": self.plateau} if self.plateau else table


def build_mesh(landscape: Landscape, view: ViewState, picture: Picture) -> Mesh:
    """Turn the surface of a picture into a mesh in plane coordinates.

    x and y are u and v, and z has the same unit, chosen so that the mesh has the proportions of the picture.

    Args:
        landscape: The numbers.
        view: How they are looked at.
        picture: What ``resolve`` made of both.

    Returns:
        The mesh.

    Raises:
        InputError: No point has a finite loss yet, so there is no surface.
    """
    view = fit_view(landscape, view)
    grids = [landscape, *(region.landscape for region in landscape.regions)]
    filled = [landscape.filled("loss"), *(region.filled("loss") for region in landscape.regions)]
    loss = _joined(filled)
    finite = np.isfinite(loss)
    if not finite.any():
        raise InputError("This landscape has no point with a finite loss yet, so there is no surface to write.")
    lift = lift_of(landscape, view, picture.frame)
    surface = picture.surface.uncut or picture.surface
    drawn = surface.points[:, 2].astype(np.float64)
    plateau = ""
    if surface.top is not None:
        plateau = f"values above {float(picture.frame.z_to_height(surface.top)):.6g} are a plateau"
        drawn = np.minimum(drawn, surface.top)
    hole = ~finite | ~np.isfinite(drawn)
    z = np.where(hole, picture.frame.z_top, drawn) / lift.scale[2]
    places = [np.meshgrid(grid.u, grid.v) for grid in grids]
    kept = ~hole[surface.triangles].any(axis=1)
    return Mesh(
        vertices=np.column_stack([_joined([u for u, _ in places]), _joined([v for _, v in places]), z]),
        normals=_normals(surface.normals, lift),
        triangles=surface.triangles[kept],
        colours=surface_colours(surface),
        height=np.where(hole, picture.frame.height_range[1], lift.height(z)),
        loss=loss,
        fields=_fields(grids),
        quality=np.where(finite, loss, loss[finite].max()),
        hole=hole,
        interpolated=~_joined([grid.computed for grid in grids]),
        lift=lift,
        plateau=plateau,
    )


def _fields(grids: Sequence[Landscape]) -> dict[str, Float]:
    """What is known of the points beside the loss, by name [n]."""
    found = {}
    for name in dict.fromkeys((*FIELDS[1:], *grids[0].further_fields())):
        parts = [grid.fields.get(name, np.full(grid.loss.shape, np.nan)) for grid in grids]
        if any(np.isfinite(part).any() for part in parts):
            found[name] = _joined(parts)
    return found


def _joined(parts: Sequence[NDArray[Scalar]]) -> NDArray[Scalar]:
    """Values at the points of all grids, one after the other."""
    return np.concatenate([part.ravel() for part in parts])


def lift_of(landscape: Landscape, view: ViewState, frame: Frame) -> Lift:
    """Work out the map from drawn heights to z in units of the plane.

    Where the picture stretches the narrower side of a long plane, the mesh does not, and z has the proportion to the
    wider side that the picture has.

    Args:
        landscape: The numbers.
        view: How they are looked at.
        frame: The frame of their picture.

    Returns:
        The map.
    """
    along = min(frame.scale)
    low, high = frame.height_range
    factor = frame.z_top / (high - low) / along
    return Lift(float(factor), float(low), _formula(landscape, view, frame), (*frame.scale, along))


def height_of_checkpoints(path: TrainingPath, view: ViewState, frame: Frame) -> Float:
    """Return the display heights [T] of the checkpoints' own values, within the range that is drawn.

    The floor stands for what a checkpoint does not have: a standard error, or a value that is not a number.
    """
    values = path.values(view.height)
    if values is None:
        return np.zeros(len(path.names))
    z = frame.height_to_z(values)
    return np.clip(np.where(np.isnan(z), 0.0, z), 0.0, frame.z_top)


def _formula(landscape: Landscape, view: ViewState, frame: Frame) -> str:
    """The drawn height in terms of the field, with the smallest loss that has a logarithm and the cap."""
    text, scaling = frame.height_scale.formula(view.height), frame.height_scale
    values = landscape.loss[landscape.known]
    smallest = smallest_positive(values)
    if view.height == LOG_LOSS:
        text = f"log10(max(loss,{smallest!r}))" if (values <= 0).any() else "log10(loss)"
    if view.height_cap is None:
        return text
    cap = max(view.height_cap, smallest) if scaling.kind == "log" else view.height_cap
    return f"min({text},{float(scaling.forward(cap))!r})"


def _normals(normals: NDArray[np.float32], lift: Lift) -> NDArray[np.float32]:
    """Carry normals from display to plane coordinates: they follow the inverse transpose."""
    turned = normals.astype(np.float64) * lift.scale
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    usable = np.isfinite(length) & (length > 0)
    return np.where(usable, turned / np.where(usable, length, 1.0), (0.0, 0.0, 1.0)).astype(np.float32)
