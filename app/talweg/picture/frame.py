"""The map between the plane and the display, and how it is laid around a landscape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from talweg.landscape import Landscape
from talweg.picture.transform import height_scaling
from talweg.view.scaling import Scaling
from talweg.view.state import ViewState

Float = NDArray[np.float64]
HEIGHT = 1.2
"""Display height of the surface at height factor 1; its wider side is 2."""
_LARGEST_RATIO = 3.0  # of the sides, as displayed


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


def lay_frame(landscape: Landscape, view: ViewState, height_range: tuple[float, float]) -> Frame:
    """Lay the frame around a landscape: its wider side spans [-1, 1], the other one at least a third of that.

    Args:
        landscape: The grid.
        view: As ``fit_view`` gives it.
        height_range: Lowest and highest transformed height shown.

    Returns:
        The frame.
    """
    low = np.array([landscape.u[0], landscape.v[0]])
    high = np.array([landscape.u[-1], landscape.v[-1]])
    sides = high - low
    shown = 2.0 * np.maximum(sides / sides.max(), 1.0 / _LARGEST_RATIO)
    centre, scale = (low + high) / 2, shown / sides
    return Frame(
        centre=(float(centre[0]), float(centre[1])),
        scale=(float(scale[0]), float(scale[1])),
        height_range=height_range,
        z_top=HEIGHT * view.height_factor,
        height_scale=height_scaling(view),
    )
