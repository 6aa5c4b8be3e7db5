"""The middle of the window: a plain ground at first, the 3D scene once VTK is loaded."""

import contextlib
import importlib
import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from talweg.picture import Picture, find_checkpoint
from talweg.view.eye import Eye
from talweg.view.state import Camera
from talweg.window.flight import Flight
from talweg.window.probing import Probing
from talweg.window.store import Store
from talweg.window.viewing import Viewing
from talweg.window.widgets.layout import column

if TYPE_CHECKING:
    from talweg.scene import Scene
    from talweg.window.interactor import Interactor

_HOVER_MS = 30
_SETTLE_MS = 200
_ZOOM = 1.25  # a step of a key
_PAN = 0.1 / 15  # share of what is seen by which a map moves for each degree that it does not turn


class SceneView(QWidget):
    """Draws the picture of one view and tells the store where its eye went.

    Args:
        store: Where the views are.
        viewing: What is shown.
        probing: What the next click on the surface does.
        theme: "light" or "dark".
    """

    hovered = Signal(object)
    """(u, v) of the surface under the mouse, or None; at most some thirty times a second."""
    checkpoint_hovered = Signal(object)
    """(run, step) of the checkpoint under the mouse; as often as ``hovered``, after it, where there is one."""
    painted = Signal()
    """The window is visible for the first time."""
    started = Signal()
    """The scene is there."""
    opened = Signal(int)
    """A critical point was double-clicked."""
    eye_at = Signal(object)
    """The eye is on its way and sees from this camera now."""
    eye_rests = Signal(object)
    """The eye has come to this camera."""
    drawn = Signal()
    """A picture was drawn."""
    resized = Signal()
    """What is drawn into has another size, which linked views have to fit into, too."""
    _loaded = Signal()

    def __init__(self, store: Store, viewing: Viewing, probing: Probing, theme: str) -> None:
        super().__init__()
        self._store, self._viewing = store, viewing
        self._theme = theme
        self._scene: Scene | None = None
        self._plotter: Interactor | None = None
        self._loading: threading.Thread | None = None
        self._closed = False
        self._seen = False
        self._mouse: QPointF | None = None
        self._was_active = True
        self.probing = probing
        probing.changed.connect(self._show_tool)
        self._box = column(self)
        self.setAutoFillBackground(True)
        self.setMinimumSize(240, 180)
        self._hover_soon = self._timer(_HOVER_MS, self._tell_hover)
        self._settle = self._timer(_SETTLE_MS, self._tell_eye)
        self._loaded.connect(self._show_scene)
        self._flight = Flight(self)
        viewing.picture_changed.connect(self._draw)
        store.selection.changed.connect(self._mark)
        self._paint_ground()

    @property
    def viewing(self) -> Viewing:
        """What is shown."""
        return self._viewing

    @property
    def is_active(self) -> bool:
        """Whether panels and commands act on this view."""
        return self._store.viewing is self._viewing

    @property
    def scene(self) -> "Scene | None":
        """The scene, once VTK is loaded."""
        return self._scene

    @property
    def plotter(self) -> "Interactor | None":
        """The widget it is drawn in."""
        return self._plotter

    def start(self) -> None:
        """Load VTK, which takes about a second, beside the window's own thread; then draw."""
        if self._loading is None:
            self._loading = threading.Thread(target=self._load, name="talweg-load-vtk", daemon=True)
            self._loading.start()

    def _load(self) -> None:
        for module in ("talweg.scene", "talweg.window.interactor"):
            importlib.import_module(module)
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            self._loaded.emit()

    def _show_scene(self) -> None:
        if self._closed:
            return
        from talweg.scene import THEMES, Scene
        from talweg.window.interactor import Interactor

        self._plotter = Interactor(self)
        self._plotter.hovered.connect(self._remember_mouse)
        self._plotter.left.connect(self._forget_mouse)
        self._plotter.eye_moving.connect(self._move)
        self._plotter.eye_moved.connect(self._settle.start)
        self._plotter.resized.connect(self.resized, Qt.ConnectionType.QueuedConnection)
        self._plotter.pressed.connect(self._press)
        self._plotter.clicked.connect(self._choose)
        self._plotter.double_clicked.connect(self._open)
        self._box.addWidget(self._plotter)
        self._scene = Scene(self._plotter, THEMES[self._theme], pixel_ratio=self.devicePixelRatioF())
        self._show_tool()
        self._store.release()
        self._draw()
        self.started.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Tell of the first time."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            self.painted.emit()

    def event(self, event: QEvent) -> bool:
        """Follow the window to a screen of another density."""
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._scene is not None:
            self._scene.pixel_ratio = self.devicePixelRatioF()
        return super().event(event)

    def set_theme(self, theme: str) -> None:
        """Draw in light or dark colours."""
        self._theme = theme
        self._paint_ground()
        if self._scene is not None:
            from talweg.scene import THEMES

            self._scene.set_theme(THEMES[theme])

    def standard_camera(self, name: str) -> Camera | None:
        """Return the camera of a standard view, or None before the scene is there."""
        view = self._store.view_of(self._viewing)
        if self._scene is None or view is None:
            return None
        return self._scene.view(name, orthographic=view.orthographic or (view.flat and name == "top"))

    def fitted_camera(self) -> Camera | None:
        """Return the camera that shows everything from where the eye is, or None before the scene is there."""
        return None if self._scene is None else self._scene.fitted()

    @property
    def eye(self) -> Eye | None:
        """From where the view is seen now, or None before the scene is there."""
        self._store.resolve_now()  # what was asked for last, where it has not been drawn yet
        view = self._store.view_of(self._viewing)
        return None if self._scene is None or view is None else Eye(self._scene.camera(), view.orthographic, view.flat)

    def steer(self, way: str, right: float, up: float) -> Camera | None:
        """Return the camera a step away, or None before the scene is there; a draft is drawn until no step follows.

        Args:
            way: "orbit" and "roll" by degrees, "pan" by shares of what is seen, "zoom" by steps ``up``. A map does not
                turn: it moves instead.
            right: How far to the right.
            up: How far up.
        """
        if self._scene is None:
            return None
        from talweg.scene.camera_moves import orbit, pan, roll, zoom

        self._flight.stop()
        self._scene.move()
        self._settle.start()
        camera = self._scene.camera()
        view = self._store.view_of(self._viewing)
        if way == "zoom":
            return zoom(camera, _ZOOM**up)
        if way == "orbit" and view is not None and view.flat:
            return pan(camera, _PAN * right, _PAN * up)
        if way == "roll":
            return roll(camera, right)
        return orbit(camera, right, up) if way == "orbit" else pan(camera, right, up)

    def fly_to(self, point: int) -> None:
        """Move the eye to a critical point that is drawn, quickly but so that the way is seen; it can be undone.

        Args:
            point: Its index.
        """
        scene, picture = self._scene, self._viewing.picture
        target = None if scene is None else scene.close_up(point)
        if scene is None or picture is None or target is None:
            return
        kind = ("minimum", "saddle", "maximum")[picture.critical_points.kind[point]]

        def look(camera: Camera) -> None:
            scene.move()
            scene.look_from(camera)
            self.eye_at.emit(camera)

        def arrive() -> None:
            scene.rest(target)
            self.eye_rests.emit(target)
            self._store.change(f"fly to the {kind}", place=self._place, camera=target)
            self._store.resolve_now()

        self._flight.begin(scene.camera(), target, look, arrive)

    def image(self) -> QImage | None:
        """Return what was drawn last, without drawing it again; None where nothing was."""
        if self._plotter is None or self._scene is None or self._scene.picture is None:
            return None
        image: QImage = self._plotter.grabFramebuffer()
        return image

    def describe(self, words: str) -> None:
        """Say in words what is drawn, for those who cannot see it."""
        if self._plotter is not None:
            self._plotter.setAccessibleDescription(words)

    def close_scene(self) -> None:
        """Let go of every VTK object."""
        self._closed = True
        if self._loading is not None:
            self._loading.join()
        self._hover_soon.stop()
        self._settle.stop()
        self._flight.stop()
        scene, self._scene = self._scene, None
        plotter, self._plotter = self._plotter, None
        if scene is not None:
            scene.close()
        if plotter is not None:
            self._box.removeWidget(plotter)
            plotter.close()
            plotter.deleteLater()

    def _draw(self) -> None:
        assert QThread.currentThread() is self.thread()  # noqa: S101 (VTK belongs to the thread of the window)
        picture: Picture | None = self._viewing.picture
        if self._scene is not None and self._plotter is not None and picture is not None:
            self._plotter.flat = picture.flat
            self._scene.apply(picture)
            self.drawn.emit()

    def follow(self, camera: Camera) -> None:
        """Look from where a linked view's eye is on its way; the next paint shows it."""
        if self._scene is not None and self._plotter is not None:
            self._scene.follow(camera)
            self._plotter.draw_soon()

    def draw_soon(self) -> None:
        """Draw again at the next paint, where the eye may have to stand elsewhere."""
        if self._plotter is not None:
            self._plotter.draw_soon()

    def settle(self, camera: Camera) -> None:
        """Look from where a linked view's eye came to rest."""
        if self._scene is not None and self._plotter is not None and self._scene.settle(camera):
            self._plotter.draw_soon()

    @property
    def _place(self) -> int:
        return self._store.viewings.index(self._viewing)

    def _remember_mouse(self, position: QPointF) -> None:
        self._mouse = position
        if not self._hover_soon.isActive():
            self._hover_soon.start()

    def _forget_mouse(self) -> None:
        self._mouse = None
        self._hover_soon.stop()
        self.hovered.emit(None)
        if self.is_active:
            self._store.selection.hover(())

    def _mark(self) -> None:
        if self._scene is not None:
            self._scene.mark(self._store.selection.marked if self.is_active else ())

    def _show_tool(self) -> None:
        if self._plotter is not None:
            shape = Qt.CursorShape.ArrowCursor if self.probing.tool is None else Qt.CursorShape.CrossCursor
            self._plotter.setCursor(shape)

    def _choose(self, position: QPointF, add: bool) -> None:
        """Use the tool; without one, select a critical point, remove a pin, or pin the surface, whichever is there.

        The click that makes this the active view pins nothing.
        """
        pin = None if self._scene is None else self._scene.pin_at(position.x(), position.y())
        if self.probing.tool is not None:
            self.probing.click(self._place_at(position, precise=self.probing.tool == "profile"), pin)
            return
        point = self._point_at(position)
        if point is not None or not add:
            self._store.selection.choose(() if point is None else (point,), add=add)
        if point is not None or add or not self._was_active:
            return
        place = self._place_at(position)
        if pin is not None:
            self.probing.unpin(pin)
        elif place is not None:
            self.probing.pin(place)

    def _place_at(self, position: QPointF, *, precise: bool = False) -> tuple[float, float] | None:
        """(u, v) of the checkpoint under a pixel, unless a precise place is asked for, else of the surface, or None."""
        scene, landscape = self._scene, self._viewing.landscape
        if scene is None:
            return None
        found = None if precise else scene.checkpoint_at(position.x(), position.y())
        checkpoint = None if found is None or landscape is None else find_checkpoint(landscape, *found)
        return scene.pick(position.x(), position.y()) if checkpoint is None else (checkpoint.u, checkpoint.v)

    def _open(self, position: QPointF) -> None:
        point = self._point_at(position)
        if point is not None:
            self.opened.emit(point)

    def _point_at(self, position: QPointF) -> int | None:
        return None if self._scene is None else self._scene.point_at(position.x(), position.y())

    def _tell_hover(self) -> None:
        if self._scene is not None and self._mouse is not None:
            place = self._scene.pick(self._mouse.x(), self._mouse.y())
            self.hovered.emit(place)
            if (checkpoint := self._scene.checkpoint_at(self._mouse.x(), self._mouse.y())) is not None:
                self.checkpoint_hovered.emit(checkpoint)
            if not self.is_active:
                return
            self.probing.hover(place)
            point = self._point_at(self._mouse)
            self._store.selection.hover(() if point is None else (point,))

    def _move(self) -> None:
        """Show a draft until the eye is at rest."""
        self._settle.start()
        if self._scene is not None:
            self._scene.move()
            self.eye_at.emit(self._scene.camera())

    def _press(self) -> None:
        """Make this the active view; whoever takes the eye stops its flight."""
        self._was_active = self.is_active
        self._store.activate(self._place)
        flying = self._flight.under_way
        self._flight.stop()
        if flying or (self._scene is not None and self._scene.moving):
            self._settle.start()

    def _tell_eye(self) -> None:
        """Draw everything again and make the eye's new place part of the view, unless it is still on its way."""
        arrangement = self._store.arrangement
        if self._scene is None or self._plotter is None or arrangement is None:
            return
        if self._plotter.held:
            self._settle.start()
            return
        self._scene.rest()
        camera = self._scene.camera()
        self.eye_rests.emit(camera)
        if camera != arrangement.panes[self._place].view.camera:
            self._store.change("move the camera", place=self._place, camera=camera)
            self._store.resolve_now()  # later, the eye may have moved on, and drawing would put it back

    def _paint_ground(self) -> None:
        colour = QColor("#15181c" if self._theme == "dark" else "#ffffff")  # as the scene's, which is not loaded yet
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, colour)
        self.setPalette(palette)

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer
