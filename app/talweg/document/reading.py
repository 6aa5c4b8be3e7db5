"""From the rows of a document to a landscape."""

import json
import math
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg.document import certifications
from talweg.document.paths import read_landmarks, read_paths
from talweg.document.points import field_columns
from talweg.landscape import FIELDS, Landscape
from talweg_compute.messages import Job, Provenance, rebase_job


def read_landscape(
    connection: sqlite3.Connection, landscape: int, revision: int, points: Mapping[str, Any], folder: Path, whole: int
) -> Landscape:
    """Read a landscape that exists.

    Args:
        connection: The document's.
        landscape: Its number.
        revision: Of what is read.
        points: The attributes that say what is known of its points.
        folder: What the paths of its job are relative to.
        whole: Number of the landscape whose training runs lie on it, too: its own, unless it is a finer grid inside.

    Returns:
        The landscape.
    """
    query = connection.execute
    titles = "name, created, source, u, v, w, job, provenance"
    row = query(f"SELECT {titles} FROM landscape WHERE id = ?", (landscape,)).fetchone()  # noqa: S608 (our own names)
    name, created, source, u, v, w, job_text, provenance_text = row
    job = None if job_text is None else rebase_job(msgspec.json.decode(job_text, type=Job), folder)
    provenance = None if provenance_text is None else msgspec.json.decode(provenance_text, type=Provenance)
    fields = field_columns(connection, "origin")
    titles = ", ".join(f'"{name}"' for name in fields)
    origin = _array(query(f"SELECT {titles} FROM origin WHERE landscape = ?", (landscape,)), len(fields))  # noqa: S608 (our own names)
    measured = query("SELECT topic, numbers FROM measured WHERE landscape = ?", (landscape,)).fetchall()
    notes = query("SELECT text FROM note WHERE landscape = ? ORDER BY id", (landscape,)).fetchall()
    return Landscape(
        id=landscape,
        revision=revision,
        name=name,
        u=np.frombuffer(u, dtype="<f8"),
        v=np.frombuffer(v, dtype="<f8"),
        **points,
        job=job,
        provenance=provenance,
        origin=_known(dict(zip(fields, origin[0].tolist(), strict=True))) if len(origin) else {},
        paths=read_paths(connection, whole),
        landmarks=read_landmarks(connection, whole),
        notes=tuple(note[0] for note in notes),
        measured={topic: json.loads(numbers) for topic, numbers in measured},
        source=source,
        created=created,
        certifications=certifications.read(connection, landscape),
        w=np.zeros(1) if w is None else np.frombuffer(w, dtype="<f8"),
    )


def _known(origin: dict[str, float]) -> dict[str, float]:
    """Leave out what another landscape's origin has a column for."""
    return {name: value for name, value in origin.items() if name in FIELDS or not math.isnan(value)}


def _array(rows: Any, columns: int) -> NDArray[np.float64]:
    """Turn rows of numbers into an array; NULL is NaN."""
    return np.array(list(rows), dtype=np.float64).reshape(-1, columns)
