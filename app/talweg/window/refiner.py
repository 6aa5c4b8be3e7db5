"""Finer grids where the eye looks, each twice as fine as the one before, until cancelled or as fine as it gets."""

import sqlite3
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from talweg.document import Document
from talweg.window.job_runner import JobRunner
from talweg.window.store import Store
from talweg.work.queue import QueuedJob
from talweg.work.refining import check_refinable, next_patch, open_region, seen_cells
from talweg.work.tasks import ComputePoints
from talweg_compute.field import Patch
from talweg_compute.messages import InputError


class Refiner(QObject):
    """Has one finer grid after the other computed; what is known of each is brought over on a thread.

    Args:
        store: Where the landscape is.
        runner: Computes the grids.
        check_keeps: Refuses a document in which they would be lost, with what follows from that.
    """

    changed = Signal()
    """It began or ended to prepare a grid."""
    finished = Signal(object)
    """The part is as fine as it gets; the patch that covers it, or None where nothing is finer."""
    failed = Signal(str)
    _opened = Signal(object, int, str)

    def __init__(
        self, store: Store, runner: JobRunner, check_keeps: Callable[[Document, str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._store, self._runner, self._check_keeps = store, runner, check_keeps
        self._document: Document | None = None
        self._landscape = 0
        self._cells: Patch | None = None
        self._patch: Patch | None = None
        self._region = 0
        self._thread: threading.Thread | None = None
        self._opened.connect(self._compute)  # queued: it comes from the thread
        runner.ended.connect(self._go_on)

    @property
    def preparing(self) -> bool:
        """Whether a grid is being prepared."""
        return self._thread is not None

    def begin(self, polygon: NDArray[np.float64]) -> None:
        """Refine a part of the landscape that is shown.

        Args:
            polygon: float64 [k, 2], the corners (u, v) of what is seen of the plane.

        Raises:
            InputError: Nothing can be computed of the landscape, it would be lost, or nothing of it is seen.
        """
        document, landscape = self._store.document, self._store.landscape
        if document is None or landscape is None:
            return
        check_refinable(landscape)
        self._check_keeps(document, "no finer grid can be computed into it")
        if self.preparing:
            return
        cells = seen_cells(landscape, polygon)
        if cells is None:
            raise InputError("Nothing of the landscape is in view; turn the camera to the part that is to be refined.")
        self._document, self._landscape, self._cells, self._patch = document, landscape.id, cells, None
        self._prepare()

    def stop(self) -> None:
        """Begin no further grid."""
        self._cells = None

    def close(self) -> None:
        """Wait for the thread, before the document is closed."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _prepare(self) -> None:
        """Have the next grid opened."""
        document, cells = self._document, self._cells
        if document is None or cells is None:
            return
        before, self._patch = self._patch, next_patch(document, self._landscape, cells)
        if self._patch is None or self._patch == before:
            self._cells = None
            self.finished.emit(before)
            return
        self._thread = threading.Thread(
            target=self._open, args=(document, self._landscape, self._patch), name="talweg-refine", daemon=True
        )
        self._thread.start()
        self.changed.emit()

    def _open(self, document: Document, landscape: int, patch: Patch) -> None:
        try:
            region, error = open_region(document, landscape, patch), ""
        except InputError as problem:
            region, error = 0, str(problem)
        except sqlite3.Error:  # the document was closed meanwhile
            region, error = 0, ""
        self._opened.emit(document, region, error)

    def _compute(self, document: Document, region: int, error: str) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        self.changed.emit()
        if error:
            self._cells = None
            self.failed.emit(error)
        if not region or self._cells is None or document is not self._store.document:
            return
        self._store.refresh()
        self._region = region
        try:
            self._runner.add(document, region, ComputePoints())
        except InputError as problem:
            self._cells = None
            self.failed.emit(str(problem))

    def _go_on(self, document: object, job: QueuedJob) -> None:
        """Go on with the next grid once one is finished."""
        if self._cells is None or document is not self._document or job.landscape != self._region:
            return
        if job.state == "finished" and document is self._store.document:
            self._prepare()
        elif job.state != "paused":
            self._cells = None
