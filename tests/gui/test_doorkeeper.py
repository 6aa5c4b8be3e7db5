"""Files that are opened from outside while a window runs: by a later start, and by macOS."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from talweg.__main__ import split_options
from talweg.document import Document
from talweg.window.doorkeeper import Doorkeeper, door_name, hand_over
from talweg.window.main_window import MainWindow


@pytest.fixture
def name(tmp_path: Path) -> str:
    return f"talweg-test-{os.getpid()}-{abs(hash(tmp_path))}"


def test_a_later_start_hands_its_files_to_the_window(
    empty_window: MainWindow, document_path: Path, name: str, qtbot: QtBot
) -> None:
    keeper = Doorkeeper(name)
    assert keeper.listens
    keeper.asked.connect(empty_window.open_from_outside)
    code = (
        "import sys; from pathlib import Path; from talweg.window.doorkeeper import hand_over; "
        "sys.exit(not hand_over([Path(sys.argv[2])], sys.argv[1]))"
    )
    start = subprocess.Popen([sys.executable, "-c", code, name, document_path.name], cwd=document_path.parent)
    qtbot.waitUntil(lambda: empty_window.store.document is not None, timeout=20_000)
    assert start.wait() == 0
    assert empty_window.store.document is not None
    assert empty_window.store.document.path == document_path
    keeper.close()


def test_without_a_window_nothing_is_handed_over_nor_waited_for(name: str, tmp_path: Path, qtbot: QtBot) -> None:
    begun = time.monotonic()
    assert not hand_over([tmp_path / "x.talweg"], name)
    assert time.monotonic() - begun < 0.5


def test_one_window_listens_and_one_that_was_killed_does_not_bar_the_way(name: str, qtbot: QtBot) -> None:
    code = (
        "import sys, os; from PySide6.QtCore import QCoreApplication; a = QCoreApplication([]);"
        "from talweg.window.doorkeeper import Doorkeeper; k = Doorkeeper(sys.argv[1]);"
        "print(k.listens, flush=True); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True"
    first = Doorkeeper(name)
    assert first.listens  # its socket lay there still
    second = Doorkeeper(name)
    assert not second.listens
    first.close()
    third = Doorkeeper(name)
    assert third.listens
    third.close()


def test_what_is_no_list_of_files_is_left_alone(name: str, qtbot: QtBot) -> None:
    keeper, asked = Doorkeeper(name), list[object]()
    keeper.asked.connect(asked.append)
    for content in (b"no JSON", b'{"a": 1}', b"[1]", b"[]", b'["/a.talweg"]'):
        socket = QLocalSocket()
        socket.connectToServer(name)
        assert socket.waitForConnected(1000)
        socket.write(content)
        socket.flush()
        socket.disconnectFromServer()
    qtbot.waitUntil(lambda: bool(asked))
    qtbot.wait(50)
    assert asked == [[Path("/a.talweg")]]
    keeper.close()


def test_macos_asks_for_a_file(name: str, qtbot: QtBot) -> None:
    keeper, asked = Doorkeeper(name), list[object]()
    keeper.asked.connect(asked.append)
    assert keeper.eventFilter(keeper, QFileOpenEvent(QUrl.fromLocalFile("/a.talweg")))
    assert asked == [[Path("/a.talweg")]]
    keeper.close()


def test_files_that_come_before_the_first_paint_wait_for_it(qtbot: QtBot, document_path: Path) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.begin([])
    window.open_from_outside([document_path])
    assert window.store.document is None
    assert window._first_paths == [document_path]  # which the first paint opens
    window.close()


def test_a_file_that_comes_while_another_is_read_is_opened_after_it(
    empty_window: MainWindow, document_path: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, other = Document.landscape, Path(shutil.copy(document_path, tmp_path / "other.talweg"))

    def slow(document: Document, landscape: int) -> object:
        time.sleep(0.1 if document.path == document_path else 0.0)
        return read(document, landscape)

    monkeypatch.setattr(Document, "landscape", slow)
    came: list[int] = []

    def come() -> None:
        came.append(empty_window.documents.opening)
        empty_window.open_from_outside([other])

    QTimer.singleShot(30, empty_window, come)
    assert empty_window.open_path(document_path)
    assert came == [1]
    qtbot.waitUntil(lambda: empty_window.documents.source == other)


def test_a_window_of_its_own_is_asked_for_by_an_option() -> None:
    assert split_options(["--new-window", "a.talweg"]) == (["a.talweg"], True)
    assert split_options(["a.talweg"]) == (["a.talweg"], False)


@pytest.mark.slow
def test_two_starts_are_one_window_and_one_that_was_killed_is_none(
    document_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for name, folder in (("HOME", ""), ("XDG_CONFIG_HOME", "c"), ("XDG_DATA_HOME", "d"), ("XDG_CACHE_HOME", "e")):
        (home / folder).mkdir(exist_ok=True, parents=True)
        monkeypatch.setenv(name, str(home / folder))
    others = [Path(shutil.copy(document_path, tmp_path / name)) for name in ("b.talweg", "c.talweg")]

    def opened() -> str:
        return "".join(file.read_text() for file in home.rglob("*.conf"))

    def wait_for(path: Path) -> None:
        end = time.monotonic() + 60
        while str(path) not in opened():
            assert time.monotonic() < end, opened()
            time.sleep(0.1)

    def wait_for_the_door() -> None:
        end, socket = time.monotonic() + 60, QLocalSocket()
        while not socket.waitForConnected(50):
            assert time.monotonic() < end
            time.sleep(0.02)
            socket.connectToServer(door_name())
        socket.abort()

    command = [sys.executable, "-m", "talweg"]
    first = subprocess.Popen([*command, str(document_path)])
    try:
        wait_for_the_door()  # which is there before the window
        second = subprocess.run([*command, others[0].name], cwd=tmp_path, timeout=60, check=False)
        assert second.returncode == 0
        wait_for(document_path)
        wait_for(others[0])
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()
    third = subprocess.Popen([*command, str(others[1])])  # the door of the first one is there still
    try:
        wait_for(others[1])
        assert third.poll() is None
    finally:
        third.send_signal(signal.SIGINT)
        assert third.wait(60) == 0
