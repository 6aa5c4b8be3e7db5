"""From a checkpoint to a landscape: the page with a worker that the test plays, and once with a real one."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from talweg.window import trial, trust
from talweg.window.main_window import MainWindow
from talweg.window.new_landscape import NewLandscapePage
from talweg_compute.messages import (
    Block,
    Estimated,
    Event,
    Failed,
    Finished,
    Inspected,
    ModelGuess,
    Points,
    read_job,
)
from tests.conftest import write_job

if TYPE_CHECKING:
    from tests.gui.conftest import Workers

MLP = ModelGuess("mlp", {"sizes": [64, 16, 10]}, "digits", "its activation is taken for relu")


def inspected(checkpoint: Path, *guesses: ModelGuess) -> tuple[Event, ...]:
    answer = Inspected("inspection", str(checkpoint), guesses, 4, 1210, ("fc1.weight [16, 64]",))
    return answer, Finished("inspection", 0.1)


def estimated(**changes: object) -> tuple[Event, ...]:
    facts: dict[str, object] = {
        "seconds": 42.0, "opening": 0.5, "others": 1,
        "seconds_a_point": 0.0161, "points": 2601, "processes": 2, "memory": 300 * 2**20,
        "device": "cpu (x86_64)", "parameters": 1210, "samples": 1347, "loss": Block.of(0.25),
    }  # fmt: skip
    return Estimated("estimate", **(facts | changes)), Finished("estimate", 0.5)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three checkpoints, which the played worker never reads."""
    for number in range(3):
        (tmp_path / f"epoch_{number}.pt").write_bytes(b"x")
    return tmp_path


@pytest.fixture
def page(empty_window: MainWindow) -> NewLandscapePage:
    empty_window.pages.show_new()
    return empty_window.pages.new


def test_the_model_is_guessed_and_the_rest_is_right_at_once(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    assert not page.compute.isEnabled()
    assert "Drop a checkpoint" in page.form.notes["weights"].text()
    page.form.take_path(folder / "epoch_1.pt")
    assert workers.last.calls == ["inspect epoch_1.pt"]
    workers.last.say(*inspected(folder / "epoch_1.pt", MLP))
    qtbot.waitUntil(lambda: page.form.model.currentText() == "mlp")
    draft = page.form.draft
    assert (draft.model_args, draft.data) == ("sizes = [64, 16, 10]", "digits")
    assert "activation" in page.form.notes["model"].text()
    assert page.save_line.text() == str(folder / "epoch_1.talweg")
    assert "[64, 16, 10]" in page.preview.toPlainText()
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "estimate")
    assert workers.last.jobs[-1] == draft.job()
    workers.last.say(*estimated())
    qtbot.waitUntil(lambda: "About 42 s on cpu (x86_64), 2 processes" in page.estimate_label.text())
    assert "300 MB" in page.estimate_label.text()
    assert page.compute.isEnabled()
    assert page.quick.isEnabled()


def test_what_is_typed_is_judged_beside_its_field(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    page.form.change(weights=str(folder / "epoch_1.pt"), model="mlp", data="digits")
    page.form.samples.setText("many")
    assert page.form.notes["samples"].text().startswith("⚠ Got")
    assert not page.compute.isEnabled()
    page.form.samples.setText("100")
    assert not page.form.notes["samples"].isVisible()
    assert page.compute.isEnabled()
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "estimate")
    assert page.form.draft.model == "mlp"  # what was chosen stays
    workers.last.say(Failed("estimate", "problem.model_args.sizes: got 3; expected a list."))
    qtbot.waitUntil(lambda: "⚠ Got 3" in page.form.notes["model_args"].text())
    assert not page.compute.isEnabled()
    page.form.model_args.setText("sizes = [64, 10]")
    assert not page.form.notes["model_args"].isVisible()


