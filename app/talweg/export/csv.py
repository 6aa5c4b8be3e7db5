"""CSV: one row a point of the grid; beside it the training path and the critical points."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from talweg.certification import Certification
from talweg.export.files import beside, replacing
from talweg.export.metadata import describe, to_json
from talweg.landscape import FIELDS, Landscape, TrainingPath
from talweg.picture import CriticalPointsPart
from talweg_compute.field import CriticalKind, Topology

TRAJECTORY_COLUMNS = ("step", "name", "u", "v", "residual", "loss", "accuracy")
POINT_COLUMNS = ("type", "u", "v", "loss", "persistence")
CERTIFIED_COLUMNS = (
    "status", "network_type", "network_u", "network_v", "network_loss", "gradient_norm", "gradient_scale",
    "eigenvalue_low", "eigenvalue_high", "full_gradient_norm", "precision",
)  # fmt: skip
"""What the network said about a critical point; nothing between the commas where it was not asked."""
FINER_GRID = "finer_grid"
"""The column that says which grid a point belongs to, where there are finer ones inside."""
_MARK = "# "


def write_csv(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write the grid row by row, every number so that reading it gives back every bit.

    Two lines that begin with "#" come first: the program, and the description as JSON. Then the columns u, v, loss,
    accuracy, loss_standard_error, and whatever else is known of the points, such as gradient_norm. "nan" and "inf" are
    results; nothing between the commas means not computed. Where some points were not evaluated because their
    neighbours stand for them, the column interpolated is 1 at these. Where finer grids lie inside, their rows follow,
    and the column finer_grid is 0 for the grid itself, then 1, 2, …, the coarser first.

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
    fields = (*FIELDS, *landscape.further_fields())
    grids = [landscape, *(region.landscape for region in landscape.regions)]
    flagged = any(grid.interpolated_count for grid in grids)
    rows = (
        [*row, *([number] if len(grids) > 1 else [])]
        for number, grid in enumerate(grids)
        for row in _rows(grid, fields, flagged=flagged)
    )
    further = (["interpolated"] if flagged else []) + ([FINER_GRID] if len(grids) > 1 else [])
    titles = (*("u", "v", "w")[: max(landscape.dimensions, 2)], *fields, *further)
    _write_table(path, titles, rows, [f"talweg {table['talweg']}", to_json(table)])
    written = [path]
    if landscape.path is not None:
        written.append(beside(path, "_trajectory.csv"))
        write_trajectory(written[-1], landscape.path)
    if landscape.v.size > 1 and landscape.topology is not None:
        written.append(beside(path, "_points.csv"))
        _write_all_critical_points(written[-1], landscape, landscape.topology)
    return tuple(written)


def _rows(landscape: Landscape, names: Sequence[str], *, flagged: bool) -> Iterator[list[object]]:
    """One row a point: its coordinates, its fields, and where wanted whether it is interpolated."""
    axes = [landscape.u, landscape.v, landscape.w][: max(landscape.dimensions, 2)]
    places = reversed(np.meshgrid(*reversed(axes), indexing="ij"))
    unknown = np.full(landscape.computed.shape, np.nan)
    columns = [*places, *(landscape.fields.get(name, unknown) for name in names)]
    numbers = np.stack(columns, axis=-1).reshape(-1, len(columns)).tolist()
    known, computed = landscape.known.ravel().tolist(), landscape.computed.ravel().tolist()
    for row, there, true in zip(numbers, known, computed, strict=True):
        yield [
            *row[: len(axes)],
            *(row[len(axes) :] if there else [""] * len(names)),
            *([int(there and not true)] if flagged else []),
        ]


def write_trajectory(path: Path, trajectory: TrainingPath) -> None:
    """Write the checkpoints with the columns step, name, u, v, residual, loss, accuracy, and their metrics.

    Raises:
        InputError: The file cannot be written.
    """
    known = trajectory.residual, trajectory.loss, trajectory.accuracy
    columns = [*trajectory.coordinates.T, *known, *trajectory.metrics.values()]
    numbers = np.stack(columns, axis=-1).tolist()
    rows = ([step, name, *row] for step, (name, row) in enumerate(zip(trajectory.names, numbers, strict=True)))
    _write_table(path, (*TRAJECTORY_COLUMNS, *trajectory.metrics), rows)


def write_critical_points(path: Path, part: CriticalPointsPart) -> None:
    """Write the critical points of a picture: type, u, v, loss, persistence, and what the network said about each.

    Raises:
        InputError: The file cannot be written.
    """
    numbers = np.column_stack([part.coordinates, part.loss, part.persistence]).tolist()
    _write_points(path, part.kind, numbers, part.certifications)


def _write_table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], comments: Sequence[str] = ()
) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"{_MARK}{comment}\n" for comment in comments)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_all_critical_points(path: Path, landscape: Landscape, topology: Topology) -> None:
    """Every critical point, however small its persistence."""
    points, where = topology.points, topology.positions(topology.points)
    numbers = np.column_stack([where.u, where.v, where.value, points.persistence]).tolist()
    _write_points(path, points.kind, numbers, landscape.certifications_of(points))


def _write_points(
    path: Path, kinds: npt.NDArray[np.int8], numbers: Sequence[Sequence[float]], words: Sequence[Certification | None]
) -> None:
    rows = (
        [CriticalKind(kind).title, *row, *_said(word)]
        for kind, row, word in zip(kinds.tolist(), numbers, words, strict=True)
    )
    _write_table(path, POINT_COLUMNS + CERTIFIED_COLUMNS, rows)


def _said(word: Certification | None) -> list[object]:
    if word is None:
        return [""] * len(CERTIFIED_COLUMNS)
    numbers = word.u, word.v, word.loss, word.gradient_norm, word.gradient_scale, *word.eigenvalues
    return [word.status, word.kind_name, *numbers, word.full_gradient_norm, word.precision]
