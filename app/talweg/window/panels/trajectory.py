"""The training path on the plane."""

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QSlider, QToolButton, QWidget

from talweg.landscape import Landscape, TrainingPath
from talweg.view.quantities import name_quantity
from talweg.window.looks import dress
from talweg.window.panels.section import ViewSection
from talweg.window.store import Store
from talweg.window.widgets.controls import Choice, Switch
from talweg.window.widgets.layout import row, text_label
from talweg.window.words import number, percent

_COLOURS = [("plain", "one colour"), ("epoch", "by checkpoint")]
_HEIGHTS = [("surface", "on the surface"), ("loss", "at the true value")]


class TrajectorySection(ViewSection):
    """On or off, how it is drawn, up to which checkpoint, and how much of the path the plane holds.

    Args:
        store: Where the view is.
        play: Plays the trajectory along time.
    """

    def __init__(self, store: Store, play: QAction) -> None:
        super().__init__("Trajectory", store)
        self.shown = self.add_toggle(
            "Draw it",
            "trajectory",
            "trajectory",
            "The checkpoints of the training, each at its nearest point of the plane (Li et al. 2018, section 7)",
        )
        self.shape = Switch([("tube", "tube"), ("line", "line")], "Style of the trajectory")
        self.shape.chosen.connect(lambda value: self.ask(f"trajectory as a {value}", trajectory_style=value))
        self.add_row("As", self.shape, "A tube is seen from afar, a line hides less of the surface")
        self.colour = Choice(_COLOURS, "Colour of the trajectory")
        self.colour.chosen.connect(lambda value: self.ask("colour of the trajectory", trajectory_colour=value))
        self.add_row(
            "Colour",
            self.colour,
            "What the colour of the path says: which run it is, or, from dark to bright, how far training was or what "
            "a checkpoint itself is worth",
        )
        self.at = Choice(_HEIGHTS, "Height of the trajectory")
        self.at.chosen.connect(lambda value: self.ask("height of the trajectory", trajectory_at=value))
        self.add_row("Height", self.at, "A checkpoint off the plane has another loss than the plane has below it")
        self.landmarks = self.add_toggle(
            "Checkpoints of the plane",
            "landmarks",
            "checkpoints of the plane",
            "The solutions that the plane was laid through, as cubes (Garipov et al. 2018)",
        )
        self.until = QSlider(Qt.Orientation.Horizontal)
        self.until.setMinimum(1)
        self.until.setAccessibleName("Last checkpoint that is drawn")
        self.until.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.until.valueChanged.connect(self._move_to)
        self.until.sliderReleased.connect(store.seal)
        self._until_text = QLabel()
        play.setIconText("Play")
        button = QToolButton()
        button.setDefaultAction(play)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        dress(button, "switch")
        button.setAccessibleName(play.text())
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        line = QWidget()
        line.setLayout(row(self.until, self._until_text, button))
        self.add_row("Ti&me", line, "The trajectory up to this checkpoint; Play goes through all").setBuddy(self.until)
        self.words = text_label(muted=True, name="What the plane holds of the trajectory")
        self.form.addRow(self.words)

    def show_state(self) -> None:
        """Show what the store holds."""
        view, landscape, shown = self.store.view, self.store.landscape, self.store.shown_view
        if view is None or landscape is None or shown is None:
            return
        self.shown.setEnabled(landscape.path is not None)
        self.shape.show_value(view.trajectory_style)
        self.colour.offer(_COLOURS + list_colours(landscape))
        self.colour.show_value(view.trajectory_colour)
        self.at.show_value(view.trajectory_at)
        for field in (self.shape, self.colour, self.at):
            field.setEnabled(view.trajectory and landscape.path is not None)
        count = max((len(path.names) for path in landscape.paths), default=1)
        drawn = min(view.trajectory_until or count, count)
        with QSignalBlocker(self.until):
            self.until.setRange(1, count)
            self.until.setPageStep(max(1, count // 10))
            self.until.setValue(drawn)
        self.until.setEnabled(view.trajectory and count > 1)
        self._until_text.setText(f"{drawn} of {count}" if landscape.path is not None else "")
        known = any(path.values(shown.height) is not None for path in landscape.paths)
        self.at.setEnabled(self.at.isEnabled() and known)
        self.shown.setChecked(view.trajectory and landscape.path is not None)
        if (holder := self.landmarks.parentWidget()) is not None:  # with its question mark
            self.form.setRowVisible(holder, landscape.landmarks is not None)
        self.landmarks.setChecked(view.landmarks)
        expected = landscape.job is not None and landscape.job.problem.trajectory is not None
        words = [describe(path) for path in landscape.paths] or [describe(None, expected=expected)]
        if landscape.landmarks is not None:
            words.insert(0, "The plane was laid through " + list_landmarks(landscape.landmarks))
        self.words.setText("\n\n".join(words))

    def _move_to(self, checkpoint: int) -> None:
        last = checkpoint >= self.until.maximum()  # checkpoints that come later join then
        self.ask("time of the trajectory", "trajectory_until", trajectory_until=None if last else checkpoint)


def list_colours(landscape: Landscape) -> list[tuple[str, str]]:
    """List what the checkpoints can be coloured by beyond their number: the name of each quantity, and its words."""
    known = dict.fromkeys(name for path in landscape.paths for name in ("loss", "accuracy", *path.metrics))
    there = [name for name in known if any(path.values(name) is not None for path in landscape.paths)]
    return [(name, f"by {name_quantity(landscape, name)}") for name in there]


def list_landmarks(landmarks: TrainingPath) -> str:
    """Write the names and losses of the checkpoints that a plane was laid through."""
    losses = zip(landmarks.names, landmarks.loss.tolist(), strict=True)
    return ", ".join(f"{name} (loss {number(loss, 3)})" for name, loss in losses)


def describe(path: TrainingPath | None, *, expected: bool = False) -> str:
    """Say in words how much of a path its plane holds.

    Args:
        path: The training path, or None.
        expected: Whether the job will bring one.
    """
    if path is None:
        return "It comes with the job." if expected else "This landscape has no trajectory."
    title = f"{path.title}: " if path.title else ""
    lines = [f"{title}{len(path.names)} checkpoints, {path.names[0]} to {path.names[-1]}"]
    if path.explained_variance:
        shares = " + ".join(percent(share) for share in path.explained_variance)
        lines.append(f"Explained variance {shares}")
    known = np.where(np.isfinite(path.residual), path.residual, -1.0)
    if known.size and known.max() >= 0:
        where = int(known.argmax())
        lines.append(f"Largest distance from the plane {number(float(known[where]), 3)} ({path.names[where]})")
    if path.loss_at_projection.size:
        off = np.abs(path.loss - path.loss_at_projection)
        if np.isfinite(off).any():
            where = int(np.nanargmax(np.where(np.isfinite(off), off, -1.0)))
            true, shown = number(float(path.loss[where]), 3), number(float(path.loss_at_projection[where]), 3)
            lines.append(f"Largest error of the surface: {path.names[where]} has loss {true}, the plane shows {shown}")
    return "\n".join(lines)
