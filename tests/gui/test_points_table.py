"""The table marks the points that the grid does not resolve, and says what the network said."""

import dataclasses

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from talweg.certification import Certification
from talweg.picture import resolve
from talweg.view.state import ViewState
from talweg.window.panels.points_table import COLUMNS, CriticalPointsModel, PointsTable
from talweg.window.selection import Selection
from tests.app.scene.samples import himmelblau, landscape
from tests.app.test_certification import certified


def test_points_that_the_mirrored_triangulation_lacks_are_marked(qtbot: QtBot) -> None:
    index = np.arange(15)
    valley = np.abs(index[:, None] + index[None, :] - 14) + 0.01 * index[:, None]  # across the diagonals of the cells
    part = resolve(landscape(valley + 1.0), ViewState(persistence_threshold=0.0)).critical_points
    assert not part.confirmed.all()
    assert part.on_boundary.any()
    model = CriticalPointsModel()
    model.show_part(part)
    for row in range(model.rowCount()):
        point = model.point(row)
        text = model.data(model.index(row, 0))
        remark = model.data(model.index(row, 1), Qt.ItemDataRole.ToolTipRole) or ""
        assert text.endswith("?") != part.confirmed[point]
        assert ("does not resolve" in remark) != part.confirmed[point]
        assert ("frame" in remark) == part.on_boundary[point]


def test_what_the_network_said_has_a_column_that_sorts(qtbot: QtBot) -> None:
    part = resolve(himmelblau(), ViewState(persistence_threshold=1.0)).critical_points
    table = PointsTable(Selection())
    qtbot.addWidget(table)
    table.show_part(part)
    column = COLUMNS.index("network")
    assert table.isColumnHidden(column)
    words = [Certification.of(certified(0, 0, status)) for status in ("dissolved", "certified", "moved")]
    table.show_part(dataclasses.replace(part, certifications=(*words, *part.certifications[3:])))
    assert not table.isColumnHidden(column)
    table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    shown = [table.points.index(row, column).data() for row in range(table.points.rowCount())]
    assert shown == ["certified", "moved", "dissolved", *[""] * (len(part.kind) - 3)]
    lines = table.points.rows_as_text([0, 3]).splitlines()
    assert [line.split("\t")[-1] for line in lines] == ["network", "certified", ""]


def test_the_last_column_takes_the_rest_and_is_never_cut(qtbot: QtBot) -> None:
    part = resolve(himmelblau(), ViewState(persistence_threshold=1.0)).critical_points
    table = PointsTable(Selection())
    qtbot.addWidget(table)
    table.show_part(part)
    header, last = table.horizontalHeader(), COLUMNS.index("persistence")
    with qtbot.waitExposed(table):
        table.show()
    for width in (300, 600):
        table.resize(width, 200)
        assert header.sectionSize(last) >= header.sectionSizeHint(last)
    qtbot.waitUntil(lambda: header.length() == table.viewport().width())
