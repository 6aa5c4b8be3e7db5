"""A real window under Xvfb for each test: its own settings, a worker that the test plays, and a search for leaks."""

import contextlib
import gc
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

os.environ["QT_API"] = "pyside6"

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSettings, QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.application import make_application
from talweg.window.main_window import MainWindow
from talweg.work.run_defaults import RunDefaults
from talweg.work.tasks import Work
from talweg_compute.messages import Block, Certify, Compute, Differentiate, Event, Failed, Finished, Job, Trajectory


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    application = make_application()
    yield application
    application.processEvents()


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, qapp: QApplication) -> None:
    QStandardPaths.setTestModeEnabled(True)
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def whole_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show no sketches, which a small landscape needs only on a machine that is busy otherwise."""
    monkeypatch.setattr("talweg.window.resolver.SKETCH_AFTER", 60.0)


@pytest.fixture(autouse=True)
def changes_are_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for an answer where a file of another program is left; tests of the question give their own."""
    monkeypatch.setattr("talweg.window.main_window.ask_about_changes", lambda *_: "discard")


class Watchdog:
    """Measures the longest stall of the event loop: what the window's thread does between two ticks of a timer.

    The time that counts, ``stalled``, is the thread's own, so that a busy machine makes no difference; ``waited`` is
    the clock's.
    """

    def __init__(self) -> None:
        self.timer = QTimer()
        self.timer.setInterval(1)
        self.timer.timeout.connect(self.tick)
        self.start()

    def start(self) -> None:
        """Forget what was measured before."""
        self.stalled = self.waited = 0.0
        self._last = time.thread_time(), time.perf_counter()
        self.timer.start()

    def tick(self) -> None:
        now = time.thread_time(), time.perf_counter()
        self.stalled, self.waited = max(self.stalled, now[0] - self._last[0]), max(self.waited, now[1] - self._last[1])
        self._last = now


@pytest.fixture
def watchdog(qapp: QApplication) -> Iterator[Watchdog]:
    dog = Watchdog()
    yield dog
    dog.timer.stop()


