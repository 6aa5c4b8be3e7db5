"""The panel of the job: what is computed, how far it is, and what it has to say."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from talweg.landscape import Landscape
from talweg.window.job_runner import JobRunner
from talweg.window.job_words import describe_run
from talweg.window.panels.facts import job_facts
from talweg.window.panels.job_list import JobList
from talweg.window.run import RunState
from talweg.window.store import Store
from talweg.window.widgets.facts import Facts
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label
from talweg.window.widgets.message_bar import Details
from talweg.window.words import count
from talweg.work.tasks import Kind

_LOG_MS = 500


class JobPanel(QWidget):
    """Shows the landscape's job and the run; its buttons only ask.

    Args:
        store: Where the landscape is.
        runner: Where the run is.
        compute: Starts, resumes or repeats the job.
        follow: Places the checkpoints of a running training as they come.
        pause: Pauses the job that runs, or resumes the first of the queue.
    """

    def __init__(
        self,
        store: Store,
        runner: JobRunner,
        compute: Callable[[], None],
        follow: Callable[[], None],
        pause: Callable[[], None],
    ) -> None:
        super().__init__()
        self._store, self._runner = store, runner
        self.facts = Facts("What is computed")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setAccessibleName("Progress of the job")
        self.status = text_label(name="State of the job")
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.start = QPushButton("Compute")
        self.start.setDefault(True)
        self.start.clicked.connect(compute)
        self.follow = QPushButton("Follow training")
        self.follow.setToolTip("Place the checkpoints that a running training writes, as they come, until cancelled")
        self.follow.clicked.connect(follow)
        self.pause = QPushButton("Pause")
        self.pause.clicked.connect(pause)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop at the next mini-batch; what was computed stays")
        self.cancel.clicked.connect(runner.cancel)
        self.force = QPushButton("Force stop")
        self.force.setToolTip("End the worker at once; what was computed stays")
        self.force.clicked.connect(runner.force_stop)
        self.error = text_label(name="Error of the job")
        self.details = Details()
        self.notes = text_label(muted=True, name="Notes of the job")
        self.log = Details("Log")
        self.jobs = JobList(runner)
        self.jobs.chosen.connect(self.show_state)
        box = column(self, EDGE, GAP)
        box.addWidget(self.progress)
        box.addWidget(self.status)
        box.addLayout(row(self.start, self.follow, self.pause, self.cancel, self.force, None))
        for widget in (self.jobs, self.error, self.details, self.log, self.notes):
            box.addWidget(widget)
        box.addSpacing(2)
        box.addWidget(self.facts)
        box.addStretch(1)
        self._log_timer = QTimer(self)
        self._log_timer.setInterval(_LOG_MS)
        self._log_timer.timeout.connect(self._show_log)
        store.landscape_changed.connect(self.show_state)
        runner.changed.connect(self.show_state)
        runner.queue_changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show what the store and the runner hold."""
        landscape, run = self._store.landscape, self._runner.state
        self.facts.show_facts([] if landscape is None else job_facts(landscape))
        busy = self._runner.busy
        self.progress.setVisible(landscape is not None and (busy or not landscape.complete))
        total = run.total if busy else (0 if landscape is None else landscape.computed.size)
        done = run.done if busy else (0 if landscape is None else landscape.done)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.status.setText(self._status(landscape, done, total))
        job = None if landscape is None else landscape.job
        pending = self._pending()
        self.start.setVisible(job is not None and "points" not in pending)
        self.start.setText(start_title(landscape, queue=busy))
        self.follow.setVisible(not busy and job is not None and job.problem.trajectory is not None)
        self._show_buttons(run)
        chosen = self.jobs.job
        error, details = (run.error, run.details) if chosen is None else (chosen.sentence, chosen.details)
        self.error.setVisible(bool(error))
        self.error.setText(error)
        self.details.setVisible(bool(details))
        self.details.set_text(details)
        notes = () if landscape is None else landscape.notes
        self.notes.setVisible(bool(notes))
        self.notes.setText("\n".join(notes))
        self._show_log()
        if busy and not self._log_timer.isActive():
            self._log_timer.start()
        elif not busy:
            self._log_timer.stop()

    def _show_buttons(self, run: RunState) -> None:
        busy, can_resume = self._runner.busy, self._runner.can_resume
        self.pause.setVisible(busy or can_resume)
        self.pause.setEnabled(can_resume or run.phase == "running")
        resume = "Resume" if self._pending() else "Resume queue"
        self.pause.setText(resume if can_resume else "Pausing…" if run.phase == "pausing" else "Pause")
        self.pause.setToolTip(
            "Go on with the first job of the list"
            if can_resume
            else "Stop for now; what was computed stays, and the worker ends until the job is resumed"
        )
        self.cancel.setVisible(busy)
        self.cancel.setEnabled(run.phase == "running")
        self.cancel.setText("Cancel" if run.phase != "stopping" else "Stopping…")
        self.force.setVisible(run.can_force)

    def _pending(self) -> frozenset[Kind]:
        document, landscape = self._store.document, self._store.landscape
        return (
            frozenset() if document is None or landscape is None else self._runner.pending_for(document, landscape.id)
        )

    def _status(self, landscape: Landscape | None, done: int, total: int) -> str:
        run = self._runner.state
        if landscape is None:
            return "Nothing is open. Open a document, a job file or a grid, or drop one here."
        if not self._runner.busy:
            words = f"{done} of {count(total, 'point')}"
            if landscape.interpolated_count:
                words += f", {landscape.interpolated_count} interpolated"
            return f"{words}, {run.outcome}" if run.outcome else words
        other = "" if self._shows_the_run() else " (of another landscape)"
        factor = 0 if other else self._refining()
        refining = f"refining {factor} times: " if factor else ""
        return describe_run(replace(run, activity=f"{refining}{run.activity}{other}"))

    def _shows_the_run(self) -> bool:
        landscape = self._store.landscape
        return (
            self._runner.document is self._store.document
            and landscape is not None
            and (landscape.id == self._runner.landscape or self._refining() > 0)
        )

    def _refining(self) -> int:
        """How many times as fine the grid is that is computed inside the landscape that is shown; 0 for none."""
        regions = () if self._store.landscape is None else self._store.landscape.regions
        return next((each.patch.factor for each in regions if each.landscape.id == self._runner.landscape), 0)

    def _show_log(self) -> None:
        """Show what the worker wrote for the job that is chosen, or for the last one."""
        chosen = self.jobs.job
        lines = self._runner.log if chosen is None or chosen.state == "running" else chosen.log
        self.log.setVisible(bool(lines))
        if lines:
            self.log.set_text("\n".join(lines))


def start_title(landscape: Landscape | None, *, queue: bool = False) -> str:
    """What starting the landscape's job would do; with ``queue``, once the jobs before it are over."""
    if landscape is None or landscape.done == 0:
        return "Compute next" if queue else "Compute"
    if landscape.has_work:
        return "Complete next" if queue else "Resume"
    return "Compute again"
