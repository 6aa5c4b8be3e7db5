"""The formats: written by the suffix of the file, read by its content.

The code of each is imported when it is needed: starting the window needs none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from talweg.document import Document
from talweg.document.regions import region_job
from talweg.export.finer_grids import without_finer_grids
from talweg.export.imported import Imported, ImportedGrid, ImportedPath
from talweg.export.question import Hints
from talweg.export.sniffing import recognise
from talweg.landscape import Landscape
from talweg.picture import Picture, resolve
from talweg.view.quantities import fit_view
from talweg.view.state import ViewState
from talweg_compute.messages import InputError


@dataclass(frozen=True, eq=False)
class _Export:
    """One export: what, how it is looked at, and the options."""

    path: Path
    landscape: Landscape
    view: ViewState
    given: Picture | None
    flavour: str
    binary: bool
    colours: bool

    @property
    def picture(self) -> Picture:
        """The picture, worked out when a format needs one and the given one is not of the same grids."""
        grids = self.landscape.loss.shape, tuple(region.patch.shape for region in self.landscape.regions)
        if self.given is not None and (self.given.surface.grid, self.given.surface.patches) == grids:
            return self.given
        return resolve(self.landscape, self.view)


def export_landscape(
    path: Path,
    landscape: Landscape,
    view: ViewState,
    *,
    picture: Picture | None = None,
    flavour: str = "talweg",
    binary: bool = True,
    colours: bool = True,
    grid_only: bool = False,
) -> tuple[Path, ...]:
    """Write a landscape in the format that the file's suffix names. Files that exist are replaced.

    Args:
        path: The file; formats with several files name the others after it.
        landscape: The numbers.
        view: How they are looked at; grids of numbers (.csv, .npz, .h5) do not depend on it.
        picture: What ``resolve`` made of both, if it is at hand.
        flavour: A variant of the format, see ``FLAVOURS``: "learnply" for .ply, "li2018" for .vtp, or the usual one.
        binary: Binary instead of ASCII, for .ply.
        colours: Whether meshes have the colours of the picture.
        grid_only: Leave out the finer grids inside; formats that cannot hold them do so anyway, and note it.

    Returns:
        The files that were written, ``path`` first.

    Raises:
        InputError: The suffix or the flavour is not known, there is nothing to write yet, or a file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in _EXPORTS:
        got = f'"{path.suffix}"' if path.suffix else "no suffix"
        raise InputError(f"{path}: got {got}; a landscape can be exported to {', '.join(_EXPORTS)}.")
    if landscape.dimensions == 3 and suffix not in VOLUMES:
        raise InputError(
            f"{path}: this landscape is a volume, and this format takes surfaces; export it to {', '.join(VOLUMES)}, "
            "or name a sheet of it by its w."
        )
    if landscape.v.size == 1 and suffix not in _NUMBERS:
        raise InputError(
            f"{path}: this landscape is a line, and this format takes surfaces; export it to {', '.join(_NUMBERS)}."
        )
    flavours = FLAVOURS.get(suffix, ("talweg",))
    if flavour not in flavours:
        raise InputError(f'{path}: flavour: got "{flavour}"; expected {" or ".join(flavours)} for a {suffix} file.')
    if grid_only or not holds_finer_grids(suffix, flavour):
        plain = without_finer_grids(landscape)
        landscape, picture = plain, picture if plain is landscape else None
    view = fit_view(landscape, view)
    return _EXPORTS[suffix](_Export(path, landscape, view, picture, flavour, binary, colours))


def holds_finer_grids(suffix: str, flavour: str = "talweg") -> bool:
    """Tell whether a format takes the finer grids inside a landscape.

    Args:
        suffix: Of the file.
        flavour: A variant of the format.
    """
    return flavour == "talweg" and suffix.lower() not in _GRID_ALONE


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
    if name not in _IMPORTS:
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


def _export_ply(export: _Export) -> tuple[Path, ...]:
    if export.flavour == "learnply":
        from talweg.export.learnply import write_learnply

        return write_learnply(export.path, export.landscape)
    from talweg.export.ply import write_ply

    return write_ply(
        export.path, export.landscape, export.view, export.picture, binary=export.binary, colours=export.colours
    )


def _export_vtp(export: _Export) -> tuple[Path, ...]:
    from talweg.export.li2018_vtp import write_li2018_vtp
    from talweg.export.vtp import write_vtp

    if export.flavour == "li2018":
        highest = export.view.height_cap if export.view.height == "loss" else None
        logarithm = export.view.height == "log_loss" or export.view.height_scale == "log"
        return write_li2018_vtp(export.path, export.landscape, highest=highest, logarithm=logarithm)
    return write_vtp(export.path, export.landscape, export.view, export.picture, colours=export.colours)


def _export_obj(export: _Export) -> tuple[Path, ...]:
    from talweg.export.obj import write_obj

    return write_obj(export.path, export.landscape, export.view, export.picture, colours=export.colours)


