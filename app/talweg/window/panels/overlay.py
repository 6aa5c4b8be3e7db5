"""A second landscape in the axes of the one that is shown."""

import msgspec
from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from talweg.view.colour_maps import COLOUR_MAPS
from talweg.view.state import OVERLAY_PAINTS, Overlay
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice
from talweg.window.widgets.layout import row
from talweg.window.widgets.swatches import SWATCH, plain_swatch, swatch

_NONE = ""
_LEAST = 5  # percent


class OverlaySection(ViewSection):
    """Which landscape lies over the first, how opaque, and in which colour or map."""

    def __init__(self, store: Store) -> None:
        super().__init__("Overlay", store)
        self.landscape = Choice([(_NONE, "none")], "Landscape in the same axes")
        self.landscape.chosen.connect(self._choose)
        tip = "A second landscape of the document in the same axes; both have one range of heights"
        self.add_row("Landscape", self.landscape, tip)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(_LEAST, 100)
        self.opacity.setPageStep(10)
        self.opacity.setAccessibleName("Opacity of the overlay")
        self.opacity.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.opacity.valueChanged.connect(lambda percent: self._change("opacity of the overlay", opacity=percent / 100))
        self.opacity.sliderReleased.connect(store.seal)
        self._opacity_text = QLabel()
        self._opacity_text.setMinimumWidth(38)
        line = QWidget()
        line.setLayout(row(self.opacity, self._opacity_text))
        self.add_row("Opacity", line, "How much of what lies behind the second one it hides").setBuddy(self.opacity)
        paints = [(name, name) for name in (*OVERLAY_PAINTS, *COLOUR_MAPS)]
        self.paint = Choice(paints, "Colour of the overlay")
        self.paint.setIconSize(QSize(*SWATCH))
        self.paint.chosen.connect(lambda name: self._change(f"{name} overlay", merge=False, paint=name))
        self.add_row("Colour", self.paint, "One colour, or a map over the range of the first one's colours")

    def draw_swatches(self) -> None:
        """Draw the colours beside their names; this loads matplotlib, so it waits until the window is painted."""
        plain = [plain_swatch(colour) for colour in OVERLAY_PAINTS.values()]
        self.paint.add_icons([*plain, *(swatch(name) for name in COLOUR_MAPS)])

    def show_state(self) -> None:
        """Show what the store holds."""
        document, view, shown = self.store.document, self.store.view, self.store.landscape
        if document is None or view is None or shown is None:
            return
        others = ((number, each) for number, each in document.outlines().items() if number != shown.id)
        known = [(_NONE, "none"), *((str(number), each.name) for number, each in others if each.dimensions == 2)]
        self.setVisible(len(known) > 1 and shown.dimensions > 1)
        listed = [(self.landscape.itemData(k), self.landscape.itemText(k)) for k in range(self.landscape.count())]
        if listed != known:
            self.landscape.clear()
            for value, title in known:
                self.landscape.addItem(title, value)
        overlay = view.overlay or Overlay(0)
        index = self.landscape.findData(str(overlay.landscape))
        self.landscape.setCurrentIndex(max(index, 0))
        blocker = QSignalBlocker(self.opacity)
        self.opacity.setValue(round(100 * overlay.opacity))
        blocker.unblock()
        self._opacity_text.setText(f"{100 * overlay.opacity:.0f} %")
        self.paint.show_value(overlay.paint)
        for field in (self.opacity, self.paint):
            field.setEnabled(view.overlay is not None)

    def _choose(self, number: str) -> None:
        before = None if self.store.view is None else self.store.view.overlay
        if number == _NONE:
            self.ask("remove the overlay", overlay=None)
        else:
            overlay = msgspec.structs.replace(before or Overlay(0), landscape=int(number))
            self.ask(f"lay over {self.landscape.currentText()}", overlay=overlay)

    def _change(self, title: str, *, merge: bool = True, **changes: object) -> None:
        before = None if self.store.view is None else self.store.view.overlay
        if before is not None:
            self.ask(title, "overlay" if merge else None, overlay=msgspec.structs.replace(before, **changes))
