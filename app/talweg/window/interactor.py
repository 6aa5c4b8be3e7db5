"""The 3D widget: VTK draws and turns the eye, Qt keeps every key and every drop. Loads VTK, so it is imported late."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pyvistaqt import QtInteractor

_KEY_EVENTS = ("CharEvent", "KeyPressEvent", "KeyReleaseEvent")


class Interactor(QtInteractor):
    """A plotter in a widget that renders only when it is told to and knows no keys of its own."""

    hovered = Signal(QPointF)
    """The mouse is here, in device pixels from the lower left corner, and no button is pressed."""
    left = Signal()
    pressed = Signal()
    clicked = Signal(QPointF, bool)
    """A click here, in device pixels from the lower left corner, and whether Ctrl was held."""
    double_clicked = Signal(QPointF)
    eye_moving = Signal()
    """The eye is about to be seen from elsewhere, in the midst of a drag or by a turn of the wheel."""
    eye_moved = Signal()
    """A drag or a turn of the wheel has ended."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, auto_update=False)
        self._pressed = QPointF()
        self._dragging = self._twice = False
        self._drawn = False
        self.flat = False
        """Whether a drag moves the eye aside instead of turning it."""
        self.held = False
        """Whether a mouse button is pressed that went down over this widget."""
        self.setAcceptDrops(False)  # the window takes them
        self.setAccessibleName("Landscape in 3D")
        self.reset_key_events()
        for event in _KEY_EVENTS:  # q and e would end the application, 3 would turn stereo on
            self.iren.interactor.RemoveObservers(event)

    def paintGL(self) -> None:  # noqa: N802 (Qt's name)
        """Draw a frame, or show the last one again where nothing asked for another.

        pyvistaqt draws at each paint, so also a second time after every frame that was drawn at once; it does not while
        it believes itself in a paint.
        """
        self._in_paint = self._drawn
        try:
            super().paintGL()  # type: ignore[no-untyped-call]  # pyvistaqt has few annotations
        finally:
            self._in_paint = False

    def initializeGL(self) -> None:  # noqa: N802 (Qt's name)
        """Begin with nothing drawn."""
        self._drawn = False
        super().initializeGL()  # type: ignore[no-untyped-call]  # pyvistaqt has few annotations

    def resizeGL(self, width: int, height: int) -> None:  # noqa: N802 (Qt's name)
        """Draw anew at the next paint."""
        self._drawn = False
        super().resizeGL(width, height)  # type: ignore[no-untyped-call]  # pyvistaqt has few annotations

    def _cb_frame(self, caller: object, event: str) -> None:
        """Remember that a frame is ready to be shown."""
        self._drawn = True
        super()._cb_frame(caller, event)  # type: ignore[no-untyped-call]  # pyvistaqt has few annotations

    def draw_soon(self) -> None:
        """Draw a frame at the next paint, however often it is asked for until then."""
        self._drawn = False
        self.update()

    def _steer(self, handle: Callable[[], None]) -> None:
        """Let VTK move the eye without drawing at once: however many moves come before a paint, it draws one frame."""
        camera, interactor = self.renderer.GetActiveCamera(), self.iren.interactor
        before = camera.GetMTime()
        interactor.EnableRenderOff()
        try:
            handle()
        finally:
            interactor.EnableRenderOn()
        if camera.GetMTime() != before:
            self.eye_moving.emit()
            self.draw_soon()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave every key to the window's commands."""
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave every key to the window's commands."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Turn the eye, once the mouse has gone farther than a hand trembles, or say where the mouse is."""
        steer: Callable[[QMouseEvent], None] = super().mouseMoveEvent
        gone = (event.position() - self._pressed).manhattanLength()
        self._dragging = self._dragging or (self.held and gone >= QApplication.startDragDistance())
        if self._dragging or not self.held:
            self._steer(lambda: steer(event))
        if event.buttons() == Qt.MouseButton.NoButton:
            self.hovered.emit(self._to_pixels(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Begin a drag."""
        if not self.held:
            self._pressed, self._dragging, self._twice = event.position(), False, False
        self.held = True
        self.pressed.emit()
        steer: Callable[[QMouseEvent], None] = super().mousePressEvent
        if self.flat and event.button() == Qt.MouseButton.LeftButton:
            event = _with_shift(event)  # with which VTK moves; without it turns, and with Ctrl it rolls
        self._steer(lambda: steer(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """End a drag; a click moves nothing."""
        self.held = event.buttons() != Qt.MouseButton.NoButton
        steer: Callable[[QMouseEvent], None] = super().mouseReleaseEvent
        self._steer(lambda: steer(event))
        if self._dragging:
            self.eye_moved.emit()
        elif not self._twice and event.button() == Qt.MouseButton.LeftButton:
            add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.clicked.emit(self._to_pixels(event.position()), add)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Tell where; the eye stays."""
        self._pressed, self._dragging, self._twice = event.position(), False, True
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(self._to_pixels(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Move closer or away."""
        self.pressed.emit()
        steer: Callable[[QWheelEvent], None] = super().wheelEvent
        self._steer(lambda: steer(event))
        self.eye_moved.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Say that the mouse is elsewhere."""
        super().leaveEvent(event)  # type: ignore[no-untyped-call]  # pyvistaqt has few annotations
        self.left.emit()

    def _to_pixels(self, position: QPointF) -> QPointF:
        ratio = self.devicePixelRatioF()
        return QPointF(position.x() * ratio, (self.height() - 1 - position.y()) * ratio)


def _with_shift(event: QMouseEvent) -> QMouseEvent:
    """Return the same event with nothing but the shift key held."""
    return QMouseEvent(
        event.type(),
        event.position(),
        event.globalPosition(),
        event.button(),
        event.buttons(),
        Qt.KeyboardModifier.ShiftModifier,
        event.pointingDevice(),
    )