def _export_stl(export: _Export) -> tuple[Path, ...]:
    from talweg.export.stl import write_stl

    return write_stl(export.path, export.landscape, export.view, export.picture)


def _export_glb(export: _Export) -> tuple[Path, ...]:
    from talweg.export.glb import write_glb

    return write_glb(export.path, export.landscape, export.view, export.picture, colours=export.colours)


def _export_csv(export: _Export) -> tuple[Path, ...]:
    from talweg.export.csv import write_csv

    return write_csv(export.path, export.landscape)


def _export_npz(export: _Export) -> tuple[Path, ...]:
    from talweg.export.npz import write_npz

    return write_npz(export.path, export.landscape)


def _export_h5(export: _Export) -> tuple[Path, ...]:
    from talweg.export.h5 import write_h5

    return write_h5(export.path, export.landscape)


def _export_vti(export: _Export) -> tuple[Path, ...]:
    from talweg.export.vti import write_vti

    return write_vti(export.path, export.landscape)


def _export_map(export: _Export) -> tuple[Path, ...]:
    from talweg.export.map_figure import write_map
    from talweg.figures.curves import save_curves

    if export.landscape.dimensions == 1:
        save_curves(export.path, [export.landscape], export.view)
        return (export.path,)
    return write_map(export.path, export.landscape, export.picture)


def _import_ply(path: Path, hints: Hints) -> Imported:
    from talweg.export.ply_reading import read_ply

    return (read_ply(path, hints),)


def _import_vtp(path: Path, hints: Hints) -> Imported:
    from talweg.export.vtp import read_vtp

    return (read_vtp(path, hints),)


def _import_vti(path: Path, hints: Hints) -> Imported:
    from talweg.export.vti import read_vti

    return (read_vti(path, hints),)


def _import_obj(path: Path, hints: Hints) -> Imported:
    from talweg.export.obj import read_obj

    return (read_obj(path, hints),)


def _import_table(path: Path, hints: Hints) -> Imported:
    from talweg.export.tables import read_table

    return read_table(path, hints)


def _import_npz(path: Path, hints: Hints) -> Imported:
    from talweg.export.npz import read_npz

    return read_npz(path, hints)


def _import_npy(path: Path, hints: Hints) -> Imported:
    from talweg.export.npz import read_npy

    return read_npy(path, hints)


def _import_h5(path: Path, hints: Hints) -> Imported:
    from talweg.export.h5 import read_h5

    return read_h5(path, hints)


def _import_pickle(path: Path, hints: Hints) -> Imported:
    from talweg.export.pickles import read_pickle

    return read_pickle(path, hints)


def _refuse_drawn(path: Path, _hints: Hints) -> Imported:
    raise InputError(
        f"{path}: this mesh has heights as they were drawn, and no losses; open a .ply, .vtp or .npz of the landscape."
    )


@dataclass(frozen=True)
class _Import:
    """One format that is read, and the suffixes that files of it usually have."""

    read: Callable[[Path, Hints], Imported]
    suffixes: tuple[str, ...] = ()


_EXPORTS: dict[str, Callable[[_Export], tuple[Path, ...]]] = {
    ".ply": _export_ply,
    ".csv": _export_csv,
    ".npz": _export_npz,
    ".h5": _export_h5,
    ".vtp": _export_vtp,
    ".obj": _export_obj,
    ".stl": _export_stl,
    ".glb": _export_glb,
    ".svg": _export_map,
    ".pdf": _export_map,
    ".vti": _export_vti,
}

_IMPORTS: dict[str, _Import] = {
    "npz": _Import(_import_npz, (".npz",)),
    "npy": _Import(_import_npy, (".npy",)),
    "table": _Import(_import_table, (".csv", ".tsv", ".txt")),
    "h5": _Import(_import_h5, (".h5", ".hdf5")),
    "ply": _Import(_import_ply, (".ply",)),
    "vtp": _Import(_import_vtp, (".vtp",)),
    "vti": _Import(_import_vti, (".vti",)),
    "obj": _Import(_import_obj, (".obj",)),
    "pickle": _Import(_import_pickle, (".pkl", ".p", ".pt", ".pth")),
    "drawn": _Import(_refuse_drawn),
}

VOLUMES = (".vti", ".npz", ".csv")
"""Formats that take a volume."""

_GRID_ALONE = (".h5", ".vti")
"""Formats that have no place for finer grids."""

_NUMBERS = (".csv", ".npz", ".h5", ".svg", ".pdf")
"""Tables of numbers and figures, which take a landscape along a line as well."""

EXPORT_SUFFIXES = tuple(_EXPORTS)
"""Suffixes of the files that can be written."""

IMPORT_SUFFIXES = tuple(suffix for form in _IMPORTS.values() for suffix in form.suffixes)
"""Suffixes that files which can be read usually have."""

FLAVOURS: dict[str, tuple[str, ...]] = {".ply": ("talweg", "learnply"), ".vtp": ("talweg", "li2018")}
"""Variants of a format by suffix, the usual one first."""
