"""What outlives a window: its jobs, its document, and whether it was closed or ended otherwise."""

import contextlib
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile

from talweg.work.queue import QueuedJob


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a window.

    Attributes:
        closed: Whether it was closed; a window that was not has ended otherwise.
        document: Path of the document that it showed, or nothing.
        jobs: Those to be done and those that are over.
    """

    closed: bool = True
    document: str = ""
    jobs: tuple[QueuedJob, ...] = ()

    @property
    def interrupted(self) -> QueuedJob | None:
        """The job that ran when the window ended without being closed."""
        return None if self.closed else next((job for job in self.jobs if job.state == "running"), None)

    @property
    def pending(self) -> tuple[QueuedJob, ...]:
        """The jobs that are to be done."""
        return tuple(job for job in self.jobs if not job.over)


class Session:
    """The file in which one window keeps what outlives it; a second window beside it keeps nothing.

    Args:
        folder: Where the file lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Where it is kept, and where the log files are."""
        self._file = folder / "session.json"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(folder / "session.lock"))
        self._lock.setStaleLockTime(0)  # only the end of its process makes it stale
        self._owned = self._lock.tryLock(0)
        self.kept_at = 0.0
        """When the window before this one wrote last, seconds since the epoch."""
        with contextlib.suppress(OSError):
            self.kept_at = self._file.stat().st_mtime
        self.before = self._read() if self._owned else Kept()
        """What the window before this one left."""

    def keep(self, kept: Kept) -> None:
        """Write what is to be kept; without a writable folder nothing is."""
        if not self._owned:
            return
        part = self._file.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_bytes(msgspec.json.encode(kept))
            part.replace(self._file)

    def close(self) -> None:
        """Let another window have the file."""
        if self._owned:
            self._lock.unlock()
            self._owned = False

    def _read(self) -> Kept:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Kept)
        except (OSError, msgspec.MsgspecError):  # none yet, or of another version; the documents have all numbers
            return Kept()
