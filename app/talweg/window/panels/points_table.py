"""The table of critical points: sorted, selected together with the picture and the plots, copied."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QHeaderView, QTableView

from talweg.certification import STATUS_WORDS
from talweg.picture import CriticalPointsPart
from talweg.window.plain_style import flatten
from talweg.window.selection import Selection
from talweg.window.words import coordinate, number

_TYPES = ("minimum", "saddle", "maximum")
COLUMNS = ("type", "u", "v", "loss", "persistence", "network")
_PERSISTENCE, _NETWORK = COLUMNS.index("persistence"), COLUMNS.index("network")
_STATUSES = (*STATUS_WORDS, "")
"""In the order in which they are sorted; the last one was not asked for."""

_Index = QModelIndex | QPersistentModelIndex


class CriticalPointsModel(QAbstractTableModel):
    """The critical points that are drawn, one a row, in the order of a column."""

    def __init__(self) -> None:
        super().__init__()
        self._part: CriticalPointsPart | None = None
        self._order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._table: tuple[NDArray[Any], ...] = ()
        self._sorted_by = (_PERSISTENCE, Qt.SortOrder.DescendingOrder)
        self._hovered: frozenset[int] = frozenset()

    def show_part(self, part: CriticalPointsPart | None) -> bool:
        """Show other points, and tell whether they are others."""
        if part is self._part:
            return False
        self.beginResetModel()
        self._part = part
        self._table = self._columns() if part is not None else ()
        self._sort()
        self.endResetModel()
        return True

    def show_hovered(self, points: tuple[int, ...]) -> None:
        """Shade the rows of these points."""
        if frozenset(points) != self._hovered:
            self._hovered = frozenset(points)
            last = self.index(self.rowCount() - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.BackgroundRole])

    def point(self, row: int) -> int:
        """Return the index of the point in a row."""
        return int(self._order[row])

    def rows_of(self, points: tuple[int, ...]) -> list[int]:
        """Return the rows of points, as far as they are shown, from above."""
        found: list[int] = np.flatnonzero(np.isin(self._order, points)).tolist()
        return found

    def rows_as_text(self, rows: list[int]) -> str:
        """Return rows under the names of the columns, with all digits and tabs between columns."""
        lines = ["\t".join(COLUMNS)]
        for row in rows:
            numbers = [repr(self._number(row, column)) for column in range(1, _NETWORK)]
            lines.append("\t".join([_TYPES[int(self._number(row, 0))], *numbers, self._status(row)]))
        return "\n".join(lines) + "\n"

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column."""
        self.layoutAboutToBeChanged.emit()
        before = self._order
        self._sorted_by = (column, order)
        self._sort()
        row_of = np.empty(before.size, dtype=np.int64)
        row_of[self._order] = np.arange(before.size)
        old = self.persistentIndexList()
        new = [self.index(int(row_of[before[index.row()]]), index.column()) for index in old]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def _sort(self) -> None:
        if self._part is None:
            self._order = np.zeros(0, dtype=np.int64)
            return
        column, order = self._sorted_by
        values = self._table[column]
        found = np.argsort(values if order == Qt.SortOrder.AscendingOrder else -values, kind="stable")
        self._order = found.astype(np.int64)

    def _columns(self) -> tuple[NDArray[Any], ...]:
        assert self._part is not None  # noqa: S101 (its callers have seen it)
        part = self._part
        words = ("" if word is None else word.status for word in part.certifications)
        status = np.array([_STATUSES.index(word) for word in words], dtype=np.int64)
        return part.kind, part.coordinates[:, 0], part.coordinates[:, 1], part.loss, part.persistence, status

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Number of points."""
        nested = parent is not None and parent.isValid()
        return 0 if nested else int(self._order.size)

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Number of columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        if role == Qt.ItemDataRole.DisplayRole:
            sorted_by, order = self._sorted_by
            arrow = " ▴" if order == Qt.SortOrder.AscendingOrder else " ▾"  # Qt's own arrow lies over the words
            return COLUMNS[section] + (arrow if section == sorted_by else "")
        return None

    @staticmethod
    def _side(column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column in (0, _NETWORK) else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell: text, number (EditRole), alignment, what casts doubt on the point, or the shade under the mouse."""
        if self._part is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(column)
        if role == Qt.ItemDataRole.BackgroundRole:
            shade = QApplication.palette().color(QPalette.ColorRole.Midlight)
            return shade if self.point(row) in self._hovered else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._remark(row) or None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        value = self._number(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return value
        if column == 0:
            return _TYPES[int(value)] + ("" if self._part.confirmed[self.point(row)] else " ?")
        if column == _NETWORK:
            return _STATUSES[int(value)]
        if column in (1, 2):
            return coordinate(value)
        return "global" if column == _PERSISTENCE and math.isinf(value) else number(value)

    def _remark(self, row: int) -> str:
        """What casts doubt on a point, and what the network said about it."""
        assert self._part is not None  # noqa: S101 (its callers have seen it)
        remarks = []
        if not self._part.confirmed[self.point(row)]:
            remarks.append("The grid does not resolve it: cut along the other diagonals, its cells have no such point.")
        if self._part.on_boundary[self.point(row)]:
            remarks.append("It is on the frame, where the window cuts the landscape off.")
        word = self._part.certifications[self.point(row)]
        if word is not None:
            remarks.append(word.in_words())
        return " ".join(remarks)

    @property
    def was_certified(self) -> bool:
        """Whether the network was asked about any of the points."""
        return self._part is not None and any(word is not None for word in self._part.certifications)

    def _status(self, row: int) -> str:
        return _STATUSES[int(self._number(row, _NETWORK))]

    def _number(self, row: int, column: int) -> float:
        return float(self._table[column][self._order[row]])


class PointsTable(QTableView):
    """A table that asks for little room and takes what is left, and shares its selection with all that show points.

    Args:
        selection: Which points are selected.
    """

    opened = Signal(int)
    """A point was double-clicked."""

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self._selection = selection
        self._showing = False
        self.points = CriticalPointsModel()
        self.setModel(self.points)
        self.setAccessibleName("Critical points")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        flatten(self)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        header.setResizeContentsPrecision(0)  # only what is visible: there may be thousands of rows
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_PERSISTENCE, QHeaderView.ResizeMode.Fixed)
        header.sectionResized.connect(self._give_the_rest)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(30)
        font = header.font()
        font.setPointSizeF(0.9 * font.pointSizeF())
        header.setFont(font)
        self.setSortingEnabled(True)
        self.setColumnHidden(_NETWORK, True)
        self.sortByColumn(_PERSISTENCE, Qt.SortOrder.DescendingOrder)
        self.selectionModel().selectionChanged.connect(self._tell)
        self.entered.connect(lambda index: selection.hover((self.points.point(index.row()),)))
        self.doubleClicked.connect(lambda index: self.opened.emit(self.points.point(index.row())))
        selection.changed.connect(self.show_selection)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A header and three rows."""
        return QSize(200, 5 * self.verticalHeader().defaultSectionSize())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Let the last column end where the table does."""
        super().resizeEvent(event)
        self._give_the_rest()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Point at nothing."""
        super().leaveEvent(event)
        self._selection.hover(())

    def show_part(self, part: CriticalPointsPart | None) -> None:
        """Show other points."""
        if self.points.show_part(part):
            self.setColumnHidden(_NETWORK, not self.points.was_certified)
            self.show_selection()

    def show_selection(self) -> None:
        """Select the rows of the selected points."""
        self.points.show_hovered(self._selection.hovered)
        rows = self.points.rows_of(self._selection.chosen)
        if sorted(index.row() for index in self.selectionModel().selectedRows()) == rows:
            return
        wanted = QItemSelection()
        for row in rows:
            wanted.select(self.points.index(row, 0), self.points.index(row, len(COLUMNS) - 1))
        self._showing = True
        self.selectionModel().select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._showing = False
        if rows:
            self.scrollTo(self.points.index(rows[0], 0))

    def selected_text(self) -> str:
        """Return the selected rows as text, in the order in which they stand."""
        return self.points.rows_as_text(self.points.rows_of(self._selection.chosen))

    def _give_the_rest(self, resized: int = -1) -> None:
        """Give the persistence what the other columns leave, and never less than its words need."""
        if resized == _PERSISTENCE:
            return
        header = self.horizontalHeader()
        needed = max(header.sectionSizeHint(_PERSISTENCE), self.sizeHintForColumn(_PERSISTENCE))
        others = header.length() - header.sectionSize(_PERSISTENCE)
        header.resizeSection(_PERSISTENCE, max(needed, self.viewport().width() - others))

    def _tell(self) -> None:
        if not self._showing:
            self._selection.choose(self.points.point(index.row()) for index in self.selectionModel().selectedRows())
