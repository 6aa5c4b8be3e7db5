"""What lies on the straight way between two models, read from a landscape along a line. Free of Qt and VTK."""

import math
from dataclasses import dataclass

import numpy as np

from talweg.landscape import Landscape


@dataclass(frozen=True)
class Way:
    """The loss on a straight line between two models.

    Attributes:
        ends: Coordinates of the two models.
        losses: Loss of the two models.
        barrier: The largest excess of the loss over the straight line between the losses of the two models,
            max_t L((1 - t) a + t b) - (1 - t) L(a) - t L(b) (Frankle et al. 2020; Entezari et al. 2022, equation 1),
            over the points of the grid; infinite where a point between them diverged, NaN where one is missing.
        rise: The same over the worse of the two, max_t L - max(L(a), L(b)).
    """

    ends: tuple[float, float]
    losses: tuple[float, float]
    barrier: float
    rise: float


def measure_way(line: Landscape) -> Way | None:
    """Measure what lies between the two models of a line.

    Args:
        line: A landscape along one direction.

    Returns:
        The numbers; None where the line goes to no second model, or does not reach it. Of an imported line nothing
        says where its models are: they are taken for its ends.
    """
    ends = _find_ends(line)
    u = line.u
    if ends is None or u[0] > ends[0] or u[-1] < ends[1]:
        return None
    losses = tuple(_loss_of_end(line, place, end) for place, end in enumerate(ends))
    inside = (u >= ends[0]) & (u <= ends[1])
    share = (u[inside] - ends[0]) / (ends[1] - ends[0])
    loss, known = line.loss[0, inside], line.known[0, inside]
    barrier = rise = math.nan
    if known.all() and all(map(math.isfinite, losses)):
        loss = np.where(np.isfinite(loss), loss, np.inf)
        straight = (1 - share) * losses[0] + share * losses[1]
        barrier = max(float((loss - straight).max(initial=0.0)), 0.0)  # at the ends it is zero
        rise = max(float(loss.max(initial=-np.inf)) - max(losses), 0.0)
    return Way(ends, (losses[0], losses[1]), barrier, rise)


def read_line(line: Landscape, name: str, place: float) -> float:
    """Return a field of a line at a coordinate, straight between the points of the grid; NaN where it is not known."""
    values = line.fields.get(name)
    if values is None or not line.u[0] <= place <= line.u[-1]:
        return math.nan
    return float(np.interp(place, line.u, np.where(line.known, values, np.nan)[0]))


def _find_ends(line: Landscape) -> tuple[float, float] | None:
    """Where the two models of a line are."""
    if line.landmarks is not None and len(line.landmarks.names) > 1:
        first, second = sorted(line.landmarks.coordinates[:2, 0].tolist())
        return (first, second) if first < second else None
    if line.job is None:
        return float(line.u[0]), float(line.u[-1])
    return (0.0, 1.0) if line.job.plane.kind == "checkpoints" and line.job.plane.compatibility is None else None


def _loss_of_end(line: Landscape, place: int, end: float) -> float:
    """The loss of one of the two models: its own where that is known, else that of the line there."""
    landmarks = line.landmarks
    if landmarks is not None and len(landmarks.names) > 1:
        order = np.argsort(landmarks.coordinates[:2, 0])
        own = float(landmarks.loss[order[place]])
        if math.isfinite(own):
            return own
    return read_line(line, "loss", end)
