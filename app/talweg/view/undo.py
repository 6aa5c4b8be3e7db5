"""Undo and redo over one frozen state: named entries, successive changes of one kind merged into one. Free of Qt."""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True)
class Entry(Generic[State]):
    """One change that can be undone.

    Attributes:
        title: What the user did, as it stands after "Undo".
        before: The state before the change.
        after: The state after it.
        merge: Kind of change; None is merged with nothing.
    """

    title: str
    before: State
    after: State
    merge: str | None = None


class History(Generic[State]):
    """The current state and the way to it; states are compared by value, so a change to an equal state is none.

    Args:
        state: The first state.
        limit: How many changes can be undone; older ones are forgotten.
    """

    def __init__(self, state: State, limit: int = 500) -> None:
        self._state = state
        self._done: deque[Entry[State]] = deque(maxlen=limit)
        self._undone: list[Entry[State]] = []
        self._open = False

    @property
    def state(self) -> State:
        """The state as it is now."""
        return self._state

    @property
    def undo_title(self) -> str | None:
        """What ``undo`` would take back, or None."""
        return self._done[-1].title if self._done else None

    @property
    def redo_title(self) -> str | None:
        """What ``redo`` would do again, or None."""
        return self._undone[-1].title if self._undone else None

    def change(self, state: State, title: str, merge: str | None = None) -> bool:
        """Replace the state.

        Args:
            state: The new one.
            title: What the user did.
            merge: Kind of change; it joins the entry before it when that has the same kind and was not sealed.

        Returns:
            Whether anything changed.
        """
        if state == self._state:
            return False
        before = self._state
        if self._open and merge is not None and self._done and self._done[-1].merge == merge:
            before = self._done.pop().before
        if before != state:  # a slider that was dragged back where it started leaves no entry
            self._done.append(Entry(title, before, state, merge))
        self._undone.clear()
        self._state = state
        self._open = True
        return True

    def amend(self, state: State) -> None:
        """Replace the state in what is no change that a user would take back.

        Args:
            state: The new one; what was done before still leads back to the states before.
        """
        self._state = state

    def seal(self) -> None:
        """End the current entry: the next change makes its own, whatever its kind."""
        self._open = False

    def undo(self) -> bool:
        """Take the last change back; tell whether there was one."""
        if not self._done:
            return False
        entry = self._done.pop()
        self._undone.append(entry)
        self._state = entry.before
        self._open = False
        return True

    def redo(self) -> bool:
        """Do the change again that was taken back last; tell whether there was one."""
        if not self._undone:
            return False
        entry = self._undone.pop()
        self._done.append(entry)
        self._state = entry.after
        self._open = False
        return True
