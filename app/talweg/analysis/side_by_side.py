"""The numbers of several landscapes as a table of text, for spreadsheets and scripts. Free of Qt and VTK."""

import csv
import io
import math
from collections.abc import Callable, Sequence

from talweg.analysis.comparison import MOST_BARRIERS, Measures

_Cell = Callable[[Measures], float | None]


def write_side_by_side(measured: Sequence[Measures], delimiter: str) -> str:
    """Write a table with a column for each landscape and one number a cell, in full precision.

    Args:
        measured: What was measured of each.
        delimiter: Between columns: a comma, or a tab.

    Returns:
        The text; a cell is empty where a number means nothing or is not known.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["", *(each.name for each in measured)])
    rows = dict(_ROWS)
    for title in dict.fromkeys(title for each in measured for title, _ in each.further):
        rows[f"{title} at the centre"] = _further(title)
    for title, cell in rows.items():
        values = [cell(each) for each in measured]
        if any(value is not None for value in values):
            writer.writerow([title, *("" if value is None or math.isnan(value) else repr(value) for value in values)])
    return stream.getvalue()


def _of_plane(name: str, place: int | None = None) -> _Cell:
    def cell(measures: Measures) -> float | None:
        if measures.kind != "plane":
            return None
        value = getattr(measures, name)
        return value if place is None or value is None else value[place] if place < len(value) else None

    return cell


def _of_way(name: str, place: int | None = None) -> _Cell:
    def cell(measures: Measures) -> float | None:
        if measures.way is None:
            return None
        value = getattr(measures.way, name)
        return float(value if place is None else value[place])

    return cell


def _further(title: str) -> _Cell:
    return lambda measures: dict(measures.further).get(title)


_ROWS: dict[str, _Cell] = {
    "centre u": lambda measures: measures.centre[0],
    "centre v": lambda measures: None if measures.kind == "line" else measures.centre[1],
    "loss at the centre": lambda measures: measures.loss,
    "least curvature of f there": _of_plane("curvature", 0),
    "largest curvature of f there": _of_plane("curvature", 1),
    "level of the loss": _of_plane("level"),
    "area under the level": _of_plane("area"),
    "share of the grid under the level": _of_plane("share"),
    "minima": _of_plane("minima"),
    **{f"barrier {place + 1}": _of_plane("barriers", place) for place in range(MOST_BARRIERS)},
    "u of one end": _of_way("ends", 0),
    "u of the other end": _of_way("ends", 1),
    "loss at one end": _of_way("losses", 0),
    "loss at the other end": _of_way("losses", 1),
    "barrier between the ends": _of_way("barrier"),
    "rise over the worse end": _of_way("rise"),
}
