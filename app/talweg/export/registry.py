"""The formats by the suffix of the file. Each is imported when it is needed: starting the window needs none."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from talweg.document import Document
from talweg.export.imported import ImportedGrid
from talweg.landscape import Landscape
from talweg.picture import Picture, resolve
from talweg.view_state import ViewState
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
        """The picture, worked out when a format needs one."""
        return resolve(self.landscape, self.view) if self.given is None else self.given


def export_landscape(
    path: Path,
    landscape: Landscape,
    view: ViewState,
    *,
    picture: Picture | None = None,
    flavour: str = "talweg",
    binary: bool = True,
    colours: bool = True,
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

    Returns:
        The files that were written, ``path`` first.

    Raises:
        InputError: The suffix or the flavour is not known, there is nothing to write yet, or a file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in _EXPORTS:
        got = f'"{path.suffix}"' if path.suffix else "no suffix"
        raise InputError(f"{path}: got {got}; a landscape can be exported to {', '.join(_EXPORTS)}.")
    flavours = FLAVOURS.get(suffix, ("talweg",))
    if flavour not in flavours:
        raise InputError(f'{path}: flavour: got "{flavour}"; expected {" or ".join(flavours)} for a {suffix} file.')
    return _EXPORTS[suffix](_Export(path, landscape, view, picture, flavour, binary, colours))


def import_grid(path: Path) -> ImportedGrid:
    """Read a landscape from a file of numbers or from a mesh, by the file's suffix.

    Args:
        path: A .npz, .csv, .h5 or .hdf5 (also of Li et al.), or .ply (also of the term project's viewer).

    Returns:
        The grid, checked; ``events`` fills a landscape of a document with it.

    Raises:
        InputError: The suffix is not known, the file cannot be read, or what it holds is no grid.
    """
    suffix = path.suffix.lower()
    if suffix not in _IMPORTS:
        got = f'"{path.suffix}"' if path.suffix else "no suffix"
        raise InputError(f"{path}: got {got}; a landscape can be imported from {', '.join(_IMPORTS)}.")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.")
    return _IMPORTS[suffix](path)


def add_grid(document: Document, grid: ImportedGrid) -> int:
    """Add a landscape that was read from a file to a document, with its job, notes and training path if it told them.

    Args:
        document: A document that can be written.
        grid: From ``import_grid``.

    Returns:
        The landscape's number in the document.

    Raises:
        InputError: The document cannot be written.
    """
    landscape = document.add_landscape(grid.name, grid.u, grid.v, job=grid.job, source=grid.source)
    for event in grid.events():
        document.commit(landscape, event)
    return landscape


def _export_ply(export: _Export) -> tuple[Path, ...]:
    if export.flavour == "learnply":
        from talweg.export.learnply import write_learnply

        return write_learnply(export.path, export.landscape)
    from talweg.export.ply import write_ply

    return write_ply(
        export.path, export.landscape, export.view, export.picture, binary=export.binary, colours=export.colours
    )


def _export_vtp(export: _Export) -> tuple[Path, ...]:
    from talweg.export.vtp import write_li2018_vtp, write_vtp

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


def _import_ply(path: Path) -> ImportedGrid:
    from talweg.export.ply import read_ply

    return read_ply(path)


def _import_csv(path: Path) -> ImportedGrid:
    from talweg.export.csv import read_csv

    return read_csv(path)


def _import_npz(path: Path) -> ImportedGrid:
    from talweg.export.npz import read_npz

    return read_npz(path)


def _import_h5(path: Path) -> ImportedGrid:
    from talweg.export.h5 import read_h5

    return read_h5(path)


_EXPORTS: dict[str, Callable[[_Export], tuple[Path, ...]]] = {
    ".ply": _export_ply,
    ".csv": _export_csv,
    ".npz": _export_npz,
    ".h5": _export_h5,
    ".vtp": _export_vtp,
    ".obj": _export_obj,
    ".stl": _export_stl,
    ".glb": _export_glb,
}

_IMPORTS: dict[str, Callable[[Path], ImportedGrid]] = {
    ".npz": _import_npz,
    ".csv": _import_csv,
    ".h5": _import_h5,
    ".hdf5": _import_h5,
    ".ply": _import_ply,
}

EXPORT_SUFFIXES = tuple(_EXPORTS)
"""Suffixes of the files that can be written."""

IMPORT_SUFFIXES = tuple(_IMPORTS)
"""Suffixes of the files that can be read."""

FLAVOURS: dict[str, tuple[str, ...]] = {".ply": ("talweg", "learnply"), ".vtp": ("talweg", "li2018")}
"""Variants of a format by suffix, the usual one first."""
