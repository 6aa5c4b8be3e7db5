"""Several jobs in the window: their order, pausing, what is left of them; with a worker that the test plays."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.window.main_window import MainWindow
from talweg_compute.messages import Block, Failed, Finished, Points, Progress
from tests.conftest import write_job

if TYPE_CHECKING:
    from tests.gui.conftest import Workers


def points(*index: int) -> Points:
    values = np.array(index, dtype=np.float64)
    fields = {"loss": Block.of(0.5 + values), "accuracy": Block.of(50 + values)}
    return Points("1", Block.of(np.array(index, dtype=np.int64)), fields)


@pytest.fixture
def other_jobs(job_path: Path) -> list[Path]:
    """Three more jobs of other seeds."""
    paths = [job_path.with_stem(name) for name in ("second", "third", "fourth")]
    for seed, path in enumerate(paths, 2):
        path.write_text(f"{job_path.read_text()}[plane]\nseed = {seed}\n")
    return paths


def order(window: MainWindow) -> list[str]:
    return [f"{job.title} {job.state}" for job in window.runner.jobs]


def choose(window: MainWindow, row: int) -> None:
    window.job_panel.jobs.list.setCurrentRow(row)


def test_jobs_wait_their_turn_in_an_order_that_can_be_changed(
    empty_window: MainWindow, workers: "Workers", job_path: Path, other_jobs: list[Path], qtbot: QtBot
) -> None:
    window, jobs = empty_window, empty_window.job_panel.jobs
    for path in (job_path, *other_jobs):
        assert window.open_path(path)
    assert order(window) == ["first running", "second waiting", "third waiting", "fourth waiting"]
    assert workers.last.calls == ["compute"]
    assert not window.actions_by_id["job.compute"].isEnabled()  # it waits already
    choose(window, 3)
    jobs.sooner.click()
    qtbot.keyClick(jobs.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert order(window) == ["first running", "fourth waiting", "second waiting", "third waiting"]
    assert jobs.job is not None
    assert jobs.job.title == "fourth"
    assert not jobs.sooner.isEnabled()
    choose(window, 2)
    qtbot.keyClick(jobs.list, Qt.Key.Key_Delete)
    assert order(window) == ["first running", "fourth waiting", "third waiting"]
    choose(window, 0)
    assert not jobs.remove.isEnabled()
    assert jobs.list.item(1).data(Qt.ItemDataRole.AccessibleTextRole) == "fourth: Next"

    workers.last.say(points(*range(20)), Finished("1", 1.0))
    qtbot.waitUntil(lambda: workers.last.calls == ["compute", "compute"])
    assert order(window) == ["fourth running", "third waiting", "first finished"]
    assert workers.last.document is not None
    assert workers.last.document.path.name == "fourth.talweg"
    workers.last.say(Failed("1", "The checkpoint does not fit the model.", "Traceback: line 1"))
    qtbot.waitUntil(lambda: workers.last.calls == ["compute"] * 3)
    assert order(window) == ["third running", "fourth failed", "first finished"]
    choose(window, 1)
    assert window.job_panel.error.text() == "The checkpoint does not fit the model."
    assert window.job_panel.details.text.toPlainText() == "Traceback: line 1"
    jobs.show_it.click()
    assert window.store.document is not None
    assert window.store.document.path.name == "fourth.talweg"
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def test_a_paused_job_frees_the_worker_and_is_gone_on_with(
    empty_window: MainWindow, workers: "Workers", job_path: Path, other_jobs: list[Path], qtbot: QtBot
) -> None:
    window, panel = empty_window, empty_window.job_panel
    window.open_path(other_jobs[0])
    window.open_path(job_path)
    window.open_path(other_jobs[0])
    workers.last.say(Progress("1", "evaluating", 3, 20, 4.0, 4.0))
    qtbot.waitUntil(lambda: window.runner.state.rate == 4.0)
    words = panel.jobs.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "second: Running, 15 %, 4 s left"
    panel.pause.click()
    assert panel.pause.text() == "Pausing…"
    assert panel.jobs.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "second: Pausing, 15 %"
    assert not panel.pause.isEnabled()
    workers.last.say(points(1, 2, 3), Finished("1", 1.0, cancelled=True))
    qtbot.waitUntil(lambda: not window.runner.busy)
    assert workers.last.calls == ["compute", "cancel", "rest"]
    assert order(window) == ["second paused", "first waiting"]
    assert panel.jobs.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "second: Paused at 3 of 20 points"
    assert window.status.worker.text() == "paused"
    assert panel.pause.text() == "Resume"
    assert window.actions_by_id["job.pause"].text() == "Resume the queue"
    window.actions_by_id["job.pause"].trigger()
    assert order(window) == ["second running", "first waiting"]
    assert workers.last.calls[-1] == "compute"
    workers.last.say(points(*range(20)), Finished("1", 1.0))
    qtbot.waitUntil(lambda: order(window) == ["first running", "second finished"])
    window.runner.cancel()
    workers.last.say(Finished("1", 1.0, cancelled=True))
    qtbot.waitUntil(lambda: order(window) == ["first stopped", "second finished"])


def test_what_is_computed_now_does_not_wait_for_a_paused_job(
    empty_window: MainWindow, workers: "Workers", job_path: Path, other_jobs: list[Path], qtbot: QtBot
) -> None:
    window = empty_window
    window.open_path(job_path)
    window.runner.pause()
    workers.last.say(Finished("1", 1.0, cancelled=True))
    qtbot.waitUntil(lambda: not window.runner.busy)
    window.open_path(other_jobs[0])
    assert order(window) == ["second running", "first paused"]
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: order(window) == ["first paused", "second finished"])
    assert not window.runner.busy


def test_a_document_that_is_gone_fails_its_job_and_the_next_begins(
    empty_window: MainWindow, workers: "Workers", job_path: Path, other_jobs: list[Path], qtbot: QtBot
) -> None:
    window = empty_window
    for path in (job_path, *other_jobs[:2]):
        window.open_path(path)
    other_jobs[0].with_suffix(".talweg").unlink()
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: order(window) == ["third running", "second failed", "first finished"])
    assert "second.talweg" in window.messages.sentence
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def test_the_end_of_a_job_is_told_while_the_window_is_in_the_background(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told, program = tmp_path / "told", tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    window = empty_window
    window.open_path(job_path)
    workers.last.say(points(*range(20)), Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)
    window.documents.compute_again()
    window.hide()
    workers.last.say(points(*range(20)), Finished("1", 1.0))
    qtbot.waitUntil(told.exists)
    qtbot.waitUntil(lambda: told.read_text().count("\n") == 1)  # and not of the first, when the window was in front
    assert "--app-name=Talweg Talweg first is finished, after 0 s." in told.read_text()


def test_without_the_desktops_program_the_tray_tells(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The display of the tests has no tray, so that its notice is caught where it is handed over."""
    told: list[tuple[str, str]] = []
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _, title, words, *__: told.append((title, words)))
    empty_window.open_path(job_path)
    empty_window.hide()
    workers.last.say(points(*range(20)), Finished("1", 1.0))
    qtbot.waitUntil(lambda: not empty_window.runner.busy)
    assert told == [("Talweg", "first is finished, after 0 s.")]


