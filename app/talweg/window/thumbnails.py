"""What documents looked like when they were left, small, in the user's cache: the start page shows it."""

import hashlib
from pathlib import Path

from PySide6.QtCore import QRect, QStandardPaths, Qt
from PySide6.QtGui import QImage

WIDTH, HEIGHT = 256, 176
"""Pixels; two for each of the start page's largest, so that they are sharp on any screen."""
_QUICK = 80  # of 100: half of the time for a file that is hardly larger


def keep_thumbnail(document: Path, picture: QImage) -> None:
    """Keep what a document looks like; nothing is said where the cache cannot be written."""
    if picture.isNull():
        return
    filled = picture.scaled(
        WIDTH,
        HEIGHT,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    filled.setDevicePixelRatio(1.0)
    cut = QRect((filled.width() - WIDTH) // 2, (filled.height() - HEIGHT) // 2, WIDTH, HEIGHT)
    path = _place(document)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    filled.copy(cut).save(str(path), quality=_QUICK)


def read_thumbnail(document: Path) -> QImage | None:
    """Return what a document looked like when it was left last, or None."""
    image = QImage(str(_place(document)))
    return None if image.isNull() else image


def _place(document: Path) -> Path:
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation))
    name = hashlib.sha256(str(document.absolute()).encode()).hexdigest()[:24]
    return folder / "thumbnails" / f"{name}.png"
