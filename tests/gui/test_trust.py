"""The question before a user's code runs, asked for real and answered by clicks."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from talweg.window.main_window import MainWindow
from talweg.window.trust import distrust, trusted_folders

if TYPE_CHECKING:
    from tests.gui.conftest import Workers


@pytest.fixture
def own_job(job_path: Path) -> Path:
    (job_path.parent / "nets.py").write_text("def net(): ...")
    job_path.write_text(job_path.read_text().replace('"digits_resnet"', '"nets.py:net"'))
    return job_path


def answer(label: str, asked: list[str]) -> None:
    """Click a button of the next question."""

    def click() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, click)
            return
        asked.append(box.text())
        next(button for button in box.buttons() if button.text().replace("&", "") == label).click()

    QTimer.singleShot(0, click)


def test_code_runs_after_a_yes_which_is_remembered(empty_window: MainWindow, workers: "Workers", own_job: Path) -> None:
    for folder in trusted_folders():
        distrust(str(folder))
    asked: list[str] = []

    answer("Cancel", asked)
    empty_window.open_path(own_job)
    assert asked == [f"This job runs code from {own_job.parent}."]
    assert not workers.made
    assert trusted_folders() == []
    assert "was not started" in empty_window.messages.sentence

    answer("Run it", asked)
    empty_window.target.compute()
    assert len(asked) == 2
    assert workers.last.calls == ["compute"]
    assert trusted_folders() == [own_job.parent]
    empty_window.runner.close()

    empty_window.target.compute()
    assert len(asked) == 2
    assert workers.last.calls == ["compute"]
    for folder in trusted_folders():
        distrust(str(folder))


def test_models_of_the_zoo_need_no_question(empty_window: MainWindow, workers: "Workers", job_path: Path) -> None:
    assert empty_window.open_path(job_path)
    assert workers.last.calls == ["compute"]
