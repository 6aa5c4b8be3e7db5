"""The landscapes of a document as they are now: frozen, and each the same object until it changes."""

import sqlite3
from pathlib import Path

from talweg.certification import Certification
from talweg.document import regions
from talweg.document.points import PointTable
from talweg.document.reading import read_landscape
from talweg.landscape import Landscape, Region
from talweg_compute.messages import Certified, InputError, PointFields, Points, Result


class Snapshots:
    """What was read of a document, and follows what is committed to it; whoever asks holds the document's lock.

    Args:
        connection: The document's.
        path: Its file.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._revisions: dict[int, int] = {}
        self._cache: dict[int, Landscape] = {}
        self._refined: dict[int, Landscape] = {}  # those with finer grids inside
        self._sources: dict[int, Landscape] = {}  # what these were made of
        self._points: dict[int, PointTable] = {}

    def landscape(self, landscape: int) -> Landscape:
        """Return a landscape with the finer grids inside.

        Raises:
            InputError: There is no such landscape.
        """
        plain = self._plain(landscape)
        found = regions.read(self._connection, landscape)
        if not found:
            self._refined.pop(landscape, None)
            return plain
        parts = [(self._plain(number), patch) for number, patch in found.items()]
        last = self._refined.get(landscape)
        current = last is not None and [(part.landscape, part.patch) for part in last.regions] == parts
        if last is None or not current or self._sources.get(landscape) is not plain:
            inside = tuple(Region(part, patch) for part, patch in parts)
            revision = plain.revision if last is None else last.revision + 1
            self._refined[landscape] = plain.with_regions(inside, revision, last)
            self._sources[landscape] = plain
        return self._refined[landscape]

    def current(self, landscape: int) -> Landscape | None:
        """Return a landscape without the finer grids inside where it was read and nothing changed since, or None."""
        cached = self._cache.get(landscape)
        return cached if cached is not None and cached.revision == self._revisions.get(landscape, 0) else None

    def table(self, landscape: int) -> PointTable:
        """Return the points of a landscape, read from the file once.

        Raises:
            InputError: There is no such landscape.
        """
        if landscape not in self._points:
            row = self._connection.execute("SELECT w, v, u FROM landscape WHERE id = ?", (landscape,)).fetchone()
            if row is None:
                raise InputError(f"{self._path}: there is no landscape {landscape} in this document.")
            sheets, *shape = (len(axis or b"") // 8 for axis in row)
            if sheets > 1:
                shape.insert(0, sheets)
            self._points[landscape] = PointTable(self._connection, landscape, tuple(shape))
        return self._points[landscape]

    def changed(self, landscape: int) -> None:
        """Note that what the file says of a landscape has changed."""
        self._revisions[landscape] = self._revisions.get(landscape, 0) + 1

    def take(self, landscape: int, event: Result, before: Landscape | None) -> None:
        """Follow an event that is stored by now, reading as little of the file as possible.

        Args:
            landscape: Its number.
            event: What was stored.
            before: What was ``current`` before it.
        """
        if isinstance(event, Points):
            self.table(landscape).take(event)
        elif isinstance(event, PointFields):
            fields = self.table(landscape).take_fields(event)
            if before is not None:
                self._cache[landscape] = before.with_further_fields(fields, self._revisions[landscape])
        elif isinstance(event, Certified) and before is not None:
            known = {**before.certifications, event.index: Certification.of(event)}
            self._cache[landscape] = before.with_certifications(known, self._revisions[landscape])

    def forget_points(self, landscape: int) -> None:
        """Read the points of a landscape from the file when they are next asked for."""
        self._points.pop(landscape, None)

    def rename(self, landscape: int, name: str, before: Landscape | None) -> None:
        """Follow another name that is stored by now; ``before`` is what was ``current`` before it."""
        if before is not None:
            self._cache[landscape] = before.with_name(name, self._revisions[landscape])

    def forget(self, landscape: int) -> None:
        """Keep nothing of a landscape that is no more; another one may get its number."""
        self.changed(landscape)
        for known in (self._points, self._cache, self._refined, self._sources):
            known.pop(landscape, None)

    def _plain(self, landscape: int) -> Landscape:
        """The landscape without the finer grids inside."""
        found = self.current(landscape)
        if found is None:
            revision = self._revisions.get(landscape, 0)
            points = self.table(landscape).snapshot()
            folder, whole = self._path.resolve().parent, regions.wholes(self._connection).get(landscape, landscape)
            found = read_landscape(self._connection, landscape, revision, points, folder, whole)
            self._cache[landscape] = found
        return found
