"""Compares screenshots so that another machine's rasterizer passes and a missing line does not.

Both pictures are shrunk by area and blurred, so that how an edge falls on pixels counts little. A spot of one misfits
the other as far as its colour lies outside the range of those around the same place there, in the worst channel. So a
shift by a pixel or two passes; what is missing on either side does not, since the comparison goes both ways.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

SIZE = (1280, 800)
"""Of the window in logical pixels, which pictures of any scale are shrunk to."""
LEAST = 30.0
"""Of 255: from here on pictures differ. Two pixels aside is some 19, a panel eight pixels lower or no axes over 40."""
_SPOT = 2  # pixels
_BLUR = 2.0  # spots
_NEIGHBOURS = 5  # spots
_COLOURS = 256

Spots = NDArray[np.float64]


def load(path: Path) -> Image.Image:
    """Read a picture."""
    with Image.open(path) as image:
        return image.convert("RGB")


def misfit(one: Image.Image, other: Image.Image) -> Spots:
    """Return how little each spot fits [rows, columns], 0 to 255."""
    first, second = _spots(one), _spots(other)
    return np.asarray(np.maximum(_outside(first, second), _outside(second, first)))


def unlikeness(one: Image.Image, other: Image.Image) -> float:
    """Return the misfit of the worst spot; from ``LEAST`` on, the pictures differ."""
    return float(misfit(one, other).max())


def show_misfits(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return both pictures side by side, and below them where they differ, black."""
    half = SIZE[0] // 2, SIZE[1] // 2
    sheet = Image.new("RGB", (2 * half[0], 2 * half[1]), "white")
    where = Image.fromarray((255 * (1 - np.clip(misfit(one, other) / LEAST, 0, 1))).astype(np.uint8))
    for place, image in (((0, 0), one), ((half[0], 0), other), ((0, half[1]), where)):
        sheet.paste(image.resize(half, Image.Resampling.BOX).convert("RGB"), place)
    return sheet


def shrink(image: Image.Image) -> Image.Image:
    """Return a picture at scale 1 in a few colours, as it is kept."""
    reduced = image.resize(SIZE, Image.Resampling.BOX) if image.size != SIZE else image
    return reduced.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def _spots(image: Image.Image) -> Spots:
    size = SIZE[0] // _SPOT, SIZE[1] // _SPOT
    shrunk = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX), dtype=np.float64)
    return np.asarray(gaussian_filter(shrunk, (_BLUR, _BLUR, 0)))


def _outside(one: Spots, other: Spots) -> Spots:
    """How far the spots of one lie outside what there is around them in the other, the worst channel."""
    reach = (_NEIGHBOURS, _NEIGHBOURS, 1)
    low, high = minimum_filter(other, reach), maximum_filter(other, reach)
    return np.asarray(np.maximum(np.maximum(low - one, one - high), 0).max(axis=2))
