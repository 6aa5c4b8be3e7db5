"""Where things lie in a figure of curves: the ends of the line, its checkpoints, and pins."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape, TrainingPath
from talweg.view.quantities import LOG_LOSS, fit_view, values_of
from talweg.view.state import ViewState
from talweg_compute.messages import LANDMARKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class CurvePlaces:
    """Where things lie in a drawn figure, in shares of its width and height from the lower left corner.

    Attributes:
        left: Of the line's first point.
        right: Of its last one.
        checkpoints: (run, step) of each checkpoint that is drawn; landmarks have the run ``LANDMARKS``.
        positions: float64 [k, 2], of these.
        pins: float64 [n, 2], of the view's pins; NaN for one that is not drawn.
    """

    left: float
    right: float
    checkpoints: tuple[tuple[int, int], ...]
    positions: NDArray[np.float64]
    pins: NDArray[np.float64]


def locate_curves(figure: "Figure", landscape: Landscape, view: ViewState | None = None) -> CurvePlaces:
    """Find out where a figure shows the ends of a line and its checkpoints.

    Args:
        figure: What ``draw_curves`` drew into, laid out by its canvas.
        landscape: The first of the landscapes.
        view: As it was drawn.

    Returns:
        The places.
    """
    view = view or ViewState()
    axes = figure.axes[0]
    runs = list(enumerate(landscape.paths)) if view.trajectory else []
    if landscape.landmarks is not None and view.landmarks:
        runs.insert(0, (LANDMARKS, landscape.landmarks))
    counts = [len(path.names) if run == LANDMARKS else count_played(path, view) for run, path in runs]
    checkpoints = tuple((run, step) for (run, _), count in zip(runs, counts, strict=True) for step in range(count))
    data = [
        np.column_stack([path.coordinates[:count, 0], path.loss[:count]])
        for (_, path), count in zip(runs, counts, strict=True)
    ]
    ends = np.column_stack([landscape.u[[0, -1]], [axes.get_ylim()[0]] * 2])
    pins = place_pins(landscape, fit_view(landscape, view))
    shown = axes.transData.transform(np.concatenate([ends, pins, *data])) / figure.bbox.size
    after = 2 + len(pins)
    return CurvePlaces(float(shown[0, 0]), float(shown[1, 0]), checkpoints, shown[after:], shown[2:after])


def count_played(path: TrainingPath, view: ViewState) -> int:
    """How many checkpoints of a path are drawn."""
    count = len(path.names)
    return count if view.trajectory_until is None else min(max(view.trajectory_until, 1), count)


def place_pins(line: Landscape, view: ViewState) -> NDArray[np.float64]:
    """Where the pins of a view are on the curve of a line, in its coordinates [n, 2]; NaN beyond its ends."""
    u = np.array([pin[0] for pin in view.pins], dtype=np.float64)
    values = values_of(line, "loss" if view.height == LOG_LOSS else view.height)[0]
    known = np.isfinite(values)
    if not known.any():
        return np.column_stack([u, np.full(u.shape, np.nan)])
    return np.column_stack([u, np.interp(u, line.u[known], values[known], left=np.nan, right=np.nan)])
