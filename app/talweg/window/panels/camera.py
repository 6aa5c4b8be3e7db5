"""From where the landscape is looked at."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from talweg.commands.look_commands import STANDARD_VIEWS
from talweg.window.looks import dress
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import TickBox


class CameraSection(ViewSection):
    """Standard views and the kind of projection.

    Args:
        store: Where the view is.
        action: Returns the action of a command's id; its buttons are the commands themselves.
    """

    def __init__(self, store: Store, action: Callable[[str], QAction]) -> None:
        super().__init__("Camera", store)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for place, (name, _) in enumerate(STANDARD_VIEWS):
            grid.addWidget(self._button(action(f"camera.{name}"), name.capitalize()), place // 4, place % 4)
        grid.addWidget(self._button(action("camera.reset"), "Reset"), 1, 3)
        more = (("camera.fit", "Fit"), ("camera.flat", "Map"), ("camera.save", "Save…"), ("camera.next_saved", "Next"))
        for place, (name, title) in enumerate(more):
            grid.addWidget(self._button(action(name), title), 2, place)
        buttons = QWidget()
        buttons.setLayout(grid)
        self.form.addRow(buttons)
        self.orthographic = TickBox("Orthographic")
        self.orthographic.clicked.connect(lambda on: self.ask("orthographic" if on else "perspective", orthographic=on))
        self.add_box(
            self.orthographic, "Parallel lines stay parallel, so that heights can be compared across the picture"
        )
        self.orthographic.setAccessibleName("Orthographic projection")

    def show_state(self) -> None:
        """Show what the store holds."""
        view = self.store.view
        if view is None:
            return
        self.orthographic.setChecked(view.orthographic or view.flat)
        self.orthographic.setEnabled(not view.flat)

    @staticmethod
    def _button(action: QAction, title: str) -> QToolButton:
        action.setIconText(title)  # what a button shows of its action; the menu shows the whole text
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        dress(button, "tight switch")
        button.setAccessibleName(action.text())
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button
