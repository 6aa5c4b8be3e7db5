"""Several models in one document, as a user of the window puts them there, names them and takes them out again."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.view.state import Camera
from talweg.window.main_window import MainWindow
from talweg.work.queue import QueuedJob
from talweg.work.tasks import ComputePoints
from talweg_compute.messages import Block, Finished, Points
from tests.gui.conftest import Workers, himmelblau
from tests.gui.test_new_landscape import MLP, estimated, inspected


@pytest.fixture
def other_path(tmp_path: Path) -> Path:
    """A document with another model's landscape of the same name."""
    path = tmp_path / "other.talweg"
    axis = np.linspace(-5.0, 5.0, 21)
    with Document.create(path) as document:
        loss = 0.5 * himmelblau(axis[None, :], axis[:, None])
        document.add_landscape("Himmelblau", axis, axis, fields={"loss": loss}, source="b")
        document.add_landscape("second", axis, axis, fields={"loss": loss + 1}, source="c")
    return path


def choose(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path) for path in paths], ""))


def names(window: MainWindow) -> list[str]:
    document = window.store.document
    assert document is not None
    return [document.landscape(number).name for number in document.landscape_ids()]


def listed(window: MainWindow) -> list[str]:
    box = window.top_bar.landscapes
    return [box.itemText(index) for index in range(box.count())]