def test_what_is_seldom_needed_is_folded_and_told(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    form = page.form
    assert not form.batch_norm.isVisible()
    assert not form.device.isVisible()
    form.change(weights=str(folder / "epoch_1.pt"), model="mlp", data="digits", seed="1, 2, 3", refine="adaptive")
    form.change(batch_norm="recalibrated", ignore="none", device="cpu")
    assert form.more.text().endswith(": BatchNorm recalibrated, all parameters move")
    assert form.how.text().endswith(": adaptive, cpu")
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "estimate")
    workers.last.say(*estimated())
    qtbot.waitUntil(lambda: "At most 2 min 6 s on cpu (x86_64)" in page.estimate_label.text())
    assert "for 3 seeds, a landscape each" in page.estimate_label.text()
    assert "At most 2601 points" in page.estimate_label.text()
    form.change(tolerance="lots")
    assert form.tolerance.isVisible()  # what is wrong is unfolded
    assert "between 0 and 1" in form.notes["tolerance"].text()
    assert not page.compute.isEnabled()
    form.change(tolerance="0.01", seed="4", refine="given", ladder="100, 500")
    qtbot.waitUntil(lambda: workers.last.calls.count("estimate") == 2)
    workers.last.say(*estimated(samples=1000, opening=2.0, seconds=102.0))
    qtbot.waitUntil(lambda: "Its shape shows after about 12 s, on 100 samples." in page.estimate_label.text())
    assert form.ladder.isVisible()
    form.change(directions="3", refine="all")
    assert form.axes["w"][0].isVisible()
    assert not form.ladder.isVisible()


def test_a_section_stays_as_it_was_folded(page: NewLandscapePage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.form.how, Qt.MouseButton.LeftButton)
    assert page.form.device.isVisible()
    again = NewLandscapePage(page._runner)
    qtbot.addWidget(again)
    assert again.form.how.isChecked()
    assert not again.form.more.isChecked()
    again.form.how.reset()
    assert not NewLandscapePage(page._runner).form.how.isChecked()


def test_a_newer_question_overtakes(page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot) -> None:
    page.form.change(weights=str(folder / "epoch_1.pt"), model="mlp", data="digits")
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "estimate")
    page.form.samples.setText("77")
    assert workers.last.calls[-1] == "cancel"
    workers.last.say(*estimated(seconds=9999.0))
    qtbot.waitUntil(lambda: workers.last.calls.count("estimate") == 2)
    assert workers.last.jobs[-1].problem.samples == 77
    assert page._estimated is None
    workers.last.say(*estimated(seconds=3.0))
    qtbot.waitUntil(lambda: "About 3 s" in page.estimate_label.text())


def test_the_grid_is_laid_around_a_training_path(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    page.form.change(weights=str(folder), model="mlp", data="digits", plane="pca")
    assert workers.last.calls == ["inspect epoch_2.pt"]
    workers.last.say(*inspected(folder / "epoch_2.pt"))
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "estimate")
    workers.last.say(*estimated(extents=((0.0, 8.2), (-1.73, 0.61))))
    qtbot.waitUntil(lambda: page.form.draft.u != ("-1", "1", "51"))
    u, v = (axis.coordinates() for axis in page.form.draft.job().axes)
    assert u[0] < 0.0 < 8.2 < u[-1]
    assert v[0] < -1.73 < 0.61 < v[-1]
    assert u[-1] - u[0] < 2 * 8.2
    assert "The path runs from −1.73 to 0.61." in page.form.notes["v"].text()
    page.form.axes["u"][0].setText("-5")
    qtbot.waitUntil(lambda: workers.last.calls.count("estimate") == 2)
    workers.last.say(*estimated(extents=((0.0, 8.2), (-1.73, 0.61))))
    qtbot.waitUntil(lambda: not page._trial.under_way)
    assert page.form.draft.u[0] == "-5"  # what was typed stays


