"""Opening: documents, jobs and grids, by menu, drop and recent files; what is wrong is one sentence in the window."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.export import export_landscape
from talweg.view.state import ViewState
from talweg.window.file_question import FileQuestion
from talweg.window.main_window import MainWindow
from talweg.window.recent import recent_files
from talweg_compute.messages import Finished, read_job
from tests.gui.conftest import Workers


def test_a_document_is_opened_by_the_menu(
    empty_window: MainWindow, document_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(document_path), ""))
    empty_window.actions_by_id["file.open"].trigger()
    assert empty_window.windowTitle() == "himmelblau.talweg[*] – Talweg"
    assert recent_files() == [document_path]
    assert empty_window.store.landscape is not None
    assert empty_window.store.landscape.name == "Himmelblau"


def test_a_document_is_opened_by_a_drop(empty_window: MainWindow, document_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(document_path))])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    empty_window.dropEvent(QDropEvent(QPointF(10, 10), action, data, button, key))
    assert empty_window.store.document is not None
    assert empty_window.store.document.path == document_path
    assert recent_files() == [document_path]


def test_recent_files_are_listed_and_missing_ones_are_grey(
    window: MainWindow, tmp_path: Path, document_path: Path
) -> None:
    other = tmp_path / "other.talweg"
    document_path.rename(other)
    assert window.open_path(other)
    window.recent_menu.fill()
    listed = [(action.text(), action.isEnabled()) for action in window.recent_menu.actions() if action.text()]
    assert listed[:2] == [("other.talweg", True), ("himmelblau.talweg", False)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.talweg", None, "there is no such file"),
        ("broken.talweg", b"no document", "this is not a .talweg file"),
        ("photo.jpeg", b"", 'photo.jpeg: ".jpeg" files cannot be opened'),
        ("bare", b"", "files without a suffix cannot be opened"),
        ("job.toml", b"[problem]\nmodl = 1", "problem.modl"),
        ("grid.npz", b"no archive", "grid.npz"),
    ],
)
def test_a_bad_file_gives_one_sentence_and_leaves_the_rest(
    name: str, content: bytes | None, words: str, window: MainWindow, tmp_path: Path
) -> None:
    before = window.store.document
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert not window.open_path(tmp_path / name)
    assert words in window.messages.sentence
    assert "\n" not in window.messages.sentence
    assert window.messages.kind == "error"
    assert window.store.document is before
    window.messages.dismiss()
    assert window.messages.sentence == ""


def test_a_grid_is_imported_into_a_document_of_its_own(empty_window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    axis = np.linspace(-1.0, 1.0, 9)
    path = tmp_path / "bowl.npz"
    np.savez(path, u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None] ** 2)
    assert empty_window.open_path(path)
    landscape = empty_window.store.landscape
    assert landscape is not None
    assert landscape.complete
    assert "imported" in empty_window.windowTitle()
    assert not empty_window.job_panel.start.isVisible()
    assert empty_window.store.document is not None
    scratch = empty_window.store.document.path.parent
    assert scratch != tmp_path
    other = tmp_path / "other.npz"
    other.write_bytes(path.read_bytes())
    assert scratch.is_dir()
    assert empty_window.open_path(other)
    assert not scratch.exists()  # nothing of the first is left
    second = empty_window.store.document.path.parent
    empty_window.close()
    assert not second.exists()


def test_a_copy_of_the_document_is_saved(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy), ""))
    window.target.change_view("magma", colour_map="magma")
    window.actions_by_id["file.save_copy"].trigger()
    with Document.open(tmp_path / "copy.talweg") as document:
        assert document.newest_landscape().complete
        assert '"magma"' in (document.view() or "")


def test_the_window_says_what_is_kept(window: MainWindow, document_path: Path, qtbot: QtBot) -> None:
    words = window.status.saving
    assert words.text() == "saved"
    window.target.change_view("magma", colour_map="magma")
    assert words.text() == "saving…"
    assert not window.isWindowModified()  # closing now would keep it
    qtbot.waitUntil(lambda: words.text() == "saved")
    with Document.open(document_path) as document:
        assert '"magma"' in (document.view() or "")


def test_what_is_imported_is_computed_on_only_where_it_is_kept(
    empty_window: MainWindow, workers: Workers, job_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:  # fmt: skip
    window, exported, copy = empty_window, tmp_path / "first.npz", tmp_path / "kept.talweg"
    axis = np.linspace(-1.0, 1.0, 5)
    with Document.create(tmp_path / "x.talweg") as document:
        fields = {"loss": axis[None, :] ** 2 + axis[:4, None] ** 2}
        document.add_landscape("first", axis, axis[:4], job=read_job(job_path), fields=fields)
        export_landscape(exported, document.newest_landscape(), ViewState())
    assert window.open_path(exported)
    assert window.status.saving.text() == "not saved"
    assert window.isWindowModified()
    window.target.compute_gradients()
    assert "save a copy" in window.messages.sentence
    assert workers.made == []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy), ""))
    window.actions_by_id["file.save_copy"].trigger()
    assert window.messages.sentence == f"Saved as {copy}."
    assert window.status.saving.text() == "saved"
    assert window.store.document is not None
    assert window.store.document.path == copy
    window.target.compute_gradients()
    assert workers.last.calls == ["differentiate"]
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def test_the_same_document_is_never_open_twice(window: MainWindow, document_path: Path) -> None:
    document = window.store.document
    assert window.open_path(document_path)
    assert window.store.document is document
    assert document is not None
    assert document.landscape_ids() == (1,)


def test_several_landscapes_are_chosen_in_the_tool_bar(
    empty_window: MainWindow, qtbot: QtBot, document_path: Path
) -> None:
    axis = np.linspace(-1.0, 1.0, 5)
    with Document.open(document_path) as document:
        document.add_landscape("Bowl", axis, axis, fields={"loss": axis[None, :] ** 2 + axis[:, None] ** 2})
    empty_window.open_path(document_path)
    box = empty_window.top_bar.landscapes
    qtbot.waitUntil(box.isVisible)
    assert box.currentText() == "Bowl"
    box.activated.emit(0)
    assert empty_window.store.landscape is not None
    assert empty_window.store.landscape.name == "Himmelblau"
    assert box.currentText() == "Himmelblau"


def test_a_read_only_document_is_shown(
    empty_window: MainWindow, document_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Document.open

    def refuse(path: Path, *, read_only: bool = False) -> Document:
        from talweg_compute.messages import InputError

        if not read_only:
            raise InputError("the folder is not writable")
        return real(path, read_only=True)

    monkeypatch.setattr(Document, "open", refuse)
    assert empty_window.open_path(document_path)
    empty_window.target.change_view("magma", colour_map="magma")
    empty_window.store.save()
    assert empty_window.messages.sentence == ""
    assert empty_window.status.saving.text() == "read-only, view not kept"
    assert empty_window.isWindowModified()


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(10, 10), action, data, button, key))


def test_what_a_file_lacks_is_asked_for_in_one_dialog(
    empty_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = np.arange(12.0).reshape(3, 4)
    np.save(tmp_path / "bare.npy", loss)
    asked = []

    def answer(dialog: FileQuestion) -> int:
        asked.append(dialog)
        assert all(field.text() == "" for ends in dialog.ends.values() for field in ends)
        assert not dialog.open_button.isEnabled()
        for axis, texts in {"u": ("-1", "1"), "v": ("2", "1")}.items():
            for field, text in zip(dialog.ends[axis], texts, strict=True):
                field.setText(text)
        assert not dialog.open_button.isEnabled()  # v does not ascend
        dialog.ends["v"][1].setText("3,5")
        assert dialog.open_button.isEnabled()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(FileQuestion, "exec", answer)
    drop(empty_window, tmp_path / "bare.npy")
    landscape = empty_window.store.landscape
    assert landscape is not None
    assert np.array_equal(landscape.loss, loss)
    assert landscape.v.tolist() == [2.0, 2.75, 3.5]
    assert len(asked) == 1


def test_a_question_can_be_left_unanswered(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "a.npz", u=[0, 1], v=[0, 1], first=np.eye(2), second=np.eye(2))
    before = window.store.document
    monkeypatch.setattr(FileQuestion, "exec", lambda _dialog: QDialog.DialogCode.Rejected)
    assert not window.open_path(tmp_path / "a.npz")
    assert window.store.document is before
    assert window.messages.sentence == ""


def test_an_exported_file_dropped_back_opens_its_landscape(window: MainWindow, tmp_path: Path) -> None:
    landscape, view = window.store.landscape, window.view
    assert landscape is not None
    assert view is not None
    export_landscape(tmp_path / "back.vtp", landscape, view)
    drop(window, tmp_path / "back.vtp")
    read = window.store.landscape
    assert read is not None
    assert read is not landscape
    assert np.array_equal(read.loss, landscape.loss)
    assert read.path is not None
    assert landscape.path is not None
    assert read.path.names == landscape.path.names


def test_a_trajectory_is_laid_on_the_landscape_that_is_shown(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    steps = np.array([[2.0, 1.0], [1.0, 0.5], [0.0, 0.0]])
    np.savetxt(tmp_path / "run.csv", steps, delimiter=",")
    drop(window, tmp_path / "run.csv")
    assert "has a training path already" in window.messages.sentence
    axis = np.linspace(-3.0, 3.0, 9)
    np.savez(tmp_path / "bowl.npz", u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None] ** 2)
    drop(window, tmp_path / "bowl.npz")
    drop(window, tmp_path / "run.csv")
    assert window.messages.sentence == ""
    landscape = window.store.landscape
    assert landscape is not None
    assert landscape.path is not None
    assert np.array_equal(landscape.path.coordinates, steps)
    qtbot.waitUntil(lambda: window.store.picture is not None and window.store.picture.path is not None)


@pytest.mark.shared
def test_every_surface_of_others_opens_by_a_drop(
    empty_window: MainWindow, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a file lacks is asked for; directions are refused in a sentence that says where they belong."""
    asked = []

    def answer(dialog: FileQuestion) -> int:
        assert dialog.logarithm is not None
        asked.append(dialog.windowTitle())
        dialog.logarithm.setCurrentIndex(1)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(FileQuestion, "exec", answer)
    window, opened, refused = empty_window, 0, []
    others = ("LICENSE", "parameters.json", "resnet56.mtl")
    for path in sorted(path for path in shared_data.glob("surfaces/**/*") if path.is_file()):
        if path.name in others:
            continue
        before = window.store.document
        drop(window, path)
        if window.messages.sentence:
            refused.append(window.messages.sentence)
            assert window.store.document is before
            window.messages.dismiss()
            continue
        assert window.store.document is not before, path
        landscape = window.store.landscape
        assert landscape is not None
        assert path.stem in landscape.name
        opened += 1
    assert opened == 23
    assert asked == ["Open resnet56.obj"]
    assert len(refused) == 3
    assert all("this file holds directions" in sentence for sentence in refused)


