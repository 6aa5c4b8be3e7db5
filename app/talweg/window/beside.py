"""Work that someone waits for, done beside the window's own thread: the window goes on painting, and takes no input."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

_T = TypeVar("_T")

_PATIENCE = 0.025
"""Seconds for which the window simply waits, which nobody sees."""


class _Work(QObject, Generic[_T]):
    """A call in a thread of its own, and what came of it."""

    over = Signal()

    def __init__(self, call: Callable[[], _T]) -> None:
        super().__init__()
        self._call = call
        self._results: list[_T] = []
        self._error: BaseException | None = None
        self.thread_of_its_own = threading.Thread(target=self._run, name="talweg-beside", daemon=True)

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:
            self._error = error
        self.over.emit()

    def result(self) -> _T:
        """Return what the call returned, or raise what it raised; it is over."""
        if self._error is not None:
            raise self._error
        return self._results[0]


def beside(call: Callable[[], _T]) -> _T:
    """Call something that may take long, while the window lives.

    Until it is over, the pointer says that the window is busy, mouse and keys wait, and everything else goes on:
    painting, and the events of a job.

    Args:
        call: Free of Qt and VTK, which belong to the window's thread.

    Returns:
        What it returns.

    Raises:
        Exception: What it raises.
    """
    work = _Work(call)
    loop = QEventLoop()
    work.over.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
    work.thread_of_its_own.start()
    work.thread_of_its_own.join(_PATIENCE)
    if work.thread_of_its_own.is_alive():
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        finally:
            QGuiApplication.restoreOverrideCursor()
        work.thread_of_its_own.join()
    return work.result()
