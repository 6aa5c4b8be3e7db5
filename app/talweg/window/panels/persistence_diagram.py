"""The persistence diagram, in which each extremum of the loss has a mark."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPixmap, QPolygonF

from talweg.theme import THEMES
from talweg.window.panels.threshold_plot import NEAR, ThresholdPlot
from talweg.window.widgets.plot import Axis
from talweg.window.words import count, number
from talweg_compute.field import CriticalKind, CriticalPoints

Float = NDArray[np.float64]
Integers = NDArray[np.int64]
_MOST_MARKS = 1500
_WAITING = "Critical points are found once every point of the grid is computed."


class PersistenceDiagram(ThresholdPlot):
    """Each minimum and maximum at its loss and its persistence; small ones lie low, the global minimum at the top."""

    hovered = Signal(object)
    """The extremum under the mouse and its saddle, as a tuple of indices; empty for none."""
    chosen = Signal(int, bool)
    """An extremum was clicked, and whether to add it; -1 for a click beside all."""
    opened = Signal(int)
    """An extremum was double-clicked."""

    def __init__(self) -> None:
        super().__init__("Persistence diagram", upright=True)
        self._index: Integers = np.zeros(0, dtype=np.int64)
        self._saddle: Integers = np.zeros(0, dtype=np.int64)
        self._kind: Integers = np.zeros(0, dtype=np.int64)
        self._value: Float = np.zeros(0)
        self._persistence: Float = np.zeros(0)
        self._selected: frozenset[int] = frozenset()
        self._hovered: frozenset[int] = frozenset()
        self._colours: tuple[QColor, QColor, QColor, QColor] | None = None
        self._ground: tuple[tuple[object, ...], QPixmap] | None = None
        self._places: tuple[tuple[object, ...], Float] | None = None

    def show_points(
        self,
        points: CriticalPoints | None,
        limits: tuple[float, float] | None,
        unit: str,
        name: str = "loss",
        *,
        logarithmic: bool,
    ) -> None:
        """Show the extrema of a field.

        Args:
            points: All of them, or None while they are not known.
            limits: Lowest and highest persistence on the axis; None: there is no pair.
            unit: Of the persistence.
            name: What the field is.
            logarithmic: The losses stand on a logarithmic axis.
        """
        self._ground = self._places = None
        self.update()
        if points is None:
            self.horizontal = self.vertical = None
            self._index = np.zeros(0, dtype=np.int64)
            return
        self._index = np.flatnonzero(points.kind != CriticalKind.SADDLE)
        self._saddle = points.partner[self._index]
        self._kind = points.kind[self._index].astype(np.int64)
        self._value, self._persistence = points.value[self._index], points.persistence[self._index]
        low, high = limits if limits is not None else (0.1, 1.0)
        self.vertical = Axis(f"persistence ({unit})", low, high, logarithmic=True)
        ends = float(self._value.min(initial=np.inf)), float(self._value.max(initial=-np.inf))
        self.horizontal = _widened(f"{name} of the extremum", *ends, logarithmic=logarithmic)
        minima = int(np.count_nonzero(self._kind == CriticalKind.MINIMUM))
        maxima = self._index.size - minima
        self.setAccessibleDescription(f"{count(minima, 'minimum', 'minima')} and {count(maxima, 'maximum', 'maxima')}")

    def show_selection(self, selected: tuple[int, ...], hovered: tuple[int, ...]) -> None:
        """Mark points; a saddle marks the extremum that it is paired with."""
        now = frozenset(selected), frozenset(hovered)
        if now != (self._selected, self._hovered):
            self._selected, self._hovered = now
            self.update()

    def set_colours(self, colours: tuple[QColor, QColor, QColor, QColor]) -> None:
        """Take the scene's colours of minima, maxima, rims and marks."""
        self._colours, self._ground = colours, None
        self.update()

    def mark_at(self, position: QPointF) -> int | None:
        """Return which of the marks is nearest to a place of the widget, if one is near enough and not left out."""
        places = self._all_places()
        if not len(places):
            return None
        distance = np.hypot(places[:, 0] - position.x(), places[:, 1] - position.y())
        distance[self._persistence <= self.threshold] = np.inf
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= NEAR else None

    def place_of(self, point: int) -> QPointF | None:
        """Return where an extremum is drawn, given by its index among the critical points."""
        found = np.flatnonzero(self._index == point)
        if not found.size:
            return None
        x, y = self._all_places()[found[0]]
        return QPointF(float(x), float(y))

    def takes_hold(self, position: QPointF) -> bool:
        """A press near the line takes hold of it, unless there is a mark."""
        return super().takes_hold(position) and self.mark_at(position) is None

    def point_at(self, position: QPointF) -> None:
        """Point at the pair under the mouse."""
        mark = self.mark_at(position)
        self.hovered.emit(() if mark is None else self._pair(mark))
        if mark is None:
            self.setToolTip("")
            return
        kind = "Minimum" if self._kind[mark] == CriticalKind.MINIMUM else "Maximum"
        persistence = float(self._persistence[mark])
        last = "global minimum" if np.isinf(persistence) else f"persistence {number(persistence)}"
        self.setToolTip(f"{kind}, loss {number(float(self._value[mark]))}, {last}")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Select the mark under the mouse, or take hold of the line."""
        super().mousePressEvent(event)
        if self._dragging or event.button() != Qt.MouseButton.LeftButton:
            return
        mark = self.mark_at(event.position())
        add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.chosen.emit(-1 if mark is None else int(self._index[mark]), add)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Fly to the mark under the mouse."""
        mark = self.mark_at(event.position())
        if mark is not None:
            self.opened.emit(int(self._index[mark]))

    def leaveEvent(self, event: object) -> None:  # noqa: N802 (Qt's name)
        """Point at nothing."""
        self.hovered.emit(())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.vertical is None:
            self.draw_words(painter, _WAITING)
        else:
            painter.drawPixmap(0, 0, self._background())
            self.draw_threshold(painter)
            self._draw_kept(painter)
        painter.end()

    def _pair(self, mark: int) -> tuple[int, ...]:
        return tuple(int(point) for point in (self._index[mark], self._saddle[mark]) if point >= 0)

    def _key(self) -> tuple[object, ...]:
        return self.width(), self.height(), self.devicePixelRatioF(), self.font().toString(), self.ink().rgba()

    def _all_places(self) -> Float:
        """Where the marks are, float64 [e, 2]."""
        key = self._key()
        if self._places is None or self._places[0] != key:
            area, x_axis, y_axis = self.area(), self.horizontal, self.vertical
            found = np.zeros((self._index.size, 2))
            if x_axis is not None and y_axis is not None:
                values = zip(self._value.tolist(), np.minimum(self._persistence, y_axis.high).tolist(), strict=True)
                shares = [(x_axis.share(x), y_axis.share(y)) for x, y in values]
                found = np.array(shares).reshape(-1, 2) * (area.width(), -area.height()) + (area.left(), area.bottom())
            self._places = key, found
        return self._places[1]

    def _background(self) -> QPixmap:
        """Axes and a faint dot for each extremum, kept until something of it changes: there may be thousands."""
        key = self._key()
        if self._ground is None or self._ground[0] != key:
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            faint = QColor(self.ink(QPalette.ColorRole.Dark))
            faint.setAlphaF(0.55)
            painter.setPen(QPen(faint, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in self._all_places().tolist()]))
            self.draw_axes(painter)
            painter.end()
            self._ground = key, pixmap
        return self._ground[1]

    def _draw_kept(self, painter: QPainter) -> None:
        """Draw those over the threshold in their shapes and colours, the least persistent first."""
        if self._colours is None:
            return
        minimum, maximum, rim, marked = self._colours
        places = self._all_places()
        for mark in np.flatnonzero(self._persistence > self.threshold)[:_MOST_MARKS][::-1].tolist():
            x, y = places[mark].tolist()
            pair = set(self._pair(mark))
            if pair & self._selected or pair & self._hovered:
                painter.setPen(QPen(marked, 2.4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, y), 8.0, 8.0)
            painter.setPen(QPen(rim, 1.0))
            if self._kind[mark] == CriticalKind.MINIMUM:
                painter.setBrush(minimum)
                painter.drawEllipse(QPointF(x, y), 4.0, 4.0)
            else:
                painter.setBrush(maximum)
                painter.drawPolygon(QPolygonF([QPointF(x, y - 4.6), QPointF(x + 4.6, y + 4), QPointF(x - 4.6, y + 4)]))


def _widened(title: str, low: float, high: float, *, logarithmic: bool) -> Axis:
    """An axis with a little room at both ends."""
    if not low <= high:
        return Axis(title, 0.0, 1.0)
    if logarithmic and low > 0:
        factor = max((high / low) ** 0.06, 1.05)
        return Axis(title, low / factor, high * factor, logarithmic=True)
    room = 0.06 * (high - low) or max(abs(low), 1.0) * 0.05
    return Axis(title, low - room, high + room)


def scene_colours(theme: str) -> tuple[QColor, QColor, QColor, QColor]:
    """Return the scene's colours of minima, maxima, rims and marks."""
    colours = THEMES[theme]
    four = (colours.minimum, colours.maximum, colours.outline, colours.mark)
    return tuple(QColor.fromRgbF(*colour) for colour in four)  # type: ignore[return-value]  # four of them
