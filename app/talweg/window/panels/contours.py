"""Level lines of the height."""

from PySide6.QtWidgets import QSpinBox

from talweg.window.panels.section import ViewSection
from talweg.window.store import Store


class ContoursSection(ViewSection):
    """How many contours there are and where they lie."""

    def __init__(self, store: Store) -> None:
        super().__init__("Contours", store)
        self.levels = QSpinBox()
        self.levels.setRange(0, 200)
        self.levels.setAccessibleName("Number of contour levels")
        self.levels.setMaximumWidth(90)
        self.levels.valueChanged.connect(
            lambda count: self.ask("number of contours", "contour_count", contour_count=count)
        )
        self.levels.editingFinished.connect(store.seal)
        self.add_row("&Levels", self.levels, "Evenly spaced on the scale of the height")
        self.on_surface = self.add_toggle("On the surface", "contours_on_surface", "contours on the surface")
        self.on_floor = self.add_toggle("On the floor", "contours_on_floor", "contours on the floor")

    def show_state(self) -> None:
        """Show what the store holds."""
        view = self.store.view
        if view is None:
            return
        if self.levels.value() != view.contour_count:
            self.levels.blockSignals(True)
            self.levels.setValue(view.contour_count)
            self.levels.blockSignals(False)
        self.on_surface.setChecked(view.contours_on_surface)
        self.on_floor.setChecked(view.contours_on_floor)
