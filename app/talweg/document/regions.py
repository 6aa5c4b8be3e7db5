"""Where a document keeps which landscapes are finer grids inside others."""

import sqlite3

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg_compute.field import Patch
from talweg_compute.messages import Axis, Grid, Job

Float = NDArray[np.float64]
_COLUMNS = "first_column, first_row, cell_columns, cell_rows, factor"


def add(connection: sqlite3.Connection, whole: int, patch: Patch, created: str, job: str | None) -> int:
    """Add an empty finer grid inside a landscape, which has its source and its samples.

    Args:
        connection: The document's.
        whole: Number of the landscape.
        patch: Where it lies.
        created: When.
        job: What is to be computed, as JSON; None where nobody can tell.

    Returns:
        Its number.
    """
    row = connection.execute("SELECT u, v FROM landscape WHERE id = ?", (whole,)).fetchone()
    u, v = (np.frombuffer(axis, dtype="<f8") for axis in row)
    axes = refine_axes(u, v, patch)
    cursor = connection.execute(
        "INSERT INTO landscape (name, created, source, u, v, w, job, provenance, sample_order) "
        "SELECT name || ?, ?, source, ?, ?, w, ?, provenance, sample_order FROM landscape WHERE id = ?",
        (f", {patch.factor} times finer", created, *(axis.astype("<f8").tobytes() for axis in axes), job, whole),
    )
    place = patch.column, patch.row, patch.columns, patch.rows, patch.factor
    connection.execute("INSERT INTO region VALUES (?, ?, ?, ?, ?, ?, ?)", (cursor.lastrowid, whole, *place))
    return int(cursor.lastrowid or 0)


def read(connection: sqlite3.Connection, whole: int) -> dict[int, Patch]:
    """Read the finer grids inside a landscape by their numbers, the coarser first, then the older."""
    query = f"SELECT landscape, {_COLUMNS} FROM region WHERE whole = ? ORDER BY factor, landscape"  # noqa: S608 (our own names)
    return {number: Patch(*place) for number, *place in connection.execute(query, (whole,))}


def wholes(connection: sqlite3.Connection) -> dict[int, int]:
    """Read for every finer grid the landscape it lies in."""
    return dict(connection.execute("SELECT landscape, whole FROM region").fetchall())


def refine_axes(u: Float, v: Float, patch: Patch) -> tuple[Float, Float]:
    """Return the coordinates of a finer grid's columns and rows.

    Args:
        u: float64 [nu], of the grid around.
        v: float64 [nv], of it.
        patch: Where the finer grid lies.
    """
    return _refine(u, patch.column, patch.columns, patch.factor), _refine(v, patch.row, patch.rows, patch.factor)


def region_job(job: Job, u: Float, v: Float, patch: Patch) -> Job:
    """Return the job of a finer grid inside a landscape: every point of it is evaluated, on the same plane.

    Args:
        job: That of the landscape.
        u: float64 [nu], its coordinates.
        v: float64 [nv], the same.
        patch: Where the finer grid lies.
    """
    rows, columns = patch.shape
    along = Axis(float(u[patch.column]), float(u[patch.column + patch.columns]), columns)
    across = Axis(float(v[patch.row]), float(v[patch.row + patch.rows]), rows)
    run = msgspec.structs.replace(job.run, adaptive=False)
    return msgspec.structs.replace(job, grid=Grid(along, across), run=run)


def _refine(axis: Float, first: int, cells: int, factor: int) -> Float:
    """Cut cells of an axis into equal parts; the coordinates between the cells stay exactly as they are."""
    line = axis[first : first + cells + 1]
    fine = np.linspace(line[0], line[-1], cells * factor + 1)
    fine[::factor] = line
    return fine
