"""The training runs of a landscape: rows of checkpoints that grow while a training goes on."""

import json
import sqlite3
from collections.abc import Iterable

import numpy as np

from talweg.landscape import TrainingPath, can_name_field
from talweg_compute.messages import LANDMARKS, Trajectory

_COLUMNS = "name, u, v, w, residual, loss, accuracy, loss_at_projection"
_METRIC = "metric_"  # before the name of a metric, which may be any word: its column is made when it is first stored


def store_path(connection: sqlite3.Connection, landscape: int, event: Trajectory) -> None:
    """Store a run, or the checkpoints that it grew by, inside the transaction of the caller.

    Args:
        connection: The document's.
        landscape: Number of the landscape.
        event: A whole run where it begins at 0, otherwise what follows on its first checkpoints.
    """
    place = landscape, event.run
    query = "SELECT name FROM checkpoint WHERE landscape = ? AND run = ? AND step >= ? ORDER BY step"
    replaced = tuple(row[0] for row in connection.execute(query, (*place, event.first)))
    connection.execute("DELETE FROM checkpoint WHERE landscape = ? AND run = ? AND step >= ?", (*place, event.first))
    if event.first == 0:
        shares = json.dumps(event.explained_variance)
        connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?)", (*place, event.run_name, shares))
    elif replaced != event.names:  # the shares were those of the run as it was
        connection.execute("UPDATE run SET explained_variance = '[]' WHERE landscape = ? AND run = ?", place)
    count = len(event.names)
    coordinates = np.full((count, 3), 0.0)
    given = event.coordinates.array()
    coordinates[:, : given.shape[1]] = given
    at_projection = np.full(count, np.nan) if event.loss_at_projection is None else event.loss_at_projection.array()
    known = event.residual, event.loss, event.accuracy
    metrics = [block.array() for block in event.metrics.values()]
    numbers = np.column_stack([coordinates, *(block.array() for block in known), at_projection, *metrics])
    titles = ", ".join((_COLUMNS, *_make_columns(connection, event.metrics)))
    rows = [
        (*place, event.first + step, name, *values)
        for step, (name, values) in enumerate(zip(event.names, numbers.tolist(), strict=True))
    ]
    marks = ", ".join("?" * (11 + len(metrics)))
    query = f"INSERT INTO checkpoint (landscape, run, step, {titles}) VALUES ({marks})"  # noqa: S608 (our own names)
    connection.executemany(query, rows)


def read_paths(connection: sqlite3.Connection, landscape: int) -> tuple[TrainingPath, ...]:
    """Read the runs of a landscape, in their order."""
    query = "SELECT run, name, explained_variance FROM run WHERE landscape = ? AND run >= 0 ORDER BY run"
    runs = connection.execute(query, (landscape,)).fetchall()
    return tuple(_read_path(connection, landscape, *run) for run in runs)


def read_landmarks(connection: sqlite3.Connection, landscape: int) -> TrainingPath | None:
    """Read the checkpoints that the plane was laid through, which are stored like a run."""
    landmarks = _read_path(connection, landscape, LANDMARKS, "", "[]")
    return landmarks if landmarks.names else None


def _read_path(connection: sqlite3.Connection, landscape: int, run: int, title: str, shares: str) -> TrainingPath:
    metrics = _metrics(connection)
    titles = ", ".join((_COLUMNS, *(f'"{_METRIC}{name}"' for name in metrics)))
    query = f"SELECT {titles} FROM checkpoint WHERE landscape = ? AND run = ? ORDER BY step"  # noqa: S608 (our own names)
    rows = connection.execute(query, (landscape, run)).fetchall()
    numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 7 + len(metrics))  # NULL is NaN
    further = zip(metrics, numbers[:, 7:].T, strict=True)
    return TrainingPath(
        names=tuple(row[0] for row in rows),
        coordinates=numbers[:, :2],
        w=numbers[:, 2],
        residual=numbers[:, 3],
        loss=numbers[:, 4],
        accuracy=numbers[:, 5],
        loss_at_projection=numbers[:, 6],
        explained_variance=tuple(json.loads(shares)),
        title=title,
        metrics={name: values for name, values in further if not np.isnan(values).all()},  # else another landscape's
    )


def _metrics(connection: sqlite3.Connection) -> list[str]:
    """List the metrics that the file has a column for."""
    columns = (row[1] for row in connection.execute("PRAGMA table_info(checkpoint)").fetchall())
    return [column.removeprefix(_METRIC) for column in columns if column.startswith(_METRIC)]


def _make_columns(connection: sqlite3.Connection, names: Iterable[str]) -> list[str]:
    """Give the file a column for each metric that it has none for; returns the columns as SQL has them."""
    known = _metrics(connection)
    for name in names:
        if not can_name_field(name):
            raise ValueError(f"metrics: {name!r} cannot be the name of a field")
        if name not in known:
            connection.execute(f'ALTER TABLE checkpoint ADD COLUMN "{_METRIC}{name}" REAL')
    return [f'"{_METRIC}{name}"' for name in names]
