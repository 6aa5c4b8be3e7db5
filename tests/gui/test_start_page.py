"""The start page: what is shown while nothing is open, and the way back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.recent import remember


def test_without_a_document_there_is_the_start_page_and_no_panel(empty_window: MainWindow) -> None:
    assert empty_window.pages.start.isVisible()
    assert not any(dock.isVisible() for dock in empty_window.docks.values())


def test_opening_leaves_it_and_brings_the_panels_back(empty_window: MainWindow, document_path: Path) -> None:
    assert empty_window.open_path(document_path)
    assert not empty_window.pages.start.isVisible()
    assert empty_window.docks["job"].isVisible()
    assert empty_window.docks["numbers"].isVisible()


def test_it_is_reached_and_left_again(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["panel.numbers"].trigger()
    window.actions_by_id["file.start"].trigger()
    page = window.pages.start
    assert page.isVisible()
    assert page.back.isVisible()
    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert window.docks["job"].isVisible()
    assert not window.docks["numbers"].isVisible()


def test_points_that_arrive_do_not_leave_it(window: MainWindow) -> None:
    window.actions_by_id["file.start"].trigger()
    window.store.landscape_changed.emit()
    assert window.pages.start.isVisible()


def test_the_layout_is_remembered_from_the_start_page(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["panel.numbers"].trigger()
    window.actions_by_id["file.start"].trigger()
    window.close()
    second = MainWindow()
    qtbot.addWidget(second)
    second.show()
    second.pages.show_landscape()
    assert second.docks["job"].isVisible()
    assert not second.docks["numbers"].isVisible()
    second.close()


def test_recent_documents_are_listed_and_missing_ones_are_grey(
    empty_window: MainWindow, document_path: Path, qtbot: QtBot
) -> None:
    page = empty_window.pages.start
    assert page.recent == []
    remember(Path("/nowhere/gone.talweg"))
    remember(document_path)
    empty_window.actions_by_id["file.start"].trigger()
    assert [(link.accessibleName(), link.isEnabled()) for link in page.recent] == [
        ("himmelblau.talweg", True),
        ("gone.talweg", False),
    ]
    page.recent[0].setFocus()
    qtbot.keyClick(page.recent[0], Qt.Key.Key_Space)
    assert empty_window.store.landscape is not None


def test_a_pinned_document_stays_at_the_top(empty_window: MainWindow, document_path: Path, qtbot: QtBot) -> None:
    page = empty_window.pages.start
    remember(Path("/nowhere/first.talweg"))
    remember(document_path)
    empty_window.actions_by_id["file.start"].trigger()
    qtbot.mouseClick(page.pins[1], Qt.MouseButton.LeftButton)
    assert [link.accessibleName() for link in page.recent] == ["first.talweg", "himmelblau.talweg"]
    assert [mark.isChecked() for mark in page.pins] == [True, False]
    for number in range(12):
        remember(Path(f"/nowhere/{number}.talweg"))
    empty_window.actions_by_id["file.start"].trigger()
    assert page.recent[0].accessibleName() == "first.talweg"
    empty_window.recent_menu.fill()
    assert empty_window.recent_menu.actions()[0].text() == "first.talweg"
    assert empty_window.recent_menu.actions()[1].isSeparator()
    qtbot.mouseClick(page.pins[0], Qt.MouseButton.LeftButton)
    assert page.recent[0].accessibleName() == "11.talweg"


def test_a_file_that_cannot_be_opened_leaves_it_in_view(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.begin([tmp_path / "missing.talweg"])
    assert not window.pages.start.isVisible()
    window.show()
    qtbot.waitUntil(lambda: "no such file" in window.messages.sentence)
    assert window.pages.start.isVisible()
    window.close()


@pytest.mark.parametrize(
    ("preset", "kind", "directions"),
    [("surface", "random", "2"), ("path", "pca", "2"), ("line", "checkpoints", "1"), ("three", "checkpoints", "2")],
)
def test_a_figure_of_a_paper_fills_in_its_plane(
    empty_window: MainWindow, preset: str, kind: str, directions: str
) -> None:
    pages = empty_window.pages
    pages.new.form.change(model="resnet56")
    pages.start.presets[preset].click()
    draft = pages.new.form.draft
    assert pages.new.isVisible()
    assert (draft.model, draft.plane, draft.directions) == ("resnet56", kind, directions)
    assert pages.new.form.other.isVisible() == (kind == "checkpoints")
    pages.new.back.click()
    assert pages.start.isVisible()


def test_checkpoints_that_are_dropped_begin_a_landscape(empty_window: MainWindow, tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"epoch_{number}.pt").write_bytes(b"no checkpoint")
    pages = empty_window.pages

    def drop(path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        action, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        empty_window.dropEvent(QDropEvent(QPointF(10, 10), action, data, button, key))

    drop(tmp_path)
    assert pages.new.isVisible()
    assert pages.new.form.weights.text() == str(tmp_path)
    drop(tmp_path / "epoch_1.pt")
    assert pages.new.form.weights.text() == str(tmp_path / "epoch_1.pt")
    empty_window.actions_by_id["file.start"].trigger()
    drop(tmp_path / "epoch_0.pt")  # as a landscape it cannot be opened
    assert pages.new.isVisible()
    assert pages.new.form.weights.text() == str(tmp_path / "epoch_0.pt")


def test_every_control_has_a_name_and_is_reached_by_the_keyboard(empty_window: MainWindow) -> None:
    empty_window.pages.show_new("three")
    for page in (empty_window.pages.start, empty_window.pages.new):
        for kind in (QAbstractButton, QComboBox, QLineEdit):
            for control in page.findChildren(kind):
                inside_list = control.objectName().startswith("qt_")
                if inside_list or isinstance(control.parent(), QLineEdit):
                    continue
                assert control.accessibleName() or (isinstance(control, QAbstractButton) and control.text()), control
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def test_open_is_one_click_away(empty_window: MainWindow, document_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(document_path), ""))
    empty_window.pages.start.links["file.open"].click()
    assert empty_window.store.landscape is not None
    assert not empty_window.pages.start.isVisible()
