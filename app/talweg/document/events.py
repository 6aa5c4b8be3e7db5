"""Which rows of a document hold what an event says of a landscape, beside its points."""

import datetime
import json
import sqlite3

import msgspec

from talweg.certification import Certification
from talweg.document import certifications
from talweg.document.paths import store_path
from talweg.document.points import add_columns
from talweg_compute.messages import Certified, Measured, Note, Origin, Ready, Trajectory


def store_event(
    connection: sqlite3.Connection,
    landscape: int,
    event: Ready | Measured | Origin | Trajectory | Certified | Note,
) -> None:
    """Store an event inside the transaction of the caller.

    Args:
        connection: The document's.
        landscape: Number of the landscape.
        event: What was found; points are stored by their ``PointTable``.
    """
    run = connection.execute
    match event:
        case Ready():
            provenance = msgspec.json.encode(event.provenance).decode()
            run("UPDATE landscape SET provenance = ? WHERE id = ?", (provenance, landscape))
            if event.sample_order is not None:
                order = event.sample_order.array().astype("<i4").tobytes()
                run("UPDATE landscape SET sample_order = ? WHERE id = ?", (order, landscape))
        case Measured():
            numbers = json.dumps(event.values)
            run("INSERT OR REPLACE INTO measured VALUES (?, ?, ?)", (landscape, event.topic, numbers))
        case Origin():
            add_columns(connection, "origin", event.fields)
            values = {"landscape": landscape} | {name: float(each.array()) for name, each in event.fields.items()}
            titles, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
            run(f"INSERT OR REPLACE INTO origin ({titles}) VALUES ({marks})", tuple(values.values()))  # noqa: S608 (our own names)
        case Trajectory():
            store_path(connection, landscape, event)
        case Certified():
            certifications.insert(connection, landscape, event.index, Certification.of(event))
        case Note():
            run("INSERT INTO note (landscape, created, text) VALUES (?, ?, ?)", (landscape, now(), event.text))


def now() -> str:
    """Return the time in UTC as a document keeps it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
