"""Pictures are worked out beside the window: a rough landscape with all its lines never holds it up."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.picture import default_view, resolve, sketch
from talweg.view.state import Camera, view_with
from talweg.window.main_window import MainWindow
from tests.gui.conftest import Watchdog, himmelblau

_LONGEST = 0.05
"""Seconds of the window's own thread."""


@pytest.fixture
def rough_path(tmp_path: Path) -> Path:
    """A landscape whose noise makes thousands of critical points."""
    path = tmp_path / "rough.talweg"
    axis = np.linspace(-5.0, 5.0, 151)
    loss = himmelblau(axis[None, :], axis[:, None]) + 0.1 * np.random.default_rng(0).random((151, 151))
    with Document.create(path) as document:
        document.add_landscape("Rough", axis, axis, fields={"loss": loss}, source="rough.npz")
    return path


@pytest.fixture
def rough_window(
    empty_window: MainWindow, rough_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    monkeypatch.setattr("talweg.window.resolver.SKETCH_AFTER", 0.0)
    assert empty_window.open_path(rough_path)
    qtbot.waitUntil(lambda: empty_window.store.settled, timeout=20_000)
    return empty_window


def test_the_lines_of_a_rough_landscape_never_hold_the_window_up(
    rough_window: MainWindow, qtbot: QtBot, watchdog: Watchdog
) -> None:
    store = rough_window.store
    lines: list[int] = []
    store.picture_changed.connect(lambda: lines.append(len(store.picture.lines.descending)))  # type: ignore[union-attr]
    watchdog.start()
    store.change("all lines", talwegs=True, separatrices=True, persistence_threshold=0.0)
    qtbot.waitUntil(lambda: store.settled, timeout=20_000)
    qtbot.wait(20)
    assert lines[0] == 0  # a sketch came first
    assert lines[-1] > 100
    assert watchdog.stalled < _LONGEST
    assert store.landscape is not None
    assert store.view is not None
    picture, alone = store.picture, resolve(store.landscape, store.view)
    assert picture is not None
    np.testing.assert_array_equal(picture.lines.descending, alone.lines.descending)
    np.testing.assert_array_equal(picture.critical_points.positions, alone.critical_points.positions)


def test_of_many_requests_the_last_one_is_shown(rough_window: MainWindow, qtbot: QtBot) -> None:
    store = rough_window.store
    shown: list[float] = []
    store.picture_changed.connect(lambda: shown.append(store.picture.critical_points.threshold))  # type: ignore[union-attr]
    thresholds = np.linspace(0.01, 0.09, 30).tolist()
    for threshold in thresholds:
        store.change("threshold", "threshold", persistence_threshold=threshold, talwegs=True)
        qtbot.wait(2)
    qtbot.waitUntil(lambda: store.settled, timeout=20_000)
    assert shown[-1] == thresholds[-1]
    assert len(shown) < len(thresholds)


def test_an_eye_that_moves_while_lines_are_worked_out_stays_where_it_went(
    rough_window: MainWindow, qtbot: QtBot
) -> None:
    store = rough_window.store
    store.change("lines", separatrices=True, persistence_threshold=0.0)
    qtbot.waitUntil(lambda: not store.settled)
    camera = Camera((1.0, 2.0, 3.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    store.change("move the camera", camera=camera)
    store.resolve_now()
    assert store.picture is not None
    assert store.picture.camera == camera  # at once, though the lines are still on their way
    qtbot.waitUntil(lambda: store.settled, timeout=20_000)
    assert store.picture.camera == camera
    assert len(store.picture.lines.descending)


def test_another_document_drops_what_was_asked_of_the_one_before(
    rough_window: MainWindow, document_path: Path, qtbot: QtBot
) -> None:
    store = rough_window.store
    store.change("lines", talwegs=True, separatrices=True, persistence_threshold=0.0)
    qtbot.waitUntil(lambda: not store.settled)
    sizes: list[int] = []
    assert rough_window.open_path(document_path)
    store.picture_changed.connect(lambda: sizes.append(len(store.picture.surface.points)))  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: store.settled and bool(sizes))
    qtbot.wait(100)
    assert set(sizes) == {441}


def test_a_sketch_has_the_surface_of_the_whole_and_keeps_the_points_of_the_same_shape(rough_path: Path) -> None:
    with Document.open(rough_path) as document:
        landscape = document.landscape(document.landscape_ids()[0])
    view = default_view(landscape)
    rough, whole = sketch(landscape, view), resolve(landscape, view)
    np.testing.assert_array_equal(rough.surface.points, whole.surface.points)
    np.testing.assert_array_equal(rough.contours.levels, whole.contours.levels)
    assert not rough.critical_points.kind.size
    finer = view_with(view, persistence_threshold=0.01, colour="basin")
    after = sketch(landscape, finer, whole)
    assert after.critical_points is whole.critical_points
    assert after.surface.basins is None
    done = resolve(landscape, finer, after)
    assert done.surface.basins is not None
    coarser = view_with(finer, persistence_threshold=0.02)
    assert sketch(landscape, coarser, done).surface is done.surface
