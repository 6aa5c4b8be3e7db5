"""Lines and volumes in the window; a training that is followed."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.main_window import MainWindow
from talweg_compute.messages import LANDMARKS, Block, Finished, Trajectory
from tests.gui.conftest import Workers


@pytest.fixture
def line_path(tmp_path: Path) -> Path:
    path = tmp_path / "line.talweg"
    u = np.linspace(-1, 1, 41)
    with Document.create(path) as document:
        loss = 0.1 + u**2 + 0.1 * np.sin(8 * u)
        document.add_landscape("A line", u, fields={"loss": loss, "accuracy": 100 - 40 * u**2}, source="line.npz")
    return path


@pytest.fixture
def volume_path(tmp_path: Path) -> Path:
    path = tmp_path / "volume.talweg"
    u, v, w = np.linspace(-1, 1, 9), np.linspace(-1, 1, 8), np.linspace(-1, 1, 5)
    with Document.create(path) as document:
        loss = 1 + u**2 + (v**2)[:, None] + (w**2)[:, None, None]
        document.add_landscape("A volume", u, v, w, fields={"loss": loss}, source="volume.npz")
    return path


def test_a_line_is_shown_as_a_curve(
    qtbot: QtBot, empty_window: MainWindow, line_path: Path, document_path: Path
) -> None:
    window = empty_window
    assert window.open_path(line_path)
    assert window.curve_view.isVisible()
    assert not window.scene_view.isVisible()
    qtbot.waitUntil(lambda: not window.curve_view.image.isNull(), timeout=20_000)
    image = window.curve_view.image
    blue = sum(
        image.pixelColor(x, y).blue() > image.pixelColor(x, y).red() + 60
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    )
    assert blue > 50
    assert window.store.picture is None
    assert window.open_path(document_path)
    assert not window.curve_view.isVisible()
    assert window.scene_view.isVisible()
    qtbot.waitUntil(lambda: window.store.picture is not None)


def test_a_curve_is_read_by_the_mouse(qtbot: QtBot, empty_window: MainWindow, line_path: Path) -> None:
    with Document.open(line_path) as document:
        blocks = map(Block.of, (np.array([[0.0], [0.5]]), np.zeros(2), np.array([0.1, 0.9]), np.zeros(2)))
        document.commit(1, Trajectory("", ("a.pt", "b.pt"), *blocks, (), Block.of(np.array([0.1, 0.9])), LANDMARKS))
    window = empty_window
    assert window.open_path(line_path)
    view, readout = window.curve_view, window.status.readout
    qtbot.waitUntil(lambda: view._places is not None, timeout=20_000)
    places = view._places
    assert places is not None
    middle = QPoint(round((places.left + 0.25 * (places.right - places.left)) * view.width()), view.height() // 2)
    QTest.mouseMove(view, middle)
    qtbot.waitUntil(lambda: readout.text().startswith("u "))
    u, loss, accuracy = (float(word.replace("−", "-")) for word in readout.text().split()[1:6:2])
    assert u == pytest.approx(-0.5, abs=0.01)  # a pixel is 0.004
    assert loss == pytest.approx(0.1 + u**2 + 0.1 * np.sin(8 * u), abs=5e-3)
    assert accuracy == pytest.approx(100 - 40 * u**2, abs=0.1)
    assert places.checkpoints == ((LANDMARKS, 0), (LANDMARKS, 1))
    x, y = places.positions[1]
    QTest.mouseMove(view, QPoint(round(x * view.width()), round((1 - y) * view.height())))
    qtbot.waitUntil(lambda: readout.text().startswith("b.pt   its loss 0.9"))


def test_a_click_pins_the_curve_and_on_a_pin_removes_it(
    qtbot: QtBot, empty_window: MainWindow, line_path: Path
) -> None:
    window = empty_window
    assert window.open_path(line_path)
    view, store = window.curve_view, window.store
    qtbot.waitUntil(lambda: view._places is not None, timeout=20_000)
    words = view.accessibleDescription()
    assert words.startswith("A line, 41 of 41 points computed; lowest loss 0.0")
    assert not window.actions_by_id["probe.profile"].isEnabled()  # the curve is one
    places = view._places
    assert places is not None
    middle = QPoint(round((places.left + 0.25 * (places.right - places.left)) * view.width()), view.height() // 2)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle)
    assert store.view is not None
    ((u, v),) = store.view.pins
    assert (u, v) == (pytest.approx(-0.5, abs=0.01), 0.0)
    qtbot.waitUntil(lambda: view._places is not None and len(view._places.pins) == 1, timeout=20_000)
    x, y = view._places.pins[0]
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, pos=QPoint(round(x * view.width()), round((1 - y) * view.height()))
    )
    assert not store.view.pins
    assert store.undo_title == "remove a pin"


def test_a_curve_that_fails_once_is_drawn_the_next_time(
    qtbot: QtBot, empty_window: MainWindow, line_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("by hand")

    view = empty_window.curve_view
    with monkeypatch.context() as patch, qtbot.captureExceptions() as told:
        patch.setattr("talweg.figures.curves.draw_curves", fail)
        assert empty_window.open_path(line_path)
        qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert str(told[0][1]) == "by hand"
    view.show_state()
    qtbot.waitUntil(lambda: not view.image.isNull(), timeout=20_000)


def test_a_volume_is_cut_where_the_slider_says(qtbot: QtBot, empty_window: MainWindow, volume_path: Path) -> None:
    window = empty_window
    assert window.open_path(volume_path)
    qtbot.waitUntil(lambda: window.store.picture is not None)
    section = window.view_panel.sheet_section
    assert section.isVisibleTo(window.view_panel)
    assert section.slider.value() == 2
    landscape = window.store.landscape
    assert landscape is not None
    assert landscape.loss.min() == pytest.approx(1.0 + (1 / 7) ** 2)
    section.slider.setValue(4)
    landscape = window.store.landscape
    assert landscape is not None
    assert landscape.w.tolist() == [1.0]
    assert landscape.loss.min() == pytest.approx(2.0 + (1 / 7) ** 2)
    assert section.words.text() == "w = 1.000, sheet 5 of 5"
    window.store.undo()
    assert section.slider.value() == 2
    assert window.store.landscape is not None
    assert window.store.landscape.w.tolist() == [0.0]


def test_a_training_is_followed(qtbot: QtBot, empty_window: MainWindow, tmp_path: Path, workers: Workers) -> None:
    for step in range(2):
        (tmp_path / f"epoch_{step}.pt").write_bytes(b"")
    job = tmp_path / "run.toml"
    job.write_text(
        '[problem]\nmodel = "digits_resnet"\ndata = "digits"\ntrajectory = "epoch_*.pt"\n'
        "[grid]\nu = [-1.0, 1.0, 3]\nv = [-1.0, 1.0, 3]\n"
    )
    window = empty_window
    assert window.open_path(job)
    workers.last.say(Finished("1", 1.0, cancelled=True))
    panel = window.job_panel
    qtbot.waitUntil(lambda: panel.follow.isVisibleTo(panel))
    panel.follow.click()
    assert workers.last.calls[-1] == "follow"
    for step in range(3):
        coordinates, numbers = np.array([[0.1 * step, 0.0]]), np.array([1.0 - 0.1 * step])
        blocks = map(Block.of, (coordinates, numbers, numbers, numbers))
        workers.last.say(Trajectory("1", (f"epoch_{step}.pt",), *blocks, (), Block.of(numbers + 0.5), first=step))
    qtbot.waitUntil(
        lambda: (
            window.store.landscape is not None
            and window.store.landscape.path is not None
            and len(window.store.landscape.path.names) == 3
        ),
        timeout=5000,
    )
    assert window.store.landscape is not None
    path = window.store.landscape.path
    assert path is not None
    np.testing.assert_allclose(path.loss_at_projection - path.loss, 0.5)
    workers.last.say(Finished("1", 1.0, cancelled=True))
