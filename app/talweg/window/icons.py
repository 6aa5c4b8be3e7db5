"""Icons as lines on a grid of 24, drawn in the colour of the text around them."""

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

_BOX = "M12 3 20 7.5v9L12 21 4 16.5v-9z"
_HILL = "M2 19.5C8.5 19.5 8 4.5 12 4.5s3.5 15 10 15z"
_PATHS = {
    "new": "M12 5v14M5 12h14",
    "open": "M3 18V6h6l2 2.5h8V11M3 18l3-7h16l-3 7z",
    "figure": "M3 5h18v14H3zM3 16l5-5 4 4 3.5-3.5L21 16M15.5 8.6h.01",
    "export": "M12 3v11M8 10l4 4 4-4M4 15v5h16v-5",
    "undo": "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4",
    "redo": "m16 5 4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h4",
    "fit": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 9h6v6H9z",
    "compute": "M7 4.5v15l12-7.5z",
    "pause": "M8.5 5v14M15.5 5v14",
    "refine": "M10.5 4a6.5 6.5 0 1 0 .01 0M15.3 15.3 20.5 20.5M7.5 9h6M7.5 12h6M9 7.5v6M12 7.5v6",
    "stop": "M6 6h12v12H6z",
    "mode-solid": _HILL,
    "mode-wireframe": f"{_HILL}M12 4.5v15M9.2 9h5.6M8 14h8M8.2 19.5 9.2 9M15.8 19.5 14.8 9",
    "mode-colour": _HILL,
    "mode-floor": "M12 7 22 13.5 12 20 2 13.5zM12 10.3 17 13.5 12 16.7 7 13.5z",
    "mode-contours": "M3.5 17.5a8.5 3 0 1 0 17 0 8.5 3 0 1 0-17 0M6.5 11.5a5.5 2 0 1 0 11 0 5.5 2 0 1 0-11 0"
    "M9.5 6.5a2.5 1.1 0 1 0 5 0 2.5 1.1 0 1 0-5 0",
    "mode-grey": _HILL,
    "mode-two_colour": _HILL,
    "mode-rainbow": _HILL,
    "view-isometric": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
    "view-top": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
    "view-front": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
    "view-right": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
}
_FACES = {
    "mode-solid": _HILL,
    "view-top": "M12 3 20 7.5 12 12 4 7.5z",
    "view-front": "M4 7.5 12 12v9L4 16.5z",
    "view-right": "M20 7.5 12 12v9l8-4.5z",
}
_RAMPS = {
    "mode-colour": ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"),
    "mode-grey": ("#101010", "#f4f4f4"),
    "mode-two_colour": ("#3b4cc0", "#dddddd", "#b40426"),
    "mode-rainbow": ("#4662d7", "#1bd0d5", "#a4fc3c", "#fb7e21", "#b21602"),
}
"""Colours from below with which an icon is filled."""


class _Lines(QIconEngine):
    """Draws an icon as the palette is when it is painted, so that nothing has to be drawn anew for another theme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it, faint while it cannot be used."""
        faint = mode == QIcon.Mode.Disabled
        role = QPalette.ColorRole.Mid if faint else QPalette.ColorRole.WindowText
        draw_icon(painter, QRectF(rect), self._name, QApplication.palette().color(role).name(), faint=faint)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw it on nothing."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, picture.rect(), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        """Copy it for Qt, which does not keep what only Python owns."""
        copy = _Lines(self._name)
        _CLONES.append(copy)
        return copy


_CLONES: list[QIconEngine] = []


def icon(name: str) -> QIcon:
    """Return an icon; a name of none that is drawn here gives an empty one."""
    return QIcon(_Lines(name)) if name in _PATHS else QIcon()


def draw_icon(painter: QPainter, rect: QRectF, name: str, colour: str, *, faint: bool = False) -> None:
    """Draw an icon.

    Args:
        painter: What it is drawn with.
        rect: Where.
        name: One of those above.
        colour: Of its lines, as an HTML code.
        faint: Without the colours of its face.
    """
    _renderer(name, colour, faint).render(painter, rect)


@cache
def _renderer(name: str, colour: str, faint: bool) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name, colour, faint=faint).encode()))


def _svg(name: str, colour: str, *, faint: bool) -> str:
    face = f'<path d="{_FACES[name]}" fill="{colour}" fill-opacity="0.45"/>' if name in _FACES else ""
    if name in _RAMPS and not faint:
        last = len(_RAMPS[name]) - 1
        stops = "".join(f'<stop offset="{k / last}" stop-color="{code}"/>' for k, code in enumerate(_RAMPS[name]))
        face = f'<linearGradient id="ramp" x1="0" y1="1" x2="0" y2="0">{stops}</linearGradient>'
        face += f'<path d="{_PATHS[name]}" fill="url(#ramp)"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{face}<path d="{_PATHS[name]}" fill="none" '
        f'stroke="{colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
