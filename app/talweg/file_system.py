"""What the file system under a document is: SQLite's write-ahead log needs a local one."""

import sys
from pathlib import Path

_NETWORK_TYPES = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "beegfs", "fuse.sshfs", "afs", "ceph", "9p"}


def is_network(path: Path) -> bool:
    """Tell whether a path lies on a network file system, as far as the system says so.

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
        _, mount, mount_type, *_ = line.split(" ")
        if path.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, mount_type
    return kind in _NETWORK_TYPES
