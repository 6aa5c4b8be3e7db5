"""The points of one landscape: arrays in memory that follow the rows of the file, without reading them again."""

import math
import sqlite3
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import FIELDS, NO_FIELDS, can_name_field
from talweg_compute.messages import PointFields, Points

_PRECISION = "U8"
_ROWS = 2000  # that are read at a time, so that other threads have their turn in between

Float = NDArray[np.float64]
_Type = TypeVar("_Type", bound=np.generic)


class PointTable:
    """What is stored of a landscape's points.

    A point that arrives again is taken where it says more than the stored one: evaluated instead of interpolated, on
    more samples, or in another precision. Otherwise nothing changes. Fields that an evaluation does not give, such as
    gradients, stay when their point is taken anew: they saw all samples.

    Args:
        connection: The document's.
        landscape: Number of the landscape.
        shape: Of its grid, [nv, nu] or [nw, nv, nu].
    """

    def __init__(self, connection: sqlite3.Connection, landscape: int, shape: tuple[int, ...]) -> None:
        self._connection, self._landscape, self._shape = connection, landscape, shape
        size = math.prod(shape)
        self._fields: dict[str, Float] = {}
        self._evaluated = np.zeros(size, dtype=np.bool_)
        self._interpolated = np.zeros(size, dtype=np.bool_)
        self._samples = np.zeros(size, dtype=np.int64)
        self._precision = np.zeros(size, dtype=_PRECISION)
        self._frozen_precision: NDArray[np.str_] | None = None
        self._read()

    def store(self, points: Points) -> None:
        """Write what is new into the file, inside the transaction of the caller, who calls ``take`` after it."""
        taken = self._taken(points)
        index = points.index.array()[taken]
        fields = {name: block.array()[taken] for name, block in points.fields.items()}
        add_columns(self._connection, "point", fields)
        fields = {name: np.full(index.size, np.nan) for name in FIELDS} | fields
        names = [f'"{name}"' for name in fields]
        columns = [
            index.tolist(),
            _numbers(points, "samples", taken),
            _numbers(points, "precision", taken),
            *(values.tolist() for values in fields.values()),
        ]
        titles = ", ".join(("landscape", "interpolated", "k", "samples", "precision", *names))
        marks = ", ".join("?" * (5 + len(names)))
        head = self._landscape, int(points.interpolated)
        rows = ((*head, *row) for row in zip(*columns, strict=True))
        anew = ", ".join(f"{name} = excluded.{name}" for name in ("interpolated", "samples", "precision", *names))
        self._connection.executemany(
            f"INSERT INTO point ({titles}) VALUES ({marks}) ON CONFLICT (landscape, k) DO UPDATE SET {anew}",  # noqa: S608 (our own names)
            rows,
        )
        if points.sums is not None:
            sums = points.sums.array()[taken].astype("<f8")
            entries = ((self._landscape, k, row.tobytes()) for k, row in zip(index.tolist(), sums, strict=True))
            self._connection.executemany("INSERT OR REPLACE INTO sums VALUES (?, ?, ?)", entries)

    def take(self, points: Points) -> None:
        """Follow in memory what ``store`` wrote."""
        taken = self._taken(points)
        index = points.index.array()[taken]
        for name in FIELDS:
            self._field(name)[index] = np.nan
        for name, block in points.fields.items():
            self._field(name)[index] = block.array()[taken]
        self._evaluated[index] = not points.interpolated
        self._interpolated[index] = points.interpolated
        self._samples[index] = 0 if points.samples is None else points.samples.array()[taken]
        if points.precision is not None or self._precision[index].any():
            self._precision[index] = "" if points.precision is None else points.precision.array()[taken]
            self._frozen_precision = None

    def store_fields(self, event: PointFields) -> None:
        """Write further fields of known points, inside the caller's transaction, who calls ``take_fields`` after it."""
        known, index = self._known(event)
        add_columns(self._connection, "point", event.fields)
        changes = ", ".join(f'"{name}" = ?' for name in event.fields)
        columns = [block.array()[known].tolist() for block in event.fields.values()]
        rows = ((*values, self._landscape, k) for k, *values in zip(index.tolist(), *columns, strict=True))
        self._connection.executemany(f"UPDATE point SET {changes} WHERE landscape = ? AND k = ?", rows)  # noqa: S608 (our own names)

    def take_fields(self, event: PointFields) -> dict[str, Float]:
        """Follow in memory what ``store_fields`` wrote; returns these fields as read-only arrays [nv, nu]."""
        known, index = self._known(event)
        for name, block in event.fields.items():
            self._field(name)[index] = block.array()[known]
        return {name: self._freeze(self._field(name)) for name in event.fields}

    def _known(self, event: PointFields) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which points of an event are known [n], and their flat indices."""
        index = event.index.array().astype(np.int64)
        known = self._evaluated[index] | self._interpolated[index]
        return known, index[known]

    def sums(self, index: NDArray[np.int64]) -> list[Float]:
        """Return the stored sums of points, in the order of their flat indices; empty where there are none."""
        query = "SELECT sums FROM sums WHERE landscape = ? AND k = ?"
        rows = (self._connection.execute(query, (self._landscape, k)).fetchone() for k in index.tolist())
        return [np.frombuffer(b"" if row is None else row[0], dtype="<f8") for row in rows]

    def snapshot(self) -> dict[str, Any]:
        """Return the landscape's attributes that say what is known of its points, as read-only arrays [nv, nu]."""
        if self._frozen_precision is None:
            self._frozen_precision = self._freeze(self._precision)
        return {
            "fields": {name: self._freeze(values) for name, values in self._fields.items()},
            "computed": self._freeze(self._evaluated),
            "interpolated": self._freeze(self._interpolated),
            "samples": self._freeze(self._samples),
            "precision": self._frozen_precision,
        }

    def _taken(self, points: Points) -> NDArray[np.bool_]:
        """Which points of an event say more than what is stored [n]."""
        index = points.index.array().astype(np.int64)
        evaluated = self._evaluated[index]
        if points.interpolated:
            return ~evaluated
        more = np.zeros(index.size, dtype=np.bool_)
        if points.samples is not None:
            more = points.samples.array().astype(np.int64) > self._samples[index]
            if points.precision is not None:
                same = points.samples.array() == self._samples[index]
                more |= same & (points.precision.array() != self._precision[index])
        return np.asarray(~evaluated | more)

    def _read(self) -> None:
        for name in FIELDS:
            self._field(name)
        names = field_columns(self._connection, "point")
        titles = ", ".join(("k", "interpolated", "COALESCE(samples, 0)", *(f'"{name}"' for name in names)))
        query = f"SELECT {titles} FROM point WHERE landscape = ?"  # noqa: S608 (our own names)
        rows = self._connection.execute(query, (self._landscape,))
        parts = [np.zeros((0, 3 + len(names)))]
        while part := rows.fetchmany(_ROWS):
            parts.append(np.array(part, dtype=np.float64))
        numbers = np.concatenate(parts)
        index = numbers[:, 0].astype(np.int64)
        self._interpolated[index] = numbers[:, 1] != 0
        self._evaluated[index] = numbers[:, 1] == 0
        self._samples[index] = numbers[:, 2].astype(np.int64)
        for name, values in zip(names, numbers[:, 3:].T, strict=True):
            if name in FIELDS or not np.isnan(values).all():  # another landscape's field
                self._field(name)[index] = values
        self._read_precision(index)

    def _read_precision(self, index: NDArray[np.int64]) -> None:
        """Read the number formats; most points have the same one, so that only the others are listed."""
        query = "SELECT precision FROM point WHERE landscape = ? GROUP BY precision ORDER BY COUNT(*) DESC"
        usual, *others = [row[0] for row in self._connection.execute(query, (self._landscape,))] or [None]
        self._precision[index] = usual or ""
        for precision in others:
            query = "SELECT k FROM point WHERE landscape = ? AND precision IS ?"
            rows = self._connection.execute(query, (self._landscape, precision)).fetchall()
            self._precision[[row[0] for row in rows]] = precision or ""

    def _field(self, name: str) -> Float:
        if name not in self._fields:
            self._fields[name] = np.full(self._evaluated.size, np.nan)
        return self._fields[name]

    def _freeze(self, values: NDArray[_Type]) -> NDArray[_Type]:
        copy = values.reshape(self._shape).copy()
        copy.flags.writeable = False
        return copy


def field_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """List the fields that a table of the file has a column for."""
    found = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return [row[1] for row in found if row[1] not in NO_FIELDS]


def add_columns(connection: sqlite3.Connection, table: str, names: Iterable[str]) -> None:
    """Give a table of the file a column for each field that it has none for.

    Raises:
        ValueError: A name cannot be that of a field.
    """
    known = set(field_columns(connection, table))
    for name in names:
        if name not in known:
            if not can_name_field(name):
                raise ValueError(f"fields: {name!r} cannot be the name of a field")
            connection.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" REAL')


def _numbers(points: Points, name: str, taken: NDArray[np.bool_]) -> list[object]:
    block = getattr(points, name)
    return [None] * int(taken.sum()) if block is None else block.array()[taken].tolist()
