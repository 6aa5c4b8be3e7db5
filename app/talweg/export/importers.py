"""The formats that are read, told by the content of a file; the code of each is imported when it is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from talweg.document import Document
from talweg.document.regions import region_job
from talweg.export.imported import Imported, ImportedGrid, ImportedPath
from talweg.export.question import Hints
from talweg.export.sniffing import recognise
from talweg_compute.messages import InputError


@dataclass(frozen=True)
class _Import:
    """A format that is read by ``function(path, hints)`` of a module of this package.

    Attributes:
        module: Its name.
        function: Returns the one landscape, or what ``import_file`` returns.
        suffixes: That files of the format usually have.
    """

    module: str
    function: str
    suffixes: tuple[str, ...] = ()

    def read(self, path: Path, hints: Hints) -> Imported:
        function = getattr(import_module(f"talweg.export.{self.module}"), self.function)
        found: Imported | ImportedGrid = function(path, hints)
        return (found,) if isinstance(found, ImportedGrid) else found


def import_file(path: Path, hints: Hints | None = None) -> Imported:
    """Read what a file holds: landscapes, or a training path. Its content says which format it is, not its name.

    Args:
        path: A file of Talweg, of Li et al.'s code, of the term project's viewer, of Garipov et al. or Landscaper, or
            a grid of losses as NumPy arrays, as a table, as a mesh or as a pickle of arrays.
        hints: What the user says that the file does not.

    Returns:
        Its landscapes, checked, the one that matters most first; or the path.

    Raises:
        QuestionError: Something is missing that only the user knows.
        InputError: The file cannot be read, or what it holds is no landscape.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.")
    suffix = path.suffix.lower()
    name = recognise(path) or next((name for name, form in _IMPORTS.items() if suffix in form.suffixes), None)
    if name == "drawn":
        raise InputError(
            f"{path}: this mesh has heights as they were drawn, and no losses; open a .ply, .vtp or .npz of the "
            "landscape."
        )
    if name is None or name not in _IMPORTS:
        kind = f'"{path.suffix}" files' if suffix else "files without a suffix"
        raise InputError(
            f"{path.name}: {kind} cannot be opened; landscapes are read from {', '.join(IMPORT_SUFFIXES)}."
        )
    return _IMPORTS[name].read(path, Hints() if hints is None else hints)


def import_grids(path: Path, hints: Hints | None = None, trajectory: Path | None = None) -> tuple[ImportedGrid, ...]:
    """Read the landscapes of a file, perhaps with a training path from another one.

    Args:
        path: The file.
        hints: What the user says that the file does not.
        trajectory: A file that holds only a path: it replaces that of the landscapes.

    Returns:
        The landscapes, the one that matters most first.

    Raises:
        QuestionError: Something is missing that only the user knows.
        InputError: A file cannot be read, holds no landscape, or the other one no path.
    """
    read = import_file(path, hints)
    if isinstance(read, ImportedPath):
        raise InputError(
            f"{path}: this is a training path without a landscape; import the landscape, with --trajectory {path.name}."
        )
    if trajectory is None:
        return read
    path_read = import_file(trajectory)
    if not isinstance(path_read, ImportedPath):
        raise InputError(f"{trajectory}: this is a landscape; expected a file that holds a training path.")
    return tuple(replace(grid, paths=(path_read.path,), notes=(*grid.notes, *path_read.notes)) for grid in read)


def add_grids(document: Document, grids: Sequence[ImportedGrid]) -> int:
    """Add landscapes that were read from a file to a document, with the jobs, notes, paths and finer grids it told.

    Args:
        document: A document that can be written.
        grids: From ``import_file``; the first one is added last, so that it is the newest.

    Returns:
        The number of the first one in the document.

    Raises:
        InputError: The document cannot be written.
    """
    number = 0
    for grid in reversed(grids):
        number = document.add_landscape(
            grid.name, grid.u, grid.v, grid.w, job=grid.job, source=grid.source, events=grid.events()
        )
        for region in grid.regions:
            job = None if grid.job is None else region_job(grid.job, grid.u, grid.v, region.patch)
            inside = document.add_region(number, region.patch, job)
            for event in region.events():
                document.commit(inside, event)
    return number


_IMPORTS: Mapping[str, _Import] = {
    "npz": _Import("npz", "read_npz", (".npz",)),
    "npy": _Import("npz", "read_npy", (".npy",)),
    "table": _Import("tables", "read_table", (".csv", ".tsv", ".txt")),
    "h5": _Import("h5", "read_h5", (".h5", ".hdf5")),
    "ply": _Import("ply_reading", "read_ply", (".ply",)),
    "vtp": _Import("vtp", "read_vtp", (".vtp",)),
    "vti": _Import("vti", "read_vti", (".vti",)),
    "obj": _Import("obj", "read_obj", (".obj",)),
    "pickle": _Import("pickles", "read_pickle", (".pkl", ".p", ".pt", ".pth")),
}

IMPORT_SUFFIXES = tuple(suffix for form in _IMPORTS.values() for suffix in form.suffixes)
"""Suffixes that files which can be read usually have."""
