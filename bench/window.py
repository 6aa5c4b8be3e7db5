"""The window against the same scene in plain PyVista: start-up, frame rate of orbiting, longest stall."""

import contextlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bench.frame import Options, Row, compare

_SIDE = 501
_SIZE = (1280, 800)


def measure(options: Options) -> Iterator[Row]:
    """Measure the window on this display, or on a virtual one with software OpenGL."""
    with tempfile.TemporaryDirectory() as folder, _display():
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = str(Path(folder) / name)
        document = Path(folder) / "surface.talweg"
        _write_document(document)
        yield from _start(f"{_SIDE}x{_SIDE} surface", document, options)
        yield from _start("embedded example", _copy_example(Path(folder)), options, goals=(1.0, 2.0))
        yield from _live(document, options)


@contextlib.contextmanager
def _display() -> Iterator[None]:
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux":
        yield
        return
    from pyvirtualdisplay.display import Display

    with Display(size=(1600, 1200), color_depth=24):
        yield


def _write_document(path: Path) -> None:
    """Write a surface with four minima and a path, of the size that the goals name, and its numbers beside it."""
    from talweg.document import Document
    from talweg_compute.messages import Block, Trajectory

    axis = np.linspace(-5.0, 5.0, _SIDE)
    u, v = np.meshgrid(axis, axis)
    loss = _himmelblau(u, v)
    step = np.linspace(0.0, 1.0, 200)[:, None]
    points = np.array([-1.0, 4.2]) * (1 - step) + np.array([3.0, 2.0]) * step
    with Document.create(path) as document:
        landscape = document.add_landscape("surface", axis, axis, fields={"loss": loss})
        count = len(points)
        names = tuple(f"epoch_{number:03d}" for number in range(count))
        zeros, heights = Block.of(np.zeros(count)), Block.of(_himmelblau(points[:, 0], points[:, 1]))
        document.commit(landscape, Trajectory("", names, Block.of(points), zeros, heights, zeros, (0.7, 0.2)))
        _write_numbers(document)


