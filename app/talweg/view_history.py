"""The view and the way to it on two stacks: where the eye went, and every other change of the view. Free of Qt."""

import msgspec

from talweg.history import History
from talweg.view_state import Camera, ViewState


class Eye(msgspec.Struct, frozen=True):
    """From where something is seen."""

    camera: Camera | None
    orthographic: bool


class ViewHistory:
    """A view with two stacks, so that undoing a change of colour leaves the eye where it is, and the other way round.

    Args:
        view: The first view.
    """

    def __init__(self, view: ViewState) -> None:
        self._view = view
        self._looks = History(_without_eye(view))
        self._eyes = History(_eye_of(view))

    @property
    def view(self) -> ViewState:
        """The view as it is now."""
        return self._view

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

    def change(self, view: ViewState, title: str, merge: str | None = None) -> bool:
        """Replace the view; the change lies on the stack of the eye, on the other one, or on both.

        Args:
            view: The new one.
            title: What the user did.
            merge: Kind of change; it joins the one before it on its stack when that has the same kind, not sealed.

        Returns:
            Whether anything changed.
        """
        looked = self._looks.change(_without_eye(view), title, merge)
        moved = self._eyes.change(_eye_of(view), title, merge)
        self._view = view
        return looked or moved

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
        eye = self._eyes.state
        self._view = msgspec.structs.replace(self._looks.state, camera=eye.camera, orthographic=eye.orthographic)
        return True


def _eye_of(view: ViewState) -> Eye:
    return Eye(view.camera, view.orthographic)


def _without_eye(view: ViewState) -> ViewState:
    return msgspec.structs.replace(view, camera=None, orthographic=False)
