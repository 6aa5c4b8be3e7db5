"""The landscapes of a document side by side: a table of numbers, measured beside the window's own thread."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QTableWidget, QTableWidgetItem, QToolButton, QWidget

from talweg.analysis.comparison import Measures
from talweg.analysis.side_by_side import write_side_by_side
from talweg.document import Document
from talweg.landscape import Landscape
from talweg.window.looks import dress
from talweg.window.measuring import Measurer
from talweg.window.plain_style import flatten
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, NumberField
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label
from talweg.window.words import coordinate, number, percent

_ALL = {
    "Centre": "(u, v) of the plane's origin, or of the middle of a grid that does not hold it",
    "Loss at the centre": "As evaluated there, else as the drawn surface has it",
}
_PLANES = {
    "Curvature of f there": "Eigenvalues of the Hessian of f on the plane, from the spline through the grid, a measure "
    "of sharpness (Keskar et al. 2017): not those of the network",
    "Area under the level": "Where the loss is at most the level, in squared units of the plane, and as a share of the "
    "grid: large where a minimum is flat (Hochreiter and Schmidhuber 1997)",
    "Minima": "More persistent than the noise (Edelsbrunner et al. 2002)",
    "Barriers": "How far the lowest pass to the deepest minimum lies above each of the next three, in units of the "
    "loss (Garipov et al. 2018, Draxler et al. 2018)",
}
_LINES = {
    "Loss at the ends": "Of the two models that the line connects; of an imported line, at its ends",
    "Barrier between them": "How far the loss on the line rises above the straight line between the losses at its "
    "ends, at most (Frankle et al. 2020, Entezari et al. 2022)",
    "Rise over the worse end": "How far the largest loss between the ends lies above the larger one of theirs",
}

_WIDEST = 170  # pixels of a column, whose whole name is in its tool tip

_LEVEL = (
    "The area of the plane where the loss is at most this is measured: a wide one is a flat "
    "minimum (Hochreiter and Schmidhuber 1997, Li et al. 2018)"
)
_DIFFERENCE = "A further landscape: the first of the two minus the second, on the part of the plane that they share"


class _Table(QTableWidget):
    """A table that is copied as a whole; Ctrl+C in it means it, whatever else that means in the window."""

    copied = Signal()

    def event(self, event: QEvent) -> bool:
        """Take Ctrl+C before the window's own commands do."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class ComparePanel(QWidget):
    """A column for each landscape, and the choice of two whose difference is shown.

    Args:
        store: Where the document is.
        action: Gives the action of a command's id.
    """

    changed = Signal()
    """Other numbers stand in the table."""

    def __init__(self, store: Store, action: Callable[[str], QAction]) -> None:
        super().__init__()
        self._store = store
        self._document: Document | None = None
        self._level: float | None = None
        self.measured: tuple[Measures, ...] = ()
        """What stands in the table, a landscape each."""
        self._measurer = Measurer(self)
        self._measurer.measured.connect(self._take)
        self._measurer.failed.connect(self._refuse)
        self.level = NumberField("Level of the loss under which the area is measured")
        self.level.setMaximumWidth(90)
        self.level.entered.connect(self._set_level)
        self.first, self.second = Choice([], "Landscape to subtract from"), Choice([], "Landscape that is subtracted")
        for choice in (self.first, self.second):
            choice.setMinimumContentsLength(8)
            choice.setMaximumWidth(160)
        self.table = _Table(0, 0)
        flatten(self.table)
        self.table.setAccessibleName("Landscapes side by side")
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setMaximumSectionSize(_WIDEST)
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._height = self.fontMetrics().height() + GAP
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(self._height)
        self.table.setMinimumHeight((len(_ALL) + len(_PLANES) + 1) * self._height + 2 * EDGE)  # all rows are seen
        self.table.copied.connect(self.copy)
        self.words = text_label(muted=True, name="About the comparison")
        box = column(self, EDGE, GAP)
        self._level_row = with_help(row(QLabel("Level"), self.level), "Level", _LEVEL, wide=False)
        subtract = row(
            self.first, QLabel("−"), self.second, _button(action("compare.difference"), "Show the difference")
        )
        self._difference_row = with_help(subtract, "Difference", _DIFFERENCE, wide=False)
        self._choices = QWidget()
        buttons = _button(action("compare.copy"), "Copy"), _button(action("export.comparison"), "CSV…")
        self._choices.setLayout(row(self._level_row, self._difference_row, None, *buttons))
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

    def copy(self) -> None:
        """Put the table on the clipboard, with tabs between columns and all digits."""
        if self.measured:
            QGuiApplication.clipboard().setText(write_side_by_side(self.measured, "\t"))

    def show_state(self) -> None:
        """List the landscapes of the document and measure them anew."""
        if self._document is not self._store.document:
            self._document, self._level = self._store.document, None
            self.level.show_value(None)
            for choice in (self.first, self.second):
                choice.clear()
        landscapes = self._landscapes()
        planes = [(str(each.id), each.name) for each in landscapes if each.dimensions == 2]
        several = len(landscapes) > 1
        for widget, shown in (
            (self._choices, several),
            (self.table, several),
            (self._level_row, bool(planes)),
            (self._difference_row, len(planes) > 1),
            (self.words, not several),
        ):
            widget.setVisible(shown)
        if not several:
            self.words.setText("Open a document with two landscapes or more, or add one to this with File > Add.")
            self._forget()
        for place, choice in enumerate((self.first, self.second)):
            kept = choice.currentData()
            choice.offer(planes)
            index = choice.findData(kept)
            choice.setCurrentIndex(index if index >= 0 else min(place, choice.count() - 1))
        if several and self.isVisible():
            self._measurer.ask(landscapes, self._level)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Measure once somebody looks."""
        super().showEvent(event)
        self.show_state()

    def _landscapes(self) -> list[Landscape]:
        document = self._store.document
        if document is None:
            return []
        found = (document.landscape(number) for number in document.landscape_ids())
        return [landscape for landscape in found if landscape.dimensions < 3]

    def _set_level(self, level: float) -> None:
        self._level = level
        self.show_state()

    def _forget(self) -> None:
        if self.measured:
            self.measured = ()
            self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.words.show()

    def _take(self, level: float, found: tuple[Measures, ...]) -> None:
        if len(self._landscapes()) < 2:
            return
        self.words.hide()
        self.level.show_value(level)
        self.measured = found
        rows = tabulate(found)
        self.table.setColumnCount(len(found))
        self.table.setHorizontalHeaderLabels([measures.name for measures in found])
        for place, measures in enumerate(found):
            if (header := self.table.horizontalHeaderItem(place)) is not None:
                header.setToolTip(measures.name)
        self.table.setRowCount(len(rows))
        self.table.setVerticalHeaderLabels([title for title, _, _ in rows])
        for line, (_, tip, cells) in enumerate(rows):
            if (header := self.table.verticalHeaderItem(line)) is not None:
                header.setToolTip(tip)
            for place, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(line, place, item)
        self.changed.emit()


def tabulate(found: Sequence[Measures]) -> list[tuple[str, str, list[str]]]:
    """Write what was measured: title, explanation and a text for each landscape, row by row."""
    parts = ((_ALL, _describe, True), (_PLANES, _describe_plane, False), (_LINES, _describe_way, False))
    rows = []
    for titles, describe, always in parts:
        columns = [describe(measures) for measures in found]
        if always or any(any(texts) for texts in columns):
            rows += [(title, tip, list(cells)) for (title, tip), *cells in zip(titles.items(), *columns, strict=True)]
    for title in dict.fromkeys(title for measures in found for title, _ in measures.further):
        values = [dict(measures.further).get(title) for measures in found]
        cells = ["" if value is None else number(value) for value in values]
        rows.append((f"{title[0].upper()}{title[1:]} there", "At the centre", cells))
    return rows


def _describe(measures: Measures) -> tuple[str, ...]:
    u, v = measures.centre
    place = f"u {coordinate(u)}" if measures.kind == "line" else f"({coordinate(u)}, {coordinate(v)})"
    return place, number(measures.loss)


def _describe_plane(measures: Measures) -> tuple[str, ...]:
    if measures.kind != "plane":
        return ("",) * len(_PLANES)
    low, high = measures.curvature
    minima = "not all points known" if measures.minima is None else str(measures.minima)
    return (
        f"{number(low, 3)}, {number(high, 3)}",
        f"{number(measures.area, 3)} ({percent(measures.share)})",
        minima,
        ", ".join(number(height, 3) for height in measures.barriers) or "–",
    )


def _describe_way(measures: Measures) -> tuple[str, ...]:
    if measures.kind != "line":
        return ("",) * len(_LINES)
    if measures.way is None:
        return ("no second model", "–", "–")
    first, second = measures.way.losses
    return f"{number(first)}, {number(second)}", number(measures.way.barrier), number(measures.way.rise)


def _button(action: QAction, text: str) -> QToolButton:
    action.setIconText(text)  # what buttons have instead of the menu's words
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    dress(button, "switch")
    return button
