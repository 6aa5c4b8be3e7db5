"""Files that are exported: complete or not there, and named after one another."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from talweg import file_system
from talweg_compute.messages import InputError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file so that whoever looks sees the old file or the whole new one.

    Args:
        path: The file to write; a symbolic link is followed.

    Yields:
        A path in the same folder with the same suffix, to be written and closed; it takes the place of ``path`` at the
        end, and is removed if an exception leaves the block.

    Raises:
        InputError: The file cannot be written there.
    """
    try:
        with file_system.replacing(path) as temporary:
            yield temporary
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{path}: the file cannot be written: {reason}; choose a folder that exists, is writable and has room."
        ) from error


def beside(path: Path, ending: str) -> Path:
    """Name a file that belongs to another: ``mesh.ply`` and ``_points.csv`` give ``mesh_points.csv``."""
    return path.with_name(path.stem + ending)
