"""An unfinished surface of another program, taken over by a job: its points are checked, kept, and not computed again.

Li et al.'s files name neither weights nor data, so nothing in them says whether a job means the same landscape. A few
of their points are therefore computed again first, and must agree.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.document import Document
from talweg.export import ImportedGrid, import_grids
from talweg.export.imported import bare_path, event_of_path
from talweg.export.question import Hints
from talweg.work.jobs import add_job
from talweg_compute.messages import Axis, Block, InputError, Job, Note, Points

CHECKS = 5
"""Points that are computed again."""

TOLERANCE = 1e-3
"""Largest relative deviation at which two programs may have computed the same: TF32 convolutions deviate as much."""

Compute = Callable[[Document, int], int]
"""Computes what is missing of a landscape; returns an exit status."""


@dataclass(frozen=True, eq=False)
class TakenOver:
    """Points of a file that a job may go on from.

    Attributes:
        grid: The file's landscape, at the job's points.
        deviation: Largest relative deviation where points were computed again.
        checked: How many were.
    """

    grid: ImportedGrid
    deviation: float
    checked: int

    def commit_to(self, document: Document, landscape: int) -> None:
        """Store the points in the job's landscape, and say where they come from."""
        grid = self.grid
        document.commit(landscape, _points(grid, np.flatnonzero(grid.computed)))
        kept = int(grid.computed.sum())
        text = (
            f"{kept} of {grid.computed.size} points are from {grid.source}; {self.checked} of them were computed again "
            f"and deviate by at most {self.deviation:.1e}, relative."
        )
        document.commit(landscape, Note("", text))


def take_over(file: Path, job: Job, compute: Compute) -> TakenOver | int:
    """Read the points of a file that a job goes on from, and compute a few of them again.

    Args:
        file: A surface of Li et al., or any other file with a landscape.
        job: With absolute paths.
        compute: Runs a job.

    Returns:
        The points; or the exit status of a check that did not finish.

    Raises:
        InputError: The file cannot be read, its points are not those of the job, or its losses are others.
    """
    grid = import_grids(file, Hints())[0]
    for name, axis, values in (("u", job.grid.u, grid.u), ("v", job.grid.v, grid.v)):
        _check_axis(file, name, axis, values)
    again = _spread(grid)
    if again.size == 0:
        return TakenOver(grid, 0.0, 0)
    with tempfile.TemporaryDirectory(prefix="talweg-") as folder, Document.create(Path(folder) / "check") as document:
        landscape = add_job(document, job, "check")
        everything = np.arange(grid.computed.size)
        document.commit(landscape, _points(grid, np.setdiff1d(everything, again)))
        document.commit(landscape, event_of_path(bare_path(np.zeros((1, 2)))))  # a check needs no trajectory
        if status := compute(document, landscape):
            return status
        computed = document.landscape(landscape).loss.ravel()[again]
    theirs = grid.fields["loss"].ravel()[again]
    deviation = np.abs(computed - theirs) / np.maximum(np.abs(theirs), np.finfo(float).tiny)
    wrong = ~(deviation <= TOLERANCE)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        row, column = divmod(int(again[first]), grid.u.size)
        raise InputError(
            f"{file}: at u = {grid.u[column]:g}, v = {grid.v[row]:g} the file has the loss {theirs[first]:.6g} and the "
            f"job gives {computed[first]:.6g} ({int(wrong.sum())} of {again.size} points that were checked deviate); "
            "the job must name the weights, data, loss and directions that the file was computed from."
        )
    return TakenOver(grid, float(deviation.max()), again.size)


def _points(grid: ImportedGrid, index: NDArray[np.int64]) -> Points:
    fields = {name: Block.of(values.ravel()[index]) for name, values in grid.fields.items()}
    return Points("", Block.of(index.astype(np.int64)), fields)


def _spread(grid: ImportedGrid) -> NDArray[np.int64]:
    """Some computed points with a finite loss, from the first to the last."""
    usable = np.flatnonzero(grid.computed & np.isfinite(grid.fields["loss"]))
    places = np.linspace(0, usable.size - 1, min(CHECKS, usable.size)).round().astype(np.int64)
    return np.asarray(usable[np.unique(places)], dtype=np.int64)


def _check_axis(file: Path, name: str, axis: Axis, values: NDArray[np.float64]) -> None:
    wanted = axis.coordinates()
    if wanted.shape != values.shape or not np.allclose(wanted, values, rtol=0, atol=1e-9 * (axis.stop - axis.start)):
        raise InputError(
            f"{file}: {name}: the file has {values.size} points from {values[0]:g} to {values[-1]:g}, the job "
            f"{axis.count} from {axis.start:g} to {axis.stop:g}; set grid.{name} of the job to what the file has."
        )
