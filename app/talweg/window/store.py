"""The one place where the window's state changes: widgets ask the store, everybody else listens to it."""

from typing import Any

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication

from talweg.document import Document
from talweg.figures.shots import keep_company
from talweg.landscape import Landscape
from talweg.picture import Picture, default_view, set_differences_apart
from talweg.view.arrangement import Arrangement, Link, Pane, keep_arrangement, kept_arrangement
from talweg.view.history import ViewHistory
from talweg.view.quantities import fit_view, is_difference
from talweg.view.state import ViewState, view_with
from talweg.window.beside import beside
from talweg.window.selection import Selection
from talweg.window.viewing import Viewing
from talweg_compute.field import Topology
from talweg_compute.messages import InputError

_SAVE_AFTER_MS = 800
_SEAL_AFTER_MS = 1000


class Store(QObject):
    """What is open, in which views and how it is looked at, and the pictures that follow from that.

    Landscape, view and picture without further words are those of the active view. Signals say only what changed;
    whoever hears them reads the new value here.
    """

    landscape_changed = Signal()
    """The numbers are others: another document, landscape or active view, or new points."""
    view_changed = Signal()
    picture_changed = Signal()
    history_changed = Signal()
    arrangement_changed = Signal()
    """There are more or fewer views, another one is active, they show other landscapes, or other things are linked."""
    saving_changed = Signal()
    """The view was kept in the document, or is to be."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._history: ViewHistory | None = None
        self._viewings = [self._make_viewing()]
        self.selection = Selection(self)
        """The critical points of the active view that are selected."""
        self._view_is_chosen = False
        self.first_colour_map: str | None = None
        """The colour map of landscapes that keep no view yet; None: that of any."""
        self._unsaved = False
        self._held = False
        self._fitted: tuple[Landscape, ViewState, ViewState] | None = None
        self._resolve_soon = self._timer(0, self._resolve)
        self._save_soon = self._timer(_SAVE_AFTER_MS, self.save)
        self._seal_soon = self._timer(_SEAL_AFTER_MS, self._seal_after_pause)

    @property
    def document(self) -> Document | None:
        """The open document."""
        return self._document

    @property
    def arrangement(self) -> Arrangement | None:
        """All views."""
        return self._history.state if self._history is not None else None

    @property
    def viewings(self) -> tuple[Viewing, ...]:
        """What each view shows; one at least, which is empty while no document is open."""
        return tuple(self._viewings)

    @property
    def viewing(self) -> Viewing:
        """What the active view shows."""
        arrangement = self.arrangement
        return self._viewings[0 if arrangement is None else arrangement.active]

    @property
    def landscape(self) -> Landscape | None:
        """The landscape that is shown; of a volume one sheet."""
        return self.viewing.landscape

    @property
    def subject(self) -> tuple[Document | None, int | None]:
        """What is shown: a document and the number of a landscape; it stays the same while points of that arrive."""
        return self._document, None if self.landscape is None else self.landscape.id

    @property
    def volume(self) -> Landscape | None:
        """The volume that is shown a sheet of, or None."""
        return self.viewing.volume

    @property
    def view(self) -> ViewState | None:
        """How it is looked at."""
        return self._history.state.pane.view if self._history is not None else None

    def view_of(self, viewing: Viewing) -> ViewState | None:
        """Return how one of the views is looked at."""
        arrangement = self.arrangement
        return None if arrangement is None else arrangement.panes[self._viewings.index(viewing)].view

    @property
    def shown_view(self) -> ViewState | None:
        """The view as far as the landscape has what it asks for."""
        landscape, view = self.landscape, self.view
        if view is None or landscape is None:
            return None
        if self._fitted is None or self._fitted[0] is not landscape or self._fitted[1] is not view:
            self._fitted = landscape, view, fit_view(landscape, view)
        return self._fitted[2]

    @property
    def picture(self) -> Picture | None:
        """What is to be drawn."""
        return self.viewing.picture

    @property
    def saved(self) -> bool:
        """Whether the document keeps the view as it is."""
        return not self._unsaved

    @property
    def settled(self) -> bool:
        """Whether the pictures show all that was asked for, and nothing more of them is being worked out."""
        return not self._resolve_soon.isActive() and not any(viewing.busy for viewing in self._viewings)

    @property
    def topology(self) -> Topology | None:
        """The topology that the picture shows, which the indices of critical points belong to."""
        return self.viewing.topology

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

    def count_lines(self) -> int:
        """Return how many lines the document has, where the active view shows one; else 0."""
        document, landscape = self._document, self.landscape
        if document is None or landscape is None or landscape.dimensions > 1:
            return 0
        return sum(outline.dimensions == 1 for outline in document.outlines().values())

    def open(self, document: Document, landscape: int, *, insist: bool = False) -> None:
        """Show a document in the views that it keeps; the caller closes the document before.

        Args:
            document: An open document.
            landscape: Number of one of its landscapes, shown where the document keeps no views or it is new to them.
            insist: Whether it is shown whatever the document keeps.

        Raises:
            InputError: A landscape cannot be read.
        """
        self.save()  # it may be the same document
        kept = kept_arrangement(document, landscape, insist=insist)
        arrangement = kept or Arrangement((Pane(landscape, self._first_view(document.landscape(landscape))),))
        for pane in arrangement.panes:
            document.landscape(pane.landscape)
        self._document = document
        self._view_is_chosen = kept is not None
        self._unsaved = False
        for viewing in self._viewings:
            viewing.forget()
        self._history = ViewHistory(arrangement)
        self._fill_views()
        self.arrangement_changed.emit()
        self.view_changed.emit()
        self.history_changed.emit()
        self._resolve_soon.start()

    def show_landscape(self, landscape: int, title: str = "") -> None:
        """Show another landscape of the same document in the active view, looked at as ``Arrangement`` has it.

        Args:
            landscape: Its number.
            title: What the user did, as it stands after "Undo:".
        """
        document, arrangement = self._document, self.arrangement
        if document is None or arrangement is None or arrangement.pane.landscape == landscape:
            return
        title = title or f"show {document.landscape(landscape).name}"
        self.arrange(self._informed(arrangement).with_landscape(landscape), title)

    def remove_landscape(self, landscape: int) -> None:
        """Remove a landscape from the document, and from the views, whose changes cannot be undone any more.

        Args:
            landscape: Its number; the document has others.

        Raises:
            InputError: It cannot be removed; nothing has changed then.
        """
        document, arrangement = self._document, self.arrangement
        if document is None or arrangement is None:
            return
        beside(lambda: document.remove_landscape(landscape))
        left = document.landscape_ids()
        other = max((number for number in left if number < landscape), default=left[0])
        self._history = ViewHistory(arrangement.without(landscape, other))
        self._announce(arrangement)
        self.landscape_changed.emit()
        self.save()

    def refresh(self) -> None:
        """Read the landscapes again; nothing happens where they have not changed."""
        document, arrangement = self._document, self.arrangement
        if document is None or arrangement is None or self._history is None:
            return
        active = self.viewing
        if not self._fill_views():
            return
        if not self._view_is_chosen and active.landscape is not None:  # it follows what becomes known
            view = self._first_view(document.landscape(arrangement.pane.landscape))
            if view != self.view:
                self._history.amend(arrangement.with_view(view))
                self.view_changed.emit()
                if document.view() is not None:
                    self._save_later()
        self._resolve_soon.start()

    def change(self, title: str, merge: str | None = None, place: int | None = None, **changes: Any) -> None:
        """Change fields of a view, and of those that are linked with it.

        Args:
            title: What the user did, as it stands after "Undo:".
            merge: Kind of change, for those that follow one another quickly: without a pause, or in one drag.
            place: Which view; None: the active one.
            changes: New values by the view's field.
        """
        arrangement = self.arrangement
        if arrangement is not None:
            pane = arrangement.pane if place is None else arrangement.panes[place]
            self.arrange(arrangement.with_view(view_with(pane.view, **changes), place), title, merge)

    def set_view(self, view: ViewState, title: str, merge: str | None = None) -> None:
        """Replace the active view; the change can be undone under its title."""
        if self.arrangement is not None:
            self.arrange(self.arrangement.with_view(view), title, merge)

    def arrange(self, arrangement: Arrangement, title: str, merge: str | None = None) -> None:
        """Replace all views; the change can be undone under its title."""
        if self._history is not None:
            before = self._history.state
            if self._history.change(arrangement, title, merge):
                views = [[pane.view for pane in each.panes] for each in (before, arrangement)]
                self._view_is_chosen |= views[0] != views[1]
                self._announce(before)
            if merge is not None:
                self._seal_soon.start()

    def split(self, count: int) -> None:
        """Show one, two or four views; new ones show the landscapes that are not shown yet."""
        if self.arrangement is not None and self._document is not None:
            words = {1: "one view", 2: "two views", 4: "four views"}[count]
            self.arrange(self._informed(self.arrangement).with_count(count, self._document.landscape_ids()), words)

    def link(self, link: Link, title: str, *, on: bool) -> None:
        """Link what views have in common, or no longer."""
        if self.arrangement is not None:
            self.arrange(self.arrangement.with_link(link, on=on), title)

    def activate(self, place: int) -> None:
        """Let panels and commands act on another view; this is nothing to undo."""
        arrangement = self.arrangement
        if self._history is None or arrangement is None or arrangement.active == place:
            return
        self._history.seal()
        self._history.amend(msgspec.structs.replace(arrangement, active=place))
        self._announce(arrangement)

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

    def _seal_after_pause(self) -> None:
        """End a run of changes that keys made, which let nothing go; while a mouse button is held, it goes on."""
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.seal()
        else:
            self._seal_soon.start()

    def undo(self) -> None:
        """Take the last change back; the eyes stay where they are."""
        before = self.arrangement
        if self._history is not None and before is not None and self._history.undo():
            self._announce(before)

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        before = self.arrangement
        if self._history is not None and before is not None and self._history.redo():
            self._announce(before)

    def go_back(self) -> None:
        """Put the eyes where they were before; nothing else of the views changes."""
        before = self.arrangement
        if self._history is not None and before is not None and self._history.back():
            self._announce(before)

    def go_forward(self) -> None:
        """Put the eyes where they were taken back from."""
        before = self.arrangement
        if self._history is not None and before is not None and self._history.forward():
            self._announce(before)

    def save(self) -> None:
        """Keep the views in the document now, if they have changed."""
        self._save_soon.stop()
        document, arrangement = self._document, self.arrangement
        if not self._unsaved or document is None or arrangement is None:
            return
        if document.read_only:
            return
        self._unsaved = False
        try:
            keep_arrangement(document, arrangement)
        except InputError as error:
            self.failed.emit(str(error))
        except Exception as error:
            self.failed.emit(f"{document.path}: the view cannot be kept in the document: {error}.")
        self.saving_changed.emit()

    def forget(self) -> None:
        """Let go of the document, which the caller closes."""
        self.save()
        for viewing in self._viewings:
            viewing.forget()
        self._document = self._history = self._fitted = None

    def _first_view(self, landscape: Landscape) -> ViewState:
        view = default_view(landscape)
        if self.first_colour_map is None or is_difference(landscape):
            return view
        return view_with(view, colour_map=self.first_colour_map)

    def _informed(self, arrangement: Arrangement) -> Arrangement:
        """Let the views know which landscapes of the document are differences."""
        return arrangement if self._document is None else set_differences_apart(arrangement, self._document)

    def _announce(self, before: Arrangement) -> None:
        """Tell what is not as it was before a change, and work out what follows."""
        now = self.arrangement
        if now is None:
            return
        viewing = self._viewings[before.active]
        self._fill_views()
        places = [pane.landscape for pane in now.panes] != [pane.landscape for pane in before.panes]
        if places or (now.links, now.active) != (before.links, before.active):
            self.arrangement_changed.emit()
        if now.active != before.active or viewing is not self.viewing:
            self.selection.clear()
            self.landscape_changed.emit()
            self.picture_changed.emit()
        elif now.pane.landscape != before.pane.landscape:
            self.selection.clear()  # those points are not of this one
        self.view_changed.emit()
        self.history_changed.emit()
        self._resolve_soon.start()
        self._save_later()

    def _save_later(self) -> None:
        self._unsaved = True
        self._save_soon.start()
        self.saving_changed.emit()

    def _fill_views(self) -> bool:
        """Make as many views as there should be, each with its landscape; returns whether numbers changed."""
        document, arrangement = self._document, self.arrangement
        if document is None or arrangement is None:
            return False
        for viewing in self._viewings[len(arrangement.panes) :]:
            viewing.forget()
            viewing.deleteLater()
        del self._viewings[len(arrangement.panes) :]
        while len(self._viewings) < len(arrangement.panes):
            self._viewings.append(self._make_viewing())
        pairs = zip(self._viewings, arrangement.panes, strict=True)
        taken = [viewing.take(document.landscape(pane.landscape), pane.view.w) for viewing, pane in pairs]
        return any(taken)

    def _resolve(self) -> None:
        """Work out the pictures once, however many changes were asked for since the last time."""
        arrangement = self.arrangement
        if self._held or arrangement is None:
            return
        companies = keep_company(arrangement, [viewing.landscape for viewing in self._viewings], self._document)
        for viewing, pane, company in zip(self._viewings, arrangement.panes, companies, strict=True):
            viewing.resolve(pane.view, company, patient=pane is arrangement.pane)

    def _make_viewing(self) -> Viewing:
        viewing = Viewing(self)
        viewing.landscape_changed.connect(lambda: self._pass_on(viewing, self.landscape_changed))
        viewing.picture_changed.connect(lambda: self._pass_on(viewing, self.picture_changed))
        viewing.topology_changed.connect(lambda: self._clear_selection(viewing))
        viewing.failed.connect(self._fail)
        return viewing

    def _pass_on(self, viewing: Viewing, signal: SignalInstance) -> None:
        """Tell what changed in a view where that is the active one."""
        if viewing is self.viewing:
            signal.emit()

    def _clear_selection(self, viewing: Viewing) -> None:
        if viewing is self.viewing:
            self.selection.clear()

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
