"""Starts the application: what must happen before, around and after the one window."""

import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal
from PySide6.QtGui import QIcon, QSurfaceFormat
from PySide6.QtWidgets import QApplication

from talweg import __version__
from talweg.window.failures import FailureHooks, log_folder
from talweg.window.preflight import check_display
from talweg_compute.assets import asset
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    from talweg.window.main_window import MainWindow
    from talweg.window.session import Session


def run_window(paths: list[Path], *, new_window: bool = False) -> int:
    """Show the window until it is closed; files go to the one that runs already.

    Args:
        paths: What to open; nothing opens the embedded example.
        new_window: Whether they get a window of their own all the same.

    Returns:
        Exit status.

    Raises:
        InputError: There is no display, or a system library is missing.
    """
    check_display()
    application = make_application()
    from talweg.window.doorkeeper import Doorkeeper, hand_over

    if paths and not new_window and hand_over(paths):
        return 0
    doorkeeper = Doorkeeper(parent=application)  # before anything slow: a start that comes meanwhile finds it
    from talweg.window.session import Session

    relay = _Relay()
    folder = log_folder()
    with _interrupts() as interrupts:
        hooks = FailureHooks(relay.reported.emit, folder)
        try:
            window = make_window(paths, Session(folder))
            interrupts.activated.connect(window.close)
            relay.reported.connect(window.report, Qt.ConnectionType.QueuedConnection)
            doorkeeper.asked.connect(window.open_from_outside)
            if sys.platform == "darwin":  # elsewhere nobody asks so, and every event would go through Python
                application.installEventFilter(doorkeeper)
            window.show()
            return application.exec()
        finally:
            doorkeeper.close()
            hooks.remove()


def make_application() -> QApplication:
    """Make the QApplication with everything that must be set before its first window."""
    os.environ.setdefault("QT_API", "pyside6")  # pyvistaqt asks qtpy, which would take any binding it finds
    QSurfaceFormat.setDefaultFormat(_surface_format())
    application = QApplication(sys.argv[:1])
    application.setOrganizationName("Talweg")
    application.setApplicationName("talweg")
    application.setApplicationDisplayName("Talweg")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("talweg")
    application.setStyle("Fusion")
    application.setWindowIcon(_icon())
    return application


def make_window(paths: list[Path], session: "Session | None" = None) -> "MainWindow":
    """Make the window, which opens files once it is painted.

    Until its scene is there nothing is searched for garbage: hardly anything that a start brings in ever becomes any,
    and to walk through all of it, again and again, takes a tenth of the start. Later searches leave it out, too.

    Args:
        paths: What to open; nothing opens the embedded example.
        session: Where jobs are kept that outlive the window; None: nowhere.
    """
    gc.disable()
    from talweg.window.main_window import MainWindow

    window = MainWindow(session=session)
    window.views.started.connect(_collect_garbage)
    window.begin(paths)
    return window


def _collect_garbage() -> None:
    """Search for garbage from now on, in what comes from now on."""
    gc.freeze()
    gc.enable()


class _Relay(QObject):
    """Carries a failure from whichever thread it happened in to the window."""

    reported = Signal(str, str)


def _surface_format() -> QSurfaceFormat:
    """Desktop OpenGL 3.2, as VTK's shaders need it; must be the default before the first window exists."""
    form = QSurfaceFormat()
    form.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    form.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    form.setVersion(3, 2)
    form.setSwapBehavior(QSurfaceFormat.SwapBehavior.DoubleBuffer)
    form.setRedBufferSize(8)
    form.setGreenBufferSize(8)
    form.setBlueBufferSize(8)
    form.setAlphaBufferSize(8)
    form.setDepthBufferSize(8)
    form.setStencilBufferSize(0)
    form.setSamples(0)  # VTK smooths in its own buffers
    return form


def _icon() -> QIcon:
    """The application's icon; a window without one is better than none."""
    try:
        return QIcon(str(asset("icon.svg")))
    except InputError:
        return QIcon()


@contextmanager
def _interrupts() -> Iterator[QSocketNotifier]:
    """Tell of Ctrl-C in the event loop, also of one that came before: raised amidst Qt's calls it is lost, or a crash.

    Qt's loop runs no Python until something happens, so the signal wakes a socket.
    """
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: reading.recv(64))
    previous = signal.signal(signal.SIGINT, lambda *_: None)
    descriptor = signal.set_wakeup_fd(writing.fileno())
    try:
        yield notifier
    finally:
        signal.set_wakeup_fd(descriptor)
        signal.signal(signal.SIGINT, previous)
        notifier.setEnabled(False)
        reading.close()
        writing.close()
