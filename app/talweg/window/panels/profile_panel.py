"""What lies along the line that is drawn on the surface: the loss, the accuracy, or any field that is stored."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from talweg.analysis.profile import sample_profile
from talweg.landscape import Landscape
from talweg.view.quantities import LOG_LOSS, list_quantities, name_quantity, title_of
from talweg.view.state import ViewState, height_is_log_loss
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, GAP, column, text_label, tight
from talweg.window.widgets.plot import Axis, Plot

Float = NDArray[np.float64]
_HINT = "Draw a line on the surface: View, Draw a profile."
_HELP = (
    "The field that is plotted along the line, read from the drawn surface; a straight line through weight space is "
    "how Goodfellow et al. (2015) first looked at losses"
)
_FLAG = "Interpolated between grid points; dotted: not computed."


class ProfilePlot(Plot):
    """One field along a line."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._title = ""
        self._x = self._y = np.zeros(0)
        self._computed = np.zeros(0, dtype=np.bool_)
        self.setMinimumHeight(120)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it

    @property
    def values(self) -> Float:
        """What is drawn."""
        return self._y

    def show_values(
        self, title: str, distance: Float, values: Float, computed: NDArray[np.bool_], *, logarithmic: bool
    ) -> None:
        """Draw values [n] at distances [n].

        Args:
            title: What they are.
            distance: Ascending.
            values: NaN breaks the curve.
            computed: Where the curve is solid.
            logarithmic: Whether the axis is even in the logarithm, where all values have one.
        """
        self._title = title
        self._x, self._y, self._computed = distance, values, computed
        self.setAccessibleDescription(f"{title} along the line")
        finite = values[np.isfinite(values)]
        self.horizontal = self.vertical = None
        if finite.size and distance[-1] > 0:
            low, high = float(finite.min()), float(finite.max())
            logarithmic = logarithmic and low > 0
            margin = 0.06 * (high - low) or 0.5 * abs(high) or 0.5
            ends = (low / 1.15, high * 1.15) if logarithmic else (low - margin, high + margin)
            self.horizontal = Axis("distance along the line", 0.0, float(distance[-1]))
            self.vertical = Axis(self._title, *ends, logarithmic)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the curve."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.horizontal is None:
            self.draw_words(painter, f"No {self._title} along this line.")
        else:
            self.draw_axes(painter)
            for solid in (True, False):
                style = Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DotLine
                painter.setPen(QPen(self._colour(), 2.0, style))
                self._draw_pieces(painter, solid)
        painter.end()

    def _draw_pieces(self, painter: QPainter, solid: bool) -> None:
        both = self._computed[:-1] & self._computed[1:]
        finite = np.isfinite(self._y[:-1]) & np.isfinite(self._y[1:])
        for index in np.flatnonzero(finite & (both == solid)).tolist():
            start, end = (self.place(float(self._x[k]), float(self._y[k])) for k in (index, index + 1))
            painter.drawLine(start, end)

    def _colour(self) -> QColor:
        return self.ink(QPalette.ColorRole.Highlight)


class ProfilePanel(QWidget):
    """Two plots side by side, each of the field that is chosen above it, and a word on what they are.

    Args:
        store: Where the landscape and the line are.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.plots = tuple(ProfilePlot(f"{which} plot along the line") for which in ("First", "Second"))
        self.fields = tuple(Choice([], f"What the {which} plot shows") for which in ("first", "second"))
        for place, field in enumerate(self.fields):
            field.chosen.connect(partial(self._choose, place))
        self.words = text_label(muted=True, name="About the profile")
        self.words.setWordWrap(False)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._plots = QWidget()
        both = QGridLayout(self._plots)
        tight(both, 2)
        both.setHorizontalSpacing(2 * EDGE)
        for place, (field, plot) in enumerate(zip(self.fields, self.plots, strict=True)):
            both.addWidget(with_help(field, "Along the line", _HELP, wide=False), 0, place)
            both.addWidget(plot, 1, place)
            both.setColumnStretch(place, 1)
        both.setRowStretch(1, 1)
        box = column(self, EDGE, GAP)
        box.addWidget(self._plots, 1)
        box.addWidget(self.words)
        for signal in (store.landscape_changed, store.view_changed):
            signal.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show what the store holds."""
        landscape, view = self._store.landscape, self._store.view
        drawn = landscape is not None and view is not None and view.profile is not None and landscape.dimensions == 2
        self._plots.setVisible(drawn)
        if not drawn or landscape is None or view is None or view.profile is None:
            self.words.setText(_HINT)
            return
        offered = list_fields(landscape)
        names = tuple(name if name in offered else "loss" for name in view.profile_fields)
        profile = sample_profile(landscape, view.profile, names)
        for name, field, plot in zip(names, self.fields, self.plots, strict=True):
            field.offer([(each, name_quantity(landscape, each)) for each in offered])
            field.show_value(name)
            logarithmic = height_is_log_loss(view) if name == "loss" else _is_logarithmic(view, name)
            title = title_of(landscape, name)
            plot.show_values(title, profile.distance, profile.values[name], profile.computed, logarithmic=logarithmic)
        u0, v0, u1, v1 = (f"{value:.3f}".replace("-", "−") for value in view.profile)
        self.words.setText(f"From ({u0}, {v0}) to ({u1}, {v1}). {_FLAG}")

    def _choose(self, place: int, name: str) -> None:
        view = self._store.view
        if view is not None:
            fields = tuple(name if index == place else each for index, each in enumerate(view.profile_fields))
            self._store.change("what is plotted along the line", profile_fields=fields)


def list_fields(landscape: Landscape) -> tuple[str, ...]:
    """List the fields of a landscape that can be plotted along a line."""
    return tuple(name for name, there in list_quantities(landscape).items() if there and name != LOG_LOSS)


def _is_logarithmic(view: ViewState, name: str) -> bool:
    """Whether the surface shows a field on a logarithmic scale."""
    shown = (view.height, view.height_scale), (view.colour, view.colour_scale)
    return (name, "log") in shown