def himmelblau(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Four minima and, inside the square of side 10, four saddles and one maximum."""
    return ((u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2) / 100 + 0.02


@pytest.fixture
def document_path(tmp_path: Path) -> Path:
    """A complete landscape with a training path."""
    return write_himmelblau(tmp_path / "himmelblau.talweg")


def write_himmelblau(path: Path) -> Path:
    """Write a document with a complete landscape and a training path; returns its path."""
    axis = np.linspace(-5.0, 5.0, 21)
    loss = himmelblau(axis[None, :], axis[:, None])
    with Document.create(path) as document:
        fields = {"loss": loss, "accuracy": 100 / (1 + loss), "loss_standard_error": 0.01 * loss}
        landscape = document.add_landscape("Himmelblau", axis, axis, fields=fields, source="himmelblau.npz")
        step = np.linspace(0.0, 1.0, 8)
        coordinates = np.stack([4.5 - 1.5 * step, 4 - 2 * step], axis=-1)
        names = tuple(f"epoch_{number:03d}.pt" for number in range(8))
        blocks = (coordinates, 0.3 * (1 - step), np.exp(-3 * step), 100 * step)
        document.commit(landscape, Trajectory("", names, *map(Block.of, blocks), (0.7, 0.2)))
    return path


@pytest.fixture
def job_path(tmp_path: Path) -> Path:
    """A job file whose checkpoint exists; the worker that the tests play never reads it."""
    (tmp_path / "model.pt").write_bytes(b"")
    path = tmp_path / "first.toml"
    path.write_text(
        '[problem]\nmodel = "digits_resnet"\ndata = "digits"\ncheckpoint = "model.pt"\n'
        "[grid]\nu = [-1.0, 1.0, 5]\nv = [-1.0, 1.0, 4]\n"
    )
    return path


@dataclass
class PlayedWorker:
    """A client without a process: the test says what it answers, on another thread as the client does."""

    on_event: Callable[[Event], None]
    log: deque[str] = field(default_factory=deque)
    calls: list[str] = field(default_factory=list)
    requests: list[Certify] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    gradients: list[Differentiate] = field(default_factory=list)
    document: Document | None = None
    landscape: int = 0
    busy: bool = False
    worker_pid: int | None = 4711
    defaults: RunDefaults = field(default_factory=RunDefaults)

    def begin(self, document: Document, landscape: int, work: Work) -> str:
        request = work.request("1", document, landscape)
        match request:
            case Compute():
                self.calls.append("follow" if request.follow else "compute")
            case Certify():
                self.calls.append("certify")
                self.requests.append(request)
            case Differentiate():
                self.calls.append("differentiate")
                self.gradients.append(request)
        self.document, self.landscape, self.busy = document, landscape, True
        return "1"

    def inspect(self, checkpoint: Path) -> str:
        self.calls.append(f"inspect {checkpoint.name}")
        self.busy = True
        return "inspection"

    def estimate(self, job: Job) -> str:
        self.calls.append("estimate")
        self.jobs.append(job)
        self.busy = True
        return "estimate"

    def cancel(self) -> None:
        self.calls.append("cancel")

    def force_stop(self) -> None:
        self.calls.append("force_stop")

    def wait(self, timeout: float | None = None) -> bool:
        self.calls.append("wait")
        self.busy = False
        return True

    def rest(self) -> None:
        self.calls.append("rest")
        self.worker_pid = None

    def close(self) -> None:
        self.calls.append("close")

    def say(self, *events: Event) -> None:
        """Commit and announce events."""

        def speak() -> None:
            for event in events:
                if self.document is not None:
                    self.document.commit(self.landscape, event)
                if isinstance(event, Finished | Failed):
                    self.busy = False
                self.on_event(event)

        thread = threading.Thread(target=speak)
        thread.start()
        thread.join()


@dataclass
class Workers:
    """The workers that windows asked for."""

    made: list[PlayedWorker] = field(default_factory=list)

    def __call__(self, on_event: Callable[[Event], None]) -> PlayedWorker:
        self.made.append(PlayedWorker(on_event))
        return self.made[-1]

    @property
    def last(self) -> PlayedWorker:
        return self.made[-1]


@pytest.fixture
def workers() -> Workers:
    return Workers()


@pytest.fixture
def empty_window(qtbot: QtBot, workers: Workers) -> Iterator[MainWindow]:
    """A window with nothing open and VTK not loaded by it."""
    window = MainWindow(workers)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitActive(window):  # without a window manager nobody else makes it so
        window.activateWindow()
    yield window
    window.close()


@pytest.fixture
def window(qtbot: QtBot, empty_window: MainWindow, document_path: Path) -> MainWindow:
    """A window with the document open, without the 3D scene."""
    assert empty_window.open_path(document_path)
    qtbot.waitUntil(lambda: empty_window.store.picture is not None and empty_window.store.settled)
    qtbot.waitUntil(empty_window.updatesEnabled)
    qtbot.wait(1)  # the paint
    return empty_window


@pytest.fixture(scope="module")
def standing_window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """The same for all tests of a file, which leave it as they found it: making a window takes longer than they do."""
    QStandardPaths.setTestModeEnabled(True)
    window = MainWindow(Workers())
    window.show()
    assert window.open_path(write_himmelblau(tmp_path_factory.mktemp("standing") / "himmelblau.talweg"))
    deadline = time.monotonic() + 60
    while window.store.picture is None or not window.store.settled:
        qapp.processEvents()
        assert time.monotonic() < deadline
    yield window
    window.close()


@pytest.fixture
def scene_window(qtbot: QtBot, workers: Workers, document_path: Path) -> Iterator[MainWindow]:
    """A window with the document open and drawn; no VTK object of it may outlive it."""
    with drawn_window(qtbot, workers, document_path) as window:
        assert window.scene_view.scene is not None
        assert window.scene_view.scene.picture is not None
        yield window
        window = None  # type: ignore[assignment]  # the last reference but one


@contextlib.contextmanager
def drawn_window(qtbot: QtBot, workers: Workers, path: Path) -> Iterator[MainWindow]:
    """Open a window with a document and wait until it is drawn; no VTK object of it may outlive it."""
    gc.freeze()  # looking through what was there before takes long
    window = MainWindow(workers)
    window.begin([path])
    with qtbot.waitSignal(window.views.started, timeout=60_000):
        window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    settle(qtbot)
    yield window
    window.close()
    window.deleteLater()
    window = None  # type: ignore[assignment]  # the last reference
    qtbot.wait(1)
    leaked = [type(item).__name__ for item in vtk_objects()]
    gc.unfreeze()
    assert not leaked


def settle(qtbot: QtBot) -> None:
    """Wait until every posted event and paint is over."""
    qtbot.wait(300)


def vtk_objects() -> list[object]:
    """Everything of VTK that Python still holds, and held not before ``gc.freeze``."""
    gc.collect()
    return [item for item in gc.get_objects() if type(item).__name__.startswith("vtk")]
