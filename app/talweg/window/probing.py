"""Pins and profiles drawn with the mouse: which tool is in the hand, and what its clicks do to the view."""

from typing import Literal

from PySide6.QtCore import QObject, Signal

from talweg.window.store import Store

Tool = Literal["pin", "profile"]
Place = tuple[float, float]


class Probing(QObject):
    """A tool that is taken up, used once and put down again.

    Args:
        store: Whose view gets pins and the profile.
    """

    changed = Signal()
    """Another tool is in the hand, or none."""

    drawn = Signal()
    """A profile was begun."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._tool: Tool | None = None
        self._first: Place | None = None
        store.landscape_changed.connect(self._let_go)

    @property
    def tool(self) -> Tool | None:
        """What the next click does."""
        return self._tool

    def take(self, tool: Tool) -> None:
        """Take a tool up."""
        self._tool, self._first = tool, None
        self.changed.emit()

    def put_down(self) -> None:
        """Do nothing with the next click."""
        if self._tool is not None:
            self._tool = self._first = None
            self.changed.emit()

    def _let_go(self) -> None:
        """Begin again on another landscape: what was begun belongs to the one before."""
        if self._first is not None:
            self.put_down()

    def click(self, place: Place | None) -> None:
        """Use the tool on the surface; beside it, put it down.

        Args:
            place: (u, v), or None beside the surface.
        """
        view = self._store.view
        if view is None or place is None:
            self.put_down()
        elif self._tool == "pin":
            self._store.change("pin a point", pins=(*view.pins, place))
            self.put_down()
        elif self._first is None:
            self._first = place
            self.drawn.emit()
        else:
            self._draw(self._first, place)
            self._store.seal()
            self.put_down()

    def hover(self, place: Place | None) -> None:
        """Let the profile follow the mouse, once it has its first end."""
        if self._tool == "profile" and self._first is not None and place is not None:
            self._draw(self._first, place)

    def _draw(self, first: Place, second: Place) -> None:
        if first != second:
            self._store.change("draw a profile", "profile", profile=(*first, *second))
