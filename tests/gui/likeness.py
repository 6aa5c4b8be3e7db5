"""Compares screenshots so that another machine's rasterizer passes and a missing line does not.

Both pictures are shrunk by area, so that the edges of letters and triangles count for little. A spot of one then fits
the other where its colour lies between the darkest and the brightest around the same place there, in each channel; so a
shift by a pixel passes, and what is missing on either side does not.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter, uniform_filter

SPOT = 4
"""Pixels a spot, at scale 1."""
SIZE = (1280, 800)
"""Of the window in logical pixels, which pictures of any scale are shrunk to."""
_TOLERANCE = 22.0  # of 255, by which a spot may lie outside the range around it
_NEIGHBOURS = 3  # spots
_WINDOW = 15  # spots, the side of the square that is searched for the most misfits
LEAST = 0.04
"""Share of misfits in some square from which on pictures differ: a glyph is enough, an edge's jaggies are not."""

Spots = NDArray[np.float64]


def load(path: Path) -> Image.Image:
    """Read a picture."""
    with Image.open(path) as image:
        return image.convert("RGB")


def misfit(one: Image.Image, other: Image.Image) -> NDArray[np.float64]:
    """Return the share of misfits around each spot [rows, columns]."""
    first, second = _spots(one), _spots(other)
    outside = np.maximum(_outside(first, second), _outside(second, first))
    return np.asarray(uniform_filter((outside > _TOLERANCE).astype(np.float64), _WINDOW))


def unlikeness(one: Image.Image, other: Image.Image) -> float:
    """Return the share of misfits in the worst square; from ``LEAST`` on, the pictures differ."""
    return float(misfit(one, other).max())


def show_misfits(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return both pictures side by side, and below them where they differ."""
    size = SIZE[0] // 2, SIZE[1] // 2
    sheet = Image.new("RGB", (2 * size[0], 2 * size[1]), "white")
    share = np.clip(misfit(one, other) / LEAST, 0, 1)
    where = Image.fromarray((255 * (1 - share)).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)
    for place, image in (((0, 0), one), ((size[0], 0), other), ((0, size[1]), where)):
        sheet.paste(image.resize(size, Image.Resampling.BOX).convert("RGB"), place)
    return sheet


def shrink(image: Image.Image) -> Image.Image:
    """Return a picture at scale 1 in a few colours, as it is kept."""
    reduced = image.resize(SIZE, Image.Resampling.BOX) if image.size != SIZE else image
    return reduced.quantize(160, dither=Image.Dither.NONE)


def _spots(image: Image.Image) -> Spots:
    size = SIZE[0] // SPOT, SIZE[1] // SPOT
    return np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX), dtype=np.float64)


def _outside(one: Spots, other: Spots) -> Spots:
    """How far the spots of one lie outside what there is around them in the other, the worst channel."""
    reach = (_NEIGHBOURS, _NEIGHBOURS, 1)
    low, high = minimum_filter(other, reach), maximum_filter(other, reach)
    return np.asarray(np.maximum(np.maximum(low - one, one - high), 0).max(axis=2))
