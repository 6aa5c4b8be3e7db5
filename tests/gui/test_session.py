"""What outlives a window: its queue, after it was closed and after it was killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from talweg.window.failures import describe_crash
from talweg.window.main_window import MainWindow
from talweg.window.session import Session
from talweg_compute.messages import Block, Finished, Points
from tests.conftest import write_job

if TYPE_CHECKING:
    from tests.gui.conftest import Workers


def points(count: int) -> Points:
    values = np.arange(count, dtype=np.float64)
    fields = {"loss": Block.of(0.5 + values), "accuracy": Block.of(50 + values)}
    return Points("1", Block.of(np.arange(count)), fields)


def make_window(qtbot: QtBot, workers: "Workers", folder: Path) -> MainWindow:
    window = MainWindow(workers, session=Session(folder))
    qtbot.addWidget(window)
    window.show()
    return window


def begin_again(qtbot: QtBot, workers: "Workers", folder: Path) -> MainWindow:
    """Make a window as the application does when no file is named."""
    window = MainWindow(workers, session=Session(folder))
    qtbot.addWidget(window)
    window.begin([])
    window.show()
    qtbot.waitUntil(lambda: window.store.document is not None, timeout=20_000)
    return window


def order(window: MainWindow) -> list[str]:
    return [f"{job.title} {job.state}" for job in window.runner.jobs]


def test_the_queue_outlives_a_window_that_is_closed(
    qtbot: QtBot, workers: "Workers", job_path: Path, tmp_path: Path
) -> None:
    other = job_path.with_stem("second")
    other.write_text(f"{job_path.read_text()}[plane]\nseed = 2\n")
    window = make_window(qtbot, workers, tmp_path)
    window.open_path(job_path)
    window.open_path(other)
    workers.last.say(points(7))
    window.close()

    again = begin_again(qtbot, workers, tmp_path)
    assert order(again) == ["first paused", "second waiting"]
    assert not again.runner.busy
    assert again.messages.sentence == "2 jobs of the last time wait: first, paused at 7 of 20 points."
    assert again.store.document is not None
    assert again.store.document.path.name == "first.talweg"
    again.messages.button.click()
    assert order(again) == ["first running", "second waiting"]
    workers.last.say(points(20), Finished("1", 1.0))
    qtbot.waitUntil(lambda: order(again) == ["second running", "first finished"])
    again.close()

    third = begin_again(qtbot, workers, tmp_path)
    assert order(third) == ["second paused", "first finished"]
    third.runner.remove(third.runner.jobs[0].number)
    third.runner.clear_history()
    third.close()
    fourth = begin_again(qtbot, workers, tmp_path)
    assert fourth.messages.sentence == ""
    assert order(fourth) == []
    fourth.close()


def test_a_second_window_leaves_the_session_of_the_first_alone(
    qtbot: QtBot, workers: "Workers", job_path: Path, tmp_path: Path
) -> None:
    first = make_window(qtbot, workers, tmp_path)
    first.open_path(job_path)
    second = make_window(qtbot, workers, tmp_path)
    assert order(second) == []
    second.close()
    workers.made[0].say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not first.runner.busy)
    first.close()
    third = make_window(qtbot, workers, tmp_path)
    assert order(third) == ["first finished"]
    third.close()


def test_a_session_of_another_version_is_no_hindrance(qtbot: QtBot, workers: "Workers", tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text('{"jobs": [{"what": 1}]}')
    window = make_window(qtbot, workers, tmp_path)
    assert order(window) == []
    window.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("computing", [pytest.param(True, marks=[pytest.mark.slow, pytest.mark.timeout(600)]), False])
def test_after_a_kill_the_next_window_says_what_is_kept_and_goes_on(
    computing: bool, qtbot: QtBot, tmp_path: Path, document_path: Path
) -> None:
    """A window with a real worker is killed; a real worker ends what it began."""
    code = (
        "import sys; from pathlib import Path\n"
        "from talweg.window.application import make_application\n"
        "application = make_application()\n"
        "from talweg.window.main_window import MainWindow\n"
        "from talweg.window.session import Session\n"
        "window = MainWindow(session=Session(Path(sys.argv[1])))\n"
        "window.show(); window.open_path(Path(sys.argv[2])); print('open', flush=True)\n"
        "window.runner.points_arrived.connect(lambda: print('points', flush=True))\n"
        "application.exec()\n"
    )
    opened = write_job(tmp_path, grid=25, samples=300) if computing else document_path
    command = [sys.executable, "-c", code, str(tmp_path / "session"), str(opened)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != ("points" if computing else "open"):
            assert process.poll() is None
        time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)

    window = MainWindow(session=Session(tmp_path / "session"))
    qtbot.addWidget(window)
    window.begin([])
    window.show()
    try:
        qtbot.waitUntil(lambda: window.messages.sentence != "", timeout=20_000)
        landscape, document = window.store.landscape, window.store.document
        assert landscape is not None
        assert document is not None
        if computing:
            assert 0 < landscape.done < 27 * 25
            kept = f"The {landscape.done} of 675 points that were computed are kept."
            assert window.messages.sentence == f"Talweg ended unexpectedly during this job: job. {kept}"
            window.messages.button.click()
            qtbot.waitUntil(lambda: order(window) == ["job finished"], timeout=60_000)
            assert document.newest_landscape().done == 675
        else:
            name = document_path.name
            assert window.messages.sentence == f"Talweg ended unexpectedly; {name} and its view are as you left them."
            window.messages.button.click()
            assert window.store.document is not None
            assert window.store.document.path == document_path
    finally:
        window.close()


def test_after_a_crash_its_report_is_among_the_details(
    qtbot: QtBot, workers: "Workers", document_path: Path, tmp_path: Path
) -> None:
    window = make_window(qtbot, workers, tmp_path)
    assert window.open_path(document_path)
    assert window.recovery is not None
    window.recovery._session.close()  # as the end of its process does
    window.recovery = None
    crash = tmp_path / "crash.log"
    crash.write_text("Fatal Python error: Aborted\n\nFatal Python error: Segmentation fault\n\nmany frames\n")

    again = begin_again(qtbot, workers, tmp_path)
    assert "ended unexpectedly; himmelblau.talweg and its view" in again.messages.sentence
    details = again.messages.details.text.toPlainText()
    assert str(crash) in details
    assert "Segmentation fault\n\nmany frames" in details
    assert "Aborted" not in details  # that was another time
    assert "nothing of it" in describe_crash(tmp_path, time.time() + 60)
    again.close()
    window.close()
