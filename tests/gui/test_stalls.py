"""Nothing that a user does holds the window up for longer than 50 ms of its own thread.

What OpenGL takes for a frame is left out: here software draws it and builds its shaders; see the bench.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.figure_dialog import FigureDialog
from talweg.window.main_window import MainWindow
from tests.gui.conftest import Watchdog, himmelblau

LONGEST = 50
"""Milliseconds."""

LONGER = {
    "new landscape": 120,
    "larger document": 120,
    "the example": 120,
    "figure dialog": 120,
}
"""What still takes longer, or nearly so: at most how long on a busy machine."""

ALIKE = ("mode.grey", "mode.two_colour", "mode.rainbow", "mode.colour", "mode.floor", "camera.front", "camera.right",
         "camera.back", "camera.left", "camera.bottom", "view.separatrices", "view.centre")  # fmt: skip
"""Commands that do what others do."""


@pytest.fixture
def large_path(tmp_path: Path) -> Path:
    path = tmp_path / "large.talweg"
    axis = np.linspace(-5.0, 5.0, 201)
    loss = himmelblau(axis[None, :], axis[:, None])
    with Document.create(path) as document:
        document.add_landscape("Large", axis, axis, fields={"loss": loss, "accuracy": 100 / (1 + loss)})
    return path


class Undrawn(Watchdog):
    """A watchdog that does not count the time in which VTK draws."""

    def __init__(self, window: MainWindow) -> None:
        self._began = self._drawn = 0.0
        plotter = window.scene_view.plotter
        assert plotter is not None
        self._drawing = plotter.render_window
        self._tags = [
            self._drawing.AddObserver("StartEvent", lambda *_: self._begin()),
            self._drawing.AddObserver("EndEvent", lambda *_: self._end()),
        ]
        super().__init__()

    def _begin(self) -> None:
        self._began = time.thread_time()

    def _end(self) -> None:
        self._drawn += time.thread_time() - self._began

    def tick(self) -> None:
        """Move the beginning of the turn on by what was drawn in it."""
        self._last = self._last[0] + self._drawn, self._last[1]
        self._drawn = 0.0
        super().tick()

    def close(self) -> None:
        self.timer.stop()
        for tag in self._tags:
            self._drawing.RemoveObserver(tag)
        self._drawing = None


def close_dialogs(window: MainWindow) -> None:
    for dialog in window.findChildren(QDialog):
        dialog.close()


def workflows(window: MainWindow, large: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], object]]:
    folder = large.parent

    def export(name: str, suffix: str) -> object:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(folder / f"out{suffix}"), ""))
        return window.actions_by_id[name].trigger()

    monkeypatch.setattr(FigureDialog, "exec", lambda _: QDialog.DialogCode.Rejected)
    commands = [command.id for command in window.commands if command.menu in ("View", "Display")]
    return {
        "start page": window.pages.show_start,
        "new landscape": window.pages.show_new,
        "new landscape again": lambda: window.pages.show_new(preset="path"),
        "typing": lambda: window.pages.new.form.change(model="resnet56", data="cifar10"),
        "landscape": window.pages.show_landscape,
        "topology": lambda: window.docks["topology"].raise_(),
        "view": lambda: window.docks["view"].raise_(),
        "compare": lambda: window.docks["compare"].show(),
        "profile": lambda: window.docks["profile"].show(),
        "figure dialog": lambda: window.actions_by_id["export.figure"].trigger(),
        "palette": window.target.show_palette,
        "typing in the palette": lambda: window.findChildren(QDialog)[-1].line.setText("e"),  # type: ignore[attr-defined]
        "close": lambda: close_dialogs(window),
        "shortcuts": window.target.show_shortcuts,
        "about": window.target.show_about,
        "close all": lambda: close_dialogs(window),
        **{
            name: (lambda name=name: window.actions_by_id[name].trigger())  # type: ignore[misc]
            for name in commands
            if name not in ALIKE
        },
        "reset layout": window.reset_layout,
        "dark": lambda: window.target.set_appearance("dark"),
        "light": lambda: window.target.set_appearance("light"),
        "larger document": lambda: window.open_path(large),
        "export": lambda: export("export.ply", ".ply"),
        "export of numbers": lambda: export("export.csv", ".csv"),
        "the example": window.target.open_example,
    }


@pytest.mark.slow
def test_nothing_holds_the_window_up(
    scene_window: MainWindow, large_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = scene_window
    watchdog = Undrawn(window)
    stalls: dict[str, int] = {}
    for name, act in workflows(window, large_path, monkeypatch).items():
        watchdog.start()
        act()
        qtbot.waitUntil(lambda: window.store.settled and not window.writer.busy, timeout=20_000)
        qtbot.wait(40)
        stalls[name] = round(1000 * watchdog.stalled)
    close_dialogs(window)
    watchdog.close()
    QApplication.processEvents()
    longest = sorted(stalls.items(), key=lambda item: -item[1])
    assert not [(name, stalled) for name, stalled in longest if stalled > LONGER.get(name, LONGEST)], longest
