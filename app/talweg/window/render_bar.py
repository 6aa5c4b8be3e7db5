"""In the line at the bottom: how far a figure or a movie is."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from talweg.window.darkroom import Darkroom
from talweg.window.widgets.layout import EDGE, fill, tight
from talweg.window.words import duration


class RenderBar(QWidget):
    """Shown while something is rendered.

    Args:
        darkroom: Where that happens.
    """

    def __init__(self, darkroom: Darkroom) -> None:
        super().__init__()
        self._darkroom = darkroom
        self.setAccessibleName("Rendering")
        self.label = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(90, 8)
        self.bar.setAccessibleName("Frames that are rendered")
        self.cancel = QToolButton()
        self.cancel.setText("Cancel")
        self.cancel.setAutoRaise(True)
        self.cancel.setFixedHeight(self.fontMetrics().height() + 2)  # the picture above keeps its size
        self.cancel.setAccessibleName("Cancel rendering")
        self.cancel.clicked.connect(self._darkroom.cancel)
        box = QHBoxLayout(self)
        tight(box, gap=EDGE)
        fill(box, self.label, self.bar, self.cancel)
        darkroom.changed.connect(self._show_state)
        self._show_state()

    def _show_state(self) -> None:
        now = self._darkroom.progress
        self.setVisible(now is not None)
        if now is None:
            return
        words = f"Rendering {now.name}"
        if now.total:
            words += f": {now.done} of {now.total} frames"
        if now.seconds_left is not None and now.seconds_left >= 1:
            words += f", {duration(now.seconds_left)} left"
        if now.waiting:
            words += f"; {now.waiting} more waiting"
        self.label.setText(words)
        self.bar.setRange(0, now.total)  # 0 to 0: something happens
        self.bar.setValue(now.done)
