"""Level lines of the height."""

import re

from PySide6.QtWidgets import QSpinBox

from talweg.window.looks import dress
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.judged_line import JudgedLine
from talweg.window.words import number, parse_number, quote


class ContoursSection(ViewSection):
    """How many contours there are and where they lie."""

    def __init__(self, store: Store) -> None:
        super().__init__("Contours", store)
        self.levels = dress(QSpinBox(), "spin box")
        self.levels.setRange(0, 200)
        self.levels.setAccessibleName("Number of contour levels")
        self.levels.setMaximumWidth(90)
        self.levels.valueChanged.connect(
            lambda count: self.ask("number of contours", "contour_count", contour_count=count)
        )
        self.levels.editingFinished.connect(store.seal)
        self.add_row(
            "&Levels",
            self.levels,
            "How many lines of equal loss there are, evenly spaced on the height's scale (Li et al. 2018, figure 5)",
        )
        self.values = JudgedLine("Values of the contour levels")
        self.values.setPlaceholderText("evenly spaced")
        self.values.typed.connect(self._set_levels)
        self.add_row("Or a&t", self.values, "Values of the height with spaces between, instead of a number of levels")
        self.on_surface = self.add_toggle(
            "On the surface", "contours_on_surface", "contours on the surface", "Each line at its own height"
        )
        self.on_floor = self.add_toggle(
            "On the floor", "contours_on_floor", "contours on the floor", "All lines below the surface, as a map"
        )
        self.labels = self.add_toggle(
            "Values at the lines",
            "contour_labels",
            "values of the contours",
            "Each line says its value where there is room",
        )

    def show_state(self) -> None:
        """Show what the store holds."""
        view = self.store.view
        if view is None:
            return
        if self.levels.value() != view.contour_count:
            self.levels.blockSignals(True)
            self.levels.setValue(view.contour_count)
            self.levels.blockSignals(False)
        self.levels.setEnabled(view.contour_levels is None)
        self.values.show_text(" ".join(number(value) for value in view.contour_levels or ()))
        self.on_surface.setChecked(view.contours_on_surface)
        self.on_floor.setChecked(view.contours_on_floor)
        self.labels.setChecked(view.contour_labels)

    def _set_levels(self, text: str) -> None:
        words = [word for word in re.split(r"[;\s]+", text) if word]
        found = {word: parse_number(word) for word in words}
        wrong = next((word for word, value in found.items() if value is None), None)
        if wrong is not None:
            self.values.refuse(f"Numbers with spaces between are expected here, such as 0.1 1 10, not {quote(wrong)}.")
            return
        levels = tuple(sorted({value for value in found.values() if value is not None}))
        self.ask("levels of the contours", contour_levels=levels or None)
        self.show_state()  # also where these were the levels, written otherwise
