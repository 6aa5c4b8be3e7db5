"""How large text is: relative to the picture, never too small to read, and in points where a figure goes on paper."""

TICK_SIZE, TITLE_SIZE = 15.0, 18.0
"""Heights of the fonts at the axes in pixels at scale 1."""

_WIDTH, _HEIGHT = 1280.0, 800.0  # of the window at scale 1
_SMALLEST = 0.8  # scale, in logical pixels
_POINTS_AN_INCH = 72.0
MM_AN_INCH = 25.4
POINTS_ON_PAPER = 7.0
"""Usual height of the numbers at the axes of a figure whose size is given in millimetres."""


def text_scale(size: tuple[int, int], pixel_ratio: float) -> float:
    """Return the size of text and lines in a picture: that of the picture, but never too small to read.

    Args:
        size: Width and height in pixels.
        pixel_ratio: Pixels for each logical one.
    """
    return max(min(size[0] / _WIDTH, size[1] / _HEIGHT), _SMALLEST * pixel_ratio)


def text_factor_on_paper(points: float, size: tuple[int, int], dpi: float) -> float:
    """Return the factor of text at which the numbers at the axes have a height on paper.

    Args:
        points: Height of their font.
        size: Of the figure, in pixels.
        dpi: Pixels an inch.
    """
    return points * dpi / _POINTS_AN_INCH / (TICK_SIZE * text_scale(size, 1.0))


def size_on_paper(mm: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Return width and height in pixels of a figure on paper.

    Args:
        mm: Width and height in millimetres.
        dpi: Pixels an inch.
    """
    return round(mm[0] * dpi / MM_AN_INCH), round(mm[1] * dpi / MM_AN_INCH)
