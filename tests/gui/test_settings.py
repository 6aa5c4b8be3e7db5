"""Settings: typed, kept, and followed at once by the window, its pictures and its jobs."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.preferences import Preferences, PreferenceStore, read_preferences
from talweg.window.settings_sheet import SettingsSheet
from talweg.window.trust import trusted_folders
from talweg.work.run_defaults import RunDefaults
from talweg_compute.messages import Finished, Job, Problem, Run, Worker

if TYPE_CHECKING:
    from tests.gui.conftest import Workers


def sheet_of(window: MainWindow) -> SettingsSheet:
    window.actions_by_id["file.settings"].trigger()
    sheet = window.findChild(SettingsSheet)
    assert sheet is not None
    return sheet


def choose(choice: object, value: str) -> None:
    choice.show_value(value)  # type: ignore[attr-defined]  # a Choice
    choice.chosen.emit(value)  # type: ignore[attr-defined]


def test_settings_are_kept_and_followed(
    empty_window: MainWindow, workers: "Workers", job_path: Path, document_path: Path, qtbot: QtBot
) -> None:
    window = empty_window
    sheet = sheet_of(window)
    choose(sheet.appearance, "dark")
    assert window.theme.name == "dark"
    assert window.actions_by_id["appearance.dark"].isChecked()
    choose(sheet.colour_map, "cividis")
    choose(sheet.device, "cpu")
    sheet.processes.setValue(2)
    sheet.download.setChecked(True)
    sheet.close()
    assert read_preferences() == Preferences("dark", "cividis", "cpu", 2, download=True)

    assert window.open_path(document_path)
    assert window.view is not None
    assert window.view.colour_map == "cividis"
    window.open_path(job_path)
    assert workers.last.defaults == RunDefaults("cpu", 2, download=True)
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)
    window.target.set_appearance("system")
    again = sheet_of(window)
    assert again.device.currentData() == "cpu"
    assert again.processes.value() == 2
    window.actions_by_id["appearance.light"].trigger()
    assert again.appearance.currentData() == "light"
    again.close()


def test_settings_go_back_to_what_they_are_at_first(empty_window: MainWindow) -> None:
    QSettings().setValue("trustedFolders", ["/one", "/two"])
    sheet = sheet_of(empty_window)
    assert not sheet.reset.isEnabled()
    choose(sheet.appearance, "dark")
    sheet.processes.setValue(2)
    sheet.reset.click()
    assert read_preferences() == Preferences()
    assert sheet.processes.value() == 0
    assert sheet.appearance.currentData() == "system"
    assert not sheet.reset.isEnabled()
    assert trusted_folders() == [Path("/one"), Path("/two")]
    sheet.close()


def test_folders_whose_code_may_run_are_listed_and_taken_back(empty_window: MainWindow) -> None:
    QSettings().setValue("trustedFolders", ["/one", "/two"])
    sheet = sheet_of(empty_window)
    assert [sheet.folders.item(row).text() for row in range(sheet.folders.count())] == ["/one", "/two"]
    assert not sheet.remove.isEnabled()
    sheet.folders.setCurrentRow(0)
    sheet.remove.click()
    assert trusted_folders() == [Path("/two")]
    sheet.folders.setCurrentRow(0)
    sheet.remove.click()
    assert trusted_folders() == []
    assert sheet.nowhere.isVisible()
    sheet.close()


@pytest.mark.parametrize("kept", ["", "no JSON", "[]", '{"device": 3, "processes": -1, "appearance": "green"}'])
def test_what_is_no_setting_is_as_at_first(kept: str, qapp: QApplication) -> None:
    QSettings().setValue("preferences", kept)
    assert read_preferences() == Preferences()


def test_a_setting_of_another_version_leaves_the_others(qapp: QApplication) -> None:
    QSettings().setValue("preferences", '{"device": "cuda:1", "processes": "many", "sound": true}')
    assert read_preferences() == Preferences(device="cuda:1")
    store = PreferenceStore()
    store.change(processes=3)
    assert read_preferences() == Preferences(device="cuda:1", processes=3)


def test_only_what_a_job_leaves_open_is_filled() -> None:
    job = Job(Problem(model="mlp", data="cifar10", checkpoint="a.pt"))
    filled = RunDefaults("cpu", 2, download=True).fill(job)
    assert filled.run == Run(device="cpu", processes=2)
    assert filled.problem.data_args == {"download": True}
    own = Job(
        Problem(model="mlp", data="cifar10", checkpoint="a.pt", data_args={"download": False}),
        run=Run(device="cuda", processes=4),
        worker=Worker(),
    )
    assert RunDefaults("cpu", 2, download=True).fill(own) == own
    folder = msgspec.structs.replace(job, problem=msgspec.structs.replace(job.problem, data="image_folder"))
    assert RunDefaults(download=True).fill(folder) == folder
    assert RunDefaults().fill(job) == job
