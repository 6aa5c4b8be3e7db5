"""The training runs of a landscape: rows of checkpoints that grow while a training goes on."""

import json
import sqlite3

import numpy as np

from talweg.landscape import TrainingPath
from talweg_compute.messages import LANDMARKS, Trajectory

_COLUMNS = "name, u, v, w, residual, loss, accuracy, loss_at_projection"


def store_path(connection: sqlite3.Connection, landscape: int, event: Trajectory) -> None:
    """Store a run, or the checkpoints that it grew by, inside the transaction of the caller.

    Args:
        connection: The document's.
        landscape: Number of the landscape.
        event: A whole run where it begins at 0, otherwise what follows on its first checkpoints.
    """
    place = landscape, event.run
    connection.execute("DELETE FROM checkpoint WHERE landscape = ? AND run = ? AND step >= ?", (*place, event.first))
    if event.first == 0:
        shares = json.dumps(event.explained_variance)
        connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?)", (*place, event.run_name, shares))
    else:  # the shares were those of the run as it was
        connection.execute("UPDATE run SET explained_variance = '[]' WHERE landscape = ? AND run = ?", place)
    count = len(event.names)
    coordinates = np.full((count, 3), 0.0)
    given = event.coordinates.array()
    coordinates[:, : given.shape[1]] = given
    at_projection = np.full(count, np.nan) if event.loss_at_projection is None else event.loss_at_projection.array()
    numbers = np.column_stack(
        [coordinates, event.residual.array(), event.loss.array(), event.accuracy.array(), at_projection]
    )
    rows = [
        (*place, event.first + step, name, *values)
        for step, (name, values) in enumerate(zip(event.names, numbers.tolist(), strict=True))
    ]
    query = f"INSERT INTO checkpoint (landscape, run, step, {_COLUMNS}) VALUES ({', '.join('?' * 11)})"  # noqa: S608 (our own names)
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
    query = f"SELECT {_COLUMNS} FROM checkpoint WHERE landscape = ? AND run = ? ORDER BY step"  # noqa: S608 (our own names)
    rows = connection.execute(query, (landscape, run)).fetchall()
    numbers = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 7)  # NULL is NaN
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
    )
