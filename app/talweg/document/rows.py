"""All rows that belong to a landscape: removed, or copied from one document into another."""

import sqlite3
from collections.abc import Mapping

from talweg.document.schema import COMPUTED, REGION

_AUTOMATIC = ("id",)
"""Columns whose values a document gives by itself."""


def remove_computed(connection: sqlite3.Connection, landscape: int) -> None:
    """Remove everything computed of a landscape, inside the transaction of the caller; what is to be computed stays.

    Args:
        connection: The document's.
        landscape: Its number.
    """
    _delete(connection, COMPUTED, landscape)
    connection.execute("UPDATE landscape SET provenance = NULL, sample_order = NULL WHERE id = ?", (landscape,))


def remove(connection: sqlite3.Connection, landscape: int) -> None:
    """Remove a landscape, or a finer grid inside one, with all that is known of its points.

    Args:
        connection: The document's; the caller has begun a transaction.
        landscape: Its number.
    """
    _delete(connection, (*COMPUTED, REGION), landscape)
    connection.execute("DELETE FROM landscape WHERE id = ?", (landscape,))


def copy(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    landscape: int,
    changes: Mapping[str, object],
    whole: int | None = None,
) -> int:
    """Copy a landscape with all that is known of its points, bit for bit, inside a transaction of the target's.

    Args:
        source: Connection of the document that has it.
        target: Connection of the document that gets it; may be the same.
        landscape: Its number in the source.
        changes: Columns of the row of the landscape itself that get other values.
        whole: For a finer grid the number of its landscape in the target.

    Returns:
        Its number in the target.
    """
    titles = _columns(source, "landscape")
    found = source.execute(f"SELECT {_list(titles)} FROM landscape WHERE id = ?", (landscape,)).fetchone()  # noqa: S608 (our own names)
    row = dict(zip(titles, found, strict=True)) | dict(changes)
    number = int(_insert(target, "landscape", tuple(row), [tuple(row.values())]).lastrowid or 0)
    for table in (*COMPUTED, *(() if whole is None else (REGION,))):
        titles = _columns(source, table)
        for missing in sorted(set(titles) - set(_columns(target, table))):  # a field that the target has not had so far
            target.execute(f"ALTER TABLE {table} ADD COLUMN {_quoted(missing)} REAL")
        rows = source.execute(f"SELECT {_list(titles)} FROM {table} WHERE landscape = ?", (landscape,)).fetchall()  # noqa: S608 (our own names)
        others = {"landscape": number, "whole": whole}
        places = {titles.index(name): value for name, value in others.items() if name in titles}
        _insert(target, table, titles, [_with(row, places) for row in rows])
    return number


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    found = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return tuple(row[1] for row in found if row[1] not in _AUTOMATIC)


def _insert(
    connection: sqlite3.Connection, table: str, titles: tuple[str, ...], rows: list[tuple[object, ...]]
) -> sqlite3.Cursor:
    marks = ", ".join("?" * len(titles))
    query = f"INSERT INTO {table} ({_list(titles)}) VALUES ({marks})"  # noqa: S608 (our own names)
    if len(rows) == 1:
        return connection.execute(query, rows[0])
    return connection.executemany(query, rows)


def _delete(connection: sqlite3.Connection, tables: tuple[str, ...], landscape: int) -> None:
    for table in tables:
        connection.execute(f"DELETE FROM {table} WHERE landscape = ?", (landscape,))  # noqa: S608 (our own names)


def _with(row: tuple[object, ...], places: Mapping[int, object]) -> tuple[object, ...]:
    return tuple(places.get(place, value) for place, value in enumerate(row))


def _list(titles: tuple[str, ...]) -> str:
    return ", ".join(map(_quoted, titles))


def _quoted(title: str) -> str:
    doubled = title.replace('"', '""')
    return f'"{doubled}"'
