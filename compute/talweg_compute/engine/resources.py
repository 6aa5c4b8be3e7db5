"""What of the machine this process may use: cores and memory, within what a container leaves it."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

from talweg_compute.engine.device import cpu_capabilities

_ROOT = Path("/")
_CPU_TOPOLOGY = "sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def available_cores(root: Path = _ROOT) -> int:
    """Count the cores that this process may keep busy.

    A core counts once, however many threads it runs at a time: the second one has no arithmetic units of its own. Where
    a control group limits the time on CPUs, as containers do, there are no more than that is worth.

    Args:
        root: Where the system's files are.

    Returns:
        At least 1. Where neither the system nor torch (from 2.10 on) tells which threads share a core, each counts.
    """
    if not hasattr(os, "sched_getaffinity"):  # macOS, Windows
        return cpu_capabilities().get("num_physical_cores") or os.cpu_count() or 1
    threads = os.sched_getaffinity(0)
    cores = len({_read(root / _CPU_TOPOLOGY.format(thread)) or str(thread) for thread in threads})
    return max(1, min([cores, *map(math.ceil, _cpu_limits(root))]))


def available_memory(root: Path = _ROOT) -> int | None:
    """Say how many bytes of memory are free for this process and those it starts.

    Args:
        root: Where the system's files are.

    Returns:
        Bytes, or None where the system does not tell.
    """
    found = dict(line.partition(":")[::2] for line in (_read(root / "proc/meminfo") or "").splitlines())
    amount = found.get("MemAvailable", "").split()
    if not amount:
        return None
    return max(0, min([1024 * int(amount[0]), *_memory_limits(root)]))


def _cpu_limits(root: Path) -> Iterator[float]:
    """CPUs' worth of time, for each control group that limits it."""
    for group in _groups(root, "cpu"):
        quota, _, period = (_read(group / "cpu.max") or "max").partition(" ")
        if quota != "max":
            yield int(quota) / int(period)
        old_quota, old_period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
        if old_quota and old_period and int(old_quota) > 0:
            yield int(old_quota) / int(old_period)


def _memory_limits(root: Path) -> Iterator[int]:
    """Bytes that are left, for each control group that limits them; what only caches files can be had."""
    for group in _groups(root, "memory"):
        for limit, used, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            most = _read(group / limit)
            if most is None or most == "max":
                continue
            statistics = dict(line.partition(" ")[::2] for line in (_read(group / "memory.stat") or "").splitlines())
            yield int(most) - int(_read(group / used) or 0) + int(statistics.get(cache, 0))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Folders of the control groups that this process is in, in both versions, and of those around them."""
    for line in (_read(root / "proc/self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controller if controllers else "")
        group = top / path.lstrip("/")
        yield group
        yield from (around for around in group.parents if around == top or top in around.parents)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
