"""The table marks the points that the grid does not resolve."""

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from talweg.picture import resolve
from talweg.view_state import ViewState
from talweg.window.panels.points_table import CriticalPointsModel
from tests.app.scene.samples import landscape


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
