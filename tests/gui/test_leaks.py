"""Documents that were opened and closed leave nothing behind: no object of VTK or Qt, no file, process or thread."""

import ctypes
import gc
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QThreadPool
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.main_window import MainWindow
from tests.gui.conftest import himmelblau, vtk_objects

_MEGABYTE = 2**20
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Held:
    """What the process holds.

    Attributes:
        vtk: Objects of VTK by class.
        actors: Props in the scene's renderer.
        files: Open files, by name.
        children: Processes below this one.
        threads: Threads of Python.
        objects: Of Qt, below the window.
        documents: Open documents.
        memory: Resident bytes.
    """

    vtk: Counter[str]
    actors: int
    files: Counter[str]
    children: frozenset[str]
    threads: int
    objects: Counter[str]
    documents: int
    memory: int


def held(window: MainWindow) -> Held:
    QThreadPool.globalInstance().waitForDone()
    plotter = window.scene_view.plotter
    assert plotter is not None
    found = vtk_objects()
    _LIBC.malloc_trim(0)  # what the allocator merely keeps is no leak
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return Held(
        vtk=Counter(type(item).__name__ for item in found),
        actors=plotter.renderer.GetViewProps().GetNumberOfItems(),
        files=Counter(_open_files()),
        children=frozenset(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
        threads=threading.active_count(),
        objects=Counter(type(item).__name__ for item in window.findChildren(QObject)),
        documents=sum(type(item) is Document for item in gc.get_objects()),  # isinstance() wakes deprecated objects
        memory=resident,
    )


def _open_files() -> list[str]:
    """Name what is open, but for the fonts that matplotlib keeps, once each, from the first drawn curve on."""
    names = []
    for file in Path("/proc/self/fd").iterdir():
        try:
            name = str(file.readlink())
        except OSError:  # that of the folder itself
            continue
        names.append(Path(name).name if name.startswith("/") else name.partition(":")[0])  # imports lie in new folders
    return [name for name in names if not name.endswith(".ttf")]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """A surface with a path of all layers, one with a hole, a line, and a file that is imported."""
    axis = np.linspace(-5.0, 5.0, 21)
    loss = himmelblau(axis[None, :], axis[:, None])
    holed = loss.copy()
    holed[3:6, 3:6] = np.nan
    with Document.create(tmp_path / "plane.talweg") as document:
        document.add_landscape("Plane", axis, axis, fields={"loss": loss, "accuracy": 100 / (1 + loss)})
        document.add_landscape("Another", axis, axis, fields={"loss": loss + 1})
    with Document.create(tmp_path / "holed.talweg") as document:
        document.add_landscape("With a hole", axis, axis, fields={"loss": holed})
    with Document.create(tmp_path / "line.talweg") as document:
        document.add_landscape("Line", axis, fields={"loss": loss[:1]})
    np.savez(tmp_path / "grid.npz", u=axis, v=axis, loss=loss)
    return [tmp_path / name for name in ("plane.talweg", "holed.talweg", "line.talweg", "grid.npz")]


def open_documents(window: MainWindow, qtbot: QtBot, paths: list[Path], count: int) -> None:
    for number in range(count):
        assert window.open_path(paths[number % len(paths)])
        qtbot.waitUntil(lambda: window.store.settled, timeout=20_000)
        window.store.change("everything", talwegs=True, separatrices=True, contour_labels=True)
        qtbot.waitUntil(lambda: window.store.settled, timeout=20_000)
        qtbot.wait(1)


def leave_nothing(window: MainWindow, qtbot: QtBot, paths: list[Path], count: int) -> Held:
    """Open documents, and compare what is held with what was held before, the same document open."""
    open_documents(window, qtbot, paths, len(paths))  # what stays after the first time
    before = held(window)
    open_documents(window, qtbot, paths, count)
    qtbot.wait(100)
    after = held(window)
    assert after.vtk - before.vtk == Counter()
    assert after.actors == before.actors
    assert after.files - before.files == Counter()
    assert after.children <= before.children
    assert after.threads <= before.threads
    assert after.objects - before.objects == Counter()
    assert after.documents <= before.documents
    return Held(**{**vars(after), "memory": after.memory - before.memory})


def test_a_few_documents_leave_nothing_behind(scene_window: MainWindow, qtbot: QtBot, paths: list[Path]) -> None:
    leave_nothing(scene_window, qtbot, paths, len(paths))


@pytest.mark.slow
def test_a_hundred_documents_leave_nothing_behind(scene_window: MainWindow, qtbot: QtBot, paths: list[Path]) -> None:
    leave_nothing(scene_window, qtbot, paths, 100)


@pytest.mark.slow
def test_a_hundred_surfaces_leave_no_memory_behind(scene_window: MainWindow, qtbot: QtBot, paths: list[Path]) -> None:
    open_documents(scene_window, qtbot, paths[:2], 20)  # caches and the allocator's pools are full then
    assert leave_nothing(scene_window, qtbot, paths[:2], 100).memory < 20 * _MEGABYTE


@pytest.mark.slow
def test_curves_and_surfaces_in_turn_leave_no_memory_behind(
    scene_window: MainWindow, qtbot: QtBot, paths: list[Path]
) -> None:
    open_documents(scene_window, qtbot, paths, 20)
    assert leave_nothing(scene_window, qtbot, paths, 100).memory < 20 * _MEGABYTE
