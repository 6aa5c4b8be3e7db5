"""What is waited for beside the window's thread: the window lives meanwhile."""

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.beside import beside
from talweg.window.main_window import MainWindow
from talweg_compute.messages import InputError


def test_the_event_loop_turns_meanwhile(qapp: QApplication) -> None:
    ticks: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start(5)

    def work() -> int:
        while len(ticks) < 3:
            time.sleep(0.005)
        return 42

    assert beside(work) == 42
    timer.stop()


def test_what_it_raises_arrives(qapp: QApplication) -> None:
    def work() -> None:
        time.sleep(0.05)
        raise InputError("x.npz: this is no landscape.")

    with pytest.raises(InputError, match=r"x\.npz"):
        beside(work)
    assert QApplication.overrideCursor() is None


def test_a_window_that_is_closed_while_a_file_is_read_closes_afterwards(
    empty_window: MainWindow, document_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Document.landscape
    seen: list[bool] = []

    def slow(document: Document, landscape: int) -> object:
        time.sleep(0.1)
        return read(document, landscape)

    monkeypatch.setattr(Document, "landscape", slow)
    QTimer.singleShot(30, empty_window, lambda: seen.append(empty_window.close()))
    assert empty_window.open_path(document_path)
    assert seen == [False]
    qtbot.waitUntil(lambda: not empty_window.isVisible())


def test_a_large_document_opens_while_the_event_loop_turns(
    empty_window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    axis = np.linspace(-1.0, 1.0, 201)
    with Document.create(tmp_path / "large.talweg") as document:
        document.add_landscape("Large", axis, axis, fields={"loss": axis[None, :] ** 2 + axis[:, None] ** 2})
    ticks: list[int] = []
    timer = QTimer(empty_window)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(1)
    assert empty_window.open_path(tmp_path / "large.talweg")
    assert len(ticks) > 3
    assert empty_window.store.landscape is not None
    assert empty_window.store.landscape.complete
