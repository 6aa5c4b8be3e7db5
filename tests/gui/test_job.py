"""The job panel and the run, with a worker that the test plays."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from talweg.window import job_runner
from talweg.window.main_window import MainWindow
from talweg_compute.messages import Block, Failed, Finished, Note, Points, Progress

if TYPE_CHECKING:
    from tests.gui.conftest import Workers


def points(*index: int) -> Points:
    values = np.array(index, dtype=np.float64)
    fields = {"loss": Block.of(0.5 + values), "accuracy": Block.of(50 + values)}
    return Points("1", Block.of(np.array(index, dtype=np.int64)), fields)


def test_a_job_file_makes_its_document_and_computes(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    window = empty_window
    assert window.open_path(job_path)
    assert window.store.document is not None
    assert window.store.document.path == job_path.with_suffix(".talweg")
    assert workers.last.calls == ["compute"]
    facts = {name: value for name, value, _ in window.job_panel.facts.facts}
    assert facts["Model"] == "digits_resnet"
    assert facts["Grid"].startswith("5 × 4 points")
    assert window.job_panel.cancel.isVisible()
    assert not window.job_panel.start.isVisible()

    workers.last.say(points(0, 7), Progress("1", "evaluating", 2, 20, 4.0, 75.0))
    qtbot.waitUntil(lambda: window.store.landscape is not None and window.store.landscape.done == 2)
    assert window.job_panel.status.text() == "evaluating, 2 of 20, 4 a second, 1 min 15 s left"
    assert window.job_panel.progress.value() == 2

    def shown_as_interpolated() -> int:
        picture = window.store.picture
        return 0 if picture is None else int(picture.surface.interpolated.sum())

    qtbot.waitUntil(lambda: shown_as_interpolated() == 18)  # the picture follows a moment after the landscape

    workers.last.say(points(*range(20)), Finished("1", 3.0))
    qtbot.waitUntil(lambda: not window.runner.busy)
    assert window.store.landscape is not None
    assert window.store.landscape.complete
    assert "20 of 20 points, finished in" in window.job_panel.status.text()
    assert window.job_panel.start.text() == "Compute again"


def test_points_reach_the_picture_at_most_four_times_a_second(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    empty_window.open_path(job_path)
    refreshed = []
    empty_window.store.landscape_changed.connect(lambda: refreshed.append(1))
    for index in range(15):
        workers.last.say(points(index))
        qtbot.wait(10)
    qtbot.wait(300)
    assert 1 <= len(refreshed) <= 3


def test_cancel_stops_and_offers_force(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "_FORCE_AFTER_MS", 100)
    empty_window.runner._force.setInterval(100)
    empty_window.open_path(job_path)
    panel = empty_window.job_panel
    qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    assert (panel.cancel.text(), panel.cancel.isEnabled(), panel.force.isVisible()) == ("Stopping…", False, False)
    assert not empty_window.actions_by_id["job.force"].isEnabled()
    qtbot.waitUntil(panel.force.isVisible)
    assert empty_window.actions_by_id["job.force"].isEnabled()
    panel.force.click()
    assert workers.last.calls == ["compute", "cancel", "force_stop"]
    workers.last.say(points(3), Finished("1", 1.0, cancelled=True))
    qtbot.waitUntil(lambda: not empty_window.runner.busy)
    assert "1 of 20 points, stopped; what was computed is kept" in panel.status.text()
    assert panel.start.text() == "Resume"
    panel.start.click()
    assert workers.last.calls[-1] == "compute"


def test_escape_cancels(empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot) -> None:
    empty_window.open_path(job_path)
    qtbot.keyClick(empty_window, Qt.Key.Key_Escape)
    assert workers.last.calls == ["compute", "cancel"]


def test_a_failure_is_one_sentence_with_details(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    empty_window.open_path(job_path)
    workers.last.say(Failed("1", "The checkpoint does not fit the model.", "Traceback: line 1"))
    qtbot.waitUntil(lambda: empty_window.messages.sentence != "")
    assert empty_window.messages.sentence == "The checkpoint does not fit the model."
    assert not empty_window.messages.details.unfolded
    empty_window.messages.details.set_unfolded(True)
    assert empty_window.messages.details.text.toPlainText() == "Traceback: line 1"
    assert empty_window.job_panel.error.text() == "The checkpoint does not fit the model."
    assert empty_window.job_panel.start.isVisible()


def test_a_note_is_shown_and_kept(empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot) -> None:
    empty_window.open_path(job_path)
    text = "After 3 points the worker ended unexpectedly (SIGKILL); a new one continued from there."
    workers.last.say(Note("1", text))
    qtbot.waitUntil(lambda: empty_window.messages.sentence == text)
    assert empty_window.messages.kind == "warning"
    assert empty_window.job_panel.notes.text() == text


def test_late_answers_of_another_request_are_dropped(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    empty_window.open_path(job_path)
    workers.last.say(Progress("0", "old", 9, 9))
    qtbot.wait(50)
    assert empty_window.runner.state.activity == "starting the worker"


def test_computing_again_asks_first(empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot) -> None:
    empty_window.open_path(job_path)
    workers.last.say(points(*range(20)), Finished("1", 3.0))
    qtbot.waitUntil(lambda: not empty_window.runner.busy)
    empty_window.job_panel.start.click()
    assert "All 20 points are known" in empty_window.messages.sentence
    assert workers.last.calls.count("compute") == 1
    empty_window.messages.button.click()
    assert workers.last.calls.count("compute") == 2
    assert empty_window.store.landscape is not None
    assert empty_window.store.landscape.done == 0


def test_another_document_is_looked_at_while_computing(
    empty_window: MainWindow, workers: "Workers", job_path: Path, document_path: Path, qtbot: QtBot
) -> None:
    window = empty_window
    window.open_path(job_path)
    running = window.store.document
    assert window.open_path(document_path)
    workers.last.say(points(1, 2), Progress("1", "evaluating", 2, 20))
    qtbot.waitUntil(lambda: "of another landscape" in window.job_panel.status.text())
    assert window.open_path(job_path)
    assert window.store.document is running
    assert window.store.landscape is not None
    assert window.store.landscape.done == 2
    assert window.open_path(document_path)
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def test_closing_while_computing_cancels_and_loses_nothing(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    from talweg.document import Document

    empty_window.open_path(job_path)
    workers.last.say(points(4, 5, 6))
    path = job_path.with_suffix(".talweg")
    empty_window.close()
    assert workers.last.calls == ["compute", "cancel", "wait", "close"]
    with Document.open(path) as document:
        assert document.newest_landscape().done == 3
