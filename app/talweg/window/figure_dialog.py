"""How large a figure shall be, and what of it is drawn."""

import re

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QDoubleSpinBox, QLabel, QSpinBox, QWidget

from talweg.figures.render import SIZES, FigureOptions, ThemeName
from talweg.figures.side_by_side import tell_lack_of_room
from talweg.lettering import MM_AN_INCH, POINTS_ON_PAPER, size_on_paper, text_factor_on_paper
from talweg.window.looks import dress
from talweg.window.remembered import Field, keep_fields, restore_fields
from talweg.window.widgets.controls import Choice, TickBox
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, column, form, row, text_label, without_icons

_SIZES = [
    ("1600x1200px", "Slide, 1600 × 1200 pixels"),
    ("3840x2160px", "4K, 3840 × 2160 pixels"),
    ("85x64mm", "One column of a paper, 85 × 64 mm"),
    ("170x110mm", "Two columns of a paper, 170 × 110 mm"),
]
_OWN, _AS_WINDOW = "own", "window"
_KEPT = "figure"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(px|mm)")
_HELP = {
    "Size": "What the figure is for; pixels for slides and the web, millimetres for print.",
    "Width × height": "In pixels, or in millimetres on paper, where the figure is not to be scaled afterwards.",
    "Pixels an inch": "How fine the figure is on paper; most journals ask for 300, for drawings with lines 600.",
    "Scale": "Draws as many pixels for each pixel of the size, with text and lines as much larger: the same, finer.",
    "Text and lines": "How large letters and lines are, beside what the size of the figure asks for.",
    "Numbers at the axes": "Height of these letters on paper, in points; other text keeps its proportion to them.",
    "Colours": "Light for paper, dark for slides; the landscape keeps its colour map.",
    "Axes, scalar bar and legend": "Everything that tells what is drawn; without, only the landscape itself is there.",
    "Transparent background": "Leaves out the background, so that the figure can be laid over something else.",
    "All views": "The views side by side, each with its name; else the active one alone.",
}
COPY = 2
"""What the dialog returns when the figure goes to the clipboard."""


