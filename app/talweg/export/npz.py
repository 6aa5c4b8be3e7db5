"""NPZ and NPY: the arrays as NumPy holds them, without pickle."""

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from talweg.export.arrays import grids_of_arrays
from talweg.export.files import replacing
from talweg.export.imported import ImportedGrid
from talweg.export.metadata import describe, to_json
from talweg.export.question import Hints
from talweg.landscape import FIELDS, Landscape
from talweg_compute.messages import InputError

_DAMAGE = (
    *(ValueError, TypeError, KeyError, EOFError, MemoryError, SyntaxError, NotImplementedError),
    *(tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error),
)
"""What reading an archive raises when it is damaged."""


def write_npz(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write the grid as float64 arrays.

    The arrays are ``u`` [nu], ``v`` [nv], ``loss``, ``accuracy`` in percent and ``loss_standard_error`` [nv, nu] each,
    NaN where not known (a line: [1, nu], a volume: ``w`` [nw] and [nw, nv, nu]); ``computed`` bool [nv, nu], False
    also where a value is interpolated; ``provenance``, a string of JSON; and whatever else is known of the points,
    such as ``gradient_norm``. Finer grids inside are ``finer_1_u``, ``finer_1_v``, ``finer_1_loss`` and so on, the
    coarser first; the provenance says where they lie.

    Args:
        path: The file.
        landscape: The numbers.

    Returns:
        The file.

    Raises:
        InputError: The file cannot be written.
    """
    arrays = _arrays(landscape)
    for number, region in enumerate(landscape.regions, 1):
        arrays |= {f"finer_{number}_{name}": values for name, values in _arrays(region.landscape).items()}
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            allow_pickle=False,
            provenance=np.array(to_json(describe(landscape))),
            **arrays,
        )
    return (path,)


def _arrays(landscape: Landscape) -> dict[str, NDArray[Any]]:
    """Coordinates and fields by name."""
    unknown = np.full(landscape.computed.shape, np.nan)
    axes = {"u": landscape.u, "v": landscape.v} | ({"w": landscape.w} if landscape.dimensions == 3 else {})
    fields = {name: landscape.fields.get(name, unknown) for name in FIELDS} | landscape.further_fields()
    return {**axes, "computed": landscape.computed, **fields}


def read_npz(path: Path, hints: Hints) -> tuple[ImportedGrid, ...]:
    """Read landscapes from an archive of arrays.

    Args:
        path: A .npz file: of Talweg, Garipov et al., Landscaper, or any with a grid of losses. A pickle in it is
            never read.
        hints: What the user says.

    Returns:
        The landscapes.

    Raises:
        InputError: The file cannot be read, or what it holds is no grid.
    """
    return grids_of_arrays(path, _read(path, _load_archive), hints)


def read_npy(path: Path, hints: Hints) -> tuple[ImportedGrid, ...]:
    """Read a landscape from one array [nv, nu], row by row.

    Raises:
        InputError: The file cannot be read, or what it holds is no grid.
    """
    return grids_of_arrays(path, _read(path, lambda stream: {"": np.load(stream, allow_pickle=False)}), hints)


def _load_archive(stream: BinaryIO) -> dict[str, NDArray[Any]]:
    with np.load(stream, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive}


def _read(path: Path, load: Callable[[BinaryIO], dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as stream:  # np.load would leave a damaged file open
            return load(stream)
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except _DAMAGE as error:
        reason = " ".join(str(error).split())
        if "allow_pickle" in reason:
            raise InputError(
                f"{path}: this file holds Python objects, whose reading could run code; save plain arrays of numbers."
            ) from None
        raise InputError(f"{path}: this is not a NumPy file of plain arrays: {reason}.") from None