def test_compute_writes_the_job_file_and_comes_before_a_trial(
    empty_window: MainWindow, page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    page.form.change(weights=str(folder / "epoch_1.pt"), model="mlp", data="digits", samples="50")
    page.compute.click()
    assert workers.last.calls == ["inspect epoch_1.pt", "cancel"]
    assert empty_window.runner.busy
    job = folder / "epoch_1.toml"
    assert read_job(job) == page.form.draft.job()
    assert empty_window.pages.currentWidget() is not page
    assert empty_window.docks["job"].isVisible()
    workers.last.say(Finished("inspection", 0.1, cancelled=True))
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "compute")
    index = Block.of(np.arange(3, dtype=np.int64))
    workers.last.say(Points("1", index, {"loss": Block.of([1.0, 2.0, 3.0])}), Finished("1", 1.0))
    qtbot.waitUntil(lambda: not empty_window.runner.busy)
    assert empty_window.store.document is not None
    assert empty_window.store.document.path == folder / "epoch_1.talweg"
    assert empty_window.store.landscape is not None
    assert empty_window.store.landscape.done == 3

    empty_window.pages.show_new()
    assert page.form.draft.samples == "50"  # the draft is still there
    page.form.samples.setText("60")
    page.quick.click()
    quick = read_job(folder / "epoch_1-quick.toml")
    assert (quick.grid.u.count, quick.problem.samples) == (9, 60)
    assert "quick look" in empty_window.messages.sentence
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not empty_window.runner.busy)
    empty_window.messages.button.click()
    assert empty_window.store.document.path == folder / "epoch_1-2.talweg"  # of another job than the first
    assert empty_window.runner.busy