class FigureDialog(QDialog):
    """Asks for the size, the colours and the background of a figure; it says at first what it was told the last time.

    Args:
        parent: The window.
        window_size: Of the picture in the window, in device pixels.
        theme: That of the window.
        views: How many there are.
        bars: Whether they have scalar bars.
    """

    def __init__(
        self, parent: QWidget, window_size: tuple[int, int], theme: str, views: int = 1, *, bars: bool = True
    ) -> None:
        super().__init__(parent)
        self._views, self._bars = views, bars
        self.setWindowTitle("Export a figure")
        width, height = window_size
        own = [(f"{width}x{height}px", f"As in the window, {width} × {height} pixels")]
        self.preset = Choice([*own, *_SIZES, (_OWN, "Another size")], "Size of the figure")
        self.width_field, self.height_field = _length("Width"), _length("Height")
        self.unit = Choice([("px", "pixels"), ("mm", "mm")], "Unit of width and height")
        self.dpi = _number("Pixels an inch", 30, 2400, 300, "", 50)
        self.scale = Choice(
            [("1", "1 ×"), ("2", "2 ×"), ("3", "3 ×"), ("4", "4 ×")], "Pixels for each pixel of the size"
        )
        self.percent = _number("Size of text and lines", 25, 400, 100, " %", 10)
        self.points = dress(QDoubleSpinBox(), "spin box")
        self.points.setRange(2.0, 24.0)
        self.points.setSingleStep(0.5)
        self.points.setDecimals(1)
        self.points.setValue(POINTS_ON_PAPER)
        self.points.setSuffix(" pt")
        self.points.setAccessibleName("Height of the numbers at the axes")
        self.colours = Choice([("light", "Light"), ("dark", "Dark")], "Colours of the figure")
        self.colours.show_value(theme)
        self.transparent = TickBox("&Transparent background")
        self.overlays = TickBox("&Axes, scalar bar and legend")
        self.overlays.setChecked(True)
        self.outcome = text_label(muted=True, name="What comes out")
        fields = form()
        for words, field, layout in (
            ("&Size", self.preset, None),
            (
                "&Width × height",
                self.width_field,
                row(self.width_field, QLabel("×"), self.height_field, self.unit, None),
            ),
            ("&Pixels an inch", self.dpi, row(self.dpi, None)),
            ("S&cale", self.scale, row(self.scale, None)),
            ("&Text and lines", self.percent, row(self.percent, None)),
            ("&Numbers at the axes", self.points, row(self.points, None)),
            ("C&olours", self.colours, row(self.colours, None)),
        ):
            label = QLabel(words)
            label.setBuddy(field)
            name = words.replace("&", "")
            fields.addRow(label, with_help(field if layout is None else layout, name, _HELP[name]))
        self._form = fields
        for switch in (self.overlays, self.transparent):
            fields.addRow(_explained(switch))
        self.all_views = TickBox("All &views")
        self.all_views.setToolTip("Side by side with their names; else the active one alone")
        self.all_views.setChecked(views > 1)
        if views > 1:
            fields.addRow(_explained(self.all_views))
        fields.addRow(self.outcome)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        without_icons(self.buttons)
        self.copy = self.buttons.addButton("Cop&y", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setToolTip("Put the figure and its caption on the clipboard")
        self.copy.clicked.connect(lambda: self.done(COPY))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        box = column(self, 2 * EDGE, 2 * EDGE)
        box.addLayout(fields)
        box.addWidget(self.buttons)
        self._unit = "px"
        self.preset.chosen.connect(self._take_preset)
        self.unit.currentIndexChanged.connect(self._change_unit)
        for spin in (self.width_field, self.height_field):
            spin.valueChanged.connect(self._show_outcome)
            spin.editingFinished.connect(self._name_size)
        for number in (self.dpi, self.percent, self.points):
            number.valueChanged.connect(self._show_outcome)
        self.scale.currentIndexChanged.connect(self._show_outcome)
        for switch in (self.all_views, self.overlays):
            switch.toggled.connect(self._show_outcome)
        self._restore()

    @property
    def options(self) -> FigureOptions:
        """What was chosen."""
        width, height = self.width_field.value(), self.height_field.value()
        transparent, overlays = self.transparent.isChecked(), self.overlays.isChecked()
        theme: ThemeName = "dark" if self.colours.currentData() == "dark" else "light"
        if self._unit == "mm":
            dpi = float(self.dpi.value())
            size = size_on_paper((width, height), dpi)
            text = text_factor_on_paper(self.points.value(), size, dpi)
            return FigureOptions(size, 1.0, theme, transparent, overlays, text, dpi)
        size = round(width), round(height)
        text = self.percent.value() / 100
        return FigureOptions(size, float(self.scale.currentData()), theme, transparent, overlays, text)

    def done(self, result: int) -> None:
        """Close, and keep what was chosen unless the user thought better of it."""
        if result != QDialog.DialogCode.Rejected:
            keep_fields(
                _KEPT, self._kept_fields(), size=_AS_WINDOW if self.preset.currentIndex() == 0 else self._size()
            )
        super().done(result)

    def _kept_fields(self) -> dict[str, Field]:
        fields: dict[str, Field] = {
            "dpi": self.dpi,
            "scale": self.scale,
            "percent": self.percent,
            "points": self.points,
            "colours": self.colours,
            "transparent": self.transparent,
            "overlays": self.overlays,
        }
        return fields if self._views < 2 else {**fields, "views": self.all_views}

    def _restore(self) -> None:
        size = restore_fields(_KEPT, self._kept_fields()).get("size", "")
        if size == _AS_WINDOW:
            self._take_preset(str(self.preset.itemData(0)))
        else:
            self._take_preset(size if isinstance(size, str) and _SIZE.fullmatch(size) else _SIZES[0][0])
        self._name_size()

    def _size(self) -> str:
        return f"{self.width_field.value():g}x{self.height_field.value():g}{self._unit}"

    def _take_preset(self, size: str) -> None:
        if size == _OWN:
            self.width_field.setFocus()
            return
        width, _, height = size[:-2].partition("x")
        self._unit = size[-2:]
        self.unit.show_value(self._unit)
        self._show_unit()
        self.width_field.setValue(float(width))
        self.height_field.setValue(float(height))
        self._show_outcome()

    def _name_size(self) -> None:
        """Show which of the offered sizes this is."""
        size = self._size()
        self.preset.show_value(size if self.preset.findData(size) >= 0 else _OWN)

    def _change_unit(self) -> None:
        """Keep the figure's size in pixels."""
        unit = str(self.unit.currentData())
        if unit == self._unit:
            return
        factor = MM_AN_INCH / self.dpi.value() if unit == "mm" else self.dpi.value() / MM_AN_INCH
        width, height = self.width_field.value() * factor, self.height_field.value() * factor
        self._unit = unit
        self.scale.show_value("1")
        self._show_unit()
        self.width_field.setValue(width)
        self.height_field.setValue(height)
        self._name_size()
        self._show_outcome()

    def _show_unit(self) -> None:
        paper = self._unit == "mm"
        for side in (self.width_field, self.height_field):
            side.setDecimals(1 if paper else 0)
            side.setSingleStep(5 if paper else 100)
        on_paper: tuple[QWidget, ...] = (self.dpi, self.points)
        for field in (*on_paper, self.scale, self.percent):
            self._form.setRowVisible(self._row_of(field), paper == (field in on_paper))
        self.adjustSize()

    def _row_of(self, field: QWidget) -> int:
        for index in range(self._form.rowCount()):
            label = self._form.itemAt(index, self._form.ItemRole.LabelRole)
            words = None if label is None else label.widget()
            if isinstance(words, QLabel) and words.buddy() is field:
                return index
        raise LookupError(field)

    def _show_outcome(self) -> None:
        """Say what comes out, or why nothing can."""
        options = self.options
        width, height = options.pixels
        low, high = SIZES
        fits = all(low <= side <= high for side in (width, height))
        words = f"{width} × {height} pixels"
        if fits and options.density is not None:
            words += f" at {options.density:.0f} an inch"
        lack = tell_lack_of_room(options, self._views if self.all_views.isChecked() else 1) if self._bars else ""
        if not fits:
            words = f"⚠ {words}; each side takes {low} to {high}."
        elif lack:
            words, fits = f"⚠ {lack[0].upper()}{lack[1:]}.", False
        self.outcome.setText(words)
        for button in (self.buttons.button(QDialogButtonBox.StandardButton.Save), self.copy):
            button.setEnabled(fits)


def _length(name: str) -> QDoubleSpinBox:
    field = dress(QDoubleSpinBox(), "spin box")
    field.setRange(1, SIZES[1])
    field.setDecimals(0)
    field.setAccessibleName(name)
    return field


def _explained(box: QCheckBox) -> QWidget:
    name = box.text().replace("&", "")
    return with_help(box, name, _HELP[name])


def _number(name: str, low: int, high: int, value: int, suffix: str, step: int) -> QSpinBox:
    field = dress(QSpinBox(), "spin box")
    field.setRange(low, high)
    field.setValue(value)
    field.setSuffix(suffix)
    field.setSingleStep(step)
    field.setAccessibleName(name)
    return field
