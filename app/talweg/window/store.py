"""The one place where the window's state changes: widgets ask the store, everybody else listens to it."""

from dataclasses import replace
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.picture import Picture, default_view
from talweg.quantities import fit_view
from talweg.view_history import ViewHistory
from talweg.view_state import ViewState, decode_view, encode_view, view_with
from talweg.window.resolver import Resolved, Resolver
from talweg.window.selection import Selection
from talweg_compute.field import Topology
from talweg_compute.messages import InputError

_SAVE_AFTER_MS = 800


class Store(QObject):
    """What is open, how it is looked at, and the picture that follows from both.

    Signals say only what changed; whoever hears them reads the new value here.
    """

    landscape_changed = Signal()
    """The numbers are others: another document or landscape, or new points."""
    view_changed = Signal()
    picture_changed = Signal()
    history_changed = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._whole: Landscape | None = None
        self._landscape: Landscape | None = None
        self._history: ViewHistory | None = None
        self._picture: Picture | None = None
        self._topology: Topology | None = None
        self.selection = Selection(self)
        """The critical points that are selected."""
        self._view_is_chosen = False
        self.first_colour_map: str | None = None
        """The colour map of landscapes that keep no view yet; None: that of any."""
        self._unsaved = False
        self._held = False
        self._asked: tuple[Landscape, ViewState] | None = None
        self._fitted: tuple[Landscape, ViewState, ViewState] | None = None
        self._resolver = Resolver(self)
        self._resolver.resolved.connect(self._show)
        self._resolver.failed.connect(self._fail)
        self._resolve_soon = self._timer(0, self._resolve)
        self._save_soon = self._timer(_SAVE_AFTER_MS, self.save)

    @property
    def document(self) -> Document | None:
        """The open document."""
        return self._document

    @property
    def landscape(self) -> Landscape | None:
        """The landscape that is shown; of a volume one sheet."""
        return self._landscape

    @property
    def volume(self) -> Landscape | None:
        """The volume that is shown a sheet of, or None."""
        return self._whole if self._whole is not None and self._whole.dimensions == 3 else None

    @property
    def view(self) -> ViewState | None:
        """How it is looked at."""
        return self._history.view if self._history is not None else None

    @property
    def shown_view(self) -> ViewState | None:
        """The view as far as the landscape has what it asks for."""
        if self.view is None or self._landscape is None:
            return None
        if self._fitted is None or self._fitted[0] is not self._landscape or self._fitted[1] is not self.view:
            self._fitted = self._landscape, self.view, fit_view(self._landscape, self.view)
        return self._fitted[2]

    @property
    def picture(self) -> Picture | None:
        """What is to be drawn."""
        return self._picture

    @property
    def settled(self) -> bool:
        """Whether the picture shows all that was asked for, and nothing more of it is being worked out."""
        return not self._resolve_soon.isActive() and not self._resolver.busy

    @property
    def topology(self) -> Topology | None:
        """The topology that the picture shows, which the indices of critical points belong to."""
        return self._topology

    @property
    def undo_title(self) -> str | None:
        """What can be undone."""
        return self._history.undo_title if self._history is not None else None

    @property
    def redo_title(self) -> str | None:
        """What can be done again."""
        return self._history.redo_title if self._history is not None else None

    @property
    def back_title(self) -> str | None:
        """Which way of the eye can be taken back."""
        return self._history.back_title if self._history is not None else None

    @property
    def forward_title(self) -> str | None:
        """Which way of the eye can be taken again."""
        return self._history.forward_title if self._history is not None else None

    def open(self, document: Document, landscape: int) -> None:
        """Show a landscape of a document with the view that the document keeps; the caller closes the document before.

        Args:
            document: An open document.
            landscape: Number of one of its landscapes.

        Raises:
            InputError: The landscape cannot be read.
        """
        numbers = document.landscape(landscape)
        self.save()
        stored = _stored_view(document)
        view = stored or self._first_view(numbers)
        self._document, self._whole, self._landscape = document, numbers, numbers.at(view.w)
        self._view_is_chosen = stored is not None
        self._history = ViewHistory(view)
        self._picture = self._asked = None
        self._resolver.forget()
        self.landscape_changed.emit()
        self.view_changed.emit()
        self.history_changed.emit()
        self._resolve_soon.start()

    def show_landscape(self, landscape: int) -> None:
        """Show another landscape of the same document; the view stays."""
        if self._document is not None and (self._landscape is None or self._landscape.id != landscape):
            self._whole = self._document.landscape(landscape)
            self.selection.clear()  # those points are not of this one
            self._cut()
            self._resolve_soon.start()

    def refresh(self) -> None:
        """Read the landscape again; nothing happens where it has not changed."""
        if self._document is None or self._landscape is None or self._history is None:
            return
        numbers = self._document.landscape(self._landscape.id)
        if numbers is self._whole:
            return
        self._whole = numbers
        if not self._view_is_chosen:  # nobody touched the view: it follows what becomes known
            self._history = ViewHistory(self._first_view(numbers))
            self.view_changed.emit()
        self._cut()
        self._resolve_soon.start()

    def change(self, title: str, merge: str | None = None, **changes: Any) -> None:
        """Change fields of the view.

        Args:
            title: What the user did, as it stands after "Undo:".
            merge: Kind of change, for those that follow one another quickly.
            changes: New values by the view's field.
        """
        if self.view is not None:
            self.set_view(view_with(self.view, **changes), title, merge)

    def set_view(self, view: ViewState, title: str, merge: str | None = None) -> None:
        """Replace the view; the change can be undone under its title."""
        if self._history is not None and self._history.change(view, title, merge):
            self._view_is_chosen = True
            self._announce_view()

    def hold(self) -> None:
        """Work out no picture until ``release``: nobody could draw it yet."""
        self._held = True

    def release(self) -> None:
        """Work out pictures from now on."""
        self._held = False
        self._resolve()

    def resolve_now(self) -> None:
        """Work out the picture at once, for whoever cannot wait for the next turn of the event loop."""
        if self._resolve_soon.isActive():
            self._resolve_soon.stop()
            self._resolve()

    def seal(self) -> None:
        """End a run of merged changes, as when a slider is let go."""
        if self._history is not None:
            self._history.seal()

    def undo(self) -> None:
        """Take the last change of the view back; the eye stays where it is."""
        if self._history is not None and self._history.undo():
            self._announce_view()

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        if self._history is not None and self._history.redo():
            self._announce_view()

    def go_back(self) -> None:
        """Put the eye where it was before; nothing else of the view changes."""
        if self._history is not None and self._history.back():
            self._announce_view()

    def go_forward(self) -> None:
        """Put the eye where it was taken back from."""
        if self._history is not None and self._history.forward():
            self._announce_view()

    def save(self) -> None:
        """Keep the view in the document now, if it has changed."""
        self._save_soon.stop()
        if not self._unsaved or self._document is None or self.view is None:
            return
        self._unsaved = False
        if self._document.read_only:
            return
        try:
            self._document.set_view(encode_view(self.view))
        except InputError as error:
            self.failed.emit(str(error))
        except Exception as error:
            self.failed.emit(f"{self._document.path}: the view cannot be kept in the document: {error}.")

    def forget(self) -> None:
        """Let go of the document, which the caller closes."""
        self.save()
        self._resolver.forget()
        self._document = self._whole = self._landscape = self._history = None
        self._picture = self._topology = self._asked = self._fitted = None

    def _first_view(self, landscape: Landscape) -> ViewState:
        view = default_view(landscape)
        return view if self.first_colour_map is None else view_with(view, colour_map=self.first_colour_map)

    def _cut(self) -> None:
        """Take what is shown of the whole landscape."""
        self._landscape = None if self._whole is None else self._whole.at(0.0 if self.view is None else self.view.w)
        self.landscape_changed.emit()

    def _announce_view(self) -> None:
        shown = self._landscape
        if self.volume is not None and self.view is not None and shown is not None:
            nearest = self.volume.w[abs(self.volume.w - self.view.w).argmin()]
            if shown.w[0] != nearest:
                self._cut()
        self.view_changed.emit()
        self.history_changed.emit()
        self._resolve_soon.start()
        self._unsaved = True
        self._save_soon.start()

    def _resolve(self) -> None:
        """Work out the picture once, however many changes were asked for since the last one."""
        landscape, view = self._landscape, self.view
        if self._held or landscape is None or view is None:
            return
        if landscape.dimensions == 1:  # a curve is drawn of the landscape itself
            self._resolver.forget()
            self._picture = self._topology = self._asked = None
            self.selection.clear()
            self.picture_changed.emit()
            return
        before, self._asked = self._asked, (landscape, view)
        same = before is not None and before[0] is landscape and _same_but_eye(before[1], view)
        if self._picture is None or not same:
            self._resolver.ask(landscape, view)
            return
        self._picture = _seen_from(self._picture, view)
        self.picture_changed.emit()

    def _show(self, found: Resolved) -> None:
        """Show a picture that was worked out, from where the eye is by now."""
        if self.view is None or self._landscape is None or found.landscape.id != self._landscape.id:
            return
        before, self._picture = self._picture, _seen_from(found.picture, self.view)
        kept = before is not None and self._picture.critical_points is before.critical_points
        if found.topology is not self._topology and (found.whole or not kept):
            self._topology = found.topology
            self.selection.clear()
        self.picture_changed.emit()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise error
        self.failed.emit(str(error))

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer


def _same_but_eye(one: ViewState, other: ViewState) -> bool:
    """Whether two views differ at most in where they are seen from."""
    return msgspec.structs.replace(one, camera=other.camera, orthographic=other.orthographic) == other


def _seen_from(picture: Picture, view: ViewState) -> Picture:
    """Return the picture as seen by a view's eye."""
    return replace(picture, camera=view.camera, orthographic=view.orthographic)


def _stored_view(document: Document) -> ViewState | None:
    """The view that the document keeps, or None where it keeps none that this Talweg understands."""
    text = document.view()
    if text is None:
        return None
    try:
        return decode_view(text)
    except msgspec.MsgspecError:
        return None
