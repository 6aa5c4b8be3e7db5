"""What is said of the points that their neighbours stand for."""

import math
from collections.abc import Iterator

import numpy as np

from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.field import Refinement, interpolate_like
from talweg_compute.messages import Block, Event, Measured, Note, Points

TOPIC = "interpolation"
"""Of what is measured: how far interpolated points are off."""


def interpolated_points(
    request_id: str, refinement: Refinement, points: KnownPoints, tolerance: float
) -> Iterator[Event]:
    """Tell of a surface of which a part was evaluated.

    Args:
        request_id: Marks the events.
        refinement: The surface, and how its interpolation was tested.
        points: What was evaluated.
        tolerance: That it was refined to.

    Yields:
        The interpolated points; what was measured, and the same as a sentence.
    """
    evaluated = refinement.evaluated.ravel()
    total, count = evaluated.size, int(evaluated.sum())
    index = np.flatnonzero(~evaluated)
    if index.size:
        fields = {"loss": Block.of(refinement.values.flat[index])}
        for name, values in points.fields.items():
            if name != "loss":
                everywhere = interpolate_like(values.reshape(refinement.evaluated.shape), refinement.evaluated)
                fields[name] = Block.of(everywhere.flat[index])
        yield Points(request_id, Block.of(index), fields, interpolated=True)
    yield Measured(
        request_id,
        TOPIC,
        {
            "tolerance": tolerance,
            "evaluated": count,
            "saved": total - count,
            "held_out": refinement.held_out,
            "largest_deviation": _number(refinement.largest_deviation),
            "median_deviation": _number(refinement.median_deviation),
        },
    )
    if not index.size:
        yield Note(request_id, f"Every point was evaluated: none is smooth enough for {_percent(tolerance)} tolerance.")
        return
    yield Note(
        request_id,
        f"{count} of {total} points were evaluated, the other {index.size} are interpolated to within "
        f"{_percent(tolerance)} of the loss: {refinement.held_out} of the others, drawn at random and evaluated as a "
        f"test, were off by {_percent(refinement.largest_deviation)} at most, "
        f"by {_percent(refinement.median_deviation)} at the median.",
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
