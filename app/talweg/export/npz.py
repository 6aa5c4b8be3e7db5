"""NPZ: the arrays as NumPy holds them, without pickle."""

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from talweg.export.files import replacing
from talweg.export.imported import ImportedGrid, check_grid, from_description
from talweg.export.metadata import describe, from_json, read_description, to_json
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
    NaN where not computed or not known; ``computed`` bool [nv, nu]; and ``provenance``, a string of JSON.

    Args:
        path: The file.
        landscape: The numbers.

    Returns:
        The file.

    Raises:
        InputError: The file cannot be written.
    """
    unknown = np.full(landscape.computed.shape, np.nan)
    fields = {name: landscape.fields.get(name, unknown) for name in FIELDS}
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez(
            stream,
            allow_pickle=False,
            u=landscape.u,
            v=landscape.v,
            computed=landscape.computed,
            provenance=np.array(to_json(describe(landscape))),
            **fields,
        )
    return (path,)


def read_npz(path: Path) -> ImportedGrid:
    """Read a grid from arrays.

    Args:
        path: A file with the arrays u, v and loss; accuracy, loss_standard_error, computed and provenance if they are
            there. Nothing else is read, and never a pickle.

    Returns:
        The grid.

    Raises:
        InputError: The file cannot be read, or an array is missing or does not fit.
    """
    try:
        with path.open("rb") as stream:  # np.load would leave a damaged file open
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(f"{path}: this is one array; expected a .npz file with the arrays u, v and loss.")
            missing = [name for name in ("u", "v", "loss") if name not in archive]
            if missing:
                raise InputError(
                    f"{path}: the {'array' if len(missing) == 1 else 'arrays'} {', '.join(missing)} "
                    f"{'is' if len(missing) == 1 else 'are'} missing (the file has {', '.join(archive) or 'none'}); "
                    "expected u [nu], v [nv] and loss [nv, nu]."
                )
            wanted = ("u", "v", *FIELDS, "computed", "provenance")
            arrays = {name: archive[name] for name in wanted if name in archive}
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except _DAMAGE as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: this is not a .npz file of plain arrays: {reason}.") from None
    fields = {name: arrays[name] for name in FIELDS if name in arrays}
    grid = check_grid(path, arrays["u"], arrays["v"], fields, computed=arrays.get("computed"))
    text = arrays.get("provenance")
    if text is None or text.dtype.kind != "U" or text.shape != ():
        return grid
    return from_description(grid, read_description(from_json(str(text), str(path)), str(path)))
