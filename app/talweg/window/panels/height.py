"""What z shows."""

from PySide6.QtWidgets import QLabel, QWidget

from talweg.view.quantities import finite_range, list_quantities, missing_quantities, title_of
from talweg.window.panels.scale import ScaleRows
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, LogSlider, NumberField, TickBox
from talweg.window.widgets.layout import row


class HeightSection(ViewSection):
    """Quantity, scale, cap and stretch of the height."""

    def __init__(self, store: Store) -> None:
        super().__init__("Height", store)
        self.quantity = Choice([], "Quantity shown as height")
        self.quantity.chosen.connect(self._choose)
        self.add_row(
            "&Shows",
            self.quantity,
            "What the height of the surface is: the loss, as Li et al. 2018 draw it, or another number of each point",
        )
        self._scaling = ScaleRows(self, "height", "Sca&le")
        self.scale, self.own, self.threshold = self._scaling.switch, self._scaling.own, self._scaling.threshold
        self.remark = self._scaling.remark
        self.capped = TickBox("Cap at")
        self.capped.setAccessibleName("Cap the height")
        self.capped.clicked.connect(self._switch_cap)
        self.cap = NumberField("Value at which the height is capped")
        self.cap.entered.connect(lambda value: self.ask("cap of the height", height_cap=value))
        self.add_box(
            self.capped,
            "Cut the surface off here, so that a steep rim does not dwarf the rest; a hatched plane shows where",
            self.cap,
        )
        self.factor = LogSlider("Stretch of the height", 0.1, 5.0)
        self.factor.moved.connect(self._stretch)
        self.factor.let_go.connect(store.seal)
        self._factor_text = QLabel()
        self._factor_text.setMinimumWidth(38)
        line = QWidget()
        line.setLayout(row(self.factor, self._factor_text))
        self.add_row(
            "Stretc&h", line, "How tall the surface is drawn; it changes the picture, never a number"
        ).setBuddy(self.factor)

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape, shown = self.store.view, self.store.landscape, self.store.shown_view
        if view is None or landscape is None or shown is None:
            return
        quantities = list_quantities(landscape)
        self.quantity.offer([(name, title_of(landscape, name)) for name in quantities])
        self.quantity.refuse_values(missing_quantities(landscape))
        self.quantity.show_value(shown.height)
        self._scaling.show_state(landscape, view, shown)
        self.capped.setChecked(shown.height_cap is not None)
        self.cap.setEnabled(shown.height_cap is not None)
        self.cap.show_value(shown.height_cap)
        self.factor.show_value(view.height_factor)
        self._factor_text.setText(f"× {view.height_factor:.2f}")

    def _choose(self, quantity: str) -> None:
        # cap and threshold are in units of the quantity, so that they mean nothing for another one
        title = self.quantity.itemText(self.quantity.findData(quantity))
        self.ask(f"height shows {title}", height=quantity, height_cap=None, height_threshold=None)

    def _switch_cap(self, on: bool) -> None:
        shown, landscape = self.store.shown_view, self.store.landscape
        if shown is None or landscape is None:
            return
        cap = finite_range(landscape, shown.height, share=0.9)[1] if on else None
        self.ask("cap the height" if on else "uncap the height", height_cap=cap)

    def _stretch(self, factor: float) -> None:
        near_one = abs(factor - 1.0) < 0.03  # the handle finds its neutral place again
        self.ask("stretch the height", "height_factor", height_factor=1.0 if near_one else round(factor, 3))
