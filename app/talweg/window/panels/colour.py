"""What the colour shows."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from talweg.view.quantities import BASIN, finite_range, list_quantities, missing_quantities, title_of
from talweg.view.state import COLOUR_MAPS
from talweg.window.panels.scale import ScaleRows
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, NumberField
from talweg.window.widgets.layout import row
from talweg.window.widgets.swatches import SWATCH, swatch
from talweg.window.words import number


class ColourSection(ViewSection):
    """Quantity, scale, map and range of the colour."""

    def __init__(self, store: Store) -> None:
        super().__init__("Colour", store)
        self.quantity = Choice([], "What the colour shows")
        self.quantity.chosen.connect(self._choose)
        self.add_row(
            "Sho&ws",
            self.quantity,
            "What the colour of the surface shows: the same as its height, or another number of each point",
        )
        self._scaling = ScaleRows(self, "colour", "Scal&e")
        self.scale = self._scaling.switch
        self.map = Choice([(name, name) for name in COLOUR_MAPS], "Colour map")
        self.map.setIconSize(QSize(*SWATCH))
        self.map.chosen.connect(lambda name: self.ask(f"colour map {name}", colour_map=name))
        self.add_row(
            "&Map",
            self.map,
            "The first five are even in brightness and safe for colour-blind eyes, as Crameri et al. 2020 ask for",
        )
        self.manual = QCheckBox("&Range")
        self.manual.setAccessibleName("Set the range of the colours by hand")
        self.manual.clicked.connect(self._switch_range)
        self.low, self.high = NumberField("Lowest value of the colours"), NumberField("Highest value of the colours")
        self.low.entered.connect(lambda value: self._set_range(value, None))
        self.high.entered.connect(lambda value: self._set_range(None, value))
        line = QWidget()
        line.setLayout(row(self.low, QLabel("to"), self.high))
        self.add_box(
            self.manual,
            "The values of the lowest and the highest colour, by hand instead of from the data: give two landscapes "
            "the same ones to compare them",
            line,
        )
        self.bar = self.add_toggle(
            "Scalar bar",
            "scalar_bar",
            "scalar bar",
            "The scale beside the picture: which colour is which value",
        )

    def draw_swatches(self) -> None:
        """Draw the colour maps beside their names; this loads matplotlib, so it waits until the window is painted."""
        self.map.add_icons([swatch(name) for name in COLOUR_MAPS])

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape, picture = self.store.view, self.store.landscape, self.store.picture
        shown = self.store.shown_view
        if view is None or landscape is None or shown is None:
            return
        quantities = (*list_quantities(landscape), BASIN)
        self.quantity.offer([(name, title_of(landscape, name)) for name in quantities])
        self.quantity.refuse_values(missing_quantities(landscape))
        self.quantity.show_value(shown.colour)
        self._scaling.show_state(landscape, view, shown)
        basins = shown.colour == BASIN
        for widget in (self.map, self.manual):
            widget.setEnabled(not basins)
        self.map.show_value(view.colour_map)
        manual = shown.colour_range is not None and not basins
        self.manual.setChecked(manual)
        low, high = shown.colour_range or (None, None)
        if basins:
            low, high = None, None
        elif not manual and picture is not None:
            low, high = picture.surface.colour_scale.back(picture.surface.scalar_range).tolist()
        for field, value in ((self.low, low), (self.high, high)):
            field.setEnabled(manual)
            field.show_value(value)
        self.bar.setChecked(view.scalar_bar)

    def _choose(self, quantity: str) -> None:
        # range and threshold are in units of the quantity, so that they mean nothing for another one
        title = self.quantity.itemText(self.quantity.findData(quantity))
        self.ask(f"colour shows {title}", colour=quantity, colour_range=None, colour_threshold=None)

    def _switch_range(self, on: bool) -> None:
        shown, landscape = self.store.shown_view, self.store.landscape
        if shown is None or landscape is None or shown.colour == BASIN:
            return
        known = finite_range(landscape, shown.colour)
        self.ask("range of the colours", colour_range=known if on and known[0] < known[1] else None)

    def _set_range(self, low: float | None, high: float | None) -> None:
        view = self.store.shown_view
        if view is None or view.colour_range is None:
            return
        ends = (view.colour_range[0] if low is None else low, view.colour_range[1] if high is None else high)
        if ends[0] < ends[1]:
            self.ask("range of the colours", colour_range=ends)
        elif low is None:
            self.high.refuse(f"The highest value must be above the lowest, {number(ends[0])}.")
        else:
            self.low.refuse(f"The lowest value must be below the highest, {number(ends[1])}.")
