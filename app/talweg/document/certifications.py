"""Where a document keeps certifications."""

import dataclasses
import math
import sqlite3
from typing import Any

from talweg.certification import Certification

_COLUMNS = (
    "sought", "status", "kind", "u", "v", "loss", "gradient_norm", "gradient_scale", "eigenvalue_low",
    "eigenvalue_high", "full_gradient_norm", "out_of_plane_norm", "iterations", "precision",
)  # fmt: skip


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
