"""The views and the way to them on two stacks: where the eyes went, and every other change of the views. Free of Qt."""

import msgspec

from talweg.view.arrangement import COUNTS, Arrangement
from talweg.view.eye import Eye, eye_of, seen_by
from talweg.view.undo import History


class ViewHistory:
    """Views with two stacks: undoing a change of colour leaves the eyes where they are, and the other way round.

    Args:
        arrangement: The first views.
    """

    def __init__(self, arrangement: Arrangement) -> None:
        self._state = arrangement
        self._looks = History(_without_eyes(arrangement))
        self._eyes = History(_eyes_of(arrangement))

    @property
    def state(self) -> Arrangement:
        """The views as they are now."""
        return self._state

    @property
    def undo_title(self) -> str | None:
        """What ``undo`` would take back, or None."""
        return self._looks.undo_title

    @property
    def redo_title(self) -> str | None:
        """What ``redo`` would do again, or None."""
        return self._looks.redo_title

    @property
    def back_title(self) -> str | None:
        """Which way of the eye ``back`` would take back, or None."""
        return self._eyes.undo_title

    @property
    def forward_title(self) -> str | None:
        """Which way of the eye ``forward`` would take again, or None."""
        return self._eyes.redo_title

    def change(self, arrangement: Arrangement, title: str, merge: str | None = None) -> bool:
        """Replace the views; the change lies on the stack of the eyes, on the other one, or on both.

        Args:
            arrangement: The new ones.
            title: What the user did.
            merge: Kind of change; it joins the one before it on its stack when that has the same kind and was not
                sealed.

        Returns:
            Whether anything changed.
        """
        looked = self._looks.change(_without_eyes(arrangement), title, merge)
        moved = self._eyes.change(_eyes_of(arrangement), title, merge)
        self._state = arrangement
        return looked or moved

    def amend(self, arrangement: Arrangement) -> None:
        """Replace the views in what is no change that a user would take back; the eyes stay where they are."""
        self._looks.amend(_without_eyes(arrangement))
        self._take()

    def seal(self) -> None:
        """End the current entries: the next change makes its own, whatever its kind."""
        self._looks.seal()
        self._eyes.seal()

    def undo(self) -> bool:
        """Take the last change back, but for the eye; tell whether there was one."""
        return self._looks.undo() and self._take()

    def redo(self) -> bool:
        """Do the change again that was taken back last; tell whether there was one."""
        return self._looks.redo() and self._take()

    def back(self) -> bool:
        """Put the eye where it was before; tell whether it was anywhere."""
        return self._eyes.undo() and self._take()

    def forward(self) -> bool:
        """Put the eye where it was taken back from; tell whether it was."""
        return self._eyes.redo() and self._take()

    def _take(self) -> bool:
        panes = [
            msgspec.structs.replace(pane, view=seen_by(pane.view, eye))
            for pane, eye in zip(self._looks.state.panes, self._eyes.state, strict=False)
        ]
        self._state = msgspec.structs.replace(self._looks.state, panes=tuple(panes))
        return True


def _eyes_of(arrangement: Arrangement) -> tuple[Eye, ...]:
    """The eyes of all views, and for those that there are not the first one: a further view is no way of the eye."""
    eyes = [eye_of(pane.view) for pane in arrangement.panes]
    return (*eyes, *[eyes[0]] * (max(COUNTS) - len(eyes)))


def _without_eyes(arrangement: Arrangement) -> Arrangement:
    panes = [msgspec.structs.replace(pane, view=seen_by(pane.view, Eye())) for pane in arrangement.panes]
    return msgspec.structs.replace(arrangement, panes=tuple(panes))
