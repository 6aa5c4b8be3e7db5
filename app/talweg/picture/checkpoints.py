"""What is known of a checkpoint on a plane, in words: its own loss, the plane's loss below it, the distance between."""

from dataclasses import dataclass

import numpy as np

from talweg.analysis.profile import read_field
from talweg.landscape import Landscape
from talweg.number_text import format_value
from talweg.view.quantities import describe_value
from talweg_compute.messages import LANDMARKS

_NOTHING = 1e-5  # distances up to this are rounding of float32


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint of a run, or one that the plane was laid through.

    Attributes:
        name: Its file, with the run where there are several.
        u: Where it is projected to along the first direction.
        v: And along the second one; 0 on a line.
        loss: Its own; NaN where it is not known or not finite.
        accuracy: Its own, in percent; NaN where it is not known.
        plane_loss: The plane's at (u, v), of the evaluated projection where there is one, else of the drawn surface.
        residual: Its distance from the plane; NaN where it is not known.
        further: What else is known of it, in words.
    """

    name: str
    u: float
    v: float
    loss: float
    accuracy: float
    plane_loss: float
    residual: float
    further: tuple[str, ...] = ()


def find_checkpoint(landscape: Landscape, run: int, step: int) -> Checkpoint | None:
    """Look up a checkpoint.

    Args:
        landscape: The numbers.
        run: Number of its run, or ``LANDMARKS``.
        step: Its place in the run.

    Returns:
        What is known of it; None where there is none.
    """
    path = landscape.landmarks if run == LANDMARKS else landscape.paths[run] if run < len(landscape.paths) else None
    if path is None or step >= len(path.names):
        return None
    u, v = path.coordinates[step].tolist()
    plane_loss = float(path.loss_at_projection[step]) if path.loss_at_projection.size else float("nan")
    if np.isnan(plane_loss):
        plane_loss = _drawn_loss(landscape, u, v)
    return Checkpoint(
        name=f"{path.title}/{path.names[step]}" if path.title else path.names[step],
        u=u,
        v=v,
        loss=float(path.loss[step]),
        accuracy=float(path.accuracy[step]),
        plane_loss=plane_loss,
        residual=float(path.residual[step]),
        further=tuple(
            describe_value(landscape, name, float(values[step]))
            for name, values in path.metrics.items()
            if not np.isnan(values[step])
        ),
    )


def describe_checkpoint(checkpoint: Checkpoint) -> str:
    """Write what is known of a checkpoint on one line."""
    parts = [checkpoint.name]
    if not np.isnan(checkpoint.loss):
        accuracy = "" if np.isnan(checkpoint.accuracy) else f", accuracy {checkpoint.accuracy:.2f} %"
        parts.append(f"its loss {format_value(checkpoint.loss, 4)}{accuracy}")
    parts.extend(checkpoint.further)
    if not np.isnan(checkpoint.plane_loss):
        parts.append(f"the plane's loss there {format_value(checkpoint.plane_loss, 4)}")
    if not np.isnan(checkpoint.residual):
        parts.append(_distance(checkpoint.residual))
    return "   ".join(parts)


def tag_checkpoint(checkpoint: Checkpoint) -> str:
    """Write the same in few words, for a place in the picture."""
    known = not np.isnan(checkpoint.loss)
    return f"{checkpoint.name}: " + ", ".join(
        [
            *([format_value(checkpoint.loss)] if known else []),
            *([] if np.isnan(checkpoint.plane_loss) else [f"plane {format_value(checkpoint.plane_loss)}"]),
            *([] if np.isnan(checkpoint.residual) else [_distance(checkpoint.residual)]),
        ]
    )


def _distance(residual: float) -> str:
    return "on the plane" if residual <= _NOTHING else f"{format_value(residual, 3)} off the plane"


def _drawn_loss(landscape: Landscape, u: float, v: float) -> float:
    if not np.isfinite([u, v]).all():
        return float("nan")
    if landscape.dimensions == 1:
        return float(np.interp(u, landscape.u, landscape.loss[0], np.nan, np.nan))
    return float(read_field(landscape, "loss", np.array([[u, v]]))[0])
