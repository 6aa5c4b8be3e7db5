"""Talwegs and separatrices: the lines that connect critical points."""

from PySide6.QtWidgets import QLabel, QWidget

from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, LogSlider
from talweg.window.widgets.layout import row

_KIND_TIP = "Those that go down follow valleys, those that go up follow ridges (Edelsbrunner et al. 2003)"
_KINDS = [("both", "down and up"), ("descending", "down to minima"), ("ascending", "up to maxima")]


class LinesSection(ViewSection):
    """On or off, which ones, and how wide."""

    def __init__(self, store: Store) -> None:
        super().__init__("Valleys and ridges", store)
        self.talwegs = self.add_toggle(
            "Talwegs between minima",
            "talwegs",
            "talwegs",
            "The valley lines over the lowest saddles from each minimum to a deeper one, such as Draxler et al. 2018 "
            "seek between networks",
        )
        self.separatrices = self.add_toggle(
            "Separatrices of the saddles",
            "separatrices",
            "separatrices",
            "The lines of steepest descent and ascent from the saddles; those that go up part the basins "
            "(the Morse–Smale complex, Edelsbrunner et al. 2003)",
        )
        self.kind = Choice(_KINDS, "Which separatrices are drawn")
        self.kind.chosen.connect(lambda kind: self.ask("which separatrices are drawn", separatrix_kind=kind))
        self.add_row("Separatri&ces", self.kind, _KIND_TIP)
        self.breadth = LogSlider("Width of talwegs and separatrices", 0.25, 4.0)
        self.breadth.moved.connect(self._widen)
        self.breadth.let_go.connect(store.seal)
        self._width_text = QLabel()
        self._width_text.setMinimumWidth(38)
        line = QWidget()
        line.setLayout(row(self.breadth, self._width_text))
        self.add_row(
            "Widt&h", line, "How wide talwegs and separatrices are drawn; it changes the picture, never a number"
        ).setBuddy(self.breadth)

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape = self.store.view, self.store.landscape
        if view is None or landscape is None:
            return
        for box, on in ((self.talwegs, view.talwegs), (self.separatrices, view.separatrices)):
            box.setChecked(on)
            box.setEnabled(landscape.settled)
        self.kind.show_value(view.separatrix_kind)
        self.kind.setEnabled(landscape.settled and view.separatrices)
        self.breadth.show_value(view.line_width)
        self.breadth.setEnabled(landscape.settled and (view.talwegs or view.separatrices))
        self._width_text.setText(f"× {view.line_width:.2f}")

    def _widen(self, width: float) -> None:
        near_one = abs(width - 1.0) < 0.03  # the handle finds its neutral place again
        self.ask("width of the lines", "line_width", line_width=1.0 if near_one else round(width, 3))
