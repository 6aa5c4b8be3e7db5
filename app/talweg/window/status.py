"""The line at the bottom: what is under the mouse, and what works behind the window."""

from PySide6.QtWidgets import QLabel, QStatusBar

from talweg.landscape import Landscape
from talweg.picture import describe_checkpoint, find_checkpoint
from talweg.window.hover import Probe
from talweg.window.job_runner import JobRunner
from talweg.window.looks import dress, mute
from talweg.window.store import Store
from talweg.window.widgets.elided_label import ElidedLabel
from talweg.window.widgets.layout import EDGE

_TOOLS = {
    "pin": "Click where the pin goes; Esc to leave it",
    "profile": "Click where the profile begins and where it ends; Esc to leave it",
}
_HINT = "Drag to turn, wheel to zoom, Shift and drag to move; hover over the surface to read it, click to pin it"
_MAP_HINT = "Drag to move, wheel to zoom; hover over the map to read it, click to pin it"
_LINE_HINT = "Hover over the curve to read it, click to pin it"


class StatusLine(QStatusBar):
    """Read-out on the left, worker and renderer on the right.

    Args:
        store: Where the landscape is.
        runner: Where the worker is.
    """

    def __init__(self, store: Store, runner: JobRunner) -> None:
        super().__init__()
        self._store, self._runner = store, runner
        self._probe = Probe()
        self._reading, self._tool = False, ""
        self.readout = ElidedLabel(_HINT)
        self.readout.setAccessibleName("Values under the mouse")
        self.worker = QLabel()
        self.worker.setAccessibleName("State of the worker")
        self.renderer = QLabel()
        self.renderer.setAccessibleName("Renderer")
        self.saving = QLabel()
        self.saving.setAccessibleName("What the document keeps")
        for label in (self.saving, self.worker, self.renderer):
            mute(label)
            label.setContentsMargins(EDGE, 0, 0, 0)
        self.setSizeGripEnabled(False)
        dress(self, "status bar")
        self.setContentsMargins(EDGE, 2, EDGE, 2)
        self.addWidget(self.readout, 1)
        self.addPermanentWidget(self.saving)
        self.addPermanentWidget(self.worker)
        self.addPermanentWidget(self.renderer)
        runner.changed.connect(self._show_worker)
        runner.queue_changed.connect(self._show_worker)
        for change in (store.landscape_changed, store.view_changed):
            change.connect(self._say_how)
        self._show_worker()

    def show_point(self, point: tuple[float, float] | None, landscape: Landscape | None) -> None:
        """Read out the surface of a landscape at (u, v), or say how to."""
        if point is None or landscape is None:
            self._reading = False
            self._say_how()
        else:
            self._read_out(self._probe.describe(landscape, *point))

    def show_checkpoint(self, where: tuple[int, int], landscape: Landscape | None) -> None:
        """Read out a checkpoint of a landscape, given by its run and its place there: its loss beside the plane's."""
        checkpoint = None if landscape is None else find_checkpoint(landscape, *where)
        if checkpoint is not None:
            self._read_out(describe_checkpoint(checkpoint))

    def show_tool(self, tool: str | None) -> None:
        """Say what the next click does."""
        self._reading, self._tool = False, "" if tool is None else _TOOLS[tool]
        self._say_how()

    def show_renderer(self, words: str) -> None:
        """Say what draws."""
        self.renderer.setText(words)

    def _read_out(self, words: str) -> None:
        self._reading = True
        self.readout.setText(words)

    def _say_how(self) -> None:
        """Say what the next click does, or how what is shown is read, unless something is read out."""
        if not self._reading:
            self.readout.setText(self._tool or self._hint())

    def _hint(self) -> str:
        landscape, view = self._store.landscape, self._store.view
        if landscape is not None and landscape.dimensions == 1:
            return _LINE_HINT
        return _MAP_HINT if view is not None and view.flat else _HINT

    def _show_worker(self) -> None:
        runner = self._runner
        if runner.busy:
            words = {"running": "computing"}.get(runner.state.phase, runner.state.phase)
        elif runner.can_resume:
            words = "paused"
        else:
            words = "worker not started" if runner.worker_pid is None else "worker idle"
        self.worker.setText(words)