def test_another_document_joins_the_one_that_is_open(
    window: MainWindow, other_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = window.store.document.path  # type: ignore[union-attr]
    choose(monkeypatch, other_path)
    window.actions_by_id["file.add"].trigger()
    assert names(window) == listed(window) == ["Himmelblau", "Himmelblau (other)", "second"]
    assert window.store.document is not None
    assert window.store.document.path == path
    assert window.store.landscape is not None
    assert window.store.landscape.name == "second"
    assert '"second" is in this document now' in window.messages.sentence
    window.messages.button.click()  # show side by side
    arrangement = window.store.arrangement
    assert arrangement is not None
    assert [pane.landscape for pane in arrangement.panes] == [3, 1]
    assert arrangement.links == ("camera", "height", "colour")


def test_a_grid_of_another_program_joins_it(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    axis = np.linspace(-1.0, 1.0, 5)
    np.savez(tmp_path / "theirs.npz", u=axis, v=axis, loss=np.add.outer(axis**2, axis**2))
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    choose(monkeypatch, tmp_path / "theirs.npz")
    window.actions_by_id["file.add"].trigger()
    assert names(window) == ["Himmelblau", "theirs"]
    choose(monkeypatch, tmp_path / "bad.npz")
    window.actions_by_id["file.add"].trigger()
    assert "bad.npz" in window.messages.sentence
    assert names(window) == ["Himmelblau", "theirs"]


def test_a_job_joins_it_and_is_computed_there(
    window: MainWindow, workers: Workers, job_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    choose(monkeypatch, job_path)
    window.actions_by_id["file.add"].trigger()
    worker = workers.last
    assert worker.calls == ["compute"]
    assert worker.document is window.store.document
    assert names(window) == ["Himmelblau", "first"]
    window.store.show_landscape(1)
    window.actions_by_id["edit.remove"].trigger()
    assert "for good" in window.messages.sentence  # another one may be removed meanwhile
    window.store.show_landscape(2)
    window.actions_by_id["edit.remove"].trigger()
    assert "a job for this landscape runs or waits" in window.messages.sentence
    loss = Block.of(np.arange(20.0))
    worker.say(Points("1", Block.of(np.arange(20)), {"loss": loss}), Finished("1", 0.1))
    qtbot.waitUntil(lambda: not window.runner.busy)
    choose(monkeypatch, job_path)
    window.actions_by_id["file.add"].trigger()
    assert names(window) == ["Himmelblau", "first"]  # it is there, and complete
    assert worker.calls == ["compute"]
    window.actions_by_id["edit.remove"].trigger()
    window.messages.button.click()
    assert names(window) == ["Himmelblau"]
    assert window.runner.jobs == ()


def test_a_checkpoint_is_taken_to_the_page_with_the_tick_set(
    window: MainWindow, workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    (tmp_path / "with.pt").write_bytes(b"")
    choose(monkeypatch, tmp_path / "with.pt")
    window.actions_by_id["file.add"].trigger()
    page, outlook = window.pages.new, window.pages.new.outlook
    assert window.pages.currentWidget() is page
    assert outlook.into.isChecked()
    assert outlook.into.text() == "Into himmelblau.talweg, which is open"
    assert page.save_line.text() == "with"
    worker = workers.last
    worker.say(*inspected(tmp_path / "with.pt", MLP))
    qtbot.waitUntil(lambda: "estimate" in worker.calls)
    worker.say(*estimated())
    qtbot.waitUntil(lambda: page.compute.isEnabled() and not window.runner.inquiries.under_way)
    page.compute.click()
    assert names(window) == ["Himmelblau", "with"]
    assert worker.calls[-1] == "compute"
    assert worker.document is window.store.document
    assert not (tmp_path / "with.talweg").exists()
    assert not (tmp_path / "with.toml").exists()


def test_the_tick_says_where_the_landscape_goes(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "with.pt").write_bytes(b"")
    window.pages.show_new(weights=tmp_path / "with.pt")
    page, outlook = window.pages.new, window.pages.new.outlook
    assert outlook.into.isVisible()
    assert not outlook.into.isChecked()
    assert page.save_line.text() == str(tmp_path / "with.talweg")
    outlook.into.click()
    assert page.save_line.text() == "with"
    outlook.into.click()
    assert page.save_line.text() == str(tmp_path / "with.talweg")


def test_where_nothing_is_open_there_is_no_tick(empty_window: MainWindow) -> None:
    assert not empty_window.actions_by_id["file.add"].isEnabled()
    empty_window.pages.show_new()
    assert not empty_window.pages.new.outlook.into.isVisible()


def test_a_landscape_gets_another_name_everywhere(
    window: MainWindow, other_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.add_path(other_path)
    window.store.split(2)
    asked: list[str] = []

    def answer(*words: object) -> str:
        asked.append(str(words[-1]))
        return "without shortcuts"

    monkeypatch.setattr("talweg.window.target.ask_name", answer)
    window.actions_by_id["edit.rename"].trigger()
    assert asked == ["second"]
    assert names(window) == listed(window) == ["Himmelblau", "Himmelblau (other)", "without shortcuts"]
    heading = window.views.frames[0].heading.landscapes
    assert heading.currentText() == "without shortcuts"
    monkeypatch.setattr("talweg.window.target.ask_name", lambda *_: "Himmelblau")
    window.actions_by_id["edit.rename"].trigger()
    assert "another landscape of this document is called so" in window.messages.sentence


def test_removing_asks_once_and_shows_another_one(window: MainWindow, other_path: Path, qtbot: QtBot) -> None:
    assert window.add_path(other_path)
    store, document = window.store, window.store.document
    assert document is not None
    store.split(2)
    store.change("cap", height_cap=3.0)
    window.actions_by_id["edit.remove"].trigger()
    assert names(window)[2] == "second"
    assert "441 points out of himmelblau.talweg for good" in window.messages.sentence
    window.messages.button.click()
    assert names(window) == listed(window) == ["Himmelblau", "Himmelblau (other)"]
    arrangement = store.arrangement
    assert arrangement is not None
    assert [pane.landscape for pane in arrangement.panes] == [2, 1]
    assert store.undo_title is None  # nothing leads back to what is no more
    qtbot.waitUntil(lambda: store.settled)
    store.split(1)
    window.documents.remove(2)
    assert not window.actions_by_id["edit.remove"].isEnabled()
    assert names(window) == ["Himmelblau"]
    with Document.open(document.path) as again:
        assert len(again.landscape_ids()) == 1


def test_a_document_that_cannot_be_written_takes_nothing(
    empty_window: MainWindow, document_path: Path, other_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Document, "open_as_allowed", classmethod(lambda cls, path: Document.open(path, read_only=True)))
    assert empty_window.open_path(document_path)
    for name in ("file.add", "edit.rename", "edit.remove"):
        assert not empty_window.actions_by_id[name].isEnabled()
    assert not empty_window.add_path(other_path)
    assert "cannot be written" in empty_window.messages.sentence


def test_two_models_side_by_side_share_camera_and_scales(window: MainWindow, other_path: Path, qtbot: QtBot) -> None:
    store = window.store
    assert window.add_path(other_path)
    store.split(2)
    qtbot.waitUntil(lambda: store.settled)
    frames = [viewing.picture.frame for viewing in store.viewings if viewing.picture is not None]
    assert len(frames) == 2
    assert frames[0].height_range == frames[1].height_range
    camera = Camera((0.0, 0.0, 5.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    store.change("top view", camera=camera)
    arrangement = store.arrangement
    assert arrangement is not None
    assert [pane.view.camera for pane in arrangement.panes] == [camera, camera]


def test_a_job_whose_landscape_is_gone_says_so(window: MainWindow, document_path: Path) -> None:
    window.show_job(QueuedJob(1, str(document_path), 77, ComputePoints(), "gone", state="finished"))
    assert "there is no landscape 77" in window.messages.sentence
