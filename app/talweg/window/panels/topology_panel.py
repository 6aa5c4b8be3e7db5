"""The panel of the topology: which minima are robust, and what to do with the selected point."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from talweg.view.quantities import BASIN, title_of
from talweg.view.state import height_is_log_loss
from talweg.window.looks import dress
from talweg.window.panels.count_curve import CountCurve
from talweg.window.panels.critical_points import persistence_limits
from talweg.window.panels.persistence_diagram import PersistenceDiagram, scene_colours
from talweg.window.store import Store
from talweg.window.widgets.controls import TickBox
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label, tight
from talweg.window.words import coordinate, count, number
from talweg_compute.field import CriticalKind, Topology

_KINDS = ("minimum", "saddle", "maximum")
_ACTIONS = (("point.fly", "Fly there"), ("point.finer", "Finer grid"), ("point.centre", "New plane"))
_LAYERS = (("Talwegs", "talwegs", "talwegs"), ("Separatrices", "separatrices", "separatrices"))
_COLOUR = ("colour", "colour_range", "colour_threshold")
"""What the basins take the place of."""
_HELP = {
    "Talwegs": "The valley lines over the lowest saddles from each minimum to a deeper one, such as Draxler et al. "
    "2018 seek between networks",
    "Separatrices": "The lines of steepest descent and ascent from the saddles (the Morse–Smale complex, "
    "Edelsbrunner et al. 2003)",
    "Basins": "Colours the surface by the minimum that steepest descent leads to (Edelsbrunner et al. 2003)",
    "Threshold": "Drag the line, or move it by the arrow keys: pairs of a smaller persistence, the height from an "
    "extremum to the saddle where it ends, are left out (Edelsbrunner et al. 2002)",
}


class TopologyPanel(QWidget):
    """Persistence diagram, number of minima, and the selected point.

    Args:
        store: Where picture and selection are.
        action: Returns the action of a command's id.
        fly: Moves the camera to a point, given by its index.
    """

    def __init__(self, store: Store, action: Callable[[str], QAction], fly: Callable[[int], None]) -> None:
        super().__init__()
        self._store = store
        self._topology: Topology | None = None
        self._before_basins: tuple[object, dict[str, Any]] | None = None
        self.diagram, self.curve = PersistenceDiagram(), CountCurve()
        for plot in (self.diagram, self.curve):
            plot.moved.connect(self._move_threshold)
            plot.let_go.connect(store.seal)
        self.diagram.hovered.connect(store.selection.hover)
        self.diagram.chosen.connect(self._choose)
        self.diagram.opened.connect(fly)
        self.layers = {field: self._toggle(title, field, words) for title, field, words in _LAYERS}
        self.basins = TickBox("Basins")
        self.basins.setAccessibleName("Show the basins of the minima as colour")
        self.basins.clicked.connect(self._switch_basins)
        self.words = text_label(name="Selected critical point")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 2)
        box = column(self, EDGE, GAP)
        box.addLayout(self._switches())
        box.addWidget(self.diagram, 3)
        box.addWidget(self.curve, 2)
        box.addWidget(self.words)
        self._add_actions(box, action)
        for signal in (store.picture_changed, store.landscape_changed, store.view_changed):
            signal.connect(self.show_state)
        store.selection.changed.connect(self._show_selection)
        self.show_state()

    def show_state(self) -> None:
        """Show what the store holds."""
        view, picture, landscape = self._store.view, self._store.picture, self._store.landscape
        complete = landscape is not None and landscape.settled
        for field, box in self.layers.items():
            box.setEnabled(complete)
            box.setChecked(view is not None and bool(getattr(view, field)))
        if view is not None and view.colour != BASIN:
            self._before_basins = self._store.subject, {field: getattr(view, field) for field in _COLOUR}
        self.basins.setEnabled(complete)
        self.basins.setChecked(view is not None and view.colour == BASIN)
        topology = self._store.topology if picture is not None and complete else None
        if topology is not self._topology:
            self._topology = topology
            points = None if topology is None else topology.points
            name = "loss" if landscape is None else title_of(landscape, "loss")
            unit = "decades" if topology is not None and topology.logarithmic else name
            limits = persistence_limits(topology)
            logarithmic = view is not None and height_is_log_loss(view)
            self.diagram.show_points(points, limits, unit, name, logarithmic=logarithmic)
            self.curve.show_points(points, limits, unit)
        if picture is not None:
            for plot in (self.diagram, self.curve):
                plot.show_threshold(picture.critical_points.threshold)
        self._show_selection()

    def draw_glyphs(self, theme: str) -> None:
        """Take the scene's colours, once it is there."""
        self.diagram.set_colours(scene_colours(theme))

    def _add_actions(self, box: QVBoxLayout, action: Callable[[str], QAction]) -> None:
        buttons = []
        for name, title in _ACTIONS:
            action(name).setIconText(title)  # what a button shows of its action; the menu shows the whole text
            button = QToolButton()
            button.setDefaultAction(action(name))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            dress(button, "tight switch")
            button.setAccessibleName(action(name).text())
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            buttons.append(button)
        box.addLayout(row(*buttons))

    def _switches(self) -> QGridLayout:
        """The layers and the threshold's title, two by two, each with its question mark."""
        grid = QGridLayout()
        tight(grid, gap=4)
        grid.setHorizontalSpacing(2 * EDGE)
        items = (*self.layers.values(), self.basins, QLabel("Threshold"))
        for place, (item, (title, sentence)) in enumerate(zip(items, _HELP.items(), strict=True)):
            grid.addWidget(with_help(item, title, sentence, wide=False), place // 2, place % 2)
        grid.setColumnStretch(1, 1)
        return grid

    def _toggle(self, title: str, field: str, words: str) -> QCheckBox:
        box = TickBox(title)
        box.setAccessibleName(f"Show {words}")
        box.clicked.connect(lambda on: self._store.change(f"{'show' if on else 'hide'} {words}", **{field: on}))
        return box

    def _switch_basins(self, on: bool) -> None:
        """Show the basins; or what the colour showed before, with its own range: that of another means nothing."""
        landscape, before = self._store.landscape, self._before_basins
        if landscape is None:
            return
        if on:
            self._store.change("basins as colour", colour=BASIN, colour_range=None, colour_threshold=None)
            return
        known = before is not None and before[0] == self._store.subject
        default: dict[str, Any] = {"colour": "loss", "colour_range": None, "colour_threshold": None}
        colour = before[1] if before is not None and known else default
        self._store.change(f"{title_of(landscape, colour['colour'])} as colour", **colour)

    def _move_threshold(self, threshold: float) -> None:
        self._store.change("least persistence", "persistence_threshold", persistence_threshold=threshold)

    def _choose(self, point: int, add: bool) -> None:
        if point >= 0:
            self._store.selection.choose((point,), add=add)
        elif not add:
            self._store.selection.choose(())

    def _show_selection(self) -> None:
        selection = self._store.selection
        picture = self._store.picture
        own = 0 if picture is None else picture.critical_points.own  # a finer grid's further points are not in here
        here = (tuple(point for point in points if point < own) for points in (selection.chosen, selection.hovered))
        self.diagram.show_selection(*here)
        self.words.setText(self._describe(selection.hovered or selection.chosen))

    def _describe(self, points: tuple[int, ...]) -> str:
        picture, landscape = self._store.picture, self._store.landscape
        if picture is None or self._topology is None:
            return ""
        part = picture.critical_points
        shown = [point for point in points if point < part.kind.size]
        if len(shown) > 2:
            return f"{len(shown)} points are selected."
        if not shown:
            left_out = part.total - part.kind.size
            kept = count(int((part.kind == CriticalKind.MINIMUM).sum()), "minimum", "minima")
            kept += "" if landscape is None else f" of the {title_of(landscape, 'loss')}"
            more = f", {left_out} more points are not drawn" if left_out > 0 else ""
            return f"{kept} over the threshold{more}. Click a point here, in the picture or in the table."
        lines = []
        for point in shown:
            (u, v), loss = part.coordinates[point], float(part.loss[point])
            name = _KINDS[part.kind[point]].capitalize()
            lines.append(f"{name} at u {coordinate(u)}, v {coordinate(v)}, loss {number(loss)}")
        return "\n".join(lines)
