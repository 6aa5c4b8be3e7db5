"""The open file of a document: opening, copying and closing it, and one transaction at a time."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from talweg.document.schema import connect, create_file, open_file
from talweg.document.snapshots import Snapshots
from talweg.file_system import replacing
from talweg_compute.messages import InputError, Job, map_paths


class DocumentFile:
    """A .talweg file, open for reading and, unless it is read-only, for writing; safe to share between threads."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._lock = threading.RLock()
        self._snapshots = Snapshots(connection, path)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Create an empty document.

        Args:
            path: A file that does not exist yet.

        Raises:
            InputError: The file exists, or cannot be written there.
        """
        return cls(path, create_file(path), read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open an existing document.

        Args:
            path: A .talweg file.
            read_only: Never write, not even beside the file.

        Raises:
            InputError: The file is missing, is no .talweg file, or was made by a newer Talweg.
        """
        return cls(path, open_file(path, read_only=read_only), read_only=read_only)

    @classmethod
    def open_as_allowed(cls, path: Path) -> Self:
        """Open an existing document for writing where that is allowed, else for looking only.

        Whoever only reads should take this as well: what another process has written last may still lie beside the
        file, where a reader that writes nothing does not look.

        Args:
            path: A .talweg file.

        Raises:
            InputError: As for ``open``.
        """
        try:
            return cls.open(path)
        except InputError as refusal:
            try:
                return cls.open(path, read_only=True)
            except InputError:
                raise refusal from None

    def copy_to(self, path: Path) -> None:
        """Write a copy of the document, whole whatever is being written to it meanwhile.

        Args:
            path: The copy; a file that exists is replaced once the copy is complete.

        Raises:
            InputError: It cannot be written there.
        """
        if path.exists() and path.samefile(self.path):
            raise InputError(f"{path}: this is the document itself; choose another name for the copy.")
        try:
            # on a connection of its own: nobody has to wait for it
            with (
                contextlib.closing(self._reader()) as source,
                replacing(path, alone=True) as part,
                contextlib.closing(sqlite3.connect(part)) as target,
            ):
                source.backup(target)
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"{path}: the copy cannot be written: {error}.") from None

    def close(self) -> None:
        """Close the file; what was committed is in it, and nothing lies beside it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # for what is built on it

    def _check_writable(self, consequence: str) -> None:
        if self.read_only:
            raise InputError(
                f"{self.path}: this document cannot be written, so {consequence}; save a copy and open that."
            )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; where the file cannot be written it is as if it had not begun."""
        try:
            with self._lock, self._connection:
                yield
        except sqlite3.OperationalError as error:
            raise InputError(
                f"{self.path}: the document cannot be written: {error}; free space and run again."
            ) from error

    @contextlib.contextmanager
    def _changing(self, landscape: int) -> Iterator[None]:
        """One transaction on one landscape, after which its revision has grown."""
        with self._lock:
            with self._writing():
                yield
            self._snapshots.changed(landscape)

    def _job_text(self, job: Job | None) -> str | None:
        """A job as the file has it."""
        return None if job is None else msgspec.json.encode(map_paths(job, self._relative)).decode()

    def _relative(self, path: str) -> str:
        """Write paths under the document's folder relative to it, so that both can move together."""
        folder = self.path.resolve().parent
        return str(Path(path).relative_to(folder)) if Path(path).is_relative_to(folder) else path

    def _reader(self) -> sqlite3.Connection:
        """A further connection, for reading what is committed."""
        return connect(self.path, "ro&immutable=1" if self.read_only else "rw")
