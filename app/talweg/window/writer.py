"""Writes files beside the window's own thread, one after the other, so that it never waits for one."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from talweg_compute.messages import InputError

Writing = Callable[[], tuple[Path, ...]]
"""Writes files from numbers that change no more, and returns where they are."""


class Writer(QObject):
    """Takes what is to be written, and tells when it is there; the pointer says meanwhile that something is done."""

    written = Signal(object)
    """Paths of the files that are there now."""
    failed = Signal(str)
    """One sentence: why files could not be written."""
    _over = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Writing] = deque()
        self._thread: threading.Thread | None = None
        self._paths: tuple[Path, ...] = ()
        self._error: Exception | None = None
        self._over.connect(self._end, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._thread is not None

    def take(self, writing: Writing) -> None:
        """Write files after those before."""
        self._waiting.append(writing)
        if self._thread is None:
            QGuiApplication.setOverrideCursor(Qt.CursorShape.BusyCursor)
            self._begin()

    def close(self) -> None:
        """Write what was asked for to its end."""
        while self._thread is not None:
            self._thread.join()
            self._end()

    def _begin(self) -> None:
        writing = self._waiting.popleft()
        self._thread = threading.Thread(target=self._run, args=(writing,), name="talweg-write")
        self._thread.start()

    def _run(self, writing: Writing) -> None:
        self._paths, self._error = (), None
        try:
            self._paths = writing()
        except Exception as error:
            self._error = error
        self._over.emit()

    def _end(self) -> None:
        """Tell how it went, and go on."""
        if self._thread is None:  # it was waited for
            return
        self._thread.join()
        self._thread, paths, error = None, self._paths, self._error
        if self._waiting:
            self._begin()
        else:
            QGuiApplication.restoreOverrideCursor()
        if isinstance(error, InputError):
            self.failed.emit(str(error))
        elif error is not None:
            raise error
        else:
            self.written.emit(paths)
