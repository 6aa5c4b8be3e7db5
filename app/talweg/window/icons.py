"""Icons as lines on a grid of 24, drawn in the colour of the text around them."""

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SIZES = (16, 20, 24, 32, 48)

_BOX = "M12 3 20 7.5v9L12 21 4 16.5v-9z"
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
    "view-isometric": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
    "view-top": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
    "view-front": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
    "view-right": f"{_BOX}M12 12v9M12 12 4 7.5M12 12l8-4.5",
}
_FACES = {
    "view-top": "M12 3 20 7.5 12 12 4 7.5z",
    "view-front": "M4 7.5 12 12v9L4 16.5z",
    "view-right": "M20 7.5 12 12v9l8-4.5z",
}


def icon(name: str, colour: str, disabled: str) -> QIcon:
    """Return an icon.

    Args:
        name: One that is drawn here; any other gives an empty icon.
        colour: Of its lines, as an HTML code.
        disabled: Of its lines while it cannot be used.
    """
    result = QIcon()
    if name not in _PATHS:
        return result
    for mode, code in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        renderer = QSvgRenderer(QByteArray(_svg(name, code).encode()))
        for size in _SIZES:
            pixmap = QPixmap(size, size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size, size))
            painter.end()
            result.addPixmap(pixmap, mode)
    return result


def _svg(name: str, colour: str) -> str:
    face = f'<path d="{_FACES[name]}" fill="{colour}" fill-opacity="0.45"/>' if name in _FACES else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{face}<path d="{_PATHS[name]}" fill="none" '
        f'stroke="{colour}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
