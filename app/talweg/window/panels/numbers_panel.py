"""The panel of numbers: what came out, and the table of critical points."""

from PySide6.QtWidgets import QWidget

from talweg.window.looks import heading
from talweg.window.panels.facts import number_facts
from talweg.window.panels.points_table import PointsTable
from talweg.window.store import Store
from talweg.window.widgets.facts import Facts
from talweg.window.widgets.layout import EDGE, GAP, column, text_label


class NumbersPanel(QWidget):
    """Facts of the landscape and its critical points.

    Args:
        store: Where the landscape is.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.facts = Facts("Numbers of the landscape")
        self._heading = heading("Critical points on the plane")
        self._empty = text_label(muted=True)
        self.table = PointsTable(store.selection)
        box = column(self, EDGE, GAP)
        box.addWidget(self.facts)
        box.addSpacing(EDGE)
        for widget in (self._heading, self._empty):
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
        self.table.show_part(part)
        some = self.table.points.rowCount() > 0
        self.table.setVisible(some)
        self._heading.setVisible(landscape is not None)
        self._empty.setVisible(landscape is not None and not some)
        complete = landscape is not None and landscape.settled
        self._empty.setText(
            "None is more persistent than the threshold."
            if complete
            else "They are found once every point of the grid is computed."
        )
