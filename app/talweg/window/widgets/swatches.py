"""Small pictures of colour maps and of glyphs, drawn from their colours."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPen, QPixmap, QPolygonF

SWATCH = (56, 12)
_RATIO = 2  # drawn twice as large, sharp on every screen

GLYPHS = ("minimum", "saddle", "maximum")


def swatch(name: str) -> QIcon:
    """Return a picture of a colour map, low values on the left."""
    from matplotlib import colormaps  # a fifth of a second, not at the start of the window

    width, height = SWATCH[0] * _RATIO, SWATCH[1] * _RATIO
    colours = (255 * colormaps[name](np.linspace(0.0, 1.0, width))).round().astype(np.uint8)  # [width, 4]
    pixels = np.ascontiguousarray(np.broadcast_to(colours, (height, width, 4)))
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
    image.setDevicePixelRatio(_RATIO)
    return QIcon(QPixmap.fromImage(image))


def plain_swatch(colour: Sequence[float]) -> QIcon:
    """Return a picture of one colour, sRGB in [0, 1]."""
    pixmap = QPixmap(SWATCH[0] * _RATIO, SWATCH[1] * _RATIO)
    pixmap.setDevicePixelRatio(_RATIO)
    pixmap.fill(QColor.fromRgbF(*colour))
    return QIcon(pixmap)


def glyph(kind: str, colour: Sequence[float], outline: Sequence[float], size: int = 14) -> QPixmap:
    """Return a picture of a critical point's glyph: a disc, a diamond or a triangle.

    Args:
        kind: One of ``GLYPHS``.
        colour: Its fill, sRGB in [0, 1].
        outline: Its rim.
        size: In logical pixels.
    """
    pixmap = QPixmap(size * _RATIO, size * _RATIO)
    pixmap.setDevicePixelRatio(_RATIO)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor.fromRgbF(*colour))
    painter.setPen(QPen(QColor.fromRgbF(*outline), 1.2))
    middle, reach = size / 2, size / 2 - 1.5
    if kind == "minimum":
        painter.drawEllipse(QPointF(middle, middle), reach, reach)
    else:
        corners = {"saddle": ((0, -1), (1, 0), (0, 1), (-1, 0)), "maximum": ((0, -1), (1, 0.9), (-1, 0.9))}[kind]
        painter.drawPolygon(QPolygonF([QPointF(middle + x * reach, middle + y * reach) for x, y in corners]))
    painter.end()
    return pixmap
