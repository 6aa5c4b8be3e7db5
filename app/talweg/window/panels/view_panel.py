"""The panel of everything that can be chosen about the picture."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from talweg.window.panels.camera import CameraSection
from talweg.window.panels.colour import ColourSection
from talweg.window.panels.contours import ContoursSection
from talweg.window.panels.critical_points import CriticalPointsSection
from talweg.window.panels.frame_section import FrameSection
from talweg.window.panels.height import HeightSection
from talweg.window.panels.lines import LinesSection
from talweg.window.panels.overlay import OverlaySection
from talweg.window.panels.section import ViewSection
from talweg.window.panels.sheet import SheetSection
from talweg.window.panels.surface import SurfaceSection
from talweg.window.panels.trajectory import TrajectorySection
from talweg.window.store import Store
from talweg.window.widgets.layout import column, rule


class ViewPanel(QScrollArea):
    """The groups of settings, one under the other.

    Args:
        store: Where the view is.
        action: Returns the action of a command's id.
    """

    def __init__(self, store: Store, action: Callable[[str], QAction]) -> None:
        super().__init__()
        self.setAccessibleName("View settings")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sheet_section = SheetSection(store)
        self.height_section = HeightSection(store)
        self.colour_section = ColourSection(store)
        self.surface_section = SurfaceSection(store)
        self.overlay_section = OverlaySection(store)
        self.contours_section = ContoursSection(store)
        self.points_section = CriticalPointsSection(store)
        self.lines_section = LinesSection(store)
        self.trajectory_section = TrajectorySection(store, action("view.play"))
        self.frame_section = FrameSection(store)
        self.camera_section = CameraSection(store, action)
        self.sections: tuple[ViewSection, ...] = (
            self.sheet_section,
            self.height_section,
            self.colour_section,
            self.surface_section,
            self.overlay_section,
            self.contours_section,
            self.points_section,
            self.lines_section,
            self.trajectory_section,
            self.frame_section,
            self.camera_section,
        )
        content = QWidget()
        box = column(content, gap=0)
        self._rules = [rule() for _ in self.sections]
        for section, line in zip(self.sections, self._rules, strict=True):
            box.addWidget(section)
            box.addWidget(line)
        box.addStretch(1)
        self.setWidget(content)
        self._content = content
        for signal in (store.view_changed, store.landscape_changed, store.picture_changed):
            signal.connect(self.show_state)
        self._store = store
        self.show_state()

    def show_state(self) -> None:
        """Show what the store holds."""
        self._content.setEnabled(self._store.view is not None)
        landscape = self._store.landscape
        is_line = landscape is not None and landscape.dimensions == 1
        for section in self.sections:
            if section not in (self.height_section, self.trajectory_section):  # all that a curve has
                section.setVisible(not is_line)
            section.show_state()
        for section, line in zip(self.sections, self._rules, strict=True):
            line.setVisible(not section.isHidden())
        bar = self.verticalScrollBar().sizeHint().width()
        self.setMinimumWidth(self._content.minimumSizeHint().width() + bar)  # nothing is ever cut off at the right

    def draw_swatches(self) -> None:
        """Draw the colour maps, which needs matplotlib, once the scene has loaded it."""
        self.colour_section.draw_swatches()
        self.overlay_section.draw_swatches()