def test_save_gives_an_imported_file_a_document_and_says_of_others_that_they_save_themselves(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.store.change("another map", colour_map="magma")
    window.actions_by_id["file.save"].trigger()
    assert window.store.saved
    assert "saves itself" in window.messages.sentence
    axis = np.linspace(-1.0, 1.0, 4)
    np.savez(tmp_path / "grid.npz", u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None])
    assert window.open_path(tmp_path / "grid.npz")
    assert window.documents.untitled
    saved = tmp_path / "kept.talweg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    window.actions_by_id["file.save"].trigger()
    assert saved.exists()
    assert not window.documents.untitled
    assert window.documents.source == saved


@pytest.mark.parametrize(("answer", "closed"), [("stay", False), ("discard", True), ("save", True)])
def test_leaving_an_imported_file_that_was_changed_asks_once(
    answer: str, closed: bool, empty_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, asked = empty_window, []
    axis = np.linspace(-1.0, 1.0, 4)
    np.savez(tmp_path / "grid.npz", u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None])
    assert window.open_path(tmp_path / "grid.npz")

    def ask(title: str, parent: object) -> str:
        asked.append(title)
        return answer

    monkeypatch.setattr("talweg.window.main_window.ask_about_changes", ask)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "kept.talweg"), ""))
    assert window.may_leave()  # nothing was changed
    window.store.change("another map", colour_map="magma")
    window.actions_by_id["file.close"].trigger()
    assert asked == ["grid.npz (imported)"]
    assert window.isVisible() is not closed
    assert (tmp_path / "kept.talweg").exists() == (answer == "save")


