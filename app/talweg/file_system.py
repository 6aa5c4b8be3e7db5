"""What is asked of file systems: files that are whole or not there, and whether one is local."""

import contextlib
import os
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

_NETWORK_TYPES = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "fuse.sshfs", "afs", "ceph", "9p"}


@contextlib.contextmanager
def replacing(path: Path, *, alone: bool = False) -> Iterator[Path]:
    """Write a file so that whoever looks, even after a crash, sees the old file or the whole new one.

    Args:
        path: The file to write; a symbolic link is followed.
        alone: Nobody else writes it at this time, so that what a killed run left beside it is removed.

    Yields:
        A path in the same folder, to be written and closed; it takes the place of ``path`` at the end, and is removed
        if an exception leaves the block. Its suffix is the same, unless ``alone``.

    Raises:
        OSError: The file cannot be written there.
    """
    target = Path(os.path.realpath(path))
    name = f".{target.name}.part" if alone else f".{target.stem[:100]}.{uuid.uuid4().hex[:8]}{target.suffix}"
    temporary = target.with_name(name)
    if alone:
        temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb"):
            pass  # finds out early whether the folder takes a file, before a library says it in its own words
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(target)
        _sync_folder(target.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def is_network(path: Path) -> bool:
    """Tell whether a path lies on a network file system, which SQLite's write-ahead log cannot use.

    It is told as far as the system says so.

    Args:
        path: A file that may not exist yet.

    Returns:
        True on a mount of a network type; False elsewhere and where the mounts cannot be listed.
    """
    mounts = Path("/proc/self/mounts")
    if sys.platform != "linux" or not mounts.exists():
        return False
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, escaped, mount_type, *_ = line.split(" ")
        mount = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), escaped)  # blanks, among others
        if path.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, mount_type
    return kind in _NETWORK_TYPES


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
