"""Which critical points are drawn, and how many of each type they are."""

import numpy as np
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from talweg.landscape import Landscape
from talweg.view.quantities import LOG_LOSS, title_of
from talweg.view.state import ViewState
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import LogSlider, TickBox
from talweg.window.widgets.layout import row, text_label
from talweg.window.widgets.swatches import GLYPHS, glyph
from talweg.window.words import number
from talweg_compute.field import Topology

_WORDS = (("minimum", "minima"), ("saddle", "saddles"), ("maximum", "maxima"))
_SHAPES = ("ball", "octahedron", "cone")


class CriticalPointsSection(ViewSection):
    """On or off, least persistence, and a legend that counts."""

    def __init__(self, store: Store) -> None:
        super().__init__("Critical points", store)
        self.shown = self.add_toggle(
            "Draw them",
            "critical_points",
            "critical points",
            "Where f is flat on the plane: its minima, saddles and maxima (Banchoff 1970), which need not be those of "
            "the network",
        )
        self.automatic = TickBox("Least persistence from the data")
        self.automatic.clicked.connect(self._switch_automatic)
        self.add_box(
            self.automatic,
            "2 standard errors of the loss, or 1 % of its range, whichever is larger: what is less may be noise "
            "(Cohen-Steiner et al. 2007)",
        )
        self.threshold = LogSlider("Least persistence", 1e-6, 1.0, zero=True)
        self.threshold.moved.connect(
            lambda value: self.ask("least persistence", "persistence_threshold", persistence_threshold=value)
        )
        self.threshold.let_go.connect(store.seal)
        self._value = QLabel()
        self._value.setMinimumWidth(58)
        line = QWidget()
        line.setLayout(row(self.threshold, self._value))
        self.add_row(
            "&Persistence",
            line,
            "Points whose height difference to their partner is smaller are left out, in units of the loss, "
            "or in decades where the height is its logarithm (Edelsbrunner et al. 2002)",
        ).setBuddy(self.threshold)
        self._icons = [QLabel() for _ in _WORDS]
        self._counts = [QLabel() for _ in _WORDS]
        self.form.addRow(self._legend())
        self.remark = text_label(muted=True)
        self.form.addRow(self.remark)

    @property
    def counts(self) -> str:
        """The legend's numbers as one text."""
        return ", ".join(label.text() for label in self._counts)

    def draw_glyphs(self, theme: str) -> None:
        """Draw the legend's glyphs in the scene's colours; this loads VTK, so it waits until the window is painted."""
        from talweg.scene import THEMES

        colours = THEMES[theme]
        fills = (colours.minimum, colours.saddle, colours.maximum)
        for icon, kind, fill in zip(self._icons, GLYPHS, fills, strict=True):
            icon.setPixmap(glyph(kind, fill, colours.outline))

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape, picture = self.store.view, self.store.landscape, self.store.picture
        if view is None or landscape is None:
            return
        self.shown.setChecked(view.critical_points)
        self.automatic.setChecked(view.persistence_threshold is None)
        self.remark.setText(_remark(landscape, self.store.topology, self.store.shown_view))
        self.remark.setVisible(bool(self.remark.text()))
        self.threshold.setEnabled(landscape.settled)
        if picture is None:
            return
        part = picture.critical_points
        limits = persistence_limits(self.store.topology)
        if limits is not None:
            self.threshold.set_limits(*limits)
        self.threshold.show_value(part.threshold)
        self._value.setText(number(part.threshold, 3))
        for kind, (label, (one, many)) in enumerate(zip(self._counts, _WORDS, strict=True)):
            count = int(np.count_nonzero(part.kind == kind))
            label.setText(f"{count} {one if count == 1 else many}" if landscape.settled else many)

    def _legend(self) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setSpacing(3)
        for column, (icon, count, shape) in enumerate(zip(self._icons, self._counts, _SHAPES, strict=True)):
            icon.setFixedWidth(16)
            icon.setToolTip(f"Drawn as a {shape}")
            grid.addWidget(icon, 0, 2 * column)
            grid.addWidget(count, 0, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        legend = QWidget()
        legend.setLayout(grid)
        return legend

    def _switch_automatic(self, on: bool) -> None:
        picture = self.store.picture
        threshold = None if on or picture is None else picture.critical_points.threshold
        self.ask("least persistence", persistence_threshold=threshold)


def persistence_limits(topology: Topology | None) -> tuple[float, float] | None:
    """From below the smallest persistence to above the largest finite one."""
    if topology is None:
        return None
    points = topology.points
    finite = points.persistence[np.isfinite(points.persistence) & (points.persistence > 0)]
    if finite.size == 0:
        return None
    low, high = float(finite.min()), float(finite.max())
    return max(low * 0.5, high * 1e-7), high * 1.1


def _remark(landscape: Landscape, topology: Topology | None, shown: ViewState | None) -> str:
    """Say what the points are of, and what else there is to know about them."""
    if not landscape.settled:
        return "They are found once every point of the grid is computed."
    points, of = None if topology is None else topology.points, title_of(landscape, "loss")
    remarks = [f"They are points of the {of} on the plane."]
    if shown is not None and shown.height not in ("loss", LOG_LOSS):
        remarks = [f"They are points of the {of} on the plane, not of what the height shows."]
    if points is not None and bool(points.on_boundary.any()):
        remarks.append("One on the frame is where the window cuts the landscape off.")
    if landscape.certifications:
        remarks.append("Filled: the network itself has it. Hollow: only the grid says so.")
    elif landscape.job is not None and points is not None and len(points):
        remarks.append("Hollow: not yet looked for on the network itself (Job menu, Certify).")
    return " ".join(remarks)
