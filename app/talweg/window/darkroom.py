"""Renders figures and movies in processes of their own, one at a time, so that the window never waits for one."""

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from talweg.figures.rendering import Order

_GRACE_MS = 4000
"""How long a process that was asked to stop may take to leave nothing behind."""


@dataclass(frozen=True)
class Progress:
    """How far the order is that is carried out.

    Attributes:
        name: Of its file.
        done: Frames that were drawn.
        total: Frames in all; 0 while that is not known, and for a figure.
        seconds_left: About; None while that is not known.
        waiting: Orders behind it.
    """

    name: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    waiting: int = 0


@dataclass(frozen=True)
class _Job:
    order: Order
    developed: Callable[[], None]


class Darkroom(QObject):
    """Takes orders and carries them out in turn."""

    changed = Signal()
    """An order came, went on, or ended."""
    failed = Signal(str, str)
    """Why an order could not be carried out: one sentence, and details."""
    stopped = Signal(str)
    """Name of a file that is not wanted any more, and not there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: deque[_Job] = deque()
        self._process: QProcess | None = None
        self._begun = 0.0
        self._done = self._total = 0
        self._heard = b""
        self._last: dict[str, object] = {}
        self._cancelled = False
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(_GRACE_MS)
        self._grace.timeout.connect(self._kill)

    @property
    def progress(self) -> Progress | None:
        """How far it is; None while there is nothing to do."""
        if not self._jobs:
            return None
        left = None
        if self._done > 1:
            left = (time.monotonic() - self._begun) / (self._done - 1) * (self._total - self._done)
        return Progress(self._jobs[0].order.path.name, self._done, self._total, left, len(self._jobs) - 1)

    def take(self, order: Order, developed: Callable[[], None]) -> None:
        """Carry an order out after those before it.

        Args:
            order: What is to be rendered.
            developed: Called when its file is there.
        """
        self._jobs.append(_Job(order, developed))
        if self._process is None:
            self._start()
        self.changed.emit()

    def cancel(self) -> None:
        """Stop what is under way; nothing of it is left. Orders behind it are carried out."""
        if self._process is not None and not self._cancelled:
            self._cancelled = True
            self._process.closeWriteChannel()
            self._grace.start()

    def close(self) -> None:
        """Stop everything and wait for its end."""
        while len(self._jobs) > 1:
            self._jobs.pop()
        process = self._process
        if process is not None:
            self.cancel()
            if not process.waitForFinished(_GRACE_MS):
                process.kill()
                process.waitForFinished(_GRACE_MS)

    def _start(self) -> None:
        self._done = self._total = 0
        self._heard, self._last, self._cancelled = b"", {}, False
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._hear)
        process.errorOccurred.connect(self._trip)
        process.finished.connect(self._end)
        process.start(sys.executable, ["-m", "talweg.figures.rendering"])
        process.write(self._jobs[0].order.encode())

    def _hear(self) -> None:
        if self._process is None:
            return
        *lines, self._heard = (self._heard + self._process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            self._last = json.loads(line)
            if "done" in self._last:
                self._done, self._total = int(self._last["done"]), int(self._last["of"])  # type: ignore[call-overload]  # numbers
                if self._done == 1:
                    self._begun = time.monotonic()
        if lines:
            self.changed.emit()

    def _trip(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(-1)

    def _end(self, status: int) -> None:
        self._hear()
        process, self._process = self._process, None
        if process is None:
            return
        self._grace.stop()
        process.deleteLater()
        job, last = self._jobs.popleft(), self._last
        said = bytes(process.readAllStandardError().data()).decode(errors="replace")
        if self._jobs:
            self._start()
        if "written" in last:
            job.developed()
        elif self._cancelled or status == 130:
            self.stopped.emit(job.order.path.name)
        elif "error" in last:
            self.failed.emit(str(last["error"]), str(last["details"]))
        else:
            self.failed.emit(f"{job.order.path.name}: rendering ended unexpectedly (status {status}).", said)
        self.changed.emit()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
