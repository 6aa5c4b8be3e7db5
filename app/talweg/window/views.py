"""The middle of the window: one, two or four views, each with the landscape in it, which move together when linked."""

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QSizePolicy, QStackedLayout, QWidget

from talweg.landscape import Landscape
from talweg.view.state import Camera
from talweg.window.curve_view import CurveView
from talweg.window.looks import dress
from talweg.window.probing import Probing
from talweg.window.scene_view import SceneView
from talweg.window.store import Store
from talweg.window.viewing import Viewing
from talweg.window.widgets.layout import GAP, column, row, tight
from talweg.window.words import coordinate, count, number

_GAP = 4  # pixels between views
_RIM = 2  # pixels of the frame around one of several views
_MARK = 20
_WIDE = 1.25  # width over height of the room from which on two views stand side by side


class Heading(QFrame):
    """Says which landscape a view shows and lets one choose another; marks the active view.

    Args:
        store: Where the views are.
        place: Which view.
    """

    def __init__(self, store: Store, place: int) -> None:
        super().__init__()
        self._store, self._place = store, place
        self.mark = QLabel(str(place + 1))
        self.mark.setFixedSize(_MARK, _MARK)
        self.mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.landscapes = QComboBox()
        self.landscapes.setAccessibleName(f"Landscape of view {place + 1}")
        self.landscapes.setToolTip("The landscape that this view shows")
        self.landscapes.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.landscapes.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.landscapes.setMinimumContentsLength(6)
        self.landscapes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.landscapes.activated.connect(self._choose)
        box = row(self.mark, self.landscapes)
        box.setContentsMargins(GAP, 2, GAP, 2)
        self.setLayout(box)

    def show_state(self) -> None:
        """Show what the store holds."""
        document, arrangement = self._store.document, self._store.arrangement
        if document is None or arrangement is None or self._place >= len(arrangement.panes):
            return
        known = [(number, outline.name) for number, outline in document.outlines().items()]
        listed = [(self.landscapes.itemData(k), self.landscapes.itemText(k)) for k in range(self.landscapes.count())]
        if listed != known:
            self.landscapes.clear()
            for landscape, name in known:
                self.landscapes.addItem(name, landscape)
        self.landscapes.setCurrentIndex(self.landscapes.findData(arrangement.panes[self._place].landscape))
        active = arrangement.active == self._place
        self.mark.setAccessibleName(f"View {self._place + 1}, active" if active else f"View {self._place + 1}")
        dress(self.mark, "active mark" if active else "mark")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Make this the active view."""
        self._store.activate(self._place)
        super().mousePressEvent(event)

    def _choose(self, index: int) -> None:
        self._store.activate(self._place)
        self._store.show_landscape(self.landscapes.itemData(index))


class ViewFrame(QFrame):
    """One view: a heading where there are several, and the scene or the curve of its landscape.

    Args:
        store: Where the views are.
        viewing: What is shown.
        probing: What the next click does.
        theme: "light" or "dark".
        place: Which view.
    """

    def __init__(self, store: Store, viewing: Viewing, probing: Probing, theme: str, place: int) -> None:
        super().__init__()
        self._store, self.viewing = store, viewing
        self.heading = Heading(store, place)
        self.scene_view = SceneView(store, viewing, probing, theme)
        self.curve_view = CurveView(store, viewing, probing, theme)
        self.setLineWidth(_RIM)
        box = column(self, gap=0)
        box.addWidget(self.heading)
        self._kinds = QStackedLayout()
        for kind in (self.scene_view, self.curve_view):
            self._kinds.addWidget(kind)
        box.addLayout(self._kinds, 1)
        viewing.landscape_changed.connect(self._choose_kind)
        viewing.picture_changed.connect(self.describe)
        self.scene_view.started.connect(self.describe)
        self._choose_kind()

    def show_state(self) -> None:
        """Show what the store holds."""
        arrangement = self._store.arrangement
        several = arrangement is not None and len(arrangement.panes) > 1
        self.heading.setVisible(several)
        self.heading.show_state()
        self.setFrameStyle(QFrame.Shape.Box | QFrame.Shadow.Plain if several else QFrame.Shape.NoFrame)
        role = QPalette.ColorRole.Highlight if self.scene_view.is_active else QPalette.ColorRole.Mid
        self.setForegroundRole(role)

    def picture(self) -> QImage | None:
        """Return what is seen of the landscape; None where nothing is."""
        if not self.isVisible() or self.viewing.landscape is None:
            return None
        if self._kinds.currentWidget() is self.curve_view:
            return self.curve_view.image
        return self.scene_view.image()

    def describe(self) -> None:
        """Say in words what is drawn, for those who cannot see it."""
        picture, landscape = self.viewing.picture, self.viewing.landscape
        if landscape is not None and landscape.dimensions == 1:
            self.curve_view.setAccessibleDescription(_describe_line(landscape))
        if picture is None or landscape is None:
            return
        minima = picture.critical_points.kind == 0
        words = f"{landscape.name}, {landscape.done} of {landscape.computed.size} points computed"
        if landscape.interpolated_count:
            words += f", {landscape.interpolated_count} interpolated"
        if landscape.settled:
            words += f"; {count(int(minima.sum()), 'minimum', 'minima')} drawn"
        if minima.any():
            (u, v), loss = picture.critical_points.coordinates[minima][0], picture.critical_points.loss[minima][0]
            words += f", the most persistent {number(float(loss))} at u {coordinate(u)}, v {coordinate(v)}"
        words += f"; height shows {picture.axes.titles[2]}, colour {picture.surface.title}"
        self.scene_view.describe(words)

    def _choose_kind(self) -> None:
        """Show the scene, or the curve of a line."""
        landscape = self.viewing.landscape
        is_line = landscape is not None and landscape.dimensions == 1
        self._kinds.setCurrentWidget(self.curve_view if is_line else self.scene_view)


class ViewsArea(QWidget):
    """As many views as the store has.

    Args:
        store: Where they are.
        theme: "light" or "dark".
    """

    hovered = Signal(object, object)
    """(u, v) of the surface under the mouse, or None, and the landscape that it is of."""
    checkpoint_hovered = Signal(object, object)
    """(run, step) of the checkpoint under the mouse, after ``hovered``, and the landscape that it is of."""
    painted = Signal()
    """The window is visible for the first time."""
    started = Signal()
    """The first scene is there."""
    opened = Signal(int)
    """A critical point of the active view was double-clicked."""

    def __init__(self, store: Store, theme: str) -> None:
        super().__init__()
        self._store, self._theme = store, theme
        self._running = False
        self._columns = 0
        self.probing = Probing(store, self)
        """What the next click on a surface does."""
        self._frames: list[ViewFrame] = []
        self._grid = QGridLayout(self)
        tight(self._grid, gap=_GAP)
        store.arrangement_changed.connect(self.show_state)
        store.landscape_changed.connect(self._show_headings)
        self.show_state()

    @property
    def frames(self) -> tuple[ViewFrame, ...]:
        """All views, row by row."""
        return tuple(self._frames)

    @property
    def columns(self) -> int:
        """How many of them stand side by side."""
        return self._columns

    @property
    def active(self) -> ViewFrame:
        """The view that panels and commands act on."""
        return next((frame for frame in self._frames if frame.scene_view.is_active), self._frames[0])

    def start(self) -> None:
        """Load VTK, then draw."""
        self._running = True
        self._start_next()

    def set_theme(self, theme: str) -> None:
        """Draw in light or dark colours."""
        self._theme = theme
        for frame in self._frames:
            frame.scene_view.set_theme(theme)
            frame.curve_view.set_theme(theme)

    def close_scenes(self) -> None:
        """Let go of every VTK object."""
        for frame in self._frames:
            frame.scene_view.close_scene()

    def show_state(self) -> None:
        """Make as many views as the store has, side by side and below each other."""
        viewings = self._store.viewings
        self.setUpdatesEnabled(False)  # a view that is there already is painted once, not at each step
        for frame in [frame for frame in self._frames if frame.viewing not in viewings]:
            self._frames.remove(frame)
            self._remove(frame)
        for place in range(len(self._frames), len(viewings)):
            self._frames.append(self._make(viewings[place], place))
        self._lay_out()
        self._show_headings()
        self._link_scenes()
        self.setUpdatesEnabled(True)
        self._start_next()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Put two views side by side or below each other, as there is room."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        wide = self.width() > _WIDE * self.height()
        columns = {1: 1, 2: 2 if wide else 1}.get(len(self._frames), 2)
        for place, frame in enumerate(self._frames):
            line, across = divmod(place, columns)
            if self._columns != columns or self._grid.indexOf(frame) < 0:
                self._grid.addWidget(frame, line, across)
        self._columns = columns
        for index in range(2):
            self._grid.setColumnStretch(index, int(index < columns))
            self._grid.setRowStretch(index, int(index * columns < len(self._frames)))

    def _show_headings(self) -> None:
        for frame in self._frames:
            frame.show_state()

    def _make(self, viewing: Viewing, place: int) -> ViewFrame:
        frame = ViewFrame(self._store, viewing, self.probing, self._theme, place)
        view = frame.scene_view
        for picture in (view, frame.curve_view):
            picture.hovered.connect(lambda where: self.hovered.emit(where, viewing.landscape))
            picture.checkpoint_hovered.connect(lambda where: self.checkpoint_hovered.emit(where, viewing.landscape))
        if not self._frames:
            view.painted.connect(self.painted)
        view.started.connect(self._scene_started)
        view.opened.connect(self.opened)
        view.eye_at.connect(lambda camera: self._lead(frame, camera, rests=False))
        view.eye_rests.connect(lambda camera: self._lead(frame, camera, rests=True))
        view.drawn.connect(self._fit_others)
        view.resized.connect(lambda: self._make_room(frame))
        return frame

    def _start_next(self) -> None:
        """Make one scene after the other, so that none of them holds the window up for long."""
        waiting = [frame.scene_view for frame in self._frames if frame.scene_view.scene is None]
        if self._running and waiting:
            waiting[0].start()

    def _remove(self, frame: ViewFrame) -> None:
        self._grid.removeWidget(frame)
        frame.hide()
        frame.scene_view.close_scene()
        frame.deleteLater()

    def _scene_started(self) -> None:
        self._link_scenes()
        if sum(frame.scene_view.scene is not None for frame in self._frames) == 1:
            self.started.emit()
        QTimer.singleShot(0, self, self._start_next)

    def _others(self, frame: ViewFrame) -> list[ViewFrame]:
        """Views that look from the same place as one does."""
        arrangement = self._store.arrangement
        linked = arrangement is not None and arrangement.has("camera")
        return [other for other in self._frames if linked and other is not frame]

    def _link_scenes(self) -> None:
        for frame in self._frames:
            scenes = [other.scene_view.scene for other in self._others(frame)]
            if frame.scene_view.scene is not None:
                frame.scene_view.scene.link([scene for scene in scenes if scene is not None])

    def _lead(self, frame: ViewFrame, camera: Camera, *, rests: bool) -> None:
        """Let linked views look from where one looks."""
        for other in self._others(frame):
            if rests:
                other.scene_view.settle(camera)
            else:
                other.scene_view.follow(camera)

    def _make_room(self, frame: ViewFrame) -> None:
        """Draw what is linked with a view of another size again: one standard view fits all of them."""
        for other in self._others(frame):
            other.scene_view.draw_soon()

    def _fit_others(self) -> None:
        """What one view shows may need more room than its linked views have left for it."""
        for frame in self._frames:
            if frame.scene_view.scene is not None and self._others(frame):
                frame.scene_view.scene.fit()


def _describe_line(line: Landscape) -> str:
    """Say in words what a curve shows."""
    words = f"{line.name}, {line.done} of {line.computed.size} points computed"
    loss = np.where(np.isfinite(line.loss[0]), line.loss[0], np.nan)
    if np.isnan(loss).all():
        return words
    lowest, highest = int(np.nanargmin(loss)), int(np.nanargmax(loss))
    found = (f"{word} loss {number(float(loss[at]))} at u {coordinate(float(line.u[at]))}" for word, at in (
        ("lowest", lowest), ("highest", highest)))  # fmt: skip
    return f"{words}; {', '.join(found)}"
