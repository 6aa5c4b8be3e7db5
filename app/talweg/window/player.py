"""Plays a training along time: checkpoint after checkpoint joins the trajectory."""

from PySide6.QtCore import QObject, QTimer

from talweg.window.store import Store

_FRAME_MS = 60
_FRAMES = 100  # at most; a long training takes several checkpoints at a time


class Player(QObject):
    """Plays the trajectory that is shown, or stops where it is.

    Args:
        store: Whose view says how many checkpoints are drawn.
    """

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._step)
        self._subject = store.subject
        store.landscape_changed.connect(self._look)

    @property
    def playing(self) -> bool:
        """Whether it plays now."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play from where it stopped, or from the beginning; or stop."""
        if self.playing:
            self._timer.stop()
        elif self._count() > 1:
            self._timer.start()

    def _look(self) -> None:
        """Stop where another landscape is shown, not where points arrive."""
        before, self._subject = self._subject, self._store.subject
        if self._subject != before:
            self._timer.stop()

    def _step(self) -> None:
        view, count = self._store.view, self._count()
        if view is None or count < 2:
            self._timer.stop()
            return
        shown = (view.trajectory_until or 1) + max(1, count // _FRAMES)
        if shown < count:
            self._store.change("play the trajectory", "play", trajectory=True, trajectory_until=shown)
        else:
            self._timer.stop()
            self._store.change("play the trajectory", "play", trajectory=True, trajectory_until=None)
            self._store.seal()

    def _count(self) -> int:
        landscape = self._store.landscape
        return 0 if landscape is None else max((len(path.names) for path in landscape.paths), default=0)
