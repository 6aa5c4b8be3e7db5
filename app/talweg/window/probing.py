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
        self._subject = store.subject
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
        """Begin again on another landscape, not where points arrive: what was begun belongs to the one before."""
        before, self._subject = self._subject, self._store.subject
        if self._first is not None and self._subject != before:
            self.put_down()

    def pin(self, place: Place) -> None:
        """Let the values at a place (u, v) stand beside it."""
        view = self._store.view
        if view is not None and place not in view.pins:
            self._store.change("pin a point", pins=(*view.pins, place))

    def unpin(self, index: int) -> None:
        """Remove a pin, given by its place among those of the view."""
        view = self._store.view
        if view is not None and index < len(view.pins):
            self._store.change("remove a pin", pins=view.pins[:index] + view.pins[index + 1 :])

    def click(self, place: Place | None, pin: int | None = None) -> None:
        """Use the tool on the surface; beside it, put it down.

        Args:
            place: (u, v), or None beside the surface.
            pin: The pin that is there, which the tool for pins removes; None: there is none.
        """
        if self._tool == "pin":
            if pin is not None:
                self.unpin(pin)
            elif place is not None:
                self.pin(place)
            self.put_down()
        elif place is None:
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
