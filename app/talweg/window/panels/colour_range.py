"""Which values the ends of the colour map stand for: one choice, and the numbers that belong to it."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view.quantities import BASIN, finite_range
from talweg.view.state import ViewState
from talweg.window.panels.section import ViewSection
from talweg.window.widgets.controls import Choice, NumberField
from talweg.window.widgets.layout import row
from talweg.window.words import number

_MANUAL = "manual"
_LIMITS = [
    ("data", "all values"),
    ("percentile", "percentiles"),
    ("symmetric", "symmetric about 0"),
    (_MANUAL, "by hand"),
]
_TIP = (
    "Which values the lowest and the highest colour stand for; values beyond have these colours, too. Percentiles "
    "leave outliers out; symmetric suits differences (on a log scale: about 1); the same range by hand lets two "
    "landscapes compare"
)


class RangeRows:
    """Rows of a section.

    Args:
        section: Gets the rows.
    """

    def __init__(self, section: ViewSection) -> None:
        self._section = section
        self.limits = Choice(_LIMITS, "Range of the colours")
        self.limits.chosen.connect(self._choose)
        section.add_row("&Range", self.limits, _TIP)
        self.least, self.most = NumberField("Lower percentile"), NumberField("Upper percentile")
        self.least.entered.connect(lambda value: self._set_percentiles(0, value))
        self.most.entered.connect(lambda value: self._set_percentiles(1, value))
        self._percentiles = _line(self.least, QLabel("to"), self.most, QLabel("%"))
        section.form.addRow("", self._percentiles)
        self.low, self.high = NumberField("Lowest value of the colours"), NumberField("Highest value of the colours")
        self.low.entered.connect(lambda value: self._set_range(0, value))
        self.high.entered.connect(lambda value: self._set_range(1, value))
        section.form.addRow("", _line(self.low, QLabel("to"), self.high))

    def show_state(self, view: ViewState, picture: Picture | None) -> None:
        """Show which range the colours have.

        Args:
            view: What is shown of what was asked for.
            picture: What is drawn.
        """
        basins, manual = view.colour == BASIN, view.colour_range is not None
        self.limits.setEnabled(not basins)
        self.limits.show_value(_MANUAL if manual else view.colour_limits)
        self._section.form.setRowVisible(
            self._percentiles, view.colour_limits == "percentile" and not manual and not basins
        )
        for field, share in zip((self.least, self.most), view.colour_percentiles, strict=True):
            field.show_value(share)
        ends: tuple[float | None, float | None] = view.colour_range or (None, None)
        if basins:
            ends = None, None
        elif not manual and picture is not None:
            low, high = picture.surface.colour_scale.back(picture.surface.scalar_range).tolist()
            ends = low, high
        for field, value in zip((self.low, self.high), ends, strict=True):
            field.setEnabled(manual and not basins)
            field.show_value(value)

    def _choose(self, limits: str) -> None:
        changes: dict[str, Any] = {"colour_range": None, "colour_limits": limits}
        if limits == _MANUAL:
            changes = {"colour_range": self._range_now()}
            if changes["colour_range"] is None:
                self._section.show_state()
                return
        title = next(words for name, words in _LIMITS if name == limits)
        self._section.ask(f"range of the colours: {title}", **changes)

    def _range_now(self) -> tuple[float, float] | None:
        """What the ends of the colours stand for now, to begin with."""
        store = self._section.store
        view, landscape, picture = store.shown_view, store.landscape, store.picture
        if view is None or landscape is None or view.colour == BASIN:
            return None
        low, high = _drawn_range(landscape, view, picture)
        return (low, high) if low < high else None

    def _set_percentiles(self, which: int, value: float) -> None:
        view = self._section.store.view
        if view is None:
            return
        low, high = (value if which == place else known for place, known in enumerate(view.colour_percentiles))
        field = self.most if which else self.least
        if not 0 <= value <= 100:
            field.refuse(f"A percentile from 0 to 100 is expected here, not {number(value)}.")
        elif not low < high:
            field.refuse("The lower percentile must be below the upper one.")
        else:
            self._section.ask("percentiles of the colours", colour_percentiles=(low, high))

    def _set_range(self, which: int, value: float) -> None:
        view = self._section.store.shown_view
        if view is None or view.colour_range is None:
            return
        ends = (value, view.colour_range[1]) if which == 0 else (view.colour_range[0], value)
        if ends[0] < ends[1]:
            self._section.ask("range of the colours", colour_range=ends)
        elif which:
            self.high.refuse(f"The highest value must be above the lowest, {number(ends[0])}.")
        else:
            self.low.refuse(f"The lowest value must be below the highest, {number(ends[1])}.")


def _drawn_range(landscape: Landscape, view: ViewState, picture: Picture | None) -> tuple[float, float]:
    if picture is None or view.colour_limits == "data":
        return finite_range(landscape, view.colour)
    low, high = picture.surface.colour_scale.back(picture.surface.scalar_range).tolist()
    return low, high


def _line(*items: QWidget) -> QWidget:
    holder = QWidget()
    box: QHBoxLayout = row(*items)
    holder.setLayout(box)
    return holder
