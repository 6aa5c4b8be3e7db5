"""One window for files that are opened from outside: a later start hands its files over, and so does macOS."""

import getpass
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MS = 50
_LONGEST = 1 << 20  # bytes of a message


def door_name() -> str:
    """Name the socket of this user's window on this display: a window on another screen is none to hand files to."""
    display = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("DISPLAY", "")
    return "talweg-" + hashlib.sha256(repr((getpass.getuser(), display)).encode()).hexdigest()[:16]


def hand_over(paths: Sequence[Path], name: str | None = None) -> bool:
    """Give files to the window that runs already.

    Args:
        paths: Files.
        name: Of its socket; None: this user's.

    Returns:
        Whether there is such a window, which opens them now; it takes no longer than a moment to tell.
    """
    socket = QLocalSocket()
    socket.connectToServer(name or door_name())
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(json.dumps([str(path.expanduser().absolute()) for path in paths]).encode())
    written = socket.bytesToWrite() == 0 or socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    if written and socket.state() != QLocalSocket.LocalSocketState.UnconnectedState:
        socket.waitForDisconnected(_PATIENCE_MS)
    return written


class Doorkeeper(QObject):
    """Takes files from later starts, as long as no other window does, and those that the desktop asks to open.

    Args:
        name: Of its socket; None: this user's.
    """

    asked = Signal(list)
    """Paths of files to open."""

    def __init__(self, name: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name or door_name()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        if not self._is_answered():  # asked first, since on Unix listening takes a socket away from whoever has it
            QLocalServer.removeServer(self._name)  # of a window that did not end as it should
            self._server.listen(self._name)

    @property
    def listens(self) -> bool:
        """Whether later starts come to this window."""
        return self._server.isListening()

    def close(self) -> None:
        """Let another window listen."""
        self._server.close()

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Take files that macOS asks the application to open."""
        if isinstance(event, QFileOpenEvent):
            if event.file():
                self.asked.emit([Path(event.file())])
            return True
        return False

    def _is_answered(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        answered = socket.waitForConnected(_PATIENCE_MS)
        socket.abort()
        return answered

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(lambda socket=socket: self._read(socket))
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        content = bytes(socket.read(_LONGEST).data())
        socket.deleteLater()
        try:
            names = json.loads(content)
        except ValueError:
            return  # nobody of ours
        if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
            paths = [Path(name) for name in names]
            QTimer.singleShot(
                0, self, lambda: self.asked.emit(paths)
            )  # outside its signal: who opens a file runs a loop
