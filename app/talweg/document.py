"""The .talweg file: one SQLite database that holds everything known about a set of landscapes.

Every event of a worker is committed here before anyone sees it, so that nothing computed is lost by any failure.
"""

import contextlib
import datetime
import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg.file_system import is_network
from talweg.landscape import FIELDS, Landscape, TrainingPath
from talweg_compute.messages import (
    Block,
    Event,
    InputError,
    Job,
    Note,
    Origin,
    Points,
    Provenance,
    Ready,
    Trajectory,
    map_paths,
    rebase_job,
)

APPLICATION_ID = 0x54616C77  # "Talw"
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE landscape (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, source TEXT NOT NULL,
    u BLOB NOT NULL, v BLOB NOT NULL, job TEXT, provenance TEXT, explained_variance TEXT);
CREATE TABLE point (
    landscape INTEGER NOT NULL, k INTEGER NOT NULL, loss REAL, accuracy REAL, loss_standard_error REAL,
    PRIMARY KEY (landscape, k)) WITHOUT ROWID;
CREATE TABLE origin (landscape INTEGER PRIMARY KEY, loss REAL, accuracy REAL, loss_standard_error REAL);
CREATE TABLE checkpoint (
    landscape INTEGER NOT NULL, step INTEGER NOT NULL, name TEXT NOT NULL, u REAL, v REAL, residual REAL,
    loss REAL, accuracy REAL, PRIMARY KEY (landscape, step)) WITHOUT ROWID;
