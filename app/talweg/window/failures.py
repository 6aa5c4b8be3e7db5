"""Nothing ends silently: exceptions, Qt's own messages and crashes reach a log file and, where possible, the user."""

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler

_log = logging.getLogger("talweg")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

Report = Callable[[str, str], None]
"""Shows one sentence and its details to the user; called on any thread."""


_MOST = 4000  # characters of a crash that are told


def log_folder() -> Path:
    """Where the log files go, and what outlives a window."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation))


def describe_crash(folder: Path, since: float) -> str:
    """Say where the logs are, and what the crash log has of a crash.

    Args:
        folder: Of the log files.
        since: Time of the last sign of life, seconds since the epoch; what is older is of another crash.

    Returns:
        Lines to unfold and to copy.
    """
    crash, log = folder / "crash.log", folder / "talweg.log"
    words = f"The log files are {log} and {crash}."
    try:
        if crash.stat().st_size == 0 or crash.stat().st_mtime < since:
            return f"{words} The crash log has nothing of it, as when a process is ended from outside."
        text = crash.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return words
    return f"{words}\n\n{text[text.rfind(_FATAL) if _FATAL in text else 0 :][:_MOST]}"


_FATAL = "Fatal Python error"
"""How the report of a crash begins."""


class FailureHooks:
    """Routes everything that goes wrong unexpectedly, until it is removed.

    Args:
        report: Shows it to the user.
        folder: Where the log file goes.
    """

    def __init__(self, report: Report, folder: Path) -> None:
        self._report = report
        self._crash_log = _open_crash_log(folder)
        self._log_file = _open_log_file(folder)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_log_qt_message)

    def remove(self) -> None:
        """Put back what was there before."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)
        if self._log_file is not None:
            _log.removeHandler(self._log_file)
            self._log_file.close()
        if self._crash_log is not None:
            faulthandler.disable()
            self._crash_log.close()
            self._crash_log = None

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        _log.error("%s", details)
        where = "" if self._log_file is None else f"\nThis is also in {self._log_file.baseFilename}."
        self._report(f"Something went wrong inside Talweg: {error or kind.__name__}", details + where)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)


def _open_log_file(folder: Path) -> RotatingFileHandler | None:
    """Keep what is logged in a file of at most a megabyte, and the one before."""
    try:
        handler = RotatingFileHandler(folder / "talweg.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    return handler


def _open_crash_log(folder: Path) -> TextIO | None:
    """A crash in native code leaves its Python stack here; without a writable folder on stderr, if there is one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / "crash.log").open("a", encoding="utf-8")
    except OSError:
        if sys.stderr is not None:
            faulthandler.enable()
        return None
    faulthandler.enable(stream)
    return stream


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)
