"""Checkpoints under the mouse, the checkpoints of a plane, and what is information and what a warning."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.main_window import MainWindow
from talweg_compute.messages import LANDMARKS, Block, Note, Trajectory
from tests.gui.conftest import Workers, settle


@pytest.fixture
def document_path(document_path: Path) -> Path:
    """The usual landscape, its run off the plane, laid through three checkpoints."""
    places = np.array([[-4.0, -4.0], [4.0, -4.0], [-4.0, 4.0]])
    blocks = (places, np.zeros(3), np.array([1.0, 2.0, 3.0]), np.zeros(3))
    names = ("wide.pt", "narrow.pt", "other.pt")
    with Document.open(document_path) as document:
        (number,) = document.landscape_ids()
        loss = Block.of(np.array([1.0, 2.5, 3.0]))
        document.commit(number, Trajectory("", names, *map(Block.of, blocks), (), loss, LANDMARKS))
    return document_path


def on_screen(window: MainWindow, position: NDArray[np.float32]) -> QPoint:
    scene, plotter = window.scene_view.scene, window.scene_view.plotter
    assert scene is not None
    assert plotter is not None
    (place,) = scene.project(position)
    return QPoint(round(place[0]), plotter.height() - 1 - round(place[1]))


def test_the_mouse_reads_checkpoints(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, picture = scene_window, scene_window.store.picture
    assert window.store.landscape is not None
    assert picture is not None
    assert picture.path is not None
    assert picture.landmarks is not None
    window.actions_by_id["camera.top"].trigger()
    qtbot.waitUntil(lambda: window.view is not None and window.view.camera is not None)
    settle(qtbot)
    readout = window.status.readout
    bead = on_screen(window, picture.path.markers[3])
    QTest.mouseMove(window.scene_view.plotter, bead)
    qtbot.waitUntil(lambda: readout.text().startswith("epoch_003.pt"), timeout=3000)
    path = window.store.landscape.path
    assert path is not None
    assert f"its loss {path.loss[3]:.4g}" in readout.text()
    assert "the plane's loss there" in readout.text()
    assert f"{path.residual[3]:.3g} off the plane" in readout.text()
    scene = window.scene_view.scene
    assert scene is not None
    QTest.mouseMove(window.scene_view.plotter, on_screen(window, scene.layers.landmarks.places()[1]))
    qtbot.waitUntil(lambda: readout.text().startswith("narrow.pt"), timeout=3000)
    assert "its loss 2," in readout.text()
    assert "the plane's loss there 2.5" in readout.text()
    assert "on the plane" in readout.text()
    window.actions_by_id["probe.pin"].trigger()
    QTest.mouseClick(window.scene_view.plotter, Qt.MouseButton.LeftButton, pos=bead)
    assert window.view is not None
    assert window.view.pins == (tuple(path.coordinates[3].tolist()),)


def test_the_checkpoints_of_the_plane_are_listed_and_switched_off(window: MainWindow, qtbot: QtBot) -> None:
    section = window.view_panel.trajectory_section
    assert "laid through wide.pt (loss 1), narrow.pt (loss 2), other.pt (loss 3)" in section.words.text()
    assert section.landmarks.isVisibleTo(window.view_panel)
    section.landmarks.click()
    assert window.view is not None
    assert not window.view.landmarks
    qtbot.waitUntil(
        lambda: (
            window.store.picture is not None
            and window.store.picture.landmarks is not None
            and not window.store.picture.landmarks.visible
        )
    )
    window.store.undo()
    assert section.landmarks.isChecked()


def test_how_a_plane_was_found_is_no_warning(
    empty_window: MainWindow, job_path: Path, workers: Workers, qtbot: QtBot
) -> None:
    window = empty_window
    assert window.open_path(job_path)
    workers.last.say(Note("1", "On the line b.pt lies at (1).", warning=False))
    qtbot.waitUntil(lambda: window.messages.sentence.startswith("On the line"))
    assert window.messages.kind == "info"
    workers.last.say(Note("1", "The trajectory leaves the grid."))
    qtbot.waitUntil(lambda: window.messages.sentence.startswith("The trajectory leaves"))
    assert window.messages.kind == "warning"
    assert "lies at (1)" in window.job_panel.notes.text()
