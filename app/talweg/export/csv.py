"""CSV: one row a point of the grid; beside it the training path and the critical points."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import beside, replacing
from talweg.export.imported import ImportedGrid, check_grid, from_description
from talweg.export.metadata import describe, from_json, read_description, to_json
from talweg.landscape import FIELDS, Landscape, TrainingPath
from talweg.picture import CriticalPointsPart
from talweg_compute.field import Topology
from talweg_compute.messages import InputError

KIND_NAMES = ("minimum", "saddle", "maximum")
_COLUMNS = ("u", "v", *FIELDS)
_MARK = "# "

Float = NDArray[np.float64]


def write_csv(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write the grid row by row, every number so that reading it gives back every bit.

    Two lines that begin with "#" come first: the program, and the description as JSON. Then the columns u, v, loss,
    accuracy, loss_standard_error. "nan" and "inf" are results; nothing between the commas means not computed.

    Args:
        path: The file; the training path goes to ``<stem>_trajectory.csv``, the critical points of a complete grid to
            ``<stem>_points.csv``.
        landscape: The numbers.

    Returns:
        The files.

    Raises:
        InputError: A file cannot be written.
    """
    table = describe(landscape)
    u, v = np.meshgrid(landscape.u, landscape.v)
    unknown = np.full(u.shape, np.nan)
    columns = [u, v, *(landscape.fields.get(name, unknown) for name in FIELDS)]
    numbers = np.stack(columns, axis=-1).reshape(-1, len(columns)).tolist()
    rows = (
        row if computed else [*row[:2], *[""] * len(FIELDS)]
        for row, computed in zip(numbers, landscape.computed.ravel().tolist(), strict=True)
    )
    _write_table(path, _COLUMNS, rows, [f"talweg {table['talweg']}", to_json(table)])
    written = [path]
    if landscape.path is not None:
        written.append(beside(path, "_trajectory.csv"))
        write_trajectory(written[-1], landscape.path)
    if landscape.topology is not None:
        written.append(beside(path, "_points.csv"))
        _write_all_critical_points(written[-1], landscape.topology)
    return tuple(written)


def write_trajectory(path: Path, trajectory: TrainingPath) -> None:
    """Write the checkpoints with the columns step, name, u, v, residual, loss, accuracy.

    Raises:
        InputError: The file cannot be written.
    """
    columns = [*trajectory.coordinates.T, trajectory.residual, trajectory.loss, trajectory.accuracy]
    numbers = np.stack(columns, axis=-1).tolist()
    rows = ([step, name, *row] for step, (name, row) in enumerate(zip(trajectory.names, numbers, strict=True)))
    _write_table(path, ("step", "name", "u", "v", "residual", "loss", "accuracy"), rows)


def write_critical_points(path: Path, part: CriticalPointsPart) -> None:
    """Write the critical points of a picture with the columns type, u, v, loss, persistence.

    Raises:
        InputError: The file cannot be written.
    """
    numbers = np.column_stack([part.coordinates, part.loss, part.persistence]).tolist()
    rows = ([KIND_NAMES[kind], *row] for kind, row in zip(part.kind.tolist(), numbers, strict=True))
    _write_table(path, ("type", "u", "v", "loss", "persistence"), rows)


def read_csv(path: Path) -> ImportedGrid:
    """Read a grid.

    Args:
        path: A file with a header line that names at least the columns u, v and loss, and one row a point in any
            order; lines that begin with "#" may come before it.

    Returns:
        The grid.

    Raises:
        InputError: The file cannot be read, or its rows are not the points of a grid.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: this is not a text file in UTF-8.") from None
    lines = text.splitlines()
    comments = [line.removeprefix(_MARK) for line in lines if line.startswith("#")]
    described = next((line for line in comments if line.startswith("{")), None)
    description = None if described is None else read_description(from_json(described, str(path)), str(path))
    columns = _read_columns(path, [line for line in lines if line.strip() and not line.startswith("#")])
    present = columns.pop("_present") == 1
    u, column = np.unique(columns["u"], return_inverse=True)
    v, row = np.unique(columns["v"], return_inverse=True)
    place = row * u.size + column
    if place.size != u.size * v.size or np.unique(place).size != place.size:
        raise InputError(
            f"{path}: got {place.size} rows with {u.size} different u and {v.size} different v; "
            "expected a grid: each u with each v exactly once."
        )
    order = np.argsort(place)
    shape = (v.size, u.size)
    fields = {name: columns[name][order].reshape(shape) for name in FIELDS if name in columns}
    grid = check_grid(path, u, v, fields, computed=present[order].reshape(shape))
    return grid if description is None else from_description(grid, description)


def _write_table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], comments: Sequence[str] = ()
) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"{_MARK}{comment}\n" for comment in comments)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_all_critical_points(path: Path, topology: Topology) -> None:
    """Every critical point, however small its persistence."""
    points, where = topology.points, topology.positions(topology.points)
    numbers = (where.u, where.v, where.value, points.persistence)
    rows = (
        [KIND_NAMES[kind], *row]
        for kind, row in zip(points.kind.tolist(), np.column_stack(numbers).tolist(), strict=True)
    )
    _write_table(path, ("type", "u", "v", "loss", "persistence"), rows)


def _read_columns(path: Path, lines: Sequence[str]) -> dict[str, Float]:
    """Columns by name, and whether a row has a loss under the name "_present"."""
    reader = csv.reader(io.StringIO("\n".join(lines)))
    header = [name.strip() for name in next(reader, [])]
    if not {"u", "v", "loss"} <= set(header):
        got = ", ".join(header[:8]) or "nothing"
        raise InputError(f"{path}: got the columns {got}; expected at least u, v and loss in the first line.")
    wanted = [(name, header.index(name)) for name in _COLUMNS if name in header]
    values: dict[str, list[float]] = {name: [] for name, _ in wanted}
    values["_present"] = []
    for number, row in enumerate(reader, start=1):
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {number} has {len(row)} values; expected {len(header)}, as the first line names."
            )
        for name, index in wanted:
            values[name].append(_number(path, number, name, row[index]))
        values["_present"].append(float(row[header.index("loss")].strip() != ""))
    return {name: np.array(column, dtype=np.float64) for name, column in values.items()}


def _number(path: Path, row: int, name: str, text: str) -> float:
    if not text.strip() and name not in ("u", "v"):
        return math.nan
    try:
        return float(text)
    except ValueError:
        raise InputError(f'{path}: row {row}, {name}: got "{text}"; expected a number.') from None
