"""Says in the window what happened elsewhere: what failed, was written, added, refined, certified or saved."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from talweg.certification import sum_up
from talweg.work.queue import QueuedJob
from talweg.work.tasks import CertifyPoints
from talweg_compute.field import Patch

if TYPE_CHECKING:
    from talweg.window.main_window import MainWindow


class Announcer(QObject):
    """Listens to those who work for a window, and shows what they say in its message bar, title and status line.

    Args:
        window: With everything that is listened to.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._messages = window, window.messages
        for failed in (window.store.failed, window.refiner.failed, window.writer.failed):
            failed.connect(self._tell_failure)
        for failed in (window.runner.failed, window.darkroom.failed):
            failed.connect(self._tell_failure)
        window.runner.noted.connect(
            lambda text, warning: self._messages.show_message("warning" if warning else "info", text)
        )
        window.runner.ended.connect(self._tell_certified)
        window.refiner.finished.connect(self._tell_finest)
        window.writer.written.connect(self._tell_written)
        window.darkroom.stopped.connect(lambda name: self.tell(f"Cancelled; {name} was not written."))
        window.documents.title_changed.connect(lambda title: window.setWindowTitle(f"{title}[*] – Talweg"))
        window.documents.title_changed.connect(self._tell_saved)
        window.store.saving_changed.connect(self._tell_saved)

    def tell(self, sentence: str) -> None:
        """Show a sentence."""
        self._messages.show_message("info", sentence)

    def tell_added(self) -> None:
        """Say what was added, and offer to look at it beside what was shown."""
        store = self._window.store
        landscape, arrangement, document = store.landscape, store.arrangement, store.document
        if landscape is None or arrangement is None or document is None:
            return
        sentence = f'"{landscape.name}" is in this document now.'
        alone = len(arrangement.panes) == 1 and len(document.landscape_ids()) > 1
        action = ("Show side by side", lambda: store.split(2)) if alone else None
        self._messages.show_message("info", sentence, action=action)

    def _tell_failure(self, sentence: str, details: str = "") -> None:
        self._messages.show_message("error", sentence, details)

    def _tell_written(self, paths: tuple[Path, ...]) -> None:
        """Say where files are."""
        others = f" and {len(paths) - 1} beside it" if len(paths) > 1 else ""
        self._messages.show_message("info", f"Wrote {paths[0]}{others}.", "\n".join(map(str, paths[1:])))

    def _tell_certified(self, document: object, job: QueuedJob) -> None:
        """Sum up what the network said about the critical points."""
        landscape = self._window.store.landscape
        if not isinstance(job.work, CertifyPoints) or job.sentence:
            return
        if landscape is None or document is not self._window.store.document:
            return
        if text := sum_up(landscape.certifications.values()):
            self._messages.show_message("info", text)

    def _tell_finest(self, patch: Patch | None) -> None:
        """Say that a part is not refined further."""
        how = (
            ""
            if patch is None
            else f": {patch.factor} times as fine as the grid, {patch.shape[1]} × {patch.shape[0]} points"
        )
        text = f"This part is as fine as Talweg makes it{how}. Move the camera closer to refine a smaller one."
        self._messages.show_message("info", text)

    def _tell_saved(self) -> None:
        """Say whether the document has everything: it saves itself, unless it cannot."""
        document, saved, words = self._window.store.document, self._window.store.saved, ""
        if document is not None and self._window.documents.untitled:
            words = "not saved"
        elif document is not None and document.read_only:
            words = "read-only" if saved else "read-only, view not kept"
        elif document is not None:
            words = "saved" if saved else "saving…"
        self._window.status.saving.setText(words)
        self._window.setWindowModified(words in ("not saved", "read-only, view not kept"))
