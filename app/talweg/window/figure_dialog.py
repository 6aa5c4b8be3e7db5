"""How large a figure shall be."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QSpinBox, QWidget

from talweg.window.widgets.controls import Choice
from talweg.window.widgets.layout import EDGE, column, form, row, without_icons

_SIZES = [("1600x1200", "Slide, 1600 × 1200"), ("2400x1800", "Column, 2400 × 1800"), ("3840x2160", "4K, 3840 × 2160")]
_LARGEST = 16384


@dataclass(frozen=True)
class FigureOptions:
    """What a figure is rendered with.

    Attributes:
        size: Width and height in pixels.
        theme: "light" or "dark".
        transparent: Whether the background is left out.
    """

    size: tuple[int, int]
    theme: Literal["light", "dark"] = "light"
    transparent: bool = False


class FigureDialog(QDialog):
    """Asks for the size, the colours and the background of a figure.

    Args:
        parent: The window.
        window_size: Of the picture in the window, in device pixels.
        theme: That of the window.
    """

    def __init__(self, parent: QWidget, window_size: tuple[int, int], theme: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export a figure")
        width, height = window_size
        self.preset = Choice([(f"{width}x{height}", f"Window, {width} × {height}"), *_SIZES], "Size of the figure")
        self.preset.chosen.connect(self._take_preset)
        self.width_field, self.height_field = self._pixels("Width in pixels"), self._pixels("Height in pixels")
        self.colours = Choice([("light", "Light"), ("dark", "Dark")], "Colours of the figure")
        self.colours.show_value(theme)
        self.transparent = QCheckBox("Transparent background")
        fields = form()
        for words, field in (("&Size", self.preset), ("&Colours", self.colours)):
            label = QLabel(words)
            label.setBuddy(field)
            fields.addRow(label, field)
            if field is self.preset:
                pixels = QLabel("&Pixels")
                pixels.setBuddy(self.width_field)
                fields.addRow(pixels, row(self.width_field, QLabel("×"), self.height_field, None))
        fields.addRow(self.transparent)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        without_icons(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        box = column(self, 2 * EDGE, 2 * EDGE)
        box.addLayout(fields)
        box.addWidget(buttons)
        self.preset.show_value(_SIZES[0][0])
        self._take_preset(_SIZES[0][0])

    @property
    def options(self) -> FigureOptions:
        """What was chosen."""
        size = self.width_field.value(), self.height_field.value()
        theme: Literal["light", "dark"] = "dark" if self.colours.currentData() == "dark" else "light"
        return FigureOptions(size, theme, self.transparent.isChecked())

    def _take_preset(self, size: str) -> None:
        width, _, height = size.partition("x")
        self.width_field.setValue(int(width))
        self.height_field.setValue(int(height))

    @staticmethod
    def _pixels(name: str) -> QSpinBox:
        field = QSpinBox()
        field.setRange(64, _LARGEST)
        field.setSingleStep(100)
        field.setAccessibleName(name)
        return field
