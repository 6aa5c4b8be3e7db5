"""What z shows."""

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from talweg.view_state import QUANTITY_TITLES
from talweg.window.panels.quantities import available, finite_range
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, LogSlider, NumberField, Switch
from talweg.window.widgets.layout import row

SCALES = [("linear", "linear"), ("log", "log")]


class HeightSection(ViewSection):
    """Quantity, scale, cap and stretch of the height."""

    def __init__(self, store: Store) -> None:
        super().__init__("Height", store)
        self.quantity = Choice(list(QUANTITY_TITLES.items()), "Quantity shown as height")
        self.quantity.chosen.connect(self._choose)
        self.add_row("&Shows", self.quantity, "What the height of the surface shows")
        self.scale = Switch(SCALES, "Scale of the height")
        self.scale.chosen.connect(lambda value: self.ask(f"{_words(value)} height", height_scale=value))
        self.add_row("Sca&le", self.scale, "A logarithmic height shows small differences near the minimum")
        self.capped = QCheckBox("Cap at")
        self.capped.setAccessibleName("Cap the height")
        self.capped.setToolTip("Draw everything above this value at it, so that a steep rim does not dwarf the rest")
        self.capped.clicked.connect(self._switch_cap)
        self.cap = NumberField("Value at which the height is capped")
        self.cap.entered.connect(lambda value: self.ask("cap of the height", height_cap=value))
        self.form.addRow(self.capped, self.cap)
        self.factor = LogSlider("Stretch of the height", 0.1, 5.0)
        self.factor.moved.connect(self._stretch)
        self.factor.let_go.connect(store.seal)
        self._factor_text = QLabel()
        self._factor_text.setMinimumWidth(38)
        line = QWidget()
        line.setLayout(row(self.factor, self._factor_text))
        self.add_row("Stretc&h", line, "How tall the surface is drawn").setBuddy(self.factor)

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape = self.store.view, self.store.landscape
        if view is None or landscape is None:
            return
        self.quantity.enable_values(available(landscape))
        self.quantity.show_value(view.height)
        self.scale.show_value(view.height_scale)
        self.scale.setEnabled(view.height != "log_loss")  # it is a logarithm already
        self.capped.setChecked(view.height_cap is not None)
        self.cap.setEnabled(view.height_cap is not None)
        self.cap.show_value(view.height_cap)
        self.factor.show_value(view.height_factor)
        self._factor_text.setText(f"× {view.height_factor:.2f}")

    def _choose(self, quantity: str) -> None:
        # the cap is in units of the quantity, so that it means nothing for another one
        self.ask(f"height shows {QUANTITY_TITLES[quantity]}", height=quantity, height_cap=None)  # type: ignore[index]  # from this very table

    def _switch_cap(self, on: bool) -> None:
        view, landscape = self.store.view, self.store.landscape
        if view is None or landscape is None:
            return
        cap = finite_range(landscape, view.height, share=0.9)[1] if on else None
        self.ask("cap the height" if on else "uncap the height", height_cap=cap)

    def _stretch(self, factor: float) -> None:
        near_one = abs(factor - 1.0) < 0.03  # the handle finds its neutral place again
        self.ask("stretch the height", "height_factor", height_factor=1.0 if near_one else round(factor, 3))


def _words(scale: str) -> str:
    return "logarithmic" if scale == "log" else "linear"
