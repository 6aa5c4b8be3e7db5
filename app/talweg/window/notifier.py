"""Tells of the end of a job while the window is in the background."""

import shutil

from PySide6.QtCore import QObject, QProcess, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from talweg.window.job_runner import JobRunner
from talweg.window.job_words import say_outcome
from talweg.work.queue import QueuedJob

_SHOWN_MS = 10_000


class Notifier(QObject):
    """Asks for attention in the task bar, and shows a notice of the desktop where there is a way to.

    Args:
        window: The window that may be in the background.
        runner: Has the jobs.
    """

    def __init__(self, window: QWidget, runner: JobRunner) -> None:
        super().__init__(window)
        self._window = window
        runner.ended.connect(self._tell)

    def _tell(self, _document: object, job: QueuedJob) -> None:
        if self._window.isActiveWindow() or job.state == "paused":
            return
        QApplication.alert(self._window)
        self._notify(say_outcome(job))

    def _notify(self, words: str) -> None:
        """Show a notice: by the desktop's own program on Linux, elsewhere by the system's tray."""
        program = shutil.which("notify-send")
        if program is not None:
            QProcess.startDetached(program, ["--app-name=Talweg", "Talweg", words])
        elif QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            tray = QSystemTrayIcon(self._window.windowIcon(), self)
            tray.show()
            tray.showMessage("Talweg", words, self._window.windowIcon())
            QTimer.singleShot(_SHOWN_MS, tray, tray.deleteLater)
