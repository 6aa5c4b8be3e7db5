"""Refining where the camera looks, with a worker that computes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.scene.views import standard_view
from talweg.view.state import Camera
from talweg.window.main_window import MainWindow
from talweg.work.tasks import ComputePoints
from talweg_compute.messages import Block, Finished, Points
from tests.conftest import write_job
from tests.gui.conftest import settle

if TYPE_CHECKING:
    from tests.gui.conftest import Watchdog, Workers


@pytest.fixture
def working_window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with a landscape that its worker has computed, looked at from near."""
    window = MainWindow()
    window.begin([write_job(tmp_path)])
    with qtbot.waitSignal(window.scene_view.started, timeout=20_000):
        window.show()
    qtbot.waitUntil(lambda: not window.runner.busy and window.store.picture is not None, timeout=60_000)
    settle(qtbot)
    yield window
    window.close()
    window.deleteLater()
    qtbot.wait(1)


def look_closely(window: MainWindow) -> None:
    whole = standard_view("top", (-1.0, 1.0, -1.0, 1.0, 0.0, 1.2), 1.0)
    x, y, z = whole.position
    window.store.change("look closely", camera=Camera((x + 0.1, y, 0.3 * z), (x + 0.1, y, 0.0), whole.up))
    window.store.resolve_now()


def test_the_surface_gains_detail_where_the_camera_looks_until_cancelled(
    working_window: MainWindow, qtbot: QtBot
) -> None:
    window = working_window
    landscape = window.store.landscape
    assert landscape is not None
    assert landscape.complete
    coarse = landscape.loss
    look_closely(window)
    qtbot.waitUntil(lambda: window.store.settled)
    assert window.actions_by_id["job.refine"].isEnabled()
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Z)

    def finest() -> int:
        now = window.store.landscape
        return 0 if now is None else max((each.patch.factor for each in now.regions), default=0)

    assert window.messages.sentence == ""
    qtbot.waitUntil(lambda: finest() >= 2, timeout=20_000)
    assert "refining" in window.job_panel.status.text()
    qtbot.waitUntil(lambda: finest() >= 4, timeout=60_000)
    assert window.actions_by_id["job.cancel"].isEnabled()
    window.target.cancel()
    qtbot.waitUntil(lambda: not window.runner.busy and not window.refiner.preparing, timeout=20_000)
    settle(qtbot)
    assert not window.runner.busy

    state, picture = window.store.landscape, window.store.picture
    assert state is not None
    assert picture is not None
    region = state.regions[-1]
    np.testing.assert_array_equal(state.loss, coarse)
    assert region.patch.columns < state.u.size - 1  # only what is in view
    factor = region.patch.factor
    rows = slice(region.patch.row, region.patch.row + region.patch.rows + 1)
    columns = slice(region.patch.column, region.patch.column + region.patch.columns + 1)
    np.testing.assert_array_equal(region.landscape.loss[::factor, ::factor], coarse[rows, columns])
    assert np.isfinite(region.landscape.loss[region.landscape.computed]).all()
    assert picture.surface.patches[-1] == region.patch.shape
    assert window.scene_view.scene is not None
    assert window.scene_view.scene.picture is picture
    assert len(landscape.regions) == 0
    assert window.store.document is not None
    assert window.store.document.landscape_ids() == (landscape.id,)
    names = [name for name, _, _ in window.job_panel.facts.facts]
    assert f"{factor} times finer" in names

    # the numbers are those of a grid of its own that a worker computes
    again = (
        msgspec.structs.replace(region.landscape.job, grid=region.landscape.job.grid) if region.landscape.job else None
    )
    assert again is not None
    document = window.store.document
    v, u = region.landscape.v, region.landscape.u
    other = document.add_landscape("check", u, v, job=again)
    window.runner.add(document, other, ComputePoints())
    qtbot.waitUntil(lambda: not window.runner.busy, timeout=60_000)
    known = region.landscape.computed
    np.testing.assert_allclose(document.landscape(other).loss[known], region.landscape.loss[known], rtol=1e-6)


def test_preparing_a_finer_grid_does_not_hold_the_window_up(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot, watchdog: "Watchdog"
) -> None:
    job_path.write_text(job_path.read_text().replace("5]", "101]").replace("4]", "101]"))
    assert empty_window.open_path(job_path)
    count = 101 * 101
    values = {"loss": Block.of(np.linspace(1.0, 2.0, count)), "accuracy": Block.of(np.full(count, 50.0))}
    workers.last.say(Points("1", Block.of(np.arange(count)), values), Finished("1", 1.0))
    qtbot.waitUntil(lambda: not empty_window.runner.busy and empty_window.store.settled, timeout=20_000)
    whole = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    watchdog.start()
    empty_window.refiner.begin(whole)
    assert empty_window.refiner.preparing
    qtbot.waitUntil(lambda: workers.last.calls == ["compute", "compute"], timeout=20_000)
    qtbot.wait(20)
    assert watchdog.stalled < 0.1  # what is brought over takes several times as long
    assert workers.last.document is not None
    region = workers.last.document.landscape(workers.last.landscape)
    assert region.loss.shape == (201, 201)
    assert region.done == count


def test_an_imported_landscape_says_in_one_sentence_that_it_cannot_be_refined(scene_window: MainWindow) -> None:
    scene_window.target.refine()
    assert scene_window.messages.sentence.startswith("Himmelblau: this landscape was imported without its job")
    assert scene_window.store.document is not None
    with Document.open(scene_window.store.document.path, read_only=True) as document:
        assert document.region_ids(1) == {}
