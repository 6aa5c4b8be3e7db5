"""A landscape along a line as a curve, in place of the scene; drawn on another thread."""

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRunnable, Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from talweg.analysis.families import list_lines
from talweg.landscape import Landscape
from talweg.theme import THEMES
from talweg.view.state import ViewState
from talweg.window.probing import Probing
from talweg.window.store import Store
from talweg.window.viewing import Viewing

if TYPE_CHECKING:
    from talweg.figures.curve_places import CurvePlaces

_REDRAW_MS = 30
_POINTS_AN_INCH = 96
_REACH = 8.0  # pixels from a checkpoint or a pin at which it is meant


class CurveView(QWidget):
    """Shows the landscape of a view where it is a line, with its other seeds.

    Args:
        store: Where the views are.
        viewing: What is shown.
        probing: Gets the pins.
        theme: "light" or "dark".
    """

    hovered = Signal(object)
    """(u, 0) of the line under the mouse, or None."""
    checkpoint_hovered = Signal(object)
    """(run, step) of the checkpoint under the mouse, after ``hovered``, where there is one."""

    def __init__(self, store: Store, viewing: Viewing, probing: Probing, theme: str) -> None:
        super().__init__()
        self._store, self._viewing, self._theme = store, viewing, theme
        self._probing = probing
        self._pressed: QPointF | None = None
        self._image = QImage()
        self._places: CurvePlaces | None = None
        self.setMouseTracking(True)
        self._drawing = False
        self._stale = False
        self._drawn = _Drawn(self)
        self._drawn.image.connect(self._take)
        self._drawn.failed.connect(self._fail)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REDRAW_MS)
        self._soon.timeout.connect(self._draw)
        self.setAccessibleName("Curve of the loss along the line")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        viewing.landscape_changed.connect(self.show_state)
        store.view_changed.connect(self.show_state)
        self.show_state()

    @property
    def image(self) -> QImage:
        """What was drawn last; null while nothing was."""
        return self._image

    def set_theme(self, name: str) -> None:
        """Draw in the colours of another theme."""
        self._theme = name
        self.show_state()

    def show_state(self) -> None:
        """Draw the landscape anew where it is a line."""
        landscape = self._viewing.landscape
        is_line = landscape is not None and landscape.dimensions == 1
        if is_line:
            self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw at the new size."""
        super().resizeEvent(event)
        self.show_state()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Paint what was drawn last."""
        painter = QPainter(self)
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._image)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Tell which place of the line is under the mouse, and which checkpoint."""
        places = self._places
        if places is None or not self._is_line:
            return
        self.hovered.emit(self._place_at(event.position()))
        nearest = self._nearest(places.positions, event.position())
        if nearest is not None:
            self.checkpoint_hovered.emit(places.checkpoints[nearest])

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Make this the active view; the click that does so pins nothing."""
        place = self._store.viewings.index(self._viewing)
        was_active = self._store.viewing is self._viewing
        self._store.activate(place)
        self._pressed = event.position() if was_active and event.button() == Qt.MouseButton.LeftButton else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Pin the place of the line that is clicked, or remove the pin that is there."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or (event.position() - pressed).manhattanLength() >= QApplication.startDragDistance():
            return
        pin = None if self._places is None else self._nearest(self._places.pins, event.position())
        place = self._place_at(event.position())
        self._probing.put_down()
        if pin is not None:
            self._probing.unpin(pin)
        elif place is not None:
            self._probing.pin(place)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Say that the mouse is elsewhere."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    @property
    def _is_line(self) -> bool:
        landscape = self._viewing.landscape
        return landscape is not None and landscape.dimensions == 1

    def _place_at(self, mouse: QPointF) -> tuple[float, float] | None:
        """(u, 0) of the line above or below the mouse, or None beside its ends."""
        places, landscape = self._places, self._viewing.landscape
        if places is None or landscape is None or not self._is_line:
            return None
        share = (mouse.x() / self.width() - places.left) / (places.right - places.left)
        first, last = float(landscape.u[0]), float(landscape.u[-1])
        return (first + share * (last - first), 0.0) if 0 <= share <= 1 else None

    def _nearest(self, drawn: NDArray[np.float64], mouse: QPointF) -> int | None:
        """Which of the places [k, 2] that are drawn is meant, or None."""
        if not len(drawn):
            return None
        distance = np.linalg.norm(
            drawn * (self.width(), self.height()) - (mouse.x(), self.height() - mouse.y()), axis=1
        )
        distance[~np.isfinite(distance)] = np.inf
        return int(distance.argmin()) if distance.min() <= _REACH else None

    def _draw(self) -> None:
        document, landscape = self._store.document, self._viewing.landscape
        if document is None or landscape is None or landscape.dimensions != 1:
            return
        if self._drawing:
            self._stale = True
            return
        self._drawing, self._stale = True, False
        view = self._store.view_of(self._viewing)
        numbers = list_lines(document, landscape.id, every=view is not None and view.all_lines)
        lines = [document.landscape(number) for number in numbers]
        ratio = self.devicePixelRatioF()
        size = max(self.width(), 64), max(self.height(), 64)
        QThreadPool.globalInstance().start(_Drawing(lines, view, size, ratio, self._theme, self._drawn))

    def _take(self, image: QImage, places: "CurvePlaces") -> None:
        self._drawing = False
        self._image, self._places = image, places
        self.update()
        if self._stale:
            self._soon.start()

    def _fail(self, error: Exception) -> None:
        """Be ready for the next picture; what went wrong with this one is told as anything unexpected is."""
        self._drawing = False
        raise error


class _Drawn(QObject):
    image = Signal(QImage, object)
    failed = Signal(object)


class _Drawing(QRunnable):
    """One picture of curves."""

    def __init__(
        self,
        lines: Sequence[Landscape],
        view: ViewState | None,
        size: tuple[int, int],
        ratio: float,
        theme: str,
        drawn: _Drawn,
    ) -> None:
        super().__init__()
        self._lines, self._view = lines, view
        self._size, self._ratio, self._theme, self._drawn = size, ratio, theme, drawn

    def run(self) -> None:
        """Draw; an exception must not be lost here, or nothing would ever be drawn again."""
        with contextlib.suppress(RuntimeError):  # the view was closed meanwhile
            try:
                found = self._paint()
            except Exception as error:
                self._drawn.failed.emit(error)
            else:
                self._drawn.image.emit(*found)

    def _paint(self) -> tuple[QImage, "CurvePlaces"]:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        from talweg.figures.curve_places import locate_curves
        from talweg.figures.curves import draw_curves

        dpi = _POINTS_AN_INCH * self._ratio
        inches = (self._size[0] / _POINTS_AN_INCH, self._size[1] / _POINTS_AN_INCH)
        figure = Figure(figsize=inches, dpi=dpi, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        draw_curves(figure, self._lines, THEMES[self._theme], self._view)
        canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib has no types here
        buffer = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # nor here
        width, height = canvas.get_width_height(physical=True)
        image = QImage(buffer, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(1.0)
        return image, locate_curves(figure, self._lines[0], self._view)
