"""An open document: all that changes what it holds; what is read of it is in ``contents``, its file in ``file``.

Every event of a worker is committed here before anyone sees it, so that nothing computed is lost by any failure.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg.document import regions, rows
from talweg.document.contents import Contents
from talweg.document.events import now, store_event
from talweg_compute.field import Patch
from talweg_compute.messages import (
    Block,
    Event,
    InputError,
    Job,
    PointFields,
    Points,
    Result,
    rebase_job,
)


class Document(Contents):
    """A .talweg file, open for reading and, unless it is read-only, for writing; safe to share between threads.

    NaN is a value: SQLite stores it as NULL in a row that exists, while a point not yet computed has no row.
    """

    # landscapes

    def add_landscape(
        self,
        name: str,
        u: NDArray[np.float64],
        v: NDArray[np.float64] | None = None,
        w: NDArray[np.float64] | None = None,
        *,
        job: Job | None = None,
        source: str = "",
        fields: Mapping[str, NDArray[np.float64]] | None = None,
        events: Sequence[Event] = (),
    ) -> int:
        """Add a landscape, whole or not at all.

        Args:
            name: What the user calls it.
            u: [nu], ascending.
            v: [nv], ascending; None for a line.
            w: [nw], ascending; None but for a volume.
            job: What is to be computed, with absolute paths.
            source: Where an imported grid came from.
            fields: [nv, nu] (a line: [nu], a volume: [nw, nv, nu]) by name for a grid that is known already; every
                point then counts as computed.
            events: What else is known already; no ``PointFields``.

        Returns:
            The landscape's number.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        job_text = self._job_text(job)
        with self._writing():
            cursor = self._connection.execute(
                "INSERT INTO landscape (name, created, source, u, v, w, job) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, now(), source, _blob(u), _blob(_or_zero(v)), _blob(_or_zero(w)), job_text),
            )
            landscape = int(cursor.lastrowid or 0)
            if fields is not None:
                columns = {field: Block.of(np.ravel(values).astype(np.float64)) for field, values in fields.items()}
                count = u.size * _or_zero(v).size * _or_zero(w).size
                events = (Points("", Block.of(np.arange(count)), columns), *events)
            self._snapshots.forget_points(landscape)  # of one with this number that was removed
            for event in events:
                self._store(landscape, event)
            self._snapshots.forget_points(landscape)  # it is read from the file, should this transaction not fail
        return landscape

    def rename_landscape(self, landscape: int, name: str) -> None:
        """Give a landscape another name; what was worked out of its numbers is kept.

        Args:
            landscape: Its number.
            name: What the user calls it.

        Raises:
            InputError: There is no such landscape, the name is empty, or the document cannot be written.
        """
        self._check_writable("no landscape can be renamed")
        if not name.strip():
            raise InputError(f"{self.path}: the name is empty; expected what the landscape is to be called.")
        with self._lock:
            self._snapshots.table(landscape)
            before = self._snapshots.current(landscape)
            with self._changing(landscape):
                self._connection.execute("UPDATE landscape SET name = ? WHERE id = ?", (name.strip(), landscape))
            self._snapshots.rename(landscape, name.strip(), before)

    def remove_landscape(self, landscape: int) -> None:
        """Remove a landscape with all that was computed of it, the finer grids inside too.

        Args:
            landscape: Its number.

        Raises:
            InputError: There is no such landscape, or the document cannot be written; nothing is removed then.
        """
        self._check_writable("no landscape can be removed")
        with self._lock:
            self._snapshots.table(landscape)
            numbers = (*regions.read(self._connection, landscape), landscape)
            with self._writing():
                for number in numbers:
                    rows.remove(self._connection, number)
            for number in numbers:
                self._snapshots.forget(number)

    def copy_landscape(self, source: "Document", landscape: int, name: str | None = None) -> int:
        """Copy a landscape of another document with all that is known of it, the finer grids inside too.

        Args:
            source: The document that has it; may be this one.
            landscape: Its number there.
            name: What it is called here; None: as there.

        Returns:
            Its number here.

        Raises:
            InputError: There is no such landscape, or the document cannot be written; nothing is added then.
        """
        self._check_writable("no landscape can be added")
        with source._lock, self._lock:
            source._snapshots.table(landscape)
            with self._writing():
                changes = self._job_column(source, landscape) | ({} if name is None else {"name": name})
                number = rows.copy(source._connection, self._connection, landscape, changes)
                inside = regions.read(source._connection, landscape)
                for region in inside:
                    job = self._job_column(source, region)
                    self._snapshots.forget(rows.copy(source._connection, self._connection, region, job, number))
            self._snapshots.forget(number)
        return number

    def set_job(self, landscape: int, job: Job) -> None:
        """Store a landscape's job anew, which now says otherwise how the rest is computed.

        Args:
            landscape: Its number.
            job: With absolute paths; it gives the same numbers as the stored one.
        """
        if self.read_only or self.landscape(landscape).job == job:
            return
        text = self._job_text(job)
        with self._lock, self._changing(landscape):
            self._connection.execute("UPDATE landscape SET job = ? WHERE id = ?", (text, landscape))

    def forget_points(self, landscape: int) -> None:
        """Remove everything computed of a landscape, the finer grids inside too, so that it can be computed anew.

        Args:
            landscape: Its number.

        Raises:
            InputError: The document cannot be written; nothing is removed then.
        """
        with self._lock:
            inside = regions.read(self._connection, landscape)
            with self._changing(landscape):
                self._snapshots.forget_points(landscape)
                rows.remove_computed(self._connection, landscape)
                for region in inside:
                    rows.remove(self._connection, region)
            for region in inside:
                self._snapshots.forget(region)

    def replace_points(self, landscape: int, events: Sequence[Event]) -> None:
        """Put other points in the place of everything computed of a landscape that has no job and no finer grids.

        Args:
            landscape: Its number.
            events: What is known of it from now on.

        Raises:
            InputError: The document cannot be written; the landscape stays as it was then.
        """
        self._check_writable("no landscape can be changed")
        with self._lock, self._changing(landscape):
            self._snapshots.forget_points(landscape)
            rows.remove_computed(self._connection, landscape)
            for event in events:
                self._store(landscape, event)
            self._snapshots.forget_points(landscape)

    # finer grids inside a landscape

    def add_region(self, landscape: int, patch: Patch, job: Job | None) -> int:
        """Add an empty finer grid inside a landscape.

        Args:
            landscape: The number of the one around.
            patch: Where it lies.
            job: What is to be computed, with absolute paths; None where the one around has none.

        Returns:
            The number of the finer grid, which is computed like any landscape.

        Raises:
            InputError: The document cannot be written.
        """
        text = self._job_text(job)
        with self._writing():
            return regions.add(self._connection, landscape, patch, now(), text)

    def remove_region(self, region: int) -> None:
        """Remove a finer grid, whose points are in another one by now."""
        with self._lock:
            with self._changing(region):
                rows.remove(self._connection, region)
            self._snapshots.forget(region)

    def forget_certifications(self, landscape: int) -> None:
        """Remove what the network said about critical points, so that it can be asked anew."""
        with self._lock, self._changing(landscape):
            self._connection.execute("DELETE FROM certification WHERE landscape = ?", (landscape,))

    # events

    def commit(self, landscape: int, event: Event) -> None:
        """Store what an event says about a landscape; repeating an event changes nothing.

        Args:
            landscape: Its number.
            event: Any event; those that carry no result are ignored.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        if not isinstance(event, Result):
            return
        with self._lock:
            before = self._snapshots.current(landscape)
            with self._changing(landscape):
                self._store(landscape, event)
            self._snapshots.take(landscape, event, before)

    # views

    def set_view(self, state: str, name: str = "main") -> None:
        """Store the state of a view, given as JSON.

        Raises:
            InputError: The disk is full or the file cannot be written.
        """
        with self._writing():
            self._connection.execute("INSERT OR REPLACE INTO view VALUES (?, ?)", (name, state))

    # inside

    def _store(self, landscape: int, event: Event) -> None:
        """Store an event inside the transaction of the caller."""
        if isinstance(event, Points):
            self._snapshots.table(landscape).store(event)
        elif isinstance(event, PointFields):
            self._snapshots.table(landscape).store_fields(event)
        elif isinstance(event, Result):
            store_event(self._connection, landscape, event)

    def _job_column(self, source: "Document", landscape: int) -> dict[str, object]:
        """The job of another document's landscape as this one has to store it: their paths lie in other folders."""
        query = "SELECT job FROM landscape WHERE id = ?"
        text = source._connection.execute(query, (landscape,)).fetchone()[0]
        if text is None:
            return {}
        job = rebase_job(msgspec.json.decode(text, type=Job), source.path.resolve().parent)
        return {"job": self._job_text(job)}


def _or_zero(axis: NDArray[np.float64] | None) -> NDArray[np.float64]:
    return np.zeros(1) if axis is None else axis


def _blob(values: NDArray[np.float64]) -> bytes:
    return Block.of(np.asarray(values, dtype=np.float64)).data