def test_the_name_of_the_document_is_judged_as_it_is_typed(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    page.form.change(weights=str(folder / "epoch_1.pt"), model="mlp", data="digits")
    assert page.compute.isEnabled()
    assert not page.outlook.save_note.isVisible()
    page.save_line.selectAll()
    qtbot.keyClicks(page.save_line, f"{folder}/none/run")
    assert page.outlook.save_note.text().startswith("⚠ There is no folder")
    assert not page.compute.isEnabled()
    page.compute_all()  # by whatever way
    assert not list(folder.glob("*.toml"))
    page.save_line.selectAll()
    qtbot.keyClicks(page.save_line, f"{folder}/run.1")
    assert page.compute.isEnabled()
    page.outlook.copy.click()
    assert QGuiApplication.clipboard().text() == page.preview.toPlainText() != ""
    page.compute.click()
    assert (folder / "run.1.toml").exists()
    assert (folder / "run.1.talweg").exists()
    page._runner.cancel()


def test_another_job_of_the_same_name_stays(
    empty_window: MainWindow, page: NewLandscapePage, folder: Path, workers: "Workers"
) -> None:
    (folder / "epoch_1.toml").write_text("# mine\n")
    page.form.change(weights=str(folder / "epoch_1.pt"), model="mlp", data="digits")
    page.compute.click()
    assert (folder / "epoch_1.toml").read_text() == "# mine\n"
    assert read_job(folder / "epoch_1-2.toml") == page.form.draft.job()
    empty_window.runner.cancel()


def test_code_is_tried_only_when_it_may_run(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = folder / "mine.py"
    code.write_text("def net(): ...\n")
    page.form.change(weights=str(folder / "epoch_1.pt"), model=f"{code}:net", data="digits")
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.wait(500)
    assert "estimate" not in workers.last.calls
    assert page.allow.isVisible()
    assert str(folder) in page.estimate_label.text()

    def allow(job: object, parent: QWidget) -> bool:
        from PySide6.QtCore import QSettings

        QSettings().setValue("trustedFolders", [str(folder)])
        return True

    monkeypatch.setattr("talweg.window.new_landscape.may_run", allow)
    page.allow.click()
    assert workers.last.calls[-1] == "estimate"
    assert not page.allow.isVisible()
    for folder in trust.trusted_folders():
        trust.distrust(str(folder))


def test_files_of_ones_own_are_chosen_without_knowing_their_functions_by_heart(
    page: NewLandscapePage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = folder / "mine.py"
    code.write_text(
        "from torch import nn\nclass Net(nn.Module): ...\ndef spirals(): ...\ndef _part(): ...\nraise SystemExit\n"
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(code), ""))
    page.form.model_button.click()
    page.form.data_file_button.click()
    draft = page.form.draft
    assert (draft.model, draft.data) == (f"{code}:Net", f"{code}:spirals")
    code.write_text(code.read_text().replace("nn.Module", "nn.Linear"))
    page.form.model_button.click()
    assert page.form.draft.model == str(code)  # of two, the user picks one
    assert page.form.notes["model"].text().endswith("add a colon and one of Net, spirals.")


def test_what_a_new_user_stumbles_over_is_said(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    page.form.change(weights=str(folder / "epoch_1.pt"))
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.waitUntil(lambda: "No known model fits this checkpoint" in page.form.notes["model"].text())
    assert page.form.notes["model"].text().endswith("or a file.py:function that builds it.")
    page.form.change(model="resnet20", data="digits")
    qtbot.waitUntil(lambda: workers.last.calls[-1] == "estimate")
    workers.last.say(*estimated(loss=Block.of(3.73), accuracy=39.0))
    qtbot.waitUntil(lambda: page.form.notes["normalize"].isVisible())
    assert "3.73, the accuracy 39 %" in page.form.notes["normalize"].text()
    assert "loss 3.73, accuracy 39 % at the origin" in page.estimate_label.text()
    page.form.change(normalize="mean = [0.5], std = [0.5]")
    assert not page.form.notes["normalize"].isVisible()


def drop(window: MainWindow, *paths: Path) -> None:
    """Drop files onto the window, all at once."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(90, 90), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def test_what_is_dropped_goes_where_it_belongs(empty_window: MainWindow, folder: Path) -> None:
    window = empty_window
    first, second, third = (folder / f"epoch_{number}.pt" for number in range(3))
    drop(window, second, first)  # anywhere in the window
    page = window.pages.new
    assert window.pages.currentWidget() is page
    draft = page.form.draft
    assert (draft.plane, draft.directions, draft.weights, draft.others) == (
        "checkpoints", "1", str(first), (str(second),),
    )  # fmt: skip
    drop(window, third, first, second)
    draft = page.form.draft
    assert (draft.directions, draft.weights, draft.others) == ("2", str(first), (str(second), str(third)))
    assert page._fitted == (draft.u, draft.v)  # the grid will be laid around them
    code, samples = folder / "net.py", folder / "data.npz"
    code.write_text("from torch import nn\nclass Net(nn.Module): ...\n")
    np.savez(samples, inputs=np.zeros((3, 64)), targets=np.zeros(3))
    drop(window, code, samples)
    draft = page.form.draft
    assert (draft.model, draft.data) == (f"{code}:Net", str(samples))
    drop(window, folder)
    assert (page.form.draft.weights, page.form.draft.plane) == (str(folder), "checkpoints")
    page.form.change(plane="random")
    drop(window, folder)
    assert page.form.draft.plane == "pca"
    drop(window, third)
    assert page.form.draft.plane == "random"  # one checkpoint is no path
    drop(window, *(folder / f"epoch_{number % 3}.pt" for number in range(4)))
    assert "two make a line" in window.messages.sentence
    assert page.form.draft.weights == str(third)


def test_models_for_a_line_may_come_one_by_one(page: NewLandscapePage, folder: Path) -> None:
    page.form.change(plane="checkpoints", directions="1")
    for number in range(3):
        page.take([folder / f"epoch_{number}.pt"])
    draft = page.form.draft
    assert (draft.weights, draft.others) == (str(folder / "epoch_2.pt"), (str(folder / "epoch_1.pt"),))


def test_a_network_beside_the_checkpoint_is_found(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    (folder / "mynet.py").write_text("from torch import nn\nclass Net(nn.Module): ...\n")
    page.form.take_path(folder / "epoch_1.pt")
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.waitUntil(lambda: page.form.draft.model == "mynet.py:Net")
    assert "this one lies beside it" in page.form.notes["model"].text()
    np.savez(folder / "samples.npz", images=np.zeros((3, 8, 8), np.uint8), labels=np.zeros(3, np.uint8))
    np.savez(folder / "surface.npz", loss=np.zeros((3, 3)))
    page.form.take_path(folder / "epoch_2.pt")
    workers.last.say(*inspected(folder / "epoch_2.pt"))
    qtbot.waitUntil(lambda: page.form.draft.data == "samples.npz")
    assert page.form.draft.job().problem.data == f"{folder}/samples.npz"
    page.form.take_path(folder / "epoch_0.pt")
    workers.last.say(*inspected(folder / "epoch_0.pt", MLP))
    qtbot.waitUntil(lambda: page.form.draft.model == "mlp")  # what nobody chose gives way
    assert page.form.draft.data == "digits"
    page.form.change(model="", data="")
    page.form.take_path(folder / "epoch_1.pt")
    workers.last.say(*inspected(folder / "epoch_1.pt"))
    qtbot.waitUntil(lambda: page.form.draft.model == "mynet.py:Net")
    page.form.change(data="digits")
    assert f'model = "{folder}/mynet.py:Net"' in page.preview.toPlainText()
    page.form.change(model="mynett.py:Net")
    assert f"beside the checkpoint, in {folder}, nor in the folder" in page.form.notes["model"].text()


def test_a_checkpoint_that_is_none_is_told(
    page: NewLandscapePage, workers: "Workers", folder: Path, qtbot: QtBot
) -> None:
    page.form.take_path(folder / "epoch_1.pt")
    workers.last.say(Failed("inspection", f"{folder}/epoch_1.pt is damaged or no checkpoint.", "Traceback: line 1"))
    qtbot.waitUntil(lambda: "is damaged" in page.form.notes["weights"].text())
    assert page.details.text.toPlainText() == "Traceback: line 1"
    assert page.details.isVisible()
    page.form.change(model="mlp")
    assert not page.details.isVisible()
    assert not page.compute.isEnabled()


def test_eight_clicks_from_an_empty_window_to_a_mesh(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real worker: New landscape, File…, the file, Open, Quick look, Export PLY, Save."""
    write_job(tmp_path)
    (tmp_path / "job.toml").unlink()
    mesh, clicks = tmp_path / "mine.ply", 0
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()

    def click(button: QWidget) -> None:
        nonlocal clicks
        clicks += 1
        assert button.isVisible()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def choose(answer: Path) -> object:
        def dialog(*_: object) -> tuple[str, str]:
            nonlocal clicks
            clicks += 2  # the file, or its name, and the button
            return str(answer), ""

        return dialog

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose(tmp_path / "epoch_2.pt"))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose(mesh))
    page = window.pages.new
    click(window.pages.start.links["file.new"])
    click(page.form.file_button)
    qtbot.waitUntil(page.quick.isEnabled, timeout=60_000)
    assert page.form.draft.model_args == "sizes = [64, 16, 10]"
    qtbot.waitUntil(lambda: "parameters" in page.estimate_label.text(), timeout=60_000)
    click(page.quick)
    qtbot.waitUntil(lambda: window.store.landscape is not None and window.store.landscape.complete, timeout=60_000)
    qtbot.waitUntil(lambda: not window.runner.busy, timeout=60_000)
    export = window.top_bar.widgetForAction(window.actions_by_id["export.ply"])
    assert export is not None
    click(export)
    qtbot.waitUntil(lambda: not window.writer.busy, timeout=20_000)
    assert clicks <= 8
    assert b"element vertex 81\n" in mesh.read_bytes()
    window.close()


def test_trials_give_way_to_a_job(window: MainWindow, workers: "Workers", folder: Path, job_path: Path) -> None:
    assert window.open_path(job_path)
    page = window.pages.new
    window.pages.show_new(weights=folder / "epoch_1.pt")
    assert workers.last.calls == ["compute"]
    assert "A job is running" in page.estimate_label.text()
    assert isinstance(page._trial, trial.Trial)
    assert page._trial.under_way
