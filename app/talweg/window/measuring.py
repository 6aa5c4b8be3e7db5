"""Measures landscapes beside the window's own thread: the newest question counts."""

import contextlib
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from talweg.analysis.comparison import Measures, common_level, measure
from talweg.landscape import Landscape


class Measurer(QObject):
    """One measurement at a time; what is asked meanwhile is measured after it, the newest only."""

    measured = Signal(float, object)
    """The level, and a ``Measures`` for each landscape."""
    failed = Signal(str)
    _done = Signal(float, object)
    _stuck = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._busy = False
        self.known: WeakKeyDictionary[Landscape, tuple[float, Measures]] = WeakKeyDictionary()
        """What was measured before, and at which level; only the thread that measures comes to it."""
        self._next: tuple[tuple[Landscape, ...], float | None] | None = None
        self._done.connect(self._tell)
        self._stuck.connect(self._say)

    def ask(self, landscapes: Sequence[Landscape], level: float | None) -> None:
        """Measure landscapes.

        Args:
            landscapes: Planes and lines.
            level: Of the loss, for the areas; None: a common one is chosen.
        """
        self._next = tuple(landscapes), level
        self._start()

    def _start(self) -> None:
        if self._next is not None and not self._busy:
            (landscapes, level), self._next, self._busy = self._next, None, True
            QThreadPool.globalInstance().start(_Measuring(landscapes, level, self))

    def _tell(self, level: float, found: object) -> None:
        self._busy = False
        if self._next is None:
            self.measured.emit(level, found)
        self._start()

    def _say(self, sentence: str) -> None:
        self._busy = False
        self.failed.emit(sentence)
        self._start()


class _Measuring(QRunnable):
    """Measures landscapes, once."""

    def __init__(self, landscapes: tuple[Landscape, ...], level: float | None, measurer: Measurer) -> None:
        super().__init__()
        self._landscapes, self._level, self._measurer = landscapes, level, measurer

    def run(self) -> None:
        try:
            level = common_level(self._landscapes) if self._level is None else self._level
            found = tuple(self._measure(landscape, level) for landscape in self._landscapes)
        except Exception as error:  # whatever it is, the next question is to be answered
            with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
                self._measurer._stuck.emit(f"These landscapes cannot be measured: {error}.")
            return
        with contextlib.suppress(RuntimeError):
            self._measurer._done.emit(level, found)

    def _measure(self, landscape: Landscape, level: float) -> Measures:
        """Measure a landscape, unless that was done: while one is computed, the others stay as they are."""
        known = self._measurer.known.get(landscape)
        if known is None or known[0] != level:
            known = self._measurer.known[landscape] = level, measure(landscape, level)
        return known[1]
