"""Which sheet of a volume is shown."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QSlider

from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.layout import text_label
from talweg.window.words import coordinate


class SheetSection(ViewSection):
    """A slider over the third coordinate; hidden where there is none."""

    def __init__(self, store: Store) -> None:
        super().__init__("Sheet", store)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Sheet of the volume")
        self.slider.valueChanged.connect(self._choose)
        self.slider.sliderReleased.connect(store.seal)
        self.add_row(
            "Cut at &w",
            self.slider,
            "The value of the third coordinate at which the volume is cut; the surface is that sheet",
        )
        self.words = text_label(muted=True, name="Coordinate of the sheet")
        self.form.addRow(self.words)

    def show_state(self) -> None:
        """Show what the store holds."""
        volume, shown = self.store.volume, self.store.landscape
        self.setVisible(volume is not None)
        if volume is None or shown is None:
            return
        index = int(abs(volume.w - shown.w[0]).argmin())
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, volume.w.size - 1)
            self.slider.setValue(index)
        self.words.setText(f"w = {coordinate(float(shown.w[0]))}, sheet {index + 1} of {volume.w.size}")

    def _choose(self, index: int) -> None:
        if (volume := self.store.volume) is not None:
            self.ask("cut the volume", "sheet", w=float(volume.w[index]))
