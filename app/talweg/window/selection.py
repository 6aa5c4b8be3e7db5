"""Which critical points are selected and which are pointed at: the same in the picture, the table and the plots."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """Indices of critical points of the topology that is shown; it is no part of the view."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chosen: tuple[int, ...] = ()
        self._hovered: tuple[int, ...] = ()

    @property
    def chosen(self) -> tuple[int, ...]:
        """The selected points, ascending."""
        return self._chosen

    @property
    def hovered(self) -> tuple[int, ...]:
        """The points under the mouse: one, or a pair."""
        return self._hovered

    @property
    def marked(self) -> tuple[int, ...]:
        """All of them."""
        return tuple(sorted({*self._chosen, *self._hovered}))

    def choose(self, points: Iterable[int], *, add: bool = False) -> None:
        """Select points instead of others; or, to add, each that is not selected yet, and no longer each that is."""
        wanted = set(points)
        self._set(tuple(sorted(wanted ^ set(self._chosen) if add else wanted)), self._hovered)

    def hover(self, points: Iterable[int]) -> None:
        """Point at these and no others."""
        self._set(self._chosen, tuple(sorted(set(points))))

    def clear(self) -> None:
        """Forget all: the points are others now."""
        self._set((), ())

    def _set(self, chosen: tuple[int, ...], hovered: tuple[int, ...]) -> None:
        if (chosen, hovered) != (self._chosen, self._hovered):
            self._chosen, self._hovered = chosen, hovered
            self.changed.emit()
