"""Files that are either complete or not there: written beside their place, flushed to the disk, then renamed."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

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
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.stem[:100]}.{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        with temporary.open("xb"):
            pass  # finds out early whether the folder takes a file, before a library says it in its own words
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{path}: the file cannot be written: {reason}; choose a folder that exists, is writable and has room."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def beside(path: Path, ending: str) -> Path:
    """Name a file that belongs to another: ``mesh.ply`` and ``_points.csv`` give ``mesh_points.csv``."""
    return path.with_name(path.stem + ending)


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk, where the system can; Windows cannot open folders."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
