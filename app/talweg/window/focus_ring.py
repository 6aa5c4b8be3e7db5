"""A ring around what the keyboard acts on: the same for every control, so that it does not depend on its style."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from shiboken6 import isValid

_WIDTH = 2
_ROUND = 4


class _Ring(QWidget):
    """Lies over a widget, whose child it is, and lets the mouse through."""

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setGeometry(target.rect())
        target.installEventFilter(self)
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Grow with the widget."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), _WIDTH))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), _ROUND, _ROUND)
        painter.end()


class FocusRing(QObject):
    """Follows the focus through every window of the application while keys move it; a click takes the ring off.

    Args:
        owner: Lives as long.
    """

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        self._ring: _Ring | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    @property
    def target(self) -> QWidget | None:
        """What the ring is around."""
        return self._ring.parentWidget() if self._ring is not None and isValid(self._ring) else None

    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        if self._ring is not None and isValid(self._ring):  # else it went with what it was around
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None
        by_mouse = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if now is not None and not by_mouse and now.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            self._ring = _Ring(now)
            _scroll_to(now)


def _scroll_to(target: QWidget) -> None:
    """Scroll to a widget that the focus came to from outside its scroll area, which Qt leaves where it is."""
    above = target.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if above is not None:
        above.ensureWidgetVisible(target)