def _himmelblau(u: np.ndarray[Any, Any], v: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(((u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2) / 100 + 0.02)


def _copy_example(folder: Path) -> Path:
    from talweg.document import Document
    from talweg.example import copy_example

    path = copy_example(folder / "example") / "digits.talweg"
    with Document.open(path) as document:
        _write_numbers(document)
    return path


def _write_numbers(document: Any) -> None:
    """Write a document's surface and path as the arrays that plain PyVista is given."""
    landscape = document.newest_landscape()
    path = landscape.path
    numbers = {"u": landscape.u, "v": landscape.v, "loss": landscape.loss}
    np.savez(document.path.with_suffix(".npz"), **numbers, path=path.coordinates, path_loss=path.loss)


# start-up


def _start(name: str, document: Path, options: Options, goals: tuple[float, float] | None = None) -> Iterator[Row]:
    """Start both windows with a document; goals are seconds to the first paint and to the surface."""
    repeats = 2 if options.quick else 5
    shown: dict[str, list[float]] = {"talweg": [], "plain": []}

    def painted(kind: str) -> float:
        first, second = _seconds_to(kind, document)
        shown[kind].append(second)
        return first

    names = {"talweg": "window", "plain": "plain pyvistaqt"}
    runs = {kind: (name, partial(painted, kind)) for kind, name in names.items()}
    notes = ["" if goals is None else f"aim: at most {goal:g} s" for goal in goals or (0, 0)]
    work = f"from start of the process to first paint, {name}"
    yield compare(work, runs["talweg"], runs["plain"], repeats, "s", "lower", note=notes[0])
    seen = {kind: (name, partial(shown[kind].pop, 0)) for kind, name in names.items()}  # the same runs
    work = f"from start of the process to the surface, {name}"
    yield compare(work, seen["talweg"], seen["plain"], repeats, "s", "lower", note=notes[1])


def _seconds_to(kind: str, document: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.start_window", kind, str(document), repr(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    painted, shown = json.loads(done.stdout.splitlines()[-1])
    return painted, shown


# orbit and stalls


class _View(Protocol):
    """One of the two windows, shown."""

    widget: Any

    def recolour(self, colour_map: str) -> None:
        """Colour the surface by another map."""


class _Talweg:
    """Talweg's window with the document."""

    def __init__(self, document: Path, pump: Callable[[], None]) -> None:
        from talweg.window.main_window import MainWindow

        self.window = MainWindow()
        self.window.begin([document])
        self.window.show()
        deadline = time.monotonic() + 120
        while self.window.scene_view.scene is None or self.window.scene_view.scene.picture is None:
            pump()
            if time.monotonic() > deadline:
                raise TimeoutError("the window shows no surface")
        _settle(pump)  # the layout gives the scene its size a moment later
        self.widget: Any = self.window.scene_view.plotter

    def recolour(self, colour_map: str) -> None:
        self.window.store.change("change the colours", colour_map=colour_map)
        self.window.store.resolve_now()


class _Plain:
    """The same surface, contours and path in a pyvistaqt window with default settings."""

    def __init__(self, document: Path, size: tuple[int, int]) -> None:
        from PySide6.QtWidgets import QMainWindow
        from pyvistaqt import QtInteractor

        self.window = QMainWindow()
        self.widget: Any = QtInteractor(self.window)
        self.window.setCentralWidget(self.widget)
        self.window.resize(*size)
        self.window.show()
        fill_plain(self.widget, document.with_suffix(".npz"))
        self.widget.render_timer.stop()

    def live(self, measurement: Callable[[], float]) -> float:
        """Measure with the timer on that by default draws five times a second, which must not slow the other down."""
        self.widget.render_timer.start()
        try:
            return measurement()
        finally:
            self.widget.render_timer.stop()

    def recolour(self, colour_map: str) -> None:
        self.widget.add_mesh(self.widget.surface, cmap=colour_map, name="surface")


def fill_plain(plotter: Any, numbers: Path) -> None:
    """Draw surface, contours and path as PyVista's documentation does.

    Args:
        plotter: Of pyvistaqt.
        numbers: What ``_write_numbers`` wrote.
    """
    import pyvista as pv

    with np.load(numbers) as file:
        u, v = np.meshgrid(file["u"], file["v"])
        loss, path, heights = file["loss"], file["path"], file["path_loss"]
    surface = pv.StructuredGrid(u, v, loss)
    surface["loss"] = loss.T.ravel()
    plotter.surface = surface
    plotter.add_mesh(surface, scalars="loss", name="surface")
    plotter.add_mesh(surface.contour(20, scalars="loss"), color="black", name="contours")
    plotter.add_mesh(pv.lines_from_points(np.column_stack([path, heights])).tube(radius=0.03), color="red", name="path")
    plotter.show_grid()
    plotter.reset_camera()


def _live(document: Path, options: Options) -> Iterator[Row]:
    from PySide6.QtCore import QStandardPaths

    from talweg.window.application import make_application

    application = make_application()
    QStandardPaths.setTestModeEnabled(True)

    def pump() -> None:
        application.processEvents()

    ours = _Talweg(document, pump)
    view = ours.widget.size()
    plain = _Plain(document, (view.width(), view.height()))
    _settle(pump)
    moves = 12 if options.quick else 60
    renderer = _renderer_name(ours.widget)
    scene = f"{_SIDE}x{_SIDE} surface, contours, path; {view.width()}x{view.height()} on {renderer}"
    yield compare(
        f"orbit: {scene}",
        ("window", lambda: _frame_rate(ours, pump, moves)),
        ("plain pyvistaqt", lambda: plain.live(lambda: _frame_rate(plain, pump, moves))),
        options.repeats,
        "frames/s",
        "higher",
        goal=2.0,
        note="frames that came to the screen",
    )
    yield compare(
        f"one whole frame, not moving: {scene}",
        ("window", lambda: _whole_frame(ours)),
        ("plain pyvistaqt", lambda: plain.live(lambda: _whole_frame(plain))),
        options.repeats,
        "ms",
        "lower",
    )
    maps = iter(["magma", "viridis"] * 1000)

    def stall(view: _View) -> float:
        return _longest_stall(lambda: view.recolour(next(maps)), pump)

    yield compare(
        f"longest stall at another colour map: {scene}",
        ("window", partial(stall, ours)),
        ("plain pyvistaqt", partial(stall, plain)),
        options.repeats,
        "ms",
        "lower",
        note="aim: at most 50 ms",
    )
    ours.window.close()
    plain.widget.close()
    plain.window.close()


def _renderer_name(plotter: Any) -> str:
    from talweg.window.renderer import describe_renderer

    return describe_renderer(plotter)


def _settle(pump: Callable[[], None], seconds: float = 1.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pump()


def _frame_rate(view: _View, pump: Callable[[], None], moves: int) -> float:
    """Drag around and count the frames that came to the screen, however often VTK drew for each."""
    frames = 0

    def count() -> None:
        nonlocal frames
        frames += 1

    view.widget.frameSwapped.connect(count)
    start = time.perf_counter()
    _drag(view, pump, moves)
    spent = time.perf_counter() - start
    view.widget.frameSwapped.disconnect(count)
    _settle(pump)  # what is drawn afterwards belongs to none
    return frames / spent if frames else math.nan


def _whole_frame(view: _View) -> float:
    """Draw everything once and return the milliseconds until it is there."""
    start = time.perf_counter()
    view.widget.render()
    view.widget.render_window.WaitForCompletion()
    return 1000 * (time.perf_counter() - start)


def _drag(view: _View, pump: Callable[[], None], moves: int) -> None:
    """Press in the middle, move in a circle, let go, as a mouse does; each move is dealt with before the next."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    middle = QPoint(view.widget.width() // 2, view.widget.height() // 2)
    QTest.mousePress(view.widget, Qt.MouseButton.LeftButton, pos=middle)
    for move in range(1, moves + 1):
        _move(view.widget, middle + QPoint(int(60 * math.sin(move / 5)), int(30 * math.sin(move / 3))))
        pump()
    QTest.mouseRelease(view.widget, Qt.MouseButton.LeftButton, pos=middle)


def _move(widget: Any, where: Any) -> None:
    """Move with the button held, which QTest does not say."""
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    position = QPointF(where)
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        position,
        widget.mapToGlobal(position),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def _longest_stall(act: Callable[[], None], pump: Callable[[], None]) -> float:
    """Return the longest time in milliseconds in which the event loop did not come round, from the act on."""
    longest, last = 0.0, time.perf_counter()

    def lap() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    act()
    lap()
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        pump()
        lap()
    return 1000 * longest
