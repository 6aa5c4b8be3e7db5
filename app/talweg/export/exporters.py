"""The formats that are written, by the suffix of the file; the code of each is imported when it is needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from talweg.export.finer_grids import without_finer_grids
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


_Write = Callable[[_Export], tuple[Path, ...]]


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
    flavours = _EXPORTS[suffix]
    if flavour not in flavours:
        raise InputError(f'{path}: flavour: got "{flavour}"; expected {" or ".join(flavours)} for a {suffix} file.')
    if grid_only or not holds_finer_grids(suffix, flavour):
        plain = without_finer_grids(landscape)
        landscape, picture = plain, picture if plain is landscape else None
    view = fit_view(landscape, view)
    return flavours[flavour](_Export(path, landscape, view, picture, flavour, binary, colours))


def holds_finer_grids(suffix: str, flavour: str = "talweg") -> bool:
    """Tell whether a format takes the finer grids inside a landscape.

    Args:
        suffix: Of the file.
        flavour: A variant of the format.
    """
    return flavour == "talweg" and suffix.lower() not in _GRID_ALONE


def _numbers(module: str, function: str) -> _Write:
    """A format of the landscape's numbers: ``function(path, landscape)`` of a module of this package."""

    def write(export: _Export) -> tuple[Path, ...]:
        return _find(module, function)(export.path, export.landscape)

    return write


def _drawn(module: str, function: str, *options: str) -> _Write:
    """A format of what is shown: ``function(path, landscape, view, picture, **options)``."""

    def write(export: _Export) -> tuple[Path, ...]:
        chosen = {option: getattr(export, option) for option in options}
        return _find(module, function)(export.path, export.landscape, export.view, export.picture, **chosen)

    return write


def _find(module: str, function: str) -> Callable[..., tuple[Path, ...]]:
    found: Callable[..., tuple[Path, ...]] = getattr(import_module(f"talweg.export.{module}"), function)
    return found


def _write_li2018(export: _Export) -> tuple[Path, ...]:
    from talweg.export.li2018_vtp import write_li2018_vtp

    highest = export.view.height_cap if export.view.height == "loss" else None
    logarithm = export.view.height == "log_loss" or export.view.height_scale == "log"
    return write_li2018_vtp(export.path, export.landscape, highest=highest, logarithm=logarithm)


def _write_map(export: _Export) -> tuple[Path, ...]:
    from talweg.export.map_figure import write_map
    from talweg.figures.curves import save_curves

    if export.landscape.dimensions == 1:
        save_curves(export.path, [export.landscape], export.view)
        return (export.path,)
    return write_map(export.path, export.landscape, export.picture)


_USUAL = "talweg"

_EXPORTS: Mapping[str, Mapping[str, _Write]] = {
    ".ply": {
        _USUAL: _drawn("ply", "write_ply", "binary", "colours"),
        "learnply": _numbers("learnply", "write_learnply"),
    },
    ".csv": {_USUAL: _numbers("csv", "write_csv")},
    ".npz": {_USUAL: _numbers("npz", "write_npz")},
    ".h5": {_USUAL: _numbers("h5", "write_h5")},
    ".vtp": {_USUAL: _drawn("vtp", "write_vtp", "colours"), "li2018": _write_li2018},
    ".obj": {_USUAL: _drawn("obj", "write_obj", "colours")},
    ".stl": {_USUAL: _drawn("stl", "write_stl")},
    ".glb": {_USUAL: _drawn("glb", "write_glb", "colours")},
    ".svg": {_USUAL: _write_map},
    ".pdf": {_USUAL: _write_map},
    ".vti": {_USUAL: _numbers("vti", "write_vti")},
}
"""How a format is written, by suffix and flavour, the usual one first."""

VOLUMES = (".vti", ".npz", ".csv")
"""Formats that take a volume."""

_GRID_ALONE = (".h5", ".vti")
"""Formats that have no place for finer grids."""

_NUMBERS = (".csv", ".npz", ".h5", ".svg", ".pdf")
"""Tables of numbers and figures, which take a landscape along a line as well."""

EXPORT_SUFFIXES = tuple(_EXPORTS)
"""Suffixes of the files that can be written."""

FLAVOURS = {suffix: tuple(flavours) for suffix, flavours in _EXPORTS.items() if len(flavours) > 1}
"""Variants of a format by suffix, the usual one first."""
