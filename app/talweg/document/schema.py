"""The tables of a document, how its file is opened, and how an older one becomes one of today."""

import contextlib
import sqlite3
from pathlib import Path

import msgspec

from talweg.file_system import is_network, replacing
from talweg_compute.messages import InputError, Provenance

APPLICATION_ID = 0x54616C77  # "Talw"
SCHEMA_VERSION = 4

COMPUTED = ("point", "sums", "measured", "origin", "run", "checkpoint", "note", "certification")
"""Tables with what was computed of landscapes, told apart by their column "landscape"."""

REGION = "region"
"""The table that says which landscape is a finer grid inside which other one."""

_SCHEMA = """
CREATE TABLE landscape (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, source TEXT NOT NULL,
    u BLOB NOT NULL, v BLOB NOT NULL, job TEXT, provenance TEXT, explained_variance TEXT, sample_order BLOB, w BLOB);
CREATE TABLE point (
    landscape INTEGER NOT NULL, k INTEGER NOT NULL, loss REAL, accuracy REAL, loss_standard_error REAL,
    samples INTEGER, precision TEXT, interpolated INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (landscape, k)) WITHOUT ROWID;
CREATE TABLE sums (landscape INTEGER NOT NULL, k INTEGER NOT NULL, sums BLOB NOT NULL, PRIMARY KEY (landscape, k));
CREATE TABLE measured (
    landscape INTEGER NOT NULL, topic TEXT NOT NULL, numbers TEXT NOT NULL,
    PRIMARY KEY (landscape, topic)) WITHOUT ROWID;
CREATE TABLE origin (landscape INTEGER PRIMARY KEY, loss REAL, accuracy REAL, loss_standard_error REAL);
CREATE TABLE checkpoint (
    landscape INTEGER NOT NULL, run INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL, name TEXT NOT NULL,
    u REAL, v REAL, w REAL, residual REAL, loss REAL, accuracy REAL, loss_at_projection REAL,
    PRIMARY KEY (landscape, run, step)) WITHOUT ROWID;
CREATE TABLE run (
    landscape INTEGER NOT NULL, run INTEGER NOT NULL, name TEXT NOT NULL, explained_variance TEXT NOT NULL,
    PRIMARY KEY (landscape, run)) WITHOUT ROWID;
CREATE TABLE note (id INTEGER PRIMARY KEY, landscape INTEGER NOT NULL, created TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE certification (
    landscape INTEGER NOT NULL, k INTEGER NOT NULL, sought INTEGER NOT NULL, status TEXT NOT NULL,
    kind INTEGER NOT NULL, u REAL, v REAL, loss REAL, gradient_norm REAL, gradient_scale REAL, eigenvalue_low REAL,
    eigenvalue_high REAL, full_gradient_norm REAL, out_of_plane_norm REAL, iterations INTEGER NOT NULL,
    precision TEXT NOT NULL, PRIMARY KEY (landscape, k)) WITHOUT ROWID;
CREATE TABLE region (
    landscape INTEGER PRIMARY KEY, whole INTEGER NOT NULL, first_column INTEGER NOT NULL, first_row INTEGER NOT NULL,
    cell_columns INTEGER NOT NULL, cell_rows INTEGER NOT NULL, factor INTEGER NOT NULL);
CREATE TABLE view (name TEXT PRIMARY KEY, state TEXT NOT NULL);
"""
# A field of the points that is not here becomes a further column of "point" when it is first stored. A row of "point"
# is a point that is known; NULL in it is NaN. "k" is the flat index (iw * nv + iv) * nu + iu.

_FROM_VERSION_1 = """
ALTER TABLE landscape ADD COLUMN sample_order BLOB;
ALTER TABLE point ADD COLUMN samples INTEGER;
ALTER TABLE point ADD COLUMN precision TEXT;
ALTER TABLE point ADD COLUMN interpolated INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sums (landscape INTEGER NOT NULL, k INTEGER NOT NULL, sums BLOB NOT NULL, PRIMARY KEY (landscape, k));
CREATE TABLE measured (
    landscape INTEGER NOT NULL, topic TEXT NOT NULL, numbers TEXT NOT NULL,
    PRIMARY KEY (landscape, topic)) WITHOUT ROWID;
"""

