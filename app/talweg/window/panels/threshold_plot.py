"""A plot with a line at the threshold of the persistence, which can be moved."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPalette, QPen

from talweg.window.widgets.plot import Axis, Plot

NEAR = 9.0
"""Logical pixels at which a mark or the line is meant."""
_STEP = 0.02  # of the axis, for a key


class ThresholdPlot(Plot):
    """A plot with a line at the threshold, which can be dragged, and moved by the arrow keys.

    Args:
        name: For those who cannot see it.
        upright: The threshold is on the vertical axis.
    """

    moved = Signal(float)
    """The line was dragged here, in the unit of the persistence; 0 at the end of the axis."""
    let_go = Signal()

    def __init__(self, name: str, *, upright: bool) -> None:
        super().__init__(name)
        self._upright = upright
        self._dragging = False
        self.threshold = 0.0

    @property
    def _axis(self) -> Axis | None:
        return self.vertical if self._upright else self.horizontal

    def show_threshold(self, threshold: float) -> None:
        """Put the line here."""
        if threshold != self.threshold:
            self.threshold = threshold
            self.update()

    def threshold_at(self, position: QPointF) -> float:
        """Return the threshold that the line has at a place of the widget."""
        axis, area = self._axis, self.area()
        if axis is None:
            return self.threshold
        if self._upright:
            share = (area.bottom() - position.y()) / max(area.height(), 1.0)
        else:
            share = (position.x() - area.left()) / max(area.width(), 1.0)
        return 0.0 if share <= 0 else axis.value(share)

    def distance_to_line(self, position: QPointF) -> float:
        """Return how far a place of the widget is from the line, in logical pixels."""
        line = self.line()
        return abs(position.y() - line[0].y()) if self._upright else abs(position.x() - line[0].x())

    def line(self) -> tuple[QPointF, QPointF]:
        """Return the ends of the line."""
        axis, area = self._axis, self.area()
        share = 0.0 if axis is None else axis.share(self.threshold)
        if self._upright:
            y = area.bottom() - share * area.height()
            return QPointF(area.left(), y), QPointF(area.right(), y)
        x = area.left() + share * area.width()
        return QPointF(x, area.top()), QPointF(x, area.bottom())

    def draw_threshold(self, painter: QPainter) -> None:
        """Draw the line, and a shade over what is left out."""
        start, end = self.line()
        area = self.area()
        shade = QColor(self.ink(QPalette.ColorRole.Dark))
        shade.setAlphaF(0.13)
        left_out = QRectF(start, area.bottomRight()) if self._upright else QRectF(area.topLeft(), end)
        painter.fillRect(left_out, shade)
        painter.setPen(QPen(self.ink(QPalette.ColorRole.Highlight), 2.0 if self.hasFocus() or self._dragging else 1.4))
        painter.drawLine(start, end)
        middle = (start + end) / 2
        grip = QRectF(0, 0, 18, 5) if self._upright else QRectF(0, 0, 5, 18)
        grip.moveCenter(middle)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.ink(QPalette.ColorRole.Highlight))
        painter.drawRoundedRect(grip, 2.5, 2.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take hold of the line, or do what else a press does."""
        if event.button() == Qt.MouseButton.LeftButton and self._axis is not None:
            self._dragging = self.takes_hold(event.position())
            if self._dragging:
                self.moved.emit(self.threshold_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Drag the line, or point at something."""
        if self._dragging:
            self.moved.emit(self.threshold_at(event.position()))
            return
        across = Qt.CursorShape.SplitVCursor if self._upright else Qt.CursorShape.SplitHCursor
        over = self._axis is not None and self.takes_hold(event.position())
        self.setCursor(across if over else Qt.CursorShape.ArrowCursor)
        self.point_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Let the line go."""
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.let_go.emit()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Move the line by the arrow keys along its axis."""
        keys = (Qt.Key.Key_Down, Qt.Key.Key_Up) if self._upright else (Qt.Key.Key_Left, Qt.Key.Key_Right)
        axis = self._axis
        if axis is None or event.key() not in keys:
            super().keyPressEvent(event)
            return
        share = axis.share(self.threshold) + (_STEP if event.key() == keys[1] else -_STEP)
        self.moved.emit(0.0 if share <= 0 else axis.value(share))
        self.let_go.emit()

    def takes_hold(self, position: QPointF) -> bool:
        """Tell whether a press here takes hold of the line."""
        return self.distance_to_line(position) <= NEAR

    def point_at(self, position: QPointF) -> None:
        """Do what there is to do when the mouse is here."""
