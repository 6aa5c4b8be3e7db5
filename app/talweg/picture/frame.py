"""The map between the plane and the display."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from talweg.view.scaling import Scaling

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
