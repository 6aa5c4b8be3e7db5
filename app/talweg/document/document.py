"""An open document: its landscapes, the events that are committed to it, and its views.

Every event of a worker is committed here before anyone sees it, so that nothing computed is lost by any failure.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg.document import regions, rows
from talweg.document.events import now, store_event
from talweg.document.schema import connect, create_file, open_file
from talweg.document.snapshots import Snapshots
from talweg.landscape import Landscape
from talweg_compute.field import Patch
from talweg_compute.messages import (
    Block,
    Event,
    InputError,
    Job,
    PointFields,
    Points,
    Result,
    map_paths,
    rebase_job,
)

_NUMBER = 8
"""Bytes of a coordinate."""


class Outline(NamedTuple):
    """What a landscape is, without its numbers.

    Attributes:
        name: What the user calls it.
        source: Where an imported grid came from.
        dimensions: 1 for a line, 2 for a plane, 3 for a volume.
    """

    name: str
    source: str
    dimensions: int


class Document:
    """A .talweg file, open for reading and, unless it is read-only, for writing; safe to share between threads.

    NaN is a value: SQLite stores it as NULL in a row that exists, while a point not yet computed has no row.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._lock = threading.RLock()
        self._snapshots = Snapshots(connection, path)

    @classmethod
    def create(cls, path: Path) -> "Document":
        """Create an empty document.

        Args:
            path: A file that does not exist yet.

        Raises:
            InputError: The file exists, or cannot be written there.
        """
        return cls(path, create_file(path), read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "Document":
        """Open an existing document.

        Args:
            path: A .talweg file.
            read_only: Never write, not even beside the file.

        Raises:
            InputError: The file is missing, is no .talweg file, or was made by a newer Talweg.
        """
        return cls(path, open_file(path, read_only=read_only), read_only=read_only)

    @classmethod
    def open_as_allowed(cls, path: Path) -> "Document":
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
        part = path.with_name(f".{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            # on a connection of its own: nobody has to wait for it
            with contextlib.closing(self._reader()) as source, contextlib.closing(sqlite3.connect(part)) as target:
                source.backup(target)
            part.replace(path)
        except (OSError, sqlite3.Error) as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise InputError(f"{path}: the copy cannot be written: {error}.") from None

    def close(self) -> None:
        """Close the file; what was committed is in it, and nothing lies beside it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> "Document":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # landscapes

    def landscape_ids(self) -> tuple[int, ...]:
        """List the landscapes, oldest first; finer grids inside one belong to it."""
        with self._lock:
            inside = regions.wholes(self._connection)
            found = self._connection.execute("SELECT id FROM landscape ORDER BY id").fetchall()
            return tuple(row[0] for row in found if row[0] not in inside)

    def outlines(self) -> dict[int, Outline]:
        """Say of each landscape, oldest first, what it is called and the like, without reading its points."""
        query = "SELECT id, name, source, length(v), length(COALESCE(w, x'')) FROM landscape ORDER BY id"
        with self._lock:
            inside = regions.wholes(self._connection)
            found = self._connection.execute(query).fetchall()
        return {
            number: Outline(name, source, 3 if w > _NUMBER else 2 if v > _NUMBER else 1)
            for number, name, source, v, w in found
            if number not in inside
        }

    def add_landscape(
        self,
        name: str,
        u: NDArray[np.float64],
        v: NDArray[np.float64] | None = None,
        w: NDArray[np.float64] | None = None,
        *,
        job: Job | None = None,
        source: str = "",
        fields: Mapping[str, NDArray[np.float64]] | None = None,
        events: Sequence[Event] = (),
    ) -> int:
        """Add a landscape, whole or not at all.

        Args:
            name: What the user calls it.
            u: [nu], ascending.
            v: [nv], ascending; None for a line.
            w: [nw], ascending; None but for a volume.
            job: What is to be computed, with absolute paths.
            source: Where an imported grid came from.
            fields: [nv, nu] (a line: [nu], a volume: [nw, nv, nu]) by name for a grid that is known already; every
                point then counts as computed.
            events: What else is known already; no ``PointFields``.

        Returns:
            The landscape's number.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        job_text = self._job_text(job)
        with self._writing():
            cursor = self._connection.execute(
                "INSERT INTO landscape (name, created, source, u, v, w, job) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, now(), source, _blob(u), _blob(_or_zero(v)), _blob(_or_zero(w)), job_text),
            )
            landscape = int(cursor.lastrowid or 0)
            if fields is not None:
                columns = {field: Block.of(np.ravel(values).astype(np.float64)) for field, values in fields.items()}
                count = u.size * _or_zero(v).size * _or_zero(w).size
                events = (Points("", Block.of(np.arange(count)), columns), *events)
            self._snapshots.forget_points(landscape)  # of one with this number that was removed
            for event in events:
                self._store(landscape, event)
            self._snapshots.forget_points(landscape)  # it is read from the file, should this transaction not fail
        return landscape

    def landscape(self, landscape: int) -> Landscape:
        """Return the landscape as it is now, with the finer grids inside; the same object until any of them changes.

        Args:
            landscape: Its number.

        Raises:
            InputError: There is no such landscape.
        """
        with self._lock:
            return self._snapshots.landscape(landscape)

    def rename_landscape(self, landscape: int, name: str) -> None:
        """Give a landscape another name; what was worked out of its numbers is kept.

        Args:
            landscape: Its number.
            name: What the user calls it.

        Raises:
            InputError: There is no such landscape, the name is empty, or the document cannot be written.
        """
        self._check_writable("no landscape can be renamed")
        if not name.strip():
            raise InputError(f"{self.path}: the name is empty; expected what the landscape is to be called.")
        with self._lock:
            self._snapshots.table(landscape)
            before = self._snapshots.current(landscape)
            with self._changing(landscape):
                self._connection.execute("UPDATE landscape SET name = ? WHERE id = ?", (name.strip(), landscape))
            self._snapshots.rename(landscape, name.strip(), before)

    def remove_landscape(self, landscape: int) -> None:
        """Remove a landscape with all that was computed of it, the finer grids inside too.

        Args:
            landscape: Its number.

        Raises:
            InputError: There is no such landscape, or the document cannot be written; nothing is removed then.
        """
        self._check_writable("no landscape can be removed")
        with self._lock:
            self._snapshots.table(landscape)
            numbers = (*regions.read(self._connection, landscape), landscape)
            with self._writing():
                for number in numbers:
                    rows.remove(self._connection, number)
            for number in numbers:
                self._snapshots.forget(number)

    def copy_landscape(self, source: "Document", landscape: int, name: str | None = None) -> int:
        """Copy a landscape of another document with all that is known of it, the finer grids inside too.

        Args:
            source: The document that has it; may be this one.
            landscape: Its number there.
            name: What it is called here; None: as there.

        Returns:
            Its number here.

        Raises:
            InputError: There is no such landscape, or the document cannot be written; nothing is added then.
        """
        self._check_writable("no landscape can be added")
        with source._lock, self._lock:
            source._snapshots.table(landscape)
            with self._writing():
                changes = self._job_column(source, landscape) | ({} if name is None else {"name": name})
                number = rows.copy(source._connection, self._connection, landscape, changes)
                inside = regions.read(source._connection, landscape)
                for region in inside:
                    job = self._job_column(source, region)
                    self._snapshots.forget(rows.copy(source._connection, self._connection, region, job, number))
            self._snapshots.forget(number)
        return number

    def sums(self, landscape: int, index: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Return the sums that points were evaluated to, from which more samples go on.

        Args:
            landscape: Its number.
            index: Flat indices iv * nu + iu.

        Returns:
            For each point float64 [3 + blocks + metrics]: the sums of the losses, of their squares, of the correct
            samples, of the losses of each block, and of the metrics; [0] where they are not known.
        """
        with self._lock:
            return self._snapshots.table(landscape).sums(index)

    def sample_order(self, landscape: int) -> Block | None:
        """Return the order in which samples join at the points of a landscape, int64 [N], where they do."""
        with self._lock:
            row = self._connection.execute("SELECT sample_order FROM landscape WHERE id = ?", (landscape,)).fetchone()
        return None if row is None or row[0] is None else Block.of(np.frombuffer(row[0], dtype="<i4").astype(np.int64))

    def newest_landscape(self) -> Landscape:
        """Return the landscape that was added last.

        Raises:
            InputError: The document is empty.
        """
        ids = self.landscape_ids()
        if not ids:
            raise InputError(f"{self.path}: this document holds no landscape yet; compute or import one.")
        return self.landscape(ids[-1])

    def remaining_job(self, landscape: int) -> Job:
        """Return the landscape's job for computing what is missing.

        Raises:
            InputError: The landscape was imported and has no job.
        """
        job = self.landscape(landscape).job
        if job is None:
            raise InputError(f"{self.path}: this landscape was imported, so there is no job that could compute it.")
        return job

    def set_job(self, landscape: int, job: Job) -> None:
        """Store a landscape's job anew, which now says otherwise how the rest is computed.

        Args:
            landscape: Its number.
            job: With absolute paths; it gives the same numbers as the stored one.
        """
        if self.read_only or self.landscape(landscape).job == job:
            return
        text = msgspec.json.encode(map_paths(job, self._relative)).decode()
        with self._lock, self._changing(landscape):
            self._connection.execute("UPDATE landscape SET job = ? WHERE id = ?", (text, landscape))

    def forget_points(self, landscape: int) -> None:
        """Remove everything computed of a landscape, the finer grids inside too, so that it can be computed anew.

        Args:
            landscape: Its number.

        Raises:
            InputError: The document cannot be written; nothing is removed then.
        """
        with self._lock:
            inside = regions.read(self._connection, landscape)
            with self._changing(landscape):
                self._snapshots.forget_points(landscape)
                rows.remove_computed(self._connection, landscape)
                for region in inside:
                    rows.remove(self._connection, region)
            for region in inside:
                self._snapshots.forget(region)

    def replace_points(self, landscape: int, events: Sequence[Event]) -> None:
        """Put other points in the place of everything computed of a landscape that has no job and no finer grids.

        Args:
            landscape: Its number.
            events: What is known of it from now on.

        Raises:
            InputError: The document cannot be written; the landscape stays as it was then.
        """
        self._check_writable("no landscape can be changed")
        with self._lock, self._changing(landscape):
            self._snapshots.forget_points(landscape)
            rows.remove_computed(self._connection, landscape)
            for event in events:
                self._store(landscape, event)
            self._snapshots.forget_points(landscape)

    # finer grids inside a landscape

    def whole_of(self, landscape: int) -> int:
        """Return the number of the landscape that a finer grid lies in; of any other landscape its own."""
        with self._lock:
            return regions.wholes(self._connection).get(landscape, landscape)

    def region_ids(self, landscape: int) -> dict[int, Patch]:
        """Return the finer grids inside a landscape by their numbers, the coarser first."""
        with self._lock:
            return regions.read(self._connection, landscape)

    def add_region(self, landscape: int, patch: Patch, job: Job | None) -> int:
        """Add an empty finer grid inside a landscape.

        Args:
            landscape: The number of the one around.
            patch: Where it lies.
            job: What is to be computed, with absolute paths; None where the one around has none.

        Returns:
            The number of the finer grid, which is computed like any landscape.

        Raises:
            InputError: The document cannot be written.
        """
        text = self._job_text(job)
        with self._writing():
            return regions.add(self._connection, landscape, patch, now(), text)

    def remove_region(self, region: int) -> None:
        """Remove a finer grid, whose points are in another one by now."""
        with self._lock:
            with self._changing(region):
                rows.remove(self._connection, region)
            self._snapshots.forget(region)

    def forget_certifications(self, landscape: int) -> None:
        """Remove what the network said about critical points, so that it can be asked anew."""
        with self._lock, self._changing(landscape):
            self._connection.execute("DELETE FROM certification WHERE landscape = ?", (landscape,))

    # events

    def commit(self, landscape: int, event: Event) -> None:
        """Store what an event says about a landscape; repeating an event changes nothing.

        Args:
            landscape: Its number.
            event: Any event; those that carry no result are ignored.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        if not isinstance(event, Result):
            return
        with self._lock:
            before = self._snapshots.current(landscape)
            with self._changing(landscape):
                self._store(landscape, event)
            self._snapshots.take(landscape, event, before)

    # views

    def view(self, name: str = "main") -> str | None:
        """Return the stored state of a view as JSON, or None."""
        with self._lock:
            row = self._connection.execute("SELECT state FROM view WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_view(self, state: str, name: str = "main") -> None:
        """Store the state of a view, given as JSON.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        with self._writing():
            self._connection.execute("INSERT OR REPLACE INTO view VALUES (?, ?)", (name, state))

    # inside

    def _store(self, landscape: int, event: Event) -> None:
        """Store an event inside the transaction of the caller."""
        if isinstance(event, Points):
            self._snapshots.table(landscape).store(event)
        elif isinstance(event, PointFields):
            self._snapshots.table(landscape).store_fields(event)
        elif isinstance(event, Result):
            store_event(self._connection, landscape, event)

    def _job_column(self, source: "Document", landscape: int) -> dict[str, object]:
        """The job of another document's landscape as this one has to store it: their paths lie in other folders."""
        query = "SELECT job FROM landscape WHERE id = ?"
        text = source._connection.execute(query, (landscape,)).fetchone()[0]
        if text is None:
            return {}
        job = rebase_job(msgspec.json.decode(text, type=Job), source.path.resolve().parent)
        return {"job": self._job_text(job)}

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


def _or_zero(axis: NDArray[np.float64] | None) -> NDArray[np.float64]:
    return np.zeros(1) if axis is None else axis


def _blob(values: NDArray[np.float64]) -> bytes:
    return Block.of(np.asarray(values, dtype=np.float64)).data
