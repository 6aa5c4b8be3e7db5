"""What the colour shows."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from talweg.view_state import COLOUR_MAPS, COLOURING_TITLES
from talweg.window.panels.height import SCALES
from talweg.window.panels.quantities import available, finite_range
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, NumberField, Switch
from talweg.window.widgets.layout import row
from talweg.window.widgets.swatches import SWATCH, swatch


class ColourSection(ViewSection):
    """Quantity, scale, map and range of the colour."""

    def __init__(self, store: Store) -> None:
        super().__init__("Colour", store)
        self.quantity = Choice(list(COLOURING_TITLES.items()), "What the colour shows")
        self.quantity.chosen.connect(self._choose)
        self.add_row("Sho&ws", self.quantity, "What the colour of the surface shows")
        self.scale = Switch(SCALES, "Scale of the colour")
        self.scale.chosen.connect(
            lambda value: self.ask(f"{'logarithmic' if value == 'log' else 'linear'} colour", colour_scale=value)
        )
        self.add_row("Scal&e", self.scale, "A logarithmic colour shows small differences near the minimum")
        self.map = Choice([(name, name) for name in COLOUR_MAPS], "Colour map")
        self.map.setIconSize(QSize(*SWATCH))
        self.map.chosen.connect(lambda name: self.ask(f"colour map {name}", colour_map=name))
        self.add_row("&Map", self.map, "The first five are even in brightness and safe for colour-blind eyes")
        self.manual = QCheckBox("&Range")
        self.manual.setAccessibleName("Set the range of the colours by hand")
        self.manual.setToolTip("Set the range of the colours by hand instead of from the data")
        self.manual.clicked.connect(self._switch_range)
        self.low, self.high = NumberField("Lowest value of the colours"), NumberField("Highest value of the colours")
        self.low.entered.connect(lambda value: self._set_range(value, None))
        self.high.entered.connect(lambda value: self._set_range(None, value))
        line = QWidget()
        line.setLayout(row(self.low, QLabel("to"), self.high))
        self.form.addRow(self.manual, line)
        self.bar = self.add_toggle("Scalar bar", "scalar_bar", "scalar bar")

    def draw_swatches(self) -> None:
        """Draw the colour maps beside their names; this loads matplotlib, so it waits until the window is painted."""
        self.map.add_icons([swatch(name) for name in COLOUR_MAPS])

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape, picture = self.store.view, self.store.landscape, self.store.picture
        if view is None or landscape is None:
            return
        self.quantity.enable_values({**available(landscape), "basin": landscape.settled})
        self.quantity.show_value(view.colour)
        self.scale.show_value(view.colour_scale)
        basins = view.colour == "basin"
        self.scale.setEnabled(not basins and view.colour != "log_loss")  # which is a logarithm already
        for widget in (self.map, self.manual):
            widget.setEnabled(not basins)
        self.map.show_value(view.colour_map)
        manual = view.colour_range is not None and not basins
        self.manual.setChecked(manual)
        low, high = view.colour_range or (None, None)
        if basins:
            low, high = None, None
        elif not manual and picture is not None:
            logarithmic = picture.surface.colour_scale == "log"
            low, high = (10.0**end if logarithmic else end for end in picture.surface.scalar_range)
        for field, value in ((self.low, low), (self.high, high)):
            field.setEnabled(manual)
            field.show_value(value)
        self.bar.setChecked(view.scalar_bar)

    def _choose(self, quantity: str) -> None:
        # the range is in units of the quantity, so that it means nothing for another one
        self.ask(f"colour shows {COLOURING_TITLES[quantity]}", colour=quantity, colour_range=None)  # type: ignore[index]  # from this very table

    def _switch_range(self, on: bool) -> None:
        view, landscape = self.store.view, self.store.landscape
        if view is None or landscape is None or view.colour == "basin":
            return
        known = finite_range(landscape, view.colour)
        self.ask("range of the colours", colour_range=known if on and known[0] < known[1] else None)

    def _set_range(self, low: float | None, high: float | None) -> None:
        view = self.store.view
        if view is None or view.colour_range is None:
            return
        ends = (view.colour_range[0] if low is None else low, view.colour_range[1] if high is None else high)
        if ends[0] < ends[1]:
            self.ask("range of the colours", colour_range=ends)
        else:
            self.show_state()
