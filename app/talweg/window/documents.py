"""Which documents are open: the one that is shown, and the one that a running job writes to."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from talweg.document import Document
from talweg.export import Hints, ImportedPath, add_grids
from talweg.landscape import Landscape
from talweg.view.arrangement import kept_arrangement
from talweg.window.beside import beside
from talweg.window.job_runner import JobRunner
from talweg.window.opening import JOB_SUFFIX, Opened, close_document, is_document, open_file, read_file
from talweg.window.recent import remember
from talweg.window.store import Store
from talweg.work.certifying import LeastPersistence
from talweg.work.jobs import place_job
from talweg.work.joining import add_document, name_apart
from talweg.work.subtracting import add_difference
from talweg.work.tasks import CertifyPoints, ComputeGradients, ComputePoints
from talweg_compute.messages import InputError, Job, read_job


class Documents(QObject):
    """Opens and closes documents for the store and the runner.

    Args:
        store: Shows a document.
        runner: Computes into one, perhaps another.
        may_leave: Asks about changes that would be lost with the document that is shown.
    """

    title_changed = Signal(str)
    leaving = Signal()
    """Another document is about to be shown instead."""

    def __init__(self, store: Store, runner: JobRunner, may_leave: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._runner, self._may_leave = store, runner, may_leave
        self.title = ""
        self.untitled = False
        self.source: Path | None = None
        """What was opened: a document, a job file or a file of another program."""
        self.opening = 0
        """How many files are being read."""
        self._grown = False
        runner.ended.connect(self._close_if_unused)

    def open(self, path: Path, hints: Hints | None = None, *, recent: bool = True, instead: bool = False) -> bool:
        """Open a path and show it; a job file starts to be computed, a training path joins what is shown.

        Args:
            path: A document, a job file, or a file of another program.
            hints: What the user says about a file that does not say it itself.
            recent: Whether it joins the recent files.
            instead: Whether it has all that is shown, so that nothing is lost with that.

        Returns:
            Whether it is shown: the user may rather stay with changes that would be lost.

        Raises:
            QuestionError: The file lacks something that only the user knows.
            InputError: It cannot be opened; what was open before stays.
        """
        self.opening += 1
        try:
            found = beside(lambda: _open_and_read(path, hints))
        finally:
            self.opening -= 1
        if isinstance(found, ImportedPath):
            self._lay(found)
            return True
        opened = self._without_twin(found)
        before = self._store.document
        if before is not None and before is not opened.document:
            if not instead and not self._may_leave():
                self._close_if_unused(opened.document)
                return False
            self.leaving.emit()
            before = self._store.document  # a copy, if it was saved just now
        try:
            self._store.open(opened.document, opened.landscape, insist=opened.start)
        except InputError:
            self._close_if_unused(opened.document)
            raise
        if before is not None:
            self._close_if_unused(before)
        self.title, self.untitled, self.source = opened.title, opened.untitled, path.expanduser().absolute()
        self._grown = False
        self.title_changed.emit(self.title)
        if recent:
            remember(self.source)
        landscape = self._store.landscape
        if opened.start and landscape is not None and landscape.has_work:
            self.compute()
        return True

    def compute(self, *, follow: bool = False) -> None:
        """Compute what is missing of the landscape that is shown.

        Args:
            follow: Go on afterwards, placing the checkpoints of a running training, until it is cancelled.

        Raises:
            InputError: The document cannot be written, or the landscape has no job.
        """
        document, landscape = self._store.document, self._store.landscape
        if document is not None and landscape is not None:
            self.check_keeps(document, "nothing can be computed into it")
            self._runner.add(document, landscape.id, ComputePoints(follow))

    def compute_further(self, job: Job, name: str) -> None:
        """Add a landscape to the document that is shown, or find it there, show it and compute it.

        Args:
            job: What is computed, with absolute paths.
            name: What the landscape is called.

        Raises:
            InputError: The document cannot be written; nothing was added then.
        """
        document = self._store.document
        if document is None:
            return
        self.check_keeps(document, "no landscape can be added")
        self._store.show_landscape(place_job(document, job, name))
        landscape = self._store.landscape
        if landscape is not None and landscape.has_work:
            self.compute()

    def add(self, path: Path, hints: Hints | None = None) -> bool:
        """Add what a path holds to the document that is shown, as further landscapes, and show the newest of them.

        Args:
            path: A document, a job file, which starts to be computed, or a file of another program.
            hints: What the user says about a file that does not say it itself.

        Returns:
            Whether it is there: where nothing is open, as for ``open``.

        Raises:
            QuestionError: The file lacks something that only the user knows.
            InputError: It cannot be read, or the document cannot be written; nothing was added then.
        """
        document = self._store.document
        if document is None:
            return self.open(path, hints)
        _check_writable(document, "no landscape can be added")
        path = path.expanduser().absolute()
        if path.suffix.lower() == JOB_SUFFIX:
            self.compute_further(read_job(path), path.stem)
            return True
        if is_document(path):
            self._show_added(document, lambda: add_document(document, path)[-1])
            return True
        found = beside(lambda: read_file(path, hints))
        if isinstance(found, ImportedPath):
            self._lay(found)
        else:
            self._show_added(document, lambda: add_grids(document, name_apart(document, found)))
        return True

    def rename(self, landscape: int, name: str) -> None:
        """Give a landscape of the document that is shown another name.

        Args:
            landscape: Its number.
            name: What it is called from now on.

        Raises:
            InputError: The name is empty or that of another one, or the document cannot be written.
        """
        document = self._store.document
        if document is None:
            return
        others = [outline.name for number, outline in document.outlines().items() if number != landscape]
        if name.strip() in others:
            raise InputError(f"{name.strip()}: another landscape of this document is called so; choose another name.")
        document.rename_landscape(landscape, name)
        self._store.refresh()

    def remove(self, landscape: int) -> None:
        """Remove a landscape from the document that is shown, and what waits for it from the queue.

        Args:
            landscape: Its number.

        Raises:
            InputError: It is being computed, it is the only one, or the document cannot be written.
        """
        document = self._store.document
        if document is None:
            return
        self.check_removable(landscape)
        mine = {landscape, *document.region_ids(landscape)}
        self._store.remove_landscape(landscape)
        for job in self._runner.jobs:
            if job.document == str(document.path) and job.landscape in mine:
                self._runner.remove(job.number)

    def check_removable(self, landscape: int) -> None:
        """Refuse to remove a landscape that something is still to happen to.

        Args:
            landscape: Its number in the document that is shown.

        Raises:
            InputError: A job for it runs or waits, it is the only one, or the document cannot be written.
        """
        document = self._store.document
        if document is None:
            return
        _check_writable(document, "no landscape can be removed")
        name = document.landscape(landscape).name
        if len(document.landscape_ids()) < 2:
            raise InputError(f"{name}: this is the only landscape of the document, which keeps one; delete the file.")
        if any(self._runner.pending_for(document, each) for each in (landscape, *document.region_ids(landscape))):
            raise InputError(f"{name}: a job for this landscape runs or waits; cancel it, or remove it from the queue.")

    def show_difference(self, first: int, second: int) -> tuple[str, ...]:
        """Show the difference of two landscapes, which joins the document where it is not there yet.

        Args:
            first: Number of the landscape to subtract from.
            second: Number of the one that is subtracted.

        Returns:
            Sentences on what it compares.

        Raises:
            InputError: They cannot be subtracted, or the document cannot be written.
        """
        document = self._store.document
        if document is None:
            return ()
        _check_writable(document, "no landscape can be added")
        number = self._show_added(document, lambda: add_difference(document, first, second), "show the difference")
        self._store.refresh()
        return document.landscape(number).notes

    def certify(self, least: LeastPersistence, *, again: bool = False) -> None:
        """Look for critical points of the landscape that is shown on the network.

        Args:
            least: Threshold over which points are asked about.
            again: Forget the answers that are known.

        Raises:
            InputError: As for ``compute``, or points of the landscape are missing.
        """
        document, landscape = self._store.document, self._store.landscape
        if document is None or landscape is None:
            return
        self.check_keeps(document, "nothing can be certified in it")
        if again:
            document.forget_certifications(landscape.id)
            self._store.refresh()
        self._runner.add(document, landscape.id, CertifyPoints(least))

    def compute_gradients(self) -> None:
        """Compute the gradient along the plane at the points of the landscape that is shown.

        Raises:
            InputError: As for ``compute``, or the landscape is no plane.
        """
        document, landscape = self._store.document, self._store.landscape
        if document is not None and landscape is not None:
            self.check_keeps(document, "no gradients can be computed into it")
            self._runner.add(document, landscape.id, ComputeGradients())

    def compute_again(self) -> None:
        """Forget the points of the landscape that is shown and compute them anew.

        Raises:
            InputError: As for ``compute``.
        """
        document, landscape = self._store.document, self._store.landscape
        if document is None or landscape is None:
            return
        if document is self._runner.document and landscape.id == self._runner.landscape:
            raise InputError("A job for this landscape is running; wait for its end, or cancel it first.")
        document.remaining_job(landscape.id)
        self.check_keeps(document, "nothing can be computed into it")
        document.forget_points(landscape.id)
        self._store.refresh()
        self.compute()

    def _show_added(self, document: Document, add: Callable[[], int], title: str = "") -> int:
        """Add a landscape and read it, both beside the window's thread, and show it; returns its number."""

        def add_and_read() -> int:
            number = add()
            document.landscape(number)
            return number

        number = beside(add_and_read)
        if document is self._store.document:
            self._grown = True
            self._store.show_landscape(number, title)
        return number

    def _lay(self, read: ImportedPath) -> None:
        """Lay a training path on the landscape that is shown."""
        document, landscape = self._store.document, self._store.landscape
        if document is None or landscape is None:
            raise InputError(f"{read.source}: this is a training path; open its landscape first, then drop it on it.")
        if landscape.path is not None:
            raise InputError(f"{read.source}: the landscape that is shown has a training path already; it stays.")
        if document.read_only:
            raise InputError(f"{document.path}: this document cannot be written; save a copy and open that.")
        for event in read.events():
            document.commit(landscape.id, event)
        self._grown = True
        self._store.refresh()

    def close(self) -> None:
        """Close the document that is shown, after the runner was closed."""
        document = self._store.document
        self._store.forget()
        if document is not None:
            close_document(document)

    def open_for_job(self, path: Path) -> Document:
        """Find the document of a job that waited, or open it beside the one that is shown.

        Raises:
            InputError: It cannot be opened.
        """
        for known in (self._store.document, self._runner.document):
            if known is not None and _is_file(known, path):
                return known
        return Document.open(path)

    def read_landscape(self, path: Path, landscape: int) -> Landscape:
        """Read a landscape of a document, which need not be open.

        Raises:
            InputError: The document cannot be opened, or there is no such landscape.
        """
        document = self.open_for_job(path)
        try:
            return document.landscape(landscape)
        finally:
            self._close_if_unused(document)

    @property
    def would_lose(self) -> bool:
        """Whether what is shown has changes that lie in no document yet."""
        return self.untitled and (self._grown or self._store.undo_title is not None)

    def keeps(self, document: Document) -> bool:
        """Tell whether what is computed into a document stays."""
        return not document.read_only and not (self.untitled and document is self._store.document)

    def check_keeps(self, document: Document, consequence: str) -> None:
        """Refuse to compute where it would be lost.

        Args:
            document: Where it would be kept.
            consequence: What cannot be done then, in words.

        Raises:
            InputError: The document cannot be written, or is none of the user's yet.
        """
        _check_writable(document, consequence)
        if self.untitled and document is self._store.document:
            raise InputError(
                f"{self.title}: this landscape lies in no document yet, so {consequence}; save a copy, which is then "
                "opened, and nothing computed is lost."
            )

    def _without_twin(self, opened: Opened) -> Opened:
        """Use the document that is open already instead of opening its file a second time."""
        for known in (self._store.document, self._runner.document):
            if known is not None and known is not opened.document and _is_file(known, opened.document.path):
                close_document(opened.document)
                return Opened(known, opened.landscape, opened.title, opened.start, opened.untitled)
        return opened

    def _close_if_unused(self, document: Document, _job: object = None) -> None:
        if document is not None and document is not self._store.document and document is not self._runner.document:
            close_document(document)


def _open_and_read(path: Path, hints: Hints | None) -> Opened | ImportedPath:
    """Open a file, and read the points of what it will show, which takes longest."""
    found = open_file(path, hints)
    if isinstance(found, Opened):
        try:
            kept = kept_arrangement(found.document, found.landscape, insist=found.start)
            shown = {pane.landscape for pane in kept.panes} if kept is not None else {found.landscape}
            for landscape in shown:
                found.document.landscape(landscape)
        except BaseException:
            close_document(found.document)
            raise
    return found


def _is_file(document: Document, path: Path) -> bool:
    """Whether a document lies at a path; one that was moved away while it was open does not any more."""
    try:
        return document.path.samefile(path)
    except OSError:
        return False


def _check_writable(document: Document, consequence: str) -> None:
    if document.read_only:
        raise InputError(
            f"{document.path}: this document cannot be written, so {consequence}; save a copy and open that."
        )
