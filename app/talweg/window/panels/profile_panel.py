"""The loss and the accuracy along the line that is drawn on the surface."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from talweg.analysis.profile import Profile, sample_profile
from talweg.view.state import height_is_log_loss
from talweg.window.store import Store
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label
from talweg.window.widgets.plot import Axis, Plot

Float = NDArray[np.float64]
_HINT = "Draw a line on the surface: View, Draw a profile."
_FLAG = "Interpolated between grid points; dotted: not computed."


class ProfilePlot(Plot):
    """One quantity along a line."""

    def __init__(self, name: str, title: str, role: QPalette.ColorRole) -> None:
        super().__init__(name)
        self._title, self._role = title, role
        self._x = self._y = np.zeros(0)
        self._computed = np.zeros(0, dtype=np.bool_)
        self.setMinimumHeight(120)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # there is nothing to do in it

    @property
    def values(self) -> Float:
        """What is drawn."""
        return self._y

    def show_values(self, distance: Float, values: Float, computed: NDArray[np.bool_], *, logarithmic: bool) -> None:
        """Draw values [n] at distances [n].

        Args:
            distance: Ascending.
            values: NaN breaks the curve.
            computed: Where the curve is solid.
            logarithmic: Whether the axis is even in the logarithm, where all values have one.
        """
        self._x, self._y, self._computed = distance, values, computed
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
        return self.ink(self._role)


class ProfilePanel(QWidget):
    """Two plots side by side, and a word on what they are.

    Args:
        store: Where the landscape and the line are.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.loss = ProfilePlot("Loss along the line", "loss", QPalette.ColorRole.Highlight)
        self.accuracy = ProfilePlot("Accuracy along the line", "accuracy (%)", QPalette.ColorRole.Highlight)
        self.words = text_label(muted=True, name="About the profile")
        self.words.setWordWrap(False)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box = column(self, EDGE, GAP)
        box.addLayout(row(self.loss, self.accuracy), 1)
        box.addWidget(self.words)
        for signal in (store.landscape_changed, store.view_changed):
            signal.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show what the store holds."""
        profile = self._profile()
        view = self._store.view
        for plot in (self.loss, self.accuracy):
            plot.setVisible(profile is not None)
        if profile is None or view is None or view.profile is None:
            self.words.setText(_HINT)
            return
        logarithmic = height_is_log_loss(view)
        self.loss.show_values(profile.distance, profile.loss, profile.computed, logarithmic=logarithmic)
        self.accuracy.show_values(profile.distance, profile.accuracy, profile.computed, logarithmic=False)
        u0, v0, u1, v1 = (f"{value:.3f}".replace("-", "−") for value in view.profile)
        self.words.setText(f"From ({u0}, {v0}) to ({u1}, {v1}). {_FLAG}")

    def _profile(self) -> Profile | None:
        landscape, view = self._store.landscape, self._store.view
        if landscape is None or view is None or view.profile is None or landscape.dimensions != 2:
            return None
        return sample_profile(landscape, view.profile)
