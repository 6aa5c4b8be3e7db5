"""Small plots drawn by hand: axes with ticks, values on linear or logarithmic scales."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from talweg.picture import ticks
from talweg.view.scaling import LINEAR, LOG

_TICK, _GAP = 4.0, 4.0
_SMALLER = 0.86  # size of the labels in units of the font


@dataclass(frozen=True)
class Axis:
    """A range of values.

    Attributes:
        title: Along the axis.
        low: Lowest value.
        high: Highest value, larger.
        logarithmic: Even in the logarithm of the values, which are positive.
    """

    title: str
    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Return where a value lies between the ends, 0 to 1; what lies beyond them is at the end."""
        if self.logarithmic:
            if value <= self.low:
                return 0.0
            return min(math.log(value / self.low) / math.log(self.high / self.low), 1.0)
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def value(self, share: float) -> float:
        """Return the value at a share of the axis, at most its ends."""
        share = min(max(share, 0.0), 1.0)
        if self.logarithmic:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)

    def ticks(self, count: int) -> list[tuple[float, str]]:
        """Return about so many places, as shares, with their labels."""
        scaling = LOG if self.logarithmic else LINEAR
        low, high = scaling.forward([self.low, self.high]).tolist()
        return [((at - low) / (high - low), label) for at, label in ticks(low, high, scaling, count)]


class Plot(QWidget):
    """Axes and a place for what is drawn between them.

    Args:
        name: For those who cannot see it.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 110)
        self.horizontal: Axis | None = None
        self.vertical: Axis | None = None

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A little wider than high."""
        return QSize(280, 190)

    def area(self) -> QRectF:
        """Return the rectangle between the axes."""
        line = self.fontMetrics().height() * _SMALLER
        left = 2.2 * line + self._label_width() + _TICK + _GAP
        return QRectF(self.rect()).adjusted(left - line, 0.9 * line, -0.9 * line, -2 * line - _TICK - 2 * _GAP)

    def place(self, x: float, y: float) -> QPointF:
        """Return where a pair of values is drawn."""
        area = self.area()
        if self.horizontal is None or self.vertical is None:
            return area.center()
        return QPointF(
            area.left() + self.horizontal.share(x) * area.width(),
            area.bottom() - self.vertical.share(y) * area.height(),
        )

    def ink(self, role: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QColor:
        """Return a colour of the window's theme."""
        return self.palette().color(role)

    def draw_axes(self, painter: QPainter) -> None:
        """Draw the frame, its ticks and titles."""
        if self.horizontal is None or self.vertical is None:
            return
        area, muted = self.area(), self.ink(QPalette.ColorRole.Dark)
        painter.setFont(self._font())
        metrics = painter.fontMetrics()
        painter.setPen(QPen(self.ink(QPalette.ColorRole.Mid), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.setPen(muted)
        end = -1e9
        for share, label in self.horizontal.ticks(4):
            x, width = area.left() + share * area.width(), metrics.horizontalAdvance(label)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + _TICK))
            left = min(x - width / 2, self.width() - width - 1.0)
            if left > end + _GAP:
                painter.drawText(QPointF(left, area.bottom() + _TICK + _GAP + metrics.ascent()), label)
                end = left + width
        for share, label in self.vertical.ticks(4):
            y, width = area.bottom() - share * area.height(), metrics.horizontalAdvance(label)
            painter.drawLine(QPointF(area.left() - _TICK, y), QPointF(area.left(), y))
            painter.drawText(QPointF(area.left() - _TICK - _GAP - width, y + 0.35 * metrics.ascent()), label)
        painter.setPen(self.ink())
        title = self.horizontal.title
        middle = area.center().x() - metrics.horizontalAdvance(title) / 2
        painter.drawText(QPointF(middle, self.height() - metrics.descent() - 1.0), title)
        painter.save()
        painter.translate(
            metrics.ascent() + 1.0, area.center().y() + metrics.horizontalAdvance(self.vertical.title) / 2
        )
        painter.rotate(-90)
        painter.drawText(QPointF(0, 0), self.vertical.title)
        painter.restore()

    def draw_words(self, painter: QPainter, words: str) -> None:
        """Write instead of a plot why there is none."""
        painter.setPen(self.ink(QPalette.ColorRole.Dark))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * _SMALLER)
        return font

    def _label_width(self) -> float:
        if self.vertical is None:
            return 0.0
        return max((self.fontMetrics().horizontalAdvance(label) for _, label in self.vertical.ticks(4)), default=0)
