"""What stands around the picture: docks for the panels, and the tool bar."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QFrame,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from talweg.view.arrangement import LINKS
from talweg.view.display_modes import DISPLAY_MODES
from talweg.window.actions import Actions
from talweg.window.looks import dress
from talweg.window.plain_style import PlainStyle
from talweg.window.store import Store

PANELS = ("view", "topology", "job", "numbers", "profile", "compare")

Docks = dict[str, QDockWidget]

_LEFT_WIDTH = 300
_RIGHT_WIDTH = 360


def dock_panels(
    window: QMainWindow,
    view: QWidget,
    topology: QWidget,
    job: QWidget,
    numbers: QWidget,
    profile: QWidget,
    compare: QWidget,
) -> Docks:
    """Put the view's settings and the topology on the left, the job above the numbers on the right.

    Args:
        window: Gets the docks.
        view: The panel of settings, which scrolls by itself.
        topology: The panel of the topology.
        job: The panel of the job.
        numbers: The panel of numbers.
        profile: The panel of the profile, hidden until there is one, below the picture.
        compare: The panel that compares landscapes, hidden at first, in the profile's place.

    Returns:
        The docks by the names of ``PANELS``.
    """
    window.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks)
    window.setTabPosition(Qt.DockWidgetArea.LeftDockWidgetArea, QTabWidget.TabPosition.North)
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
    places = (
        ("view", "View", view, Qt.DockWidgetArea.LeftDockWidgetArea),
        ("topology", "Topology", topology, Qt.DockWidgetArea.LeftDockWidgetArea),
        ("job", "Job", _scrolling(job), Qt.DockWidgetArea.RightDockWidgetArea),
        ("numbers", "Numbers", _scrolling(numbers), Qt.DockWidgetArea.RightDockWidgetArea),
        ("profile", "Profile", profile, Qt.DockWidgetArea.BottomDockWidgetArea),
        ("compare", "Compare", compare, Qt.DockWidgetArea.BottomDockWidgetArea),
    )
    style = PlainStyle(window)
    window.setStyle(style)
    docks: Docks = {}
    for name, title, panel, area in places:
        dock = QDockWidget(title, window)
        dock.setObjectName(f"dock.{name}")
        dock.setStyle(style)
        dock.setWidget(panel)
        window.addDockWidget(area, dock)
        docks[name] = dock
    window.tabifyDockWidget(docks["view"], docks["topology"])
    docks["view"].raise_()
    docks["profile"].hide()
    docks["compare"].hide()

    for one, other in (("profile", "compare"), ("compare", "profile")):
        docks[one].visibilityChanged.connect(_make_room(docks[other]))
    window.resizeDocks([docks["view"], docks["job"]], [_LEFT_WIDTH, _RIGHT_WIDTH], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["job"], docks["numbers"]], [370, 360], Qt.Orientation.Vertical)
    return docks


def _make_room(dock: QDockWidget) -> Callable[[bool], None]:
    """Hide a dock when the one that takes its place is shown; there is room for one below the picture."""

    def hide(shown: bool) -> None:
        if shown and not dock.isFloating():
            dock.hide()

    return hide


class TopBar(QToolBar):
    """The commands used most, and the landscapes of the document.

    Args:
        store: Where the document is.
        actions: The commands.
    """

    _COMMANDS = (
        ("file.new", "file.open", "export.ply", "export.figure"),
        ("edit.undo", "edit.redo"),
        ("camera.reset", "camera.isometric", "camera.top", "camera.front", "camera.right"),
        tuple(f"mode.{mode.name}" for mode in DISPLAY_MODES),
        ("job.compute", "job.refine", "job.pause", "job.cancel"),
    )

    def __init__(self, store: Store, actions: Actions) -> None:
        super().__init__("Tools")
        self._store = store
        self.setObjectName("bar.tools")
        self.setMovable(False)
        dress(self, "tool bar")
        self.setIconSize(QSize(20, 20))
        self.toggleViewAction().setVisible(False)
        for group in self._COMMANDS:
            if self.actions():
                self.addSeparator()
            for name in group:
                self.addAction(actions[name])
        counts = [actions[f"views.{count}"] for count in ("one", "two", "four")]
        links = [actions[f"link.{link}"] for link in LINKS]
        tip = "Several landscapes side by side, and what they have in common"
        self.addWidget(_menu_button("Views", tip, "Views side by side", [*counts, None, *links]))
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self.landscapes = QComboBox()
        self.landscapes.setAccessibleName("Landscape of the document")
        self.landscapes.setMinimumContentsLength(18)
        self.landscapes.activated.connect(lambda index: store.show_landscape(self.landscapes.itemData(index)))
        label = QLabel("Landscape ")
        label.setBuddy(self.landscapes)
        self._choice = (self.addWidget(label), self.addWidget(self.landscapes))
        store.landscape_changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """List the landscapes where there are several."""
        document, shown = self._store.document, self._store.landscape
        numbers = () if document is None else document.landscape_ids()
        for action in self._choice:
            action.setVisible(len(numbers) > 1)
        if document is None or shown is None or len(numbers) < 2:
            return
        known = [(number, outline.name) for number, outline in document.outlines().items()]
        listed = [(self.landscapes.itemData(k), self.landscapes.itemText(k)) for k in range(self.landscapes.count())]
        if listed != known:
            self.landscapes.clear()
            for landscape, name in known:
                self.landscapes.addItem(name, landscape)
        self.landscapes.setCurrentIndex(self.landscapes.findData(shown.id))


def _menu_button(text: str, tip: str, name: str, actions: Sequence[QAction | None]) -> QToolButton:
    """A button that offers commands; None parts them."""
    button = QToolButton()
    button.setText(f"{text} ▾")
    dress(button, "menu")
    button.setToolTip(tip)
    button.setAccessibleName(name)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)
    button.setMenu(menu)
    return button


def _scrolling(panel: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(panel)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
