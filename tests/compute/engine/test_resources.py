"""Cores and memory that are left to the process, on machines whose files are made up."""

import os
from pathlib import Path

import pytest
import torch

from talweg_compute.engine.resources import available_cores, available_memory

GIB = 1 << 30


def write(root: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{content}\n")
    return root


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight threads on four cores, of which the process may use six threads on three cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 4, 5, 6}, raising=False)
    siblings = "sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    return write(tmp_path, {siblings.format(thread): f"{thread % 4},{thread % 4 + 4}" for thread in range(8)})


def test_threads_of_a_core_count_once(machine: Path) -> None:
    assert available_cores(machine) == 3


def test_each_thread_counts_where_nobody_tells_of_cores(machine: Path, tmp_path: Path) -> None:
    assert available_cores(tmp_path / "elsewhere") == 6


@pytest.mark.parametrize(("capabilities", "cores"), [({"num_physical_cores": 6}, 6), ({}, 12)])
def test_cores_are_told_by_torch_where_the_system_has_no_such_files(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, int], cores: int
) -> None:
    """As on macOS and Windows; torch before 2.10 tells nothing."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert available_cores() == cores


@pytest.mark.parametrize(
    "files",
    [
        {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "200000 100000"},
        {"proc/self/cgroup": "0::/a/b", "sys/fs/cgroup/a/cpu.max": "150000 100000", "sys/fs/cgroup/a/b/cpu.max": "max"},
        {
            "proc/self/cgroup": "7:memory:/x\n2:cpu,cpuacct:/docker/1",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": 200000,
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": 100000,
        },
    ],
)
def test_a_container_leaves_fewer(machine: Path, files: dict[str, object]) -> None:
    assert available_cores(write(machine, files)) == 2


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"}, 3),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 100000"}, 1),
        (
            {
                "proc/self/cgroup": "1:cpu:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": -1,
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": 100000,
            },
            3,
        ),
    ],
)
def test_no_limit_and_half_a_core(machine: Path, files: dict[str, object], cores: int) -> None:
    assert available_cores(write(machine, files)) == cores


def test_memory_is_what_is_available_within_every_limit(tmp_path: Path) -> None:
    assert available_memory(tmp_path) is None
    write(tmp_path, {"proc/meminfo": "MemTotal:  20971520 kB\nMemAvailable:  10485760 kB"})
    assert available_memory(tmp_path) == 10 * GIB
    write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/a",
            "sys/fs/cgroup/a/memory.max": 6 * GIB,
            "sys/fs/cgroup/a/memory.current": 3 * GIB,
            "sys/fs/cgroup/a/memory.stat": f"anon {GIB}\ninactive_file {GIB}",
        },
    )
    assert available_memory(tmp_path) == 4 * GIB
    write(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/b",
            "sys/fs/cgroup/memory/b/memory.limit_in_bytes": 2 * GIB,
            "sys/fs/cgroup/memory/b/memory.usage_in_bytes": GIB,
        },
    )
    assert available_memory(tmp_path) == GIB
