"""Works pictures out beside the window's own thread, so that it never waits long for one."""

import threading
import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from talweg.landscape import Landscape
from talweg.picture import Company, Picture, lay_over, resolve, share_ranges, shown_topology, sketch
from talweg.view.state import ViewState
from talweg_compute.field import Topology

_PATIENCE = 0.025
"""Seconds that the window waits for a picture, so that most changes are shown in the same turn of its event loop."""

_POLL_MS = 15
SKETCH_AFTER = 0.15
"""Seconds after which the surface is shown without what takes longer."""


@dataclass(frozen=True, eq=False)
class Resolved:
    """A picture and what it was worked out from.

    Attributes:
        landscape: The numbers.
        view: How they are looked at.
        picture: What is to be shown.
        topology: What its critical points are of; None before it is known.
        whole: False for a sketch, which the whole picture follows.
    """

    landscape: Landscape
    view: ViewState
    picture: Picture
    topology: Topology | None
    whole: bool = True


class _Work(threading.Thread):
    """Works one picture out; what it leaves is read once it is there."""

    def __init__(self, landscape: Landscape, view: ViewState, company: Company, last: Picture | None) -> None:
        super().__init__(name="talweg-resolve", daemon=True)
        self.landscape, self.view, self._company, self._last = landscape, view, company, last
        self.began = time.monotonic()
        self.sketch: Picture | None = None
        self.result: Resolved | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        """Work out the sketch, then the whole."""
        try:
            company = self._company
            view = share_ranges(self.landscape, self.view, company)
            rough = sketch(self.landscape, view, self._last)
            self.sketch = lay_over(rough, self.landscape, view, company, self._last)
            picture = lay_over(resolve(self.landscape, view, rough), self.landscape, view, company, self.sketch)
            topology = shown_topology(self.landscape, view)
            self.result = Resolved(self.landscape, self.view, picture, topology)
        except Exception as error:
            self.error = error


class Resolver(QObject):
    """Answers the latest request; while one is worked out, those before the latest are dropped."""

    resolved = Signal(object)
    """A Resolved: the picture that was asked for, or a sketch of it."""
    failed = Signal(object)
    """The exception that ended a request."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work: _Work | None = None
        self._next: tuple[Landscape, ViewState, Company] | None = None
        self._last: Picture | None = None
        self._sketched = False
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._work is not None

    def ask(self, landscape: Landscape, view: ViewState, company: Company, *, patient: bool = True) -> None:
        """Ask for a picture; it is announced at once where that is quick.

        Args:
            landscape: The numbers.
            view: How they are looked at.
            company: What the picture shares its scales with.
            patient: Whether the window waits a moment for it; of several pictures it waits for one.
        """
        if self._work is not None:
            self._next = landscape, view, company
            return
        self._work, self._sketched = _Work(landscape, view, company, self._last), False
        self._work.start()
        self._work.join(_PATIENCE if patient else 0.0)
        self._look()

    def forget(self) -> None:
        """Drop every request and the picture before; answers that are still worked out go nowhere."""
        self._work = self._next = self._last = None
        self._poll.stop()

    def _look(self) -> None:
        """Announce what is there."""
        work = self._work
        if work is None:
            return
        if work.is_alive():
            if not self._poll.isActive():
                self._poll.start()
            if work.sketch is not None and not self._sketched and time.monotonic() > work.began + SKETCH_AFTER:
                self._sketched = True
                self.resolved.emit(Resolved(work.landscape, work.view, work.sketch, None, whole=False))
            return
        self._poll.stop()
        self._work = None
        if work.error is not None:
            self.failed.emit(work.error)
        elif work.result is not None:
            self._last = work.result.picture
            self.resolved.emit(work.result)
        following, self._next = self._next, None
        if following is not None and self._work is None:
            self.ask(*following)