class Asked(list[str]):
    """Answers the question about changes that would be lost, and knows about which file it was asked."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    def __call__(self, title: str, parent: object) -> str:
        self.append(title)
        return self.answer


def write_grid(path: Path) -> Path:
    axis = np.linspace(-1.0, 1.0, 4)
    np.savez(path, u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None])
    return path


@pytest.mark.parametrize(("answer", "left"), [("stay", False), ("discard", True), ("save", True)])
def test_another_document_takes_the_place_of_a_changed_imported_file_only_when_asked(
    answer: str,
    left: bool,
    empty_window: MainWindow,
    document_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window, asked = empty_window, Asked(answer)
    monkeypatch.setattr("talweg.window.main_window.ask_about_changes", asked)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "kept.talweg"), ""))
    assert window.open_path(write_grid(tmp_path / "grid.npz"))
    grid = window.store.document
    assert window.open_path(document_path)  # nothing was changed
    assert asked == []
    assert window.open_path(tmp_path / "grid.npz")
    grid = window.store.document
    window.store.change("another map", colour_map="magma")
    assert window.open_path(document_path) is left
    assert asked == ["grid.npz (imported)"]
    assert window.store.document is not None
    assert (window.store.document is grid) is not left
    assert (window.store.document.path == document_path) is left
    assert (tmp_path / "kept.talweg").exists() == (answer == "save")
    if answer == "stay":
        assert document_path not in recent_files()[:1]
        window.actions_by_id["file.save"].trigger()  # which gives it a document without a question
    assert asked == ["grid.npz (imported)"]


def test_a_landscape_added_to_an_imported_file_is_a_change_of_it(empty_window: MainWindow, tmp_path: Path) -> None:
    assert empty_window.open_path(write_grid(tmp_path / "grid.npz"))
    assert not empty_window.documents.would_lose
    assert empty_window.add_path(write_grid(tmp_path / "second.npz"))
    assert empty_window.documents.would_lose


def test_checkpoints_and_folders_of_them_join_the_recent_files(empty_window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for epoch in range(2):
        (folder / f"epoch_{epoch}.pt").write_bytes(b"x")
    assert empty_window.open_path(folder)
    assert empty_window.pages.page == "new"
    assert recent_files() == [folder]
    assert empty_window.open_path(folder / "epoch_1.pt")
    assert recent_files() == [folder / "epoch_1.pt", folder]
    assert empty_window.pages.new.form.weights.text() == str(folder / "epoch_1.pt")
