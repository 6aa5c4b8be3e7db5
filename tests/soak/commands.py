"""Programs that are killed: the command line with its worker, and a writer of documents."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg.document import Document
from talweg_compute.messages import InputError

TALWEG = (sys.executable, "-m", "talweg")

WRITER = """
import sys
import numpy as np
from pathlib import Path
from talweg.document import Document
from talweg_compute.messages import Block, Points

path, side = Path(sys.argv[1]), int(sys.argv[2])
axis = np.linspace(-1.0, 1.0, side)
if path.exists() and path.stat().st_size > 0:
    document = Document.open(path)
else:
    document = Document.create(path)
if not document.landscape_ids():
    document.add_landscape("x", axis, axis)
rest = np.flatnonzero(~document.newest_landscape().computed)
print("open", flush=True)
for chunk in np.array_split(rest, max(1, rest.size // 3)):
    loss = np.sqrt(chunk + 1.0)
    fields = {"loss": Block.of(loss), "accuracy": Block.of(-loss), "loss_standard_error": Block.of(loss / 7)}
    document.commit(1, Points("1", Block.of(chunk), fields))
    print(*chunk.tolist(), flush=True)
document.close()
"""
"""Commits points three at a time and says each commit on stdout once it is over."""


def start_compute(job: Path, document: Path) -> "subprocess.Popen[bytes]":
    """Start ``talweg compute`` as a shell would, in a process group of its own."""
    command = [*TALWEG, "compute", str(job), "-o", str(document)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def finish_compute(job: Path, document: Path) -> str:
    """Run ``talweg compute`` to its end; returns what it said."""
    with start_compute(job, document) as process:
        _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()
    return said.decode()


def descendants(pid: int) -> list[int]:
    """List the processes below one, parents first."""
    children = list(_children(pid))
    return children + [below for child in children for below in descendants(child)]


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, task.read_text().split())
        except OSError:  # it has ended meanwhile
            continue


def kill(pid: int) -> None:
    """End a process as the kernel does when memory runs out."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_for_end(pids: list[int], seconds: float = 30) -> list[int]:
    """Wait until processes are gone; returns those that are not."""
    deadline = time.monotonic() + seconds
    while (left := [pid for pid in pids if _lives(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def check_document(path: Path) -> NDArray[np.bool_]:
    """Open a document as it was left, check all of it, and return which points it holds (none: no landscape yet)."""
    if not path.exists() or path.stat().st_size == 0:
        return np.zeros((0, 0), dtype=bool)
    with Document.open(path) as document:
        ids = document.landscape_ids()
        computed = document.landscape(ids[-1]).computed if ids else np.zeros((0, 0), dtype=bool)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return computed


def points_done(path: Path) -> int:
    """Count the points of a document that may not exist yet, as another program reads it."""
    try:
        with Document.open(path) as document:
            return document.newest_landscape().done
    except InputError:
        return 0