CREATE TABLE note (id INTEGER PRIMARY KEY, landscape INTEGER NOT NULL, created TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE view (name TEXT PRIMARY KEY, state TEXT NOT NULL);
"""


class Document:
    """A .talweg file, open for reading and, unless it is read-only, for writing; safe to share between threads.

    NaN is a value: SQLite stores it as NULL in a row that exists, while a point not yet computed has no row.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._lock = threading.RLock()
        self._revisions: dict[int, int] = {}
        self._cache: dict[int, Landscape] = {}

    @classmethod
    def create(cls, path: Path) -> "Document":
        """Create an empty document.

        Args:
            path: A file that does not exist yet.

        Raises:
            InputError: The file exists, or cannot be written there.
        """
        if path.exists() and path.stat().st_size > 0:  # empty: what is left of a run that ended while it began
            raise InputError(f"{path}: this file exists already; choose another name, or remove it first.")
        connection = _connect(path, f"file:{_quoted(path)}?mode=rwc")
        with connection:
            connection.executescript(
                f"BEGIN; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION};{_SCHEMA} COMMIT;"
            )
        return cls(path, connection, read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "Document":
        """Open an existing document.

        Args:
            path: A .talweg file.
            read_only: Never write, not even beside the file.

        Raises:
            InputError: The file is missing, is no .talweg file, or was made by a newer Talweg.
        """
        if not path.is_file():
            raise InputError(f"{path}: there is no such file.")
        mode = "mode=ro&immutable=1" if read_only else "mode=rw"
        connection = _connect(path, f"file:{_quoted(path)}?{mode}")
        try:
            found = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError:
            found, version = 0, 0
        if found != APPLICATION_ID:
            connection.close()
            raise InputError(f"{path}: this is not a .talweg file; expected a document that Talweg wrote.")
        if version > SCHEMA_VERSION:
            connection.close()
            raise InputError(
                f"{path}: this document has format {version}, this Talweg reads up to {SCHEMA_VERSION}; update Talweg."
            )
        return cls(path, connection, read_only=read_only)

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
        """List the landscapes, oldest first."""
        with self._lock:
            return tuple(row[0] for row in self._connection.execute("SELECT id FROM landscape ORDER BY id"))

    def add_landscape(
        self,
        name: str,
        u: NDArray[np.float64],
        v: NDArray[np.float64],
        *,
        job: Job | None = None,
        source: str = "",
        fields: Mapping[str, NDArray[np.float64]] | None = None,
    ) -> int:
        """Add a landscape.

        Args:
            name: What the user calls it.
            u: [nu], ascending.
            v: [nv], ascending.
            job: What is to be computed, with absolute paths.
            source: Where an imported grid came from.
            fields: [nv, nu] by name for a grid that is known already; every point then counts as computed.

        Returns:
            The landscape's number.
        """
        job_text = None if job is None else msgspec.json.encode(map_paths(job, self._relative)).decode()
        with self._lock, self._connection:
            cursor = self._connection.execute(
                "INSERT INTO landscape (name, created, source, u, v, job) VALUES (?, ?, ?, ?, ?, ?)",
                (name, _now(), source, _blob(u), _blob(v), job_text),
            )
            landscape = int(cursor.lastrowid or 0)
            if fields is not None:
                columns = {field: np.ravel(values) for field, values in fields.items()}
                self._insert_points(landscape, np.arange(u.size * v.size), columns)
        return landscape

    def landscape(self, landscape: int) -> Landscape:
        """Return the landscape as it is now; the same object until it changes.

        Args:
            landscape: Its number.

        Raises:
            InputError: There is no such landscape.
        """
        with self._lock:
            cached = self._cache.get(landscape)
            if cached is None or cached.revision != self._revisions.get(landscape, 0):
                cached = self._cache[landscape] = self._read(landscape)
            return cached

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

    def forget_points(self, landscape: int) -> None:
        """Remove everything computed of a landscape, so that it can be computed anew."""
        with self._changing(landscape):
            for table in ("point", "origin", "checkpoint", "note"):
                self._connection.execute(f"DELETE FROM {table} WHERE landscape = ?", (landscape,))  # noqa: S608 (our own names)
            self._connection.execute("UPDATE landscape SET provenance = NULL WHERE id = ?", (landscape,))

    # events

    def commit(self, landscape: int, event: Event) -> None:
        """Store what an event says about a landscape; repeating an event changes nothing.

        Args:
            landscape: Its number.
            event: Any event; those that carry no result are ignored.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        if not isinstance(event, Ready | Points | Origin | Trajectory | Note):
            return
        try:
            with self._changing(landscape):
                self._store(landscape, event)
        except sqlite3.OperationalError as error:
            raise InputError(
                f"{self.path}: the document cannot be written: {error}; free space and run again."
            ) from error

    def _store(self, landscape: int, event: Ready | Points | Origin | Trajectory | Note) -> None:
        run = self._connection.execute
        match event:
            case Ready():
                provenance = msgspec.json.encode(event.provenance).decode()
                run("UPDATE landscape SET provenance = ? WHERE id = ?", (provenance, landscape))
            case Points():
                fields = {name: block.array() for name, block in event.fields.items()}
                self._insert_points(landscape, event.index.array(), fields)
            case Origin():
                values = [float(event.fields[name].array()) if name in event.fields else None for name in FIELDS]
                run("INSERT OR REPLACE INTO origin VALUES (?, ?, ?, ?)", (landscape, *values))
            case Trajectory():
                run("DELETE FROM checkpoint WHERE landscape = ?", (landscape,))
                columns = (
                    event.coordinates.array(),
                    event.residual.array(),
                    event.loss.array(),
                    event.accuracy.array(),
                )
                rows = [
                    (landscape, step, name, *map(float, np.hstack([column[step] for column in columns])))
                    for step, name in enumerate(event.names)
                ]
                self._connection.executemany("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
                shares = json.dumps(event.explained_variance)
                run("UPDATE landscape SET explained_variance = ? WHERE id = ?", (shares, landscape))
            case Note():
                run("INSERT INTO note (landscape, created, text) VALUES (?, ?, ?)", (landscape, _now(), event.text))

    # views

    def view(self, name: str = "main") -> str | None:
        """Return the stored state of a view as JSON, or None."""
        with self._lock:
            row = self._connection.execute("SELECT state FROM view WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_view(self, state: str, name: str = "main") -> None:
        """Store the state of a view, given as JSON."""
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO view VALUES (?, ?)", (name, state))

    # inside

    @contextlib.contextmanager
    def _changing(self, landscape: int) -> Iterator[None]:
        """One transaction on one landscape, after which its revision has grown."""
        with self._lock:
            with self._connection:
                yield
            self._revisions[landscape] = self._revisions.get(landscape, 0) + 1

    def _relative(self, path: str) -> str:
        """Write paths under the document's folder relative to it, so that both can move together."""
        folder = self.path.resolve().parent
        return str(Path(path).relative_to(folder)) if Path(path).is_relative_to(folder) else path

    def _insert_points(self, landscape: int, index: NDArray[Any], fields: Mapping[str, NDArray[Any]]) -> None:
        columns = [fields[name].tolist() if name in fields else [None] * len(index) for name in FIELDS]
        rows = zip([landscape] * len(index), index.tolist(), *columns, strict=True)
        self._connection.executemany("INSERT OR IGNORE INTO point VALUES (?, ?, ?, ?, ?)", rows)

    def _read(self, landscape: int) -> Landscape:
        query = self._connection.execute
        row = query(
            "SELECT name, created, source, u, v, job, provenance, explained_variance FROM landscape WHERE id = ?",
            (landscape,),
        ).fetchone()
        if row is None:
            raise InputError(f"{self.path}: there is no landscape {landscape} in this document.")
        name, created, source, u_blob, v_blob, job_text, provenance_text, shares = row
        u, v = np.frombuffer(u_blob, dtype="<f8"), np.frombuffer(v_blob, dtype="<f8")
        job = (
            None
            if job_text is None
            else rebase_job(msgspec.json.decode(job_text, type=Job), self.path.resolve().parent)
        )
        provenance = None if provenance_text is None else msgspec.json.decode(provenance_text, type=Provenance)
        rows = _array(
            query("SELECT k, loss, accuracy, loss_standard_error FROM point WHERE landscape = ?", (landscape,)), 4
        )
        index = rows[:, 0].astype(np.int64)
        computed = np.zeros((v.size, u.size), dtype=bool)
        computed.flat[index] = True
        fields = {}
        for column, field in enumerate(FIELDS, start=1):
            values = np.full((v.size, u.size), np.nan)
            values.flat[index] = rows[:, column]
            values.flags.writeable = False
            fields[field] = values
        origin = _array(
            query("SELECT loss, accuracy, loss_standard_error FROM origin WHERE landscape = ?", (landscape,)), 3
        )
        notes = query("SELECT text FROM note WHERE landscape = ? ORDER BY id", (landscape,)).fetchall()
        return Landscape(
            id=landscape,
            revision=self._revisions.get(landscape, 0),
            name=name,
            u=u,
            v=v,
            fields=fields,
            computed=computed,
            job=job,
            provenance=provenance,
            origin=dict(zip(FIELDS, origin[0].tolist(), strict=True)) if len(origin) else {},
            path=self._read_path(landscape, shares),
            notes=tuple(note[0] for note in notes),
            source=source,
            created=created,
        )

    def _read_path(self, landscape: int, shares: str | None) -> TrainingPath | None:
        rows = self._connection.execute(
            "SELECT name, u, v, residual, loss, accuracy FROM checkpoint WHERE landscape = ? ORDER BY step",
            (landscape,),
        ).fetchall()
        if not rows:
            return None
        numbers = _array([row[1:] for row in rows], 5)
        return TrainingPath(
            names=tuple(row[0] for row in rows),
            coordinates=numbers[:, :2],
            residual=numbers[:, 2],
            loss=numbers[:, 3],
            accuracy=numbers[:, 4],
            explained_variance=tuple(json.loads(shares or "[]")),
        )


def _connect(path: Path, uri: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=10)
        if "immutable" not in uri:
            connection.execute(f"PRAGMA journal_mode={'DELETE' if is_network(path) else 'WAL'}")
            connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise InputError(f"{path}: this is not a .talweg file; expected a document that Talweg wrote.") from None
        raise InputError(f"{path}: the document cannot be opened: {error}; is the folder writable?") from None
    return connection


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _array(rows: Any, columns: int) -> NDArray[np.float64]:
    """Turn rows of numbers into an array; NULL is NaN."""
    return np.array(list(rows), dtype=np.float64).reshape(-1, columns)


def _blob(values: NDArray[np.float64]) -> bytes:
    return Block.of(np.asarray(values, dtype=np.float64)).data


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
