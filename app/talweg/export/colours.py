"""Colours of a picture as sRGB bytes."""

import numpy as np
from numpy.typing import NDArray

from talweg.picture import SurfacePart, basin_colours
from talweg.theme import LIGHT, Colour

Bytes = NDArray[np.uint8]


def _as_bytes(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue, 255


MISSING = _as_bytes(LIGHT.unknown)
"""Colour where the quantity is not known; this and those below are the scene's on a light background."""

KINDS = tuple(_as_bytes(colour) for colour in (LIGHT.minimum, LIGHT.saddle, LIGHT.maximum))
"""Colours of minima, saddles and maxima."""


def surface_colours(surface: SurfacePart) -> Bytes:
    """Apply the colour map to a surface.

    Args:
        surface: The surface of a picture.

    Returns:
        sRGB and opacity, uint8 [nv * nu, 4]; grey where the scalar is not a number, the map's ends beyond its range;
        the basins' own colours where these are shown.
    """
    if surface.basins is not None:
        grey = MISSING[0] / 255, MISSING[1] / 255, MISSING[2] / 255
        shades = np.round(255 * basin_colours(surface.basins.rank, grey)).astype(np.uint8)
        return np.column_stack([shades, np.full(len(shades), 255, dtype=np.uint8)])
    low, high = surface.scalar_range
    scalars = np.asarray(surface.scalars, dtype=np.float64)
    share = (scalars - low) / (high - low) if high > low else np.zeros_like(scalars)
    share[np.isnan(scalars)] = 0.0
    table = np.column_stack([np.round(255 * surface.colours), np.full(len(surface.colours), 255.0)]).astype(np.uint8)
    places = np.clip(share * len(table), 0, len(table) - 1).astype(np.int64)
    colours: Bytes = table[places]
    colours[np.isnan(scalars)] = MISSING
    return colours


def to_linear(colours: Bytes) -> NDArray[np.float32]:
    """Turn sRGB bytes into linear light, as glTF's vertex colours are (IEC 61966-2-1).

    Args:
        colours: uint8 [n, 4], sRGB and opacity.

    Returns:
        float32 [n, 4] from 0 to 1; the opacity is linear already.
    """
    share = colours.astype(np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    linear[:, 3] = share[:, 3]
    return linear.astype(np.float32)
