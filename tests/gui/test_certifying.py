"""Certifying critical points from the window, with a worker that the test plays."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.main_window import MainWindow
from talweg_compute.messages import Finished, Progress, read_job
from tests.app.test_certification import certified
from tests.reference.functions import himmelblau

if TYPE_CHECKING:
    from tests.gui.conftest import Workers


@pytest.fixture
def computed_path(job_path: Path) -> Path:
    """A document that a job computed: Himmelblau's function on 61 x 61 points."""
    job_path.write_text(
        job_path.read_text().replace("-1.0, 1.0, 5", "-5.0, 5.0, 61").replace("-1.0, 1.0, 4", "-5.0, 5.0, 61")
    )
    job = read_job(job_path)
    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    path = job_path.with_suffix(".talweg")
    with Document.create(path) as document:
        document.add_landscape("first", u, v, job=job, fields={"loss": himmelblau(u[None, :], v[:, None])})
    return path


def test_certifies_what_is_shown_and_says_what_came_out(
    empty_window: MainWindow, workers: "Workers", computed_path: Path, qtbot: QtBot
) -> None:
    window = empty_window
    assert not window.actions_by_id["job.certify"].isEnabled()
    assert window.open_path(computed_path)
    qtbot.waitUntil(lambda: window.store.picture is not None)
    picture = window.store.picture
    assert picture is not None
    assert not picture.critical_points.filled.any()

    window.actions_by_id["job.certify"].trigger()
    assert workers.last.calls == ["certify"]
    (request,) = workers.last.requests
    np.testing.assert_array_equal(request.kinds.array(), picture.critical_points.kind)
    np.testing.assert_allclose(request.coordinates.array(), picture.critical_points.coordinates)
    assert window.job_panel.cancel.isVisible()
    assert not window.actions_by_id["job.certify"].isEnabled()

    index, kinds = request.index.array().tolist(), request.kinds.array().tolist()
    workers.last.say(certified(index[0], kinds[0], kind=kinds[0]), Progress("1", "certifying critical points", 1, 9))
    qtbot.waitUntil(lambda: window.store.picture is not None and bool(window.store.picture.critical_points.filled[0]))
    qtbot.waitUntil(lambda: window.job_panel.status.text() == "certifying critical points, 1 of 9")

    workers.last.say(certified(index[1], kinds[1], "dissolved", -1), Finished("1", 1.0, cancelled=True))
    qtbot.waitUntil(lambda: not window.runner.busy)
    picture = window.store.picture
    assert picture is not None
    assert picture.critical_points.filled.tolist() == [True] + [False] * (len(index) - 1)
    text = window.messages.label.text()
    assert "1 certified, 1 dissolved" in text
    assert "generally not one of L" in text
    assert "0.75" in text

    facts = {name: value for name, value, _ in window.numbers_panel.facts.facts}
    assert facts["On the network"] == "1 certified, 1 dissolved"
    assert facts["‖∇L‖ at the lowest"] == "0.75"

    window.actions_by_id["job.certify"].trigger()
    assert workers.last.requests[-1].index.array().tolist() == index[2:]  # what was found is kept