_FROM_VERSION_2 = """
ALTER TABLE landscape ADD COLUMN w BLOB;
CREATE TABLE run (
    landscape INTEGER NOT NULL, run INTEGER NOT NULL, name TEXT NOT NULL, explained_variance TEXT NOT NULL,
    PRIMARY KEY (landscape, run)) WITHOUT ROWID;
INSERT INTO run SELECT id, 0, '', COALESCE(explained_variance, '[]') FROM landscape
    WHERE id IN (SELECT landscape FROM checkpoint);
ALTER TABLE checkpoint RENAME TO checkpoint_before;
CREATE TABLE checkpoint (
    landscape INTEGER NOT NULL, run INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL, name TEXT NOT NULL,
    u REAL, v REAL, w REAL, residual REAL, loss REAL, accuracy REAL, loss_at_projection REAL,
    PRIMARY KEY (landscape, run, step)) WITHOUT ROWID;
INSERT INTO checkpoint (landscape, step, name, u, v, residual, loss, accuracy)
    SELECT landscape, step, name, u, v, residual, loss, accuracy FROM checkpoint_before;
DROP TABLE checkpoint_before;
"""

_FROM_VERSION_3 = """
CREATE TABLE IF NOT EXISTS certification (
    landscape INTEGER NOT NULL, k INTEGER NOT NULL, sought INTEGER NOT NULL, status TEXT NOT NULL,
    kind INTEGER NOT NULL, u REAL, v REAL, loss REAL, gradient_norm REAL, gradient_scale REAL, eigenvalue_low REAL,
    eigenvalue_high REAL, full_gradient_norm REAL, out_of_plane_norm REAL, iterations INTEGER NOT NULL,
    precision TEXT NOT NULL, PRIMARY KEY (landscape, k)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS region (
    landscape INTEGER PRIMARY KEY, whole INTEGER NOT NULL, first_column INTEGER NOT NULL, first_row INTEGER NOT NULL,
    cell_columns INTEGER NOT NULL, cell_rows INTEGER NOT NULL, factor INTEGER NOT NULL);
"""
# A document of version 3 has these tables already where the Talweg that made or last opened it knew them.


def create_file(path: Path) -> sqlite3.Connection:
    """Create an empty document's file.

    Raises:
        InputError: The file exists, or cannot be written there.
    """
    if path.exists() and path.stat().st_size > 0:  # empty: what is left of a run that ended while it began
        raise InputError(f"{path}: this file exists already; choose another name, or remove it first.")
    try:
        with replacing(path, alone=True) as part, contextlib.closing(sqlite3.connect(part)) as connection:
            connection.executescript(
                f"BEGIN; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION};{_SCHEMA} COMMIT;"
            )
        return connect(path, "rw")
    except (OSError, sqlite3.Error) as error:
        raise InputError(
            f"{path}: the document cannot be created: {error}; is the folder writable, and is there space?"
        ) from None


def open_file(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open an existing document's file; an older one is brought to today's tables in one transaction.

    Args:
        path: A .talweg file.
        read_only: Never write, not even beside the file; what is older is then brought up to date in memory.

    Raises:
        InputError: The file is missing, is no .talweg file, cannot be written, or was made by a newer Talweg.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.")
    connection = connect(path, "ro&immutable=1" if read_only else "rw")
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
    if version == SCHEMA_VERSION:
        return connection
    if read_only:
        connection = _into_memory(connection)
    try:
        _migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        raise InputError(
            f"{path}: this document of an older Talweg cannot be brought up to date: {error}; "
            "free space, or make the file writable."
        ) from None
    return connection


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Connect to a file; what is committed survives the end of program and machine.

    Args:
        path: The file.
        mode: SQLite's: "rw", "rwc", or "ro&immutable=1".

    Raises:
        InputError: It is no database, or cannot be opened.
    """
    quoted = str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    try:
        connection = sqlite3.connect(f"file:{quoted}?mode={mode}", uri=True, check_same_thread=False, timeout=10)
        if "immutable" not in mode:
            connection.execute(f"PRAGMA journal_mode={'DELETE' if is_network(path) else 'WAL'}")
            connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise InputError(f"{path}: this is not a .talweg file; expected a document that Talweg wrote.") from None
        raise InputError(f"{path}: the document cannot be opened: {error}; is the folder writable?") from None
    return connection


def _into_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    connection.backup(copy)
    connection.close()
    return copy


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring a document of an older version up to date."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have done it meanwhile
        if version == 1:
            _execute(connection, _FROM_VERSION_1)
            _tell_samples(connection)
        if version <= 2:
            _execute(connection, _FROM_VERSION_2)
        if version <= 3:
            _execute(connection, _FROM_VERSION_3)
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _execute(connection: sqlite3.Connection, script: str) -> None:
    """Execute a script inside the transaction, which ``executescript`` would end."""
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)


def _tell_samples(connection: sqlite3.Connection) -> None:
    """In version 1 there was one precision and one number of samples a landscape."""
    for landscape, text in connection.execute("SELECT id, provenance FROM landscape").fetchall():
        if text is not None:
            source = msgspec.json.decode(text, type=Provenance)
            values = source.samples, source.precision, landscape
            connection.execute("UPDATE point SET samples = ?, precision = ? WHERE landscape = ?", values)
