"""PLY files as such: headers that every reader takes, fast bodies, and reading that does not trust the file."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from plyfile import PlyData, PlyElement, PlyParseError

from talweg.export.files import replacing
from talweg_compute.messages import InputError

COMMENT_MARK = "json "
"""Begins each comment that holds a part of the description."""

_COMMENT_LENGTH = 190  # with "comment " in front: some readers stop at 200 characters


def save_ply(path: Path, elements: Sequence[PlyElement], comments: Sequence[str], *, binary: bool) -> None:
    """Write a PLY file with line feeds only.

    Args:
        path: The file.
        elements: Vertices first.
        comments: Lines of the header; made ASCII, cut at 190 characters.
        binary: Little-endian instead of ASCII.

    Raises:
        InputError: The file cannot be written.
    """
    data = PlyData(list(elements), text=not binary, byte_order="<" if binary else "=", comments=_clean(comments))
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.write(data.header.encode("ascii") + b"\n")
        for element in elements:
            (_write_binary if binary else _write_text)(stream, element)


def load_ply(path: Path) -> PlyData:
    """Read a PLY file.

    Args:
        path: A file of triangles, of quads, or of any faces (slower).

    Returns:
        Its elements.

    Raises:
        InputError: It is missing, damaged, or no PLY file.
    """
    reason: Exception | None = None
    for corners in (3, 4, None):
        known = {} if corners is None else {"face": {"vertex_indices": corners}}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", UserWarning)  # an element without any line is damage
                return PlyData.read(str(path), mmap="r", known_list_len=known)
        except OSError as error:
            raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
        except (PlyParseError, ValueError, KeyError, EOFError, MemoryError, OverflowError, UserWarning) as error:
            reason = error
    raise InputError(f"{path}: this is not a PLY file that can be read: {reason}.") from None


def float_column(data: PlyData, name: str) -> Any:
    """Return a vertex property as float64, or None where the file has none."""
    vertex = data["vertex"]
    if name not in {entry.name for entry in vertex.properties}:
        return None
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        return np.array(vertex[name], dtype=np.float64)  # a copy, so that the file is not kept open


def _write_binary(stream: Any, element: PlyElement) -> None:
    """Write an element as little-endian bytes, all at once: plyfile writes lists one by one."""
    given = element.data.dtype
    kinds: list[Any] = []
    for name in given.names:
        if given[name].shape:  # a list of the same length everywhere
            kinds.append((f"{name} count", "u1"))
        kinds.append((name, given[name]))
    packed = np.zeros(len(element.data), dtype=kinds)
    for name in given.names:
        if given[name].shape:
            packed[f"{name} count"] = given[name].shape[0]
        packed[name] = element.data[name]
    stream.write(packed.tobytes())


def _write_text(stream: Any, element: PlyElement) -> None:
    """Write an element as text; nine significant digits are every bit of a float."""
    columns, formats = [], []
    for entry in element.properties:
        values = element.data[entry.name]
        pattern = "%.9g" if values.dtype.kind == "f" else "%d"
        if values.ndim == 2:  # a list of the same length everywhere
            columns.append(np.full((len(values), 1), values.shape[1]))
            formats.append("%d")
        columns.append(values.reshape(len(values), -1).astype(np.float64))
        formats.extend([pattern] * columns[-1].shape[1])
    np.savetxt(stream, np.hstack(columns), fmt=formats, newline="\n")


def _clean(comments: Sequence[str]) -> list[str]:
    lines = [" ".join(comment.split()) if not comment.isprintable() else comment for comment in comments]
    ascii_lines = [line.encode("ascii", "backslashreplace").decode("ascii") for line in lines]
    return [line if len(line) <= _COMMENT_LENGTH else line[: _COMMENT_LENGTH - 3] + "..." for line in ascii_lines]
