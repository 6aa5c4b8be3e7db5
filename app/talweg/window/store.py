"""The one place where the window's state changes: widgets ask the store, everybody else listens to it."""

import contextlib
import threading
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from talweg.document import Document
from talweg.history import History
from talweg.landscape import Landscape
from talweg.picture import Picture, default_view, lines_are_known, resolve, shown_topology, trace_lines
from talweg.view_state import ViewState, decode_view, encode_view, view_with
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
    _traced = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._whole: Landscape | None = None
        self._landscape: Landscape | None = None
        self._history: History[ViewState] | None = None
        self._picture: Picture | None = None
        self._topology: Topology | None = None
        self.selection = Selection(self)
        """The critical points that are selected."""
        self._view_is_chosen = False
        self._unsaved = False
        self._held = False
        self._tracing = False
        self._traced.connect(self._end_tracing)  # queued: it comes from another thread
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
        return self._history.state if self._history is not None else None

    @property
    def picture(self) -> Picture | None:
        """What is to be drawn."""
        return self._picture

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
        view = stored or default_view(numbers)
        self._document, self._whole, self._landscape = document, numbers, numbers.at(view.w)
        self._view_is_chosen = stored is not None
        self._history = History(view)
        self._picture = None
        self.landscape_changed.emit()
        self.view_changed.emit()
        self.history_changed.emit()
        self._resolve_soon.start()

    def show_landscape(self, landscape: int) -> None:
        """Show another landscape of the same document; the view stays."""
        if self._document is not None and (self._landscape is None or self._landscape.id != landscape):
            self._whole = self._document.landscape(landscape)
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
            self._history = History(default_view(numbers))
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
        """Take the last change of the view back."""
        if self._history is not None and self._history.undo():
            self._announce_view()

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        if self._history is not None and self._history.redo():
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
        self._document = self._whole = self._landscape = self._history = self._picture = self._topology = None

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
        if self._held or self._landscape is None or self.view is None:
            return
        if self._landscape.dimensions == 1:  # a curve is drawn of the landscape itself
            self._picture = self._topology = None
            self.selection.clear()
            self.picture_changed.emit()
            return
        try:
            self._picture = resolve(self._landscape, self._view_of_what_is_known(), self._picture)
        except InputError as error:
            self.failed.emit(str(error))
            return
        topology = shown_topology(self._landscape, self.view)
        if topology is not self._topology:
            self._topology = topology
            self.selection.clear()
        self.picture_changed.emit()

    def _view_of_what_is_known(self) -> ViewState:
        """The view, without lines that have to be traced first: that takes so long that another thread does it."""
        landscape, view = self._landscape, self.view
        assert landscape is not None  # noqa: S101 (its only caller has seen both)
        assert view is not None  # noqa: S101
        if lines_are_known(landscape, view):
            return view

        def trace() -> None:
            trace_lines(landscape, view)
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._traced.emit()

        if not self._tracing:
            self._tracing = True
            threading.Thread(target=trace, name="talweg-trace-lines", daemon=True).start()
        return msgspec.structs.replace(view, talwegs=False, separatrices=False)

    def _end_tracing(self) -> None:
        self._tracing = False
        self._resolve()

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer


def _stored_view(document: Document) -> ViewState | None:
    """The view that the document keeps, or None where it keeps none that this Talweg understands."""
    text = document.view()
    if text is None:
        return None
    try:
        return decode_view(text)
    except msgspec.MsgspecError:
        return None
