"""What an open document holds: its landscapes, the finer grids inside them, and its views."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from talweg.document import regions
from talweg.document.file import DocumentFile
from talweg.landscape import Landscape
from talweg_compute.field import Patch
from talweg_compute.messages import Block, InputError, Job

_NUMBER = 8
"""Bytes of a coordinate."""


class Outline(NamedTuple):
    """What a landscape is, without its numbers.

    Attributes:
        name: What the user calls it.
        source: Where an imported grid came from.
        dimensions: 1 for a line, 2 for a plane, 3 for a volume.
    """

    name: str
    source: str
    dimensions: int


class Contents(DocumentFile):
    """What is read of a document."""

    def landscape_ids(self) -> tuple[int, ...]:
        """List the landscapes, oldest first; finer grids inside one belong to it."""
        with self._lock:
            inside = regions.wholes(self._connection)
            found = self._connection.execute("SELECT id FROM landscape ORDER BY id").fetchall()
            return tuple(row[0] for row in found if row[0] not in inside)

    def outlines(self) -> dict[int, Outline]:
        """Say of each landscape, oldest first, what it is called and the like, without reading its points."""
        query = "SELECT id, name, source, length(v), length(COALESCE(w, x'')) FROM landscape ORDER BY id"
        with self._lock:
            inside = regions.wholes(self._connection)
            found = self._connection.execute(query).fetchall()
        return {
            number: Outline(name, source, 3 if w > _NUMBER else 2 if v > _NUMBER else 1)
            for number, name, source, v, w in found
            if number not in inside
        }

    def landscape(self, landscape: int) -> Landscape:
        """Return the landscape as it is now, with the finer grids inside; the same object until any of them changes.

        Args:
            landscape: Its number.

        Raises:
            InputError: There is no such landscape.
        """
        with self._lock:
            return self._snapshots.landscape(landscape)

    def sums(self, landscape: int, index: NDArray[np.int64]) -> list[NDArray[np.float64]]:
        """Return the sums that points were evaluated to, from which more samples go on.

        Args:
            landscape: Its number.
            index: Flat indices iv * nu + iu.

        Returns:
            For each point float64 [3 + blocks + metrics]: the sums of the losses, of their squares, of the correct
            samples, of the losses of each block, and of the metrics; [0] where they are not known.
        """
        with self._lock:
            return self._snapshots.table(landscape).sums(index)

    def sample_order(self, landscape: int) -> Block | None:
        """Return the order in which samples join at the points of a landscape, int64 [N], where they do."""
        with self._lock:
            row = self._connection.execute("SELECT sample_order FROM landscape WHERE id = ?", (landscape,)).fetchone()
        return None if row is None or row[0] is None else Block.of(np.frombuffer(row[0], dtype="<i4").astype(np.int64))

    def newest_landscape(self) -> Landscape:
        """Return the landscape that was added last.

        Raises:
            InputError: The document is empty.
        """
        ids = self.landscape_ids()
        if not ids:
            raise InputError(f"{self.path}: this document holds no landscape yet; compute or import one.")
        return self.landscape(ids[-1])

    def remaining_job(self, landscape: int) -> Job:
        """Return the landscape's job for computing what is missing.

        Raises:
            InputError: The landscape was imported and has no job.
        """
        job = self.landscape(landscape).job
        if job is None:
            raise InputError(f"{self.path}: this landscape was imported, so there is no job that could compute it.")
        return job

    def region_ids(self, landscape: int) -> dict[int, Patch]:
        """Return the finer grids inside a landscape by their numbers, the coarser first."""
        with self._lock:
            return regions.read(self._connection, landscape)

    def view(self, name: str = "main") -> str | None:
        """Return the stored state of a view as JSON, or None."""
        with self._lock:
            row = self._connection.execute("SELECT state FROM view WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])
