"""The landscapes of a document side by side: a table of numbers, measured beside the window's own thread."""

import contextlib
from collections.abc import Sequence

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QToolButton, QWidget

from talweg.analysis.comparison import Measures, common_level, measure
from talweg.landscape import Landscape
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, NumberField
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label
from talweg.window.words import coordinate, number, percent

_ROWS = ("Centre", "Loss at the centre", "Curvature of f there", "Area under the level", "Minima", "Barriers")
_TIPS = (
    "(u, v) of the plane's origin, or of the middle of a grid that does not hold it",
    "As evaluated there, else as the drawn surface has it",
    "Eigenvalues of the Hessian of f on the plane, from the spline through the grid, a measure of sharpness (Keskar et "
    "al. 2017): not those of the network",
    "Where the loss is at most the level, in squared units of the plane, and as a share of the grid: large where a "
    "minimum is flat (Hochreiter and Schmidhuber 1997)",
    "More persistent than the noise (Edelsbrunner et al. 2002)",
    "How far the lowest pass to the deepest minimum lies above each of the next three, in units of the loss (Garipov "
    "et al. 2018, Draxler et al. 2018)",
)

_LEVEL = (
    "The area of the plane where the loss is at most this is measured: a wide one is a flat "
    "minimum (Hochreiter and Schmidhuber 1997, Li et al. 2018)"
)
_DIFFERENCE = "A further landscape: the first of the two minus the second, on the grid that they share"


class ComparePanel(QWidget):
    """A column for each landscape, and the choice of two whose difference is shown.

    Args:
        store: Where the document is.
        difference: Shows the difference of the chosen two.
    """

    def __init__(self, store: Store, difference: QAction) -> None:
        super().__init__()
        self._store = store
        self._busy = self._stale = False
        self._level: float | None = None
        self._measured = _Measured(self)
        self._measured.done.connect(self._take)
        self.level = NumberField("Level of the loss under which the area is measured")
        self.level.setMaximumWidth(90)
        self.level.entered.connect(self._set_level)
        self.first, self.second = Choice([], "Landscape to subtract from"), Choice([], "Landscape that is subtracted")
        for choice in (self.first, self.second):
            choice.setMinimumContentsLength(8)
            choice.setMaximumWidth(160)
        minus = QLabel("−")
        button = QToolButton()
        button.setDefaultAction(difference)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setProperty("switch", True)
        self.table = QTableWidget(len(_ROWS), 0)
        self.table.setAccessibleName("Landscapes side by side")
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setVerticalHeaderLabels(_ROWS)
        for place, tip in enumerate(_TIPS):
            self.table.verticalHeaderItem(place).setToolTip(tip)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        height = self.fontMetrics().height() + GAP
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(height)
        self.table.setMinimumHeight((len(_ROWS) + 1) * height + 2 * EDGE)  # all rows are seen at once
        self.words = text_label("Open a document with two landscapes or more.", muted=True, name="About the comparison")
        box = column(self, EDGE, GAP)
        self._choices = QWidget()
        level, chosen = row(QLabel("Level"), self.level), row(self.first, minus, self.second, button)
        self._choices.setLayout(
            row(with_help(level, "Level", _LEVEL, wide=False), with_help(chosen, "Difference", _DIFFERENCE, wide=False))
        )
        box.addWidget(self._choices)
        box.addWidget(self.table, 1)
        box.addWidget(self.words)
        store.landscape_changed.connect(self.show_state)
        self.show_state()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As high as the table, and no wider than the picture above it."""
        return QSize(420, self.table.minimumHeight() + 70)

    @property
    def chosen(self) -> tuple[int, int] | None:
        """Numbers of the two landscapes whose difference is asked for; None where there are not two."""
        first, second = self.first.currentData(), self.second.currentData()
        return None if first is None or second is None or first == second else (int(first), int(second))

    def show_state(self) -> None:
        """List the landscapes of the document and measure them anew."""
        landscapes = self._landscapes()
        several = len(landscapes) > 1
        self._choices.setVisible(several)
        self.table.setVisible(several)
        self.words.setVisible(not several)
        for place, choice in enumerate((self.first, self.second)):
            kept = choice.currentData()
            choice.clear()
            for landscape in landscapes:
                choice.addItem(landscape.name, landscape.id)
            index = choice.findData(kept)
            choice.setCurrentIndex(index if index >= 0 else min(place, choice.count() - 1))
        if several and self.isVisible():
            self._measure(landscapes)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Measure once somebody looks."""
        super().showEvent(event)
        self.show_state()

    def _landscapes(self) -> list[Landscape]:
        document = self._store.document
        if document is None:
            return []
        found = (document.landscape(number) for number in document.landscape_ids())
        return [landscape for landscape in found if landscape.dimensions == 2]

    def _set_level(self, level: float) -> None:
        self._level = level
        self.show_state()

    def _measure(self, landscapes: Sequence[Landscape]) -> None:
        self._stale = self._busy
        if not self._busy:
            self._busy = True
            QThreadPool.globalInstance().start(_Measuring(tuple(landscapes), self._level, self._measured))

    def _take(self, level: float, found: tuple[Measures, ...]) -> None:
        self._busy = False
        self.level.show_value(level)
        self.table.setColumnCount(len(found))
        self.table.setHorizontalHeaderLabels([measures.name for measures in found])
        further = tuple(dict.fromkeys(title for measures in found for title, _ in measures.further))
        self.table.setRowCount(len(_ROWS) + len(further))
        self.table.setVerticalHeaderLabels([*_ROWS, *(f"{title[0].upper()}{title[1:]} there" for title in further)])
        for place, measures in enumerate(found):
            values = dict(measures.further)
            others = (number(values[title]) if title in values else "" for title in further)
            for line, words in enumerate((*describe(measures), *others)):
                item = QTableWidgetItem(words)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(line, place, item)
        if self._stale:
            self.show_state()


def describe(measures: Measures) -> tuple[str, ...]:
    """Write what was measured, a text for each row."""
    u, v = measures.centre
    low, high = measures.curvature
    minima = "not all points known" if measures.minima is None else str(measures.minima)
    return (
        f"({coordinate(u)}, {coordinate(v)})",
        number(measures.loss),
        f"{number(low, 3)}, {number(high, 3)}",
        f"{number(measures.area, 3)} ({percent(measures.share)})",
        minima,
        ", ".join(number(height, 3) for height in measures.barriers) or "–",
    )


class _Measured(QObject):
    done = Signal(float, object)


class _Measuring(QRunnable):
    """Measures landscapes, once."""

    def __init__(self, landscapes: tuple[Landscape, ...], level: float | None, measured: _Measured) -> None:
        super().__init__()
        self._landscapes, self._level, self._measured = landscapes, level, measured

    def run(self) -> None:
        level = common_level(self._landscapes) if self._level is None else self._level
        found = tuple(measure(landscape, level) for landscape in self._landscapes)
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            self._measured.done.emit(level, found)
