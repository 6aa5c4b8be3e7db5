"""Small pictures of what a link opens, as lines on a ground of 64 by 44, in the colours of a theme."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from talweg.window.icons import draw_icon
from talweg.window.theme import WidgetTheme

SIZE = (64, 44)
"""Width and height in logical pixels."""

_ICON = 22
_DOT = '<circle cx="{x}" cy="{y}" r="2.6" fill="{accent}" stroke="none"/>'


def _rings(x: float, y: float, *radii: tuple[float, float]) -> str:
    return "".join(f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}"/>' for rx, ry in radii)


def _dots(*places: tuple[float, float]) -> str:
    return "".join(_DOT.replace("{x}", str(x)).replace("{y}", str(y)) for x, y in places)


def _bold(path: str) -> str:
    return f'<path d="{path}" stroke="{{accent}}" stroke-width="1.8"/>'


_SKETCHES = {
    "surface": _rings(32, 10, (25, 6.5))
    + '<path d="M7 10C11 44 53 44 57 10M15.5 14.5C20 41 44 41 48.5 14.5"/>'
    + _rings(32, 19.5, (21, 5))
    + _rings(32, 28, (14.5, 3.6))
    + _dots((32, 34.5)),
    "path": '<g transform="rotate(-14 28 23)">'
    + _rings(28, 23, (24, 14), (17, 9.6), (10.5, 5.6), (4.6, 2.4))
    + "</g>"
    + _bold("M57 6C49 9 48 15 42 16S36 24 28 23")
    + _dots((57, 6), (42, 16), (28, 23)),
    "line": '<path d="M4 39h56M4 39V5"/>'
    + _bold("M8 9C11 33 14 34 19 33S28 14 33 14S42 30 47 30S55 22 59 10")
    + _dots((18, 33), (47, 30)),
    "three": _rings(17, 30, (11, 7), (6, 3.6))
    + _rings(47, 32, (11, 7), (6, 3.6))
    + _rings(34, 12, (11, 7), (6, 3.6))
    + '<path d="M17 30 47 32 34 12z" stroke-dasharray="2.5 2.5"/>'
    + _dots((17, 30), (47, 32), (34, 12)),
    "document": '<path d="M10 36 32 42 56 33 34 27zM10 36C16 34 20 12 27 11S36 27 56 33"/>'
    + _rings(33, 34.5, (12, 3.4), (6, 1.6)),
}
"""What belongs to no tool of the window; a name of the tool bar's icons stands for that icon."""


def sketch(name: str, theme: WidgetTheme, ratio: float, factor: float = 1.0) -> QPixmap:
    """Draw a picture.

    Args:
        name: Of a sketch, or of an icon of the tool bar.
        theme: Colours.
        ratio: Device pixels a logical pixel.
        factor: How much larger than usual, with lines as thin as usual.
    """
    width, height = SIZE
    picture = QPixmap(round(width * factor * ratio), round(height * factor * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.scale(factor, factor)
    if name in _SKETCHES:
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none" '
            f'stroke="{theme.muted}" stroke-width="{1.1 / factor:.3f}" stroke-linecap="round" stroke-linejoin="round">'
            f"{_SKETCHES[name].replace('{accent}', theme.accent)}</svg>"
        )
        QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, width, height))
    else:
        left, top = (width - _ICON) // 2, (height - _ICON) // 2
        draw_icon(painter, QRectF(left, top, _ICON, _ICON), name, theme.accent)
    painter.end()
    return picture
