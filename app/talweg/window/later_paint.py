"""Changes of much of the window in one turn of the event loop, and their paint in a later one: each is short alone."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget


def paint_later(window: QWidget) -> None:
    """Leave the window as it looks until the event loop has turned, whatever changes until then."""
    window.setUpdatesEnabled(False)
    QTimer.singleShot(0, window, lambda: window.setUpdatesEnabled(True))
