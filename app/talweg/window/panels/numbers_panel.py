"""The panel of numbers: what came out, and the table of critical points."""

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QTableView, QWidget

from talweg.picture import CriticalPointsPart
from talweg.window.panels.facts import number_facts
from talweg.window.store import Store
from talweg.window.widgets.facts import Facts
from talweg.window.widgets.layout import EDGE, GAP, column, text_label
from talweg.window.words import coordinate, number

_TYPES = ("minimum", "saddle", "maximum")
_COLUMNS = ("type", "u", "v", "loss", "persistence")

_Index = QModelIndex | QPersistentModelIndex


class CriticalPointsModel(QAbstractTableModel):
    """The critical points that are drawn, one a row."""

    def __init__(self) -> None:
        super().__init__()
        self._part: CriticalPointsPart | None = None

    def show_part(self, part: CriticalPointsPart | None) -> None:
        """Show other points; equal ones change nothing."""
        if part is not self._part:
            self.beginResetModel()
            self._part = part
            self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Number of points."""
        nested = parent is not None and parent.isValid()
        return 0 if self._part is None or nested else int(self._part.kind.size)

    def columnCount(self, parent: _Index | None = None) -> int:  # noqa: N802 (Qt's name)
        """Number of columns."""
        return 0 if parent is not None and parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Names of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell: its text, its number for sorting (EditRole), or its alignment."""
        if self._part is None or not index.isValid():
            return None
        row, column_index = index.row(), index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if column_index == 0 else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        value = self._number(row, column_index)
        if role == Qt.ItemDataRole.EditRole:
            return value
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column_index == 0:
            return _TYPES[int(value)]
        if column_index in (1, 2):
            return coordinate(value)
        return "global" if column_index == 4 and math.isinf(value) else number(value)

    def _number(self, row: int, column_index: int) -> float:
        assert self._part is not None  # noqa: S101 (its caller has seen it)
        part = self._part
        columns = (part.kind, part.coordinates[:, 0], part.coordinates[:, 1], part.loss, part.persistence)
        return float(columns[column_index][row])


class _Table(QTableView):
    """A table that asks for little room and takes what is left."""

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A header and three rows."""
        return QSize(200, 5 * self.verticalHeader().defaultSectionSize())


class NumbersPanel(QWidget):
    """Facts of the landscape and its critical points.

    Args:
        store: Where the landscape is.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.facts = Facts("Numbers of the landscape")
        self._heading = QLabel("Critical points on the plane")
        self._heading.setProperty("heading", True)
        self._empty = text_label(muted=True)
        self.model = CriticalPointsModel()
        self._sorted = QSortFilterProxyModel()
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(Qt.ItemDataRole.EditRole)
        self.table = _Table()
        self.table.setModel(self._sorted)
        self.table.setAccessibleName("Critical points")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(30)
        font = header.font()
        font.setPointSizeF(0.9 * font.pointSizeF())
        header.setFont(font)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
        box = column(self, EDGE, GAP)
        for widget in (self.facts, self._heading, self._empty):
            box.addWidget(widget)
        box.addWidget(self.table, 1)
        box.addStretch(0)
        store.landscape_changed.connect(self._show_facts)
        store.picture_changed.connect(self._show_points)
        self._show_facts()
        self._show_points()

    def _show_facts(self) -> None:
        landscape = self._store.landscape
        self.facts.show_facts([] if landscape is None else number_facts(landscape))

    def _show_points(self) -> None:
        picture, landscape = self._store.picture, self._store.landscape
        part = picture.critical_points if picture is not None else None
        self.model.show_part(part)
        some = self.model.rowCount() > 0
        self.table.setVisible(some)
        self._heading.setVisible(landscape is not None)
        self._empty.setVisible(landscape is not None and not some)
        complete = landscape is not None and landscape.complete
        self._empty.setText(
            "None is more persistent than the threshold."
            if complete
            else "They are found once every point of the grid is computed."
        )
