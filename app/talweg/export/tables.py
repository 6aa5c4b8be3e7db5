"""Tables as text, read: one row a point, or a matrix of losses; with commas, semicolons, tabs or spaces.

Told apart by their first lines, never by a guess: names of columns, labels along a matrix's edges, or numbers alone.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.export.csv import FINER_GRID, POINT_COLUMNS, TRAJECTORY_COLUMNS
from talweg.export.finer_grids import take_region
from talweg.export.imported import Imported, ImportedGrid, ImportedPath, bare_path, check_grid, from_description
from talweg.export.metadata import from_json, read_description
from talweg.export.points import find_lattice
from talweg.export.question import Hints, choose_field, place_axes, refuse_axes
from talweg.landscape import FIELDS, TrainingPath, can_name_field
from talweg_compute.messages import InputError

Float = NDArray[np.float64]
Rows = Sequence[Sequence[str]]

_AXES = (("u", "v"), ("x", "y"))


def read_table(path: Path, hints: Hints) -> Imported:
    """Read a table of text.

    Args:
        path: One of
            a table of Talweg, or any with columns u, v (or x, y) and loss, one row a point in any order; a line has u
            or x only, a volume u, v and w;
            a matrix of losses, one row for each v; with u in the first line and v in the first column, or without;
            a training path: that of Talweg, or two columns of numbers without names, as the term project writes it.
        hints: What the user says: coordinates of a bare matrix, the column that is the loss.

    Returns:
        The landscape, or the path.

    Raises:
        InputError: The file cannot be read, is damaged, or its rows are not the points of a grid.
    """
    lines = _lines(path)
    comments = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    rows = _split([line for line in lines if line.strip() and not line.startswith("#")])
    if not rows:
        raise InputError(f"{path}: there is no row in this file; expected the points of a grid, or a matrix of losses.")
    header = tuple(cell.strip() for cell in rows[0])
    if header[: len(POINT_COLUMNS)] == POINT_COLUMNS:
        raise InputError(
            f"{path}: these are critical points, which Talweg finds by itself; open the landscape they belong to."
        )
    if header[: len(TRAJECTORY_COLUMNS)] == TRAJECTORY_COLUMNS:
        return ImportedPath(_read_path(path, header, rows), str(path))
    if _is_number(header[0]) and all(map(_is_number, header)):
        return _read_numbers(path, rows, hints)
    if len(header) > 2 and all(map(_is_number, header[1:])):
        return _read_labelled_matrix(path, rows, hints)
    described = next((comment for comment in comments if comment.startswith("{")), None)
    description = None if described is None else read_description(from_json(described, str(path)), str(path))
    further = () if description is None else description.fields
    own, *finer = _split_grids(header, rows)
    grid = _read_points(path, header, own, hints, further)
    if description is None:
        note = ("Finer grids in the file were left out, since its description is missing.",) if finer else ()
        return (replace(grid, notes=(*grid.notes, *note)),)
    if len(finer) != len(description.patches):
        raise InputError(
            f"{path}: got the points of {len(finer)} finer grids; expected {len(description.patches)}, as its "
            "description says: export the landscape again."
        )
    parts = (_read_points(path, header, part, hints, further) for part in finer)
    regions = tuple(map(partial(take_region, path, grid), description.patches, parts))
    return (from_description(replace(grid, regions=regions), description),)


def _split_grids(header: Sequence[str], rows: Rows) -> list[Rows]:
    """The rows of the grid, then those of each finer one inside, each under the names of the columns."""
    if FINER_GRID not in header:
        return [rows]
    place = header.index(FINER_GRID)
    numbers = [row[place].strip() if place < len(row) else "" for row in rows[1:]]
    names = ["0", *sorted(set(numbers) - {"0"}, key=lambda name: (len(name), name))]
    return [[rows[0], *(row for row, own in zip(rows[1:], numbers, strict=True) if own == name)] for name in names]


def _read_points(
    path: Path, header: tuple[str, ...], rows: Rows, hints: Hints, further: tuple[str, ...] = ()
) -> ImportedGrid:
    """One row a point; nothing between the commas of a loss means not computed."""
    refuse_axes(path, hints)
    axes: tuple[str, ...] | None = next((pair for pair in _AXES if set(pair) <= set(header)), None)
    if axes is None and "loss" in header:
        axes = next(((pair[0],) for pair in _AXES if pair[0] in header), None)  # a line
    if axes is None:
        got = ", ".join(header[:8])
        raise InputError(
            f"{path}: got the columns {got}; expected at least u, v and loss (or x, y and loss) in the first line."
        )
    if axes == _AXES[0] and "w" in header:  # a volume
        axes = ("u", "v", "w")
    name = choose_field(path, tuple(column for column in header if column not in axes), hints)
    wanted = [*axes, name]
    if name == "loss":
        wanted += [field for field in (*FIELDS[1:], *further) if field in header]
    columns = {column: _column(path, header, rows, column, needed=column in axes) for column in wanted}
    place = header.index(name)
    present = np.array([row[place].strip() != "" for row in rows[1:]], dtype=bool)
    if "interpolated" in header:  # by Talweg: their neighbours stand for them
        present &= _column(path, header, rows, "interpolated", needed=True) == 0
    across = columns[axes[1]] if len(axes) > 1 else np.zeros(len(present))
    sheets = columns[axes[2]] if len(axes) > 2 else None
    lattice = find_lattice(path, columns[axes[0]], across, sheets, "rows")
    fields = {field: lattice.arrange(columns[field]) for field in (*FIELDS, *further) if field in wanted}
    fields["loss"] = lattice.arrange(columns[name])
    return check_grid(path, lattice.u, lattice.v, fields, computed=lattice.arrange(present), w=lattice.w)


def _read_numbers(path: Path, rows: Rows, hints: Hints) -> Imported:
    """Numbers without names: two columns are a path, three of which two make a grid are its points, else a matrix."""
    values = _numbers(path, rows)
    if values.shape[1] == 2 and hints == Hints():
        return ImportedPath(bare_path(values), str(path))
    if values.shape[1] == 3 and len(values) > 3:
        try:
            lattice = find_lattice(path, values[:, 0], values[:, 1])
        except InputError:
            lattice = None
        if lattice is not None:
            refuse_axes(path, hints)
            note = "The file names no columns; they were read as u, v, loss."
            return (check_grid(path, lattice.u, lattice.v, {"loss": lattice.arrange(values[:, 2])}, notes=(note,)),)
    u, v = place_axes(path, (values.shape[0], values.shape[1]), hints)
    return (check_grid(path, u, v, {"loss": values}),)


def _read_labelled_matrix(path: Path, rows: Rows, hints: Hints) -> Imported:
    """A matrix with u along its first line and v down its first column."""
    refuse_axes(path, hints)
    u = np.array([float(cell) for cell in rows[0][1:]])
    values = _numbers(path, rows[1:], first=2)
    if values.size == 0 or values.shape[1] != u.size + 1:
        raise InputError(f"{path}: row 2 has {len(rows[1])} values; expected {u.size + 1}, as the first line has.")
    return (check_grid(path, u, values[:, 0], {"loss": values[:, 1:]}),)


def _read_path(path: Path, header: Sequence[str], rows: Rows) -> TrainingPath:
    names = tuple(row[1] for row in rows[1:])
    numbers = {name: _column(path, header, rows, name, needed=False) for name in header if name not in ("step", "name")}
    coordinates = np.stack([numbers.pop("u"), numbers.pop("v")], axis=1)
    known = numbers.pop("residual"), numbers.pop("loss"), numbers.pop("accuracy")
    metrics = {name: values for name, values in numbers.items() if can_name_field(name)}
    return TrainingPath(names, coordinates, *known, (), metrics=metrics)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: this is not a text file in UTF-8.") from None


def _split(lines: Sequence[str]) -> Rows:
    """Cut lines at the first of comma, semicolon and tab that the first one has, else at spaces."""
    if not lines:
        return []
    delimiter = next((mark for mark in ",;\t" if mark in lines[0]), None)
    return [line.split() for line in lines] if delimiter is None else list(csv.reader(lines, delimiter=delimiter))


def _column(path: Path, header: Sequence[str], rows: Rows, name: str, *, needed: bool) -> Float:
    """A column as numbers; an empty cell is NaN unless it is needed."""
    place = header.index(name)
    values = np.full(len(rows) - 1, math.nan)
    for number, row in enumerate(rows[1:], start=1):
        _check_width(path, number, row, len(header))
        text = row[place].strip()
        if text or needed:
            values[number - 1] = _number(path, number, name, text)
    return values


def _numbers(path: Path, rows: Rows, first: int = 1) -> Float:
    """A table of nothing but numbers; an empty cell is NaN."""
    values = np.full((len(rows), len(rows[0]) if rows else 0), math.nan)
    for number, row in enumerate(rows):
        _check_width(path, first + number, row, values.shape[1])
        for place, cell in enumerate(row):
            if cell.strip():
                values[number, place] = _number(path, first + number, f"column {place + 1}", cell)
    return values


def _check_width(path: Path, number: int, row: Sequence[str], width: int) -> None:
    if len(row) != width:
        raise InputError(f"{path}: row {number} has {len(row)} values; expected {width}, as the first line has.")


def _number(path: Path, row: int, name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f'{path}: row {row}, {name}: got "{text}"; expected a number.') from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
