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
