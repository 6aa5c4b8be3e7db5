"""What the colour shows."""

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtWidgets import QSpinBox

from talweg.view.colour_maps import COLOUR_MAPS, KIND_WORDS
from talweg.view.quantities import BASIN, list_quantities, missing_quantities, title_of
from talweg.view.state import BAR_PLACES, MOST_STEPS
from talweg.window.looks import dress
from talweg.window.panels.colour_range import RangeRows
from talweg.window.panels.scale import ScaleRows
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice
from talweg.window.widgets.layout import text_label
from talweg.window.widgets.swatches import SWATCH, swatch


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
        self.map.explain_values({name: KIND_WORDS[kind] for name, kind in COLOUR_MAPS.items()})
        self.map.chosen.connect(lambda name: self.ask(f"colour map {name}", colour_map=name))
        self.add_row(
            "&Map",
            self.map,
            "The first six are even in brightness and safe for colour-blind eyes, as Crameri et al. 2020 ask for; the "
            "next six part what is above a middle from what is below",
        )
        self.remark = text_label(muted=True, name="About the colour map")
        self.form.addRow(self.remark)
        self.steps = dress(QSpinBox(), "spin box")
        self.steps.setRange(0, MOST_STEPS)
        self.steps.setSpecialValueText("smooth")
        self.steps.setKeyboardTracking(False)  # the first digit of a number is none that was meant
        self.steps.setAccessibleName("Number of colours")
        self.steps.setMaximumWidth(90)
        self.steps.valueChanged.connect(self._set_steps)
        self.steps.editingFinished.connect(store.seal)
        self.add_row("Ste&ps", self.steps, "In how many colours the map is drawn, each for an equal part of its range")
        self.backwards = self.add_toggle(
            "Reversed", "colour_reversed", "colour map reversed", "The colours of the map from the high end to the low"
        )
        self.range = RangeRows(self)
        self.bar = self.add_toggle(
            "Scalar bar",
            "scalar_bar",
            "scalar bar",
            "The scale beside or below the picture: which colour is which value",
        )
        self.place = Choice(list(BAR_PLACES.items()), "Place of the scalar bar")
        self.place.chosen.connect(lambda place: self.ask("place of the scalar bar", bar_place=place))
        self.add_row("Its place", self.place, "Automatic: at the right, but below a picture that is narrow")

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
        for widget in (self.map, self.steps, self.backwards):
            widget.setEnabled(not basins)
        self.map.show_value(view.colour_map)
        uneven = COLOUR_MAPS.get(view.colour_map) == "uneven" and not basins
        self.remark.setText(f"{KIND_WORDS['uneven']}.")
        self.form.setRowVisible(self.remark, uneven)
        if self.steps.value() != view.colour_steps:
            with QSignalBlocker(self.steps):
                self.steps.setValue(view.colour_steps)
        self.backwards.setChecked(view.colour_reversed)
        self.range.show_state(shown, picture)
        self.place.show_value(view.bar_place)
        self.place.setEnabled(view.scalar_bar)
        self.bar.setChecked(view.scalar_bar)

    def _choose(self, quantity: str) -> None:
        # range and threshold are in units of the quantity, so that they mean nothing for another one
        title = self.quantity.itemText(self.quantity.findData(quantity))
        self.ask(f"colour shows {title}", colour=quantity, colour_range=None, colour_threshold=None)

    def _set_steps(self, steps: int) -> None:
        if steps == 1:  # one colour is none: up from smooth, or down to it
            view = self.store.view
            steps = 0 if view is not None and view.colour_steps > 1 else 2
        self.ask("steps of the colours", "colour_steps", colour_steps=steps)
        self.show_state()
