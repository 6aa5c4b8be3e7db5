"""The number of minima against the threshold of the persistence."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF

from talweg.window.panels.threshold_plot import NEAR, ThresholdPlot
from talweg.window.widgets.plot import Axis
from talweg_compute.field import CriticalKind, CriticalPoints

Float = NDArray[np.float64]
_MANY = 40  # minima from which on their number is shown on a logarithmic scale


class CountCurve(ThresholdPlot):
    """The number of minima that are more persistent than a threshold, against the threshold."""

    def __init__(self) -> None:
        super().__init__("Number of minima against the threshold", upright=False)
        self.setMinimumHeight(90)
        self._falls: Float = np.zeros(0)
        self._lone = 0

    def show_points(self, points: CriticalPoints | None, limits: tuple[float, float] | None, unit: str) -> None:
        """Show the curve of a field; the arguments are those of ``PersistenceDiagram.show_points``."""
        self.update()
        if points is None:
            self.horizontal = self.vertical = None
            return
        persistence = points.persistence[points.kind == CriticalKind.MINIMUM]
        self._falls = np.sort(persistence[np.isfinite(persistence)])
        self._lone = int(np.count_nonzero(np.isinf(persistence)))
        total = self._falls.size + self._lone
        low, high = limits if limits is not None else (0.1, 1.0)
        self.horizontal = Axis(f"threshold ({unit})", low, high, logarithmic=True)
        many = total > _MANY
        self.vertical = Axis("minima", 0.8 if many else 0.0, 1.15 * max(total, 2), logarithmic=many)

    def count_at(self, threshold: float) -> int:
        """Return how many minima are more persistent."""
        return self._lone + self._falls.size - int(np.searchsorted(self._falls, threshold, side="right"))

    def takes_hold(self, position: QPointF) -> bool:
        """A press anywhere brings the line there."""
        return self.area().adjusted(-NEAR, 0, NEAR, 0).contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.horizontal is None:
            self.draw_words(painter, "")
        else:
            self.draw_axes(painter)
            self.draw_threshold(painter)
            painter.setPen(QPen(self.ink(), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(self._steps(self.horizontal))
            start, _ = self.line()
            here = self.count_at(self.threshold)
            at = self.place(max(self.threshold, self.horizontal.low), here)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.ink(QPalette.ColorRole.Highlight))
            painter.drawEllipse(at, 3.5, 3.5)
            painter.setPen(self.ink())
            words = str(here)
            width = painter.fontMetrics().horizontalAdvance(words)
            right = start.x() + 8 + width < self.area().right()
            painter.drawText(QPointF(at.x() + 7 if right else at.x() - 7 - width, at.y() - 5), words)
        painter.end()

    def _steps(self, axis: Axis) -> QPolygonF:
        """The curve from the left end to the right one."""
        corners = [self.place(axis.low, self.count_at(0.0))]
        for fall in np.unique(self._falls).tolist():
            here = self.count_at(fall)
            corners += [QPointF(self.place(fall, here).x(), corners[-1].y()), self.place(fall, here)]
        return QPolygonF([*corners, QPointF(self.area().right(), corners[-1].y())])