def test_a_job_is_repeated_with_changes(
    empty_window: MainWindow, workers: "Workers", job_path: Path, qtbot: QtBot
) -> None:
    job_path.write_text(f"{job_path.read_text()}[run]\nladder = [100]\ntolerance = 0.02\n")
    window = empty_window
    window.open_path(job_path)
    workers.last.say(points(*range(20)), Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)
    choose(window, 0)
    window.job_panel.jobs.repeat.click()
    page = window.pages.new
    assert window.pages.currentWidget() is page
    assert page.form.draft.model == "digits_resnet"
    assert page.form.draft.u == ("-1", "1", "5")
    assert "ladder = [100]" in page.preview.toPlainText()
    page.form.change(u=("-1", "1", "7"))
    workers.last.say(Finished("inspection", 0.1))
    qtbot.waitUntil(lambda: not window.runner.inquiries.under_way)
    page.compute.click()
    assert window.store.landscape is not None
    job = window.store.landscape.job
    assert job is not None
    assert (job.grid.u.count, job.run.ladder, job.run.tolerance) == (7, (100,), 0.02)
    with Document.open(job_path.with_suffix(".talweg")) as before:
        assert before.newest_landscape().done == 20
    workers.last.say(Finished("estimate", 0.1))
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "compute")
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def done(window: MainWindow) -> int:
    return 0 if window.store.landscape is None else window.store.landscape.done


def pause_and_resume(window: MainWindow, qtbot: QtBot) -> None:
    pid = window.runner.worker_pid
    assert pid is not None
    window.target.pause()
    qtbot.waitUntil(lambda: not window.runner.busy, timeout=30_000)
    assert order(window) == ["job paused"]
    kept = done(window)
    assert 0 < kept < 41 * 43
    qtbot.waitUntil(lambda: not Path(f"/proc/{pid}").exists(), timeout=10_000)
    assert window.runner.worker_pid is None
    assert done(window) == kept
    window.target.pause()  # which resumes


def run_in_a_window(folder: Path, qtbot: QtBot, *, pause: bool) -> NDArray[np.float64]:
    folder.mkdir()
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    try:
        assert window.open_path(write_job(folder, grid=41, samples=500))
        qtbot.waitUntil(lambda: done(window) > 0, timeout=60_000)
        if pause:
            pause_and_resume(window, qtbot)
        qtbot.waitUntil(lambda: not window.runner.busy, timeout=90_000)
        assert order(window) == ["job finished"]
        assert window.store.landscape is not None
        return window.store.landscape.loss
    finally:
        window.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_a_real_run_that_is_paused_leaves_no_worker_and_ends_with_the_same_numbers(
    qtbot: QtBot, tmp_path: Path
) -> None:
    paused = run_in_a_window(tmp_path / "paused", qtbot, pause=True)
    np.testing.assert_array_equal(paused, run_in_a_window(tmp_path / "undisturbed", qtbot, pause=False))
