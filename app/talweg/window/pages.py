"""What fills the middle of the window: the landscape, or a page that takes the panels' place as well."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from talweg.window.later_paint import paint_later
from talweg.window.new_landscape import NewLandscapePage
from talweg.window.start_page import StartPage
from talweg.window.widgets.layout import column
from talweg.work.draft_files import is_checkpoint
from talweg.work.presets import PRESETS
from talweg_compute.messages import InputError, Job, find_checkpoints

if TYPE_CHECKING:
    from talweg.window.main_window import MainWindow


_GRIDS_TOO = (".bin", ".pkl")
"""Suffixes of checkpoints that landscapes have as well."""


class Pages(QStackedWidget):
    """The landscape, the start page and the page of a new landscape, one of them in view.

    Args:
        window: Has the panels, which are hidden beside a page.
        views: What shows a landscape.
    """

    def __init__(self, window: "MainWindow", *views: QWidget) -> None:
        super().__init__()
        self._window = window
        self._panels: QByteArray | None = None
        self._landscape = QWidget()
        box = column(self._landscape, gap=0)
        for view in views:
            box.addWidget(view, 1)
        self.start = StartPage(window.open_path, window.actions_by_id.__getitem__, self.show_new, self.show_landscape)
        for page in (self._landscape, self.start):
            self.addWidget(page)
        window.store.landscape_changed.connect(self._landscape_changed)
        self._shown = None if window.store.landscape is None else window.store.landscape.id

    @cached_property
    def new(self) -> NewLandscapePage:
        """The page of a new landscape, made when it is wanted first: starting has no time for it."""
        page = NewLandscapePage(self._window.runner)
        page.saved.connect(self._open_job)
        page.added.connect(self._add_job)
        page.left.connect(self._leave_new)
        self.addWidget(page)
        return page

    @property
    def page(self) -> str:
        """Which page stands in the landscape's place: "start", "new", or nothing."""
        return "new" if self._drafting else "start" if self.currentWidget() is self.start else ""

    @property
    def _drafting(self) -> bool:
        """Whether the page of a new landscape is in view."""
        return "new" in self.__dict__ and self.currentWidget() is self.new

    @property
    def _addable(self) -> str:
        """Name of the document that is open, where a landscape can join it; else nothing."""
        document = self._window.store.document
        return "" if document is None or not self._window.documents.keeps(document) else document.path.name

    def show_start(self) -> None:
        """Show the start page, its recent files as they are now."""
        self._show_page(self.start)
        self.start.fill(can_leave=self._window.store.landscape is not None)

    def show_new(self, preset: str | None = None, weights: Path | None = None, *, into: bool = False) -> None:
        """Show the page of a new landscape.

        Args:
            preset: Name of a figure that it is for.
            weights: A checkpoint or a folder of checkpoints to begin with.
            into: Whether it is to join the document that is open.
        """
        self._show_page(self.new)
        self.new.outlook.offer_document(self._addable, chosen=into)
        self.new.begin(next((each for each in PRESETS if each.name == preset), None), weights)

    def show_repeat(self, job: Job, name: str) -> None:
        """Show the page of a new landscape, filled with a job that was computed.

        Args:
            job: With absolute paths.
            name: What its landscape is called.
        """
        self._show_page(self.new)
        self.new.outlook.offer_document(self._addable)
        self.new.repeat(job, name)

    def show_landscape(self) -> None:
        """Show the landscape, and the panels as they were."""
        paint_later(self._window)
        self.setCurrentWidget(self._landscape)
        self._window.status.readout.show()
        state, self._panels = self._panels, None
        if state is not None:
            self._window.restoreState(state)
            QTimer.singleShot(0, self.hide_stray_tabs)

    def hide_stray_tabs(self) -> None:
        """Hide tab bars that Qt leaves behind in the window's corner when a layout is restored a second time."""
        if not self._window.isVisible():  # before the first layout all of them lie there
            return
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if bar.pos().isNull():
                bar.hide()

    def take(self, paths: Sequence[Path]) -> bool:
        """Take files that are dropped together, where they are for a new landscape.

        Args:
            paths: Files and folders.

        Returns:
            Whether they were taken: by the page of a new landscape, or since they are several models.
        """
        if not self._drafting and not (len(paths) > 1 and all(map(_is_model, paths))):
            return False
        try:
            if not self._drafting:
                self.show_new()
            return self.new.take(paths)
        except InputError as error:
            self._window.messages.show_message("error", str(error))
            return True

    def layout_state(self) -> QByteArray:
        """The layout of the panels, also while they are hidden beside a page."""
        return self._window.saveState() if self._panels is None else self._panels

    def _show_page(self, page: QWidget) -> None:
        if self.currentWidget() is self._landscape:
            self._window.keep_thumbnail()
        paint_later(self._window)
        self.setCurrentWidget(page)
        self._window.status.readout.hide()  # there is nothing to read out
        if self._panels is None:
            self._panels = self._window.saveState()
            for dock in self._window.docks.values():
                dock.hide()

    def _landscape_changed(self) -> None:
        """Go to another document that was opened, not to points that arrive meanwhile."""
        document = self._window.store.document
        shown = None if document is None else id(document)
        if shown != self._shown or self.currentWidget() is self._landscape:
            self._shown = shown
            self.show_landscape()

    def _leave_new(self) -> None:
        if self._window.store.landscape is None:
            self.show_start()
        else:
            self.show_landscape()

    def _add_job(self, job: Job, name: str, quick: bool) -> None:
        try:
            self._window.documents.compute_further(job, name)
        except InputError as error:
            self._window.messages.show_message("error", str(error))
            return
        self._tell_begun(quick=quick)

    def _open_job(self, path: Path, quick: bool) -> None:
        if self._window.open_path(path):
            self._tell_begun(quick=quick)

    def _tell_begun(self, *, quick: bool) -> None:
        self.show_landscape()
        if quick:
            words = "This is a quick look: few points, few samples."
            self._window.messages.show_message("info", words, action=("Compute all of it", self.new.compute_all))


def _is_model(path: Path) -> bool:
    """Whether a file can only be weights, and no landscape of another program."""
    return is_checkpoint(path) and path.suffix.lower() not in _GRIDS_TOO


def is_weights(path: Path) -> bool:
    """Whether a path is a folder of checkpoints."""
    return path.is_dir() and len(find_checkpoints(str(path))) > 0
