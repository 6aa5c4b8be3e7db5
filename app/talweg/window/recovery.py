"""Goes on with the session of the window before: its jobs, and what is to be said of its end."""

from pathlib import Path
from typing import TYPE_CHECKING

from talweg.window.failures import describe_crash
from talweg.window.job_words import describe_job, name_job
from talweg.window.run import RunState
from talweg.window.session import Kept, Session
from talweg.window.words import count
from talweg.work.queue import QueuedJob
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    from talweg.window.main_window import MainWindow


class Recovery:
    """Takes over the jobs of the last window, and keeps those of this one.

    Args:
        window: This one.
        session: Where they are kept.
    """

    def __init__(self, window: "MainWindow", session: Session) -> None:
        self._window, self._session = window, session
        self._before = session.before
        window.runner.restore(self._before.jobs)
        window.runner.queue_changed.connect(self.keep)
        window.documents.title_changed.connect(self.keep)
        self.keep()

    @property
    def document(self) -> Path | None:
        """The document to begin with: the one whose job was left unfinished."""
        job = self._job
        return Path(job.document) if job is not None and Path(job.document).is_file() else None

    def tell(self) -> None:
        """Say in one sentence what the last window left, with a way to go on; nothing where it left nothing."""
        before, job = self._before, self._job
        if before.interrupted is not None:
            name = name_job(before.interrupted)
            words = f"Talweg ended unexpectedly during this job: {name}. {self._count(before.interrupted)}"
            self._say("warning", words, job)
        elif not before.closed and before.document and Path(before.document).is_file():
            name = Path(before.document).name
            words = f"Talweg ended unexpectedly; {name} and its view are as you left them."
            self._window.messages.show_message("warning", words, self._crash(), ("Open it", self._open))
        elif job is not None:
            left = count(len(before.pending), "job")
            words = f"{left} of the last time {'waits' if len(before.pending) == 1 else 'wait'}: {name_job(job)}"
            self._say("info", f"{words}, {describe_job(self._now(job), RunState()).lower()}.", job)

    def keep(self, _: object = None, *, closed: bool = False) -> None:
        """Write what outlives this window.

        Args:
            closed: Whether it was closed now.
        """
        document = self._window.store.document
        path = "" if document is None or self._window.documents.untitled else str(document.path)
        self._session.keep(Kept(closed, path, self._window.runner.jobs))

    def close(self) -> None:
        """Write that this window was closed, and let another one have the session."""
        self.keep(closed=True)
        self._session.close()

    @property
    def _job(self) -> QueuedJob | None:
        return self._before.interrupted or next(iter(self._before.pending), None)

    def _now(self, job: QueuedJob) -> QueuedJob:
        """The job as the runner has it by now."""
        return next((known for known in self._window.runner.jobs if known.number == job.number), job)

    def _count(self, job: QueuedJob) -> str:
        """Say how much of an interrupted job is there, as its document has it."""
        document, landscape = self._window.store.document, self._window.store.landscape
        if landscape is None or document is None or (str(document.path), landscape.id) != (job.document, job.landscape):
            return "What it had computed is kept."
        return f"The {landscape.done} of {count(landscape.computed.size, 'point')} that were computed are kept."

    def _open(self) -> None:
        self._window.open_path(Path(self._before.document))

    def _say(self, kind: str, words: str, job: QueuedJob | None) -> None:
        resume = None if job is None else ("Resume", lambda: self._resume(job))
        if kind == "warning":
            self._window.messages.show_message("warning", words, self._crash(), resume)
        else:
            self._window.messages.show_message("info", words, action=resume)

    def _crash(self) -> str:
        """What the logs have of the end of the last window."""
        return describe_crash(self._session.folder, self._session.kept_at)

    def _resume(self, job: QueuedJob) -> None:
        self._window.show_job(job)
        try:
            self._window.runner.resume(job.number)
        except InputError as error:
            self._window.messages.show_message("error", str(error))
