"""Where a document keeps certifications; documents made before Talweg certified anything gain the table when opened."""

import contextlib
import dataclasses
import math
import sqlite3
from typing import Any

from talweg.certification import Certification

SCHEMA = """
CREATE TABLE certification (
    landscape INTEGER NOT NULL, k INTEGER NOT NULL, sought INTEGER NOT NULL, status TEXT NOT NULL,
    kind INTEGER NOT NULL, u REAL, v REAL, loss REAL, gradient_norm REAL, gradient_scale REAL, eigenvalue_low REAL,
    eigenvalue_high REAL, full_gradient_norm REAL, out_of_plane_norm REAL, iterations INTEGER NOT NULL,
    precision TEXT NOT NULL, PRIMARY KEY (landscape, k)) WITHOUT ROWID;
"""
_COLUMNS = (
    "sought", "status", "kind", "u", "v", "loss", "gradient_norm", "gradient_scale", "eigenvalue_low",
    "eigenvalue_high", "full_gradient_norm", "out_of_plane_norm", "iterations", "precision",
)  # fmt: skip


def ensure(connection: sqlite3.Connection) -> None:
    """Create the table where it is missing; a file that cannot be written stays as it is."""
    if not _exists(connection):
        with contextlib.suppress(sqlite3.OperationalError), connection:
            connection.execute(SCHEMA)


def insert(connection: sqlite3.Connection, landscape: int, k: int, found: Certification) -> None:
    """Store what was found about the critical point at flat grid index k, in place of what was known of it."""
    values: dict[str, Any] = dataclasses.asdict(found)
    values["eigenvalue_low"], values["eigenvalue_high"] = found.eigenvalues
    connection.execute(
        f"INSERT OR REPLACE INTO certification (landscape, k, {', '.join(_COLUMNS)}) "  # noqa: S608 (our own names)
        f"VALUES (?, ?{', ?' * len(_COLUMNS)})",
        (landscape, k, *(values[name] for name in _COLUMNS)),
    )


def read(connection: sqlite3.Connection, landscape: int) -> dict[int, Certification]:
    """Read a landscape's certifications by flat grid index; NULL is NaN."""
    if not _exists(connection):  # an older document, open for reading only
        return {}
    rows = connection.execute(
        f"SELECT k, {', '.join(_COLUMNS)} FROM certification WHERE landscape = ?",  # noqa: S608 (our own names)
        (landscape,),
    )
    found = {}
    for k, *row in rows:
        values: dict[str, Any] = {
            name: math.nan if value is None else value for name, value in zip(_COLUMNS, row, strict=True)
        }
        eigenvalues = values.pop("eigenvalue_low"), values.pop("eigenvalue_high")
        found[int(k)] = Certification(**values, eigenvalues=eigenvalues)
    return found


def _exists(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'certification'").fetchone() is not None
