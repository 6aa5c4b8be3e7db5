"""Pinned points and the line of a profile, laid on the drawn surface."""

import numpy as np
from numpy.typing import NDArray

from talweg.analysis.profile import near_computed, read_field
from talweg.landscape import Landscape
from talweg.number_text import format_value
from talweg.picture.checkpoints import Checkpoint, find_checkpoint, tag_checkpoint
from talweg.picture.frame import Frame
from talweg.picture.parts import ProbePart
from talweg.picture.relief import Relief
from talweg.view.quantities import BASIN, LOG_LOSS, describe_value
from talweg.view.state import ViewState, reads_floor
from talweg_compute.messages import LANDMARKS

Float = NDArray[np.float64]


def place_probe(
    landscape: Landscape, view: ViewState, frame: Frame, relief: Relief, key: tuple[object, ...]
) -> ProbePart:
    """Lay what a view probes on the surface, or on the floor where nothing of the surface is drawn.

    Args:
        landscape: The numbers.
        view: Has the pins and the profile.
        frame: Maps to display coordinates.
        relief: Heights of the surface.
        key: Of the part.

    Returns:
        The part; what lies outside the grid or in a hole has no position.
    """
    pins = np.array(view.pins, dtype=np.float64).reshape(-1, 2)
    share = 0.0 if reads_floor(view) else 1.0  # of the height
    z = share * relief.at(pins)
    x, y = frame.to_display(pins[:, 0], pins[:, 1])
    lines = []
    if view.profile is not None:
        ends = np.array(view.profile, dtype=np.float64).reshape(2, 2)
        lines = relief.lay(ends)
    return ProbePart(
        key=key,
        positions=np.column_stack([x, y, z]).astype(np.float32),
        words=label_pins(landscape, view, pins),
        lines=tuple(
            np.column_stack([*frame.to_display(line[:, 0], line[:, 1]), share * line[:, 2]]).astype(np.float32)
            for line in lines
        ),
    )


def label_pins(landscape: Landscape, view: ViewState, pins: Float) -> tuple[str, ...]:
    """Say what stands beside each pin [n, 2]: loss, accuracy, what else height and colour show; or a checkpoint.

    What is not between computed points has a ~ before it.
    """
    loss, accuracy = (read_field(landscape, name, pins) for name in ("loss", "accuracy"))
    shown = dict.fromkeys((view.height, view.colour))
    others = [name for name in shown if name not in ("loss", LOG_LOSS, "accuracy", BASIN)]
    further = np.stack([read_field(landscape, name, pins) for name in others], axis=-1).tolist() if others else []
    sure = near_computed(landscape, pins)
    words = []
    rows = zip(pins, loss.tolist(), accuracy.tolist(), sure.tolist(), further or [[]] * len(pins), strict=True)
    for place, value, percent, known, more in rows:
        if (checkpoint := _checkpoint_at(landscape, place)) is not None:
            words.append(tag_checkpoint(checkpoint))
            continue
        text = format_value(value) if np.isfinite(value) else "not finite"
        parts = [f"{'' if known else '~ '}{text}", *([] if np.isnan(percent) else [f"{percent:.1f} %"])]
        parts += [describe_value(landscape, name, each) for name, each in zip(others, more, strict=True)]
        words.append(" · ".join(parts))
    return tuple(words)


def _checkpoint_at(landscape: Landscape, place: Float) -> Checkpoint | None:
    """The checkpoint on which a pin was put, which then stands exactly there."""
    runs = list(enumerate(landscape.paths))
    if landscape.landmarks is not None:
        runs.insert(0, (LANDMARKS, landscape.landmarks))
    for run, path in runs:
        found = np.flatnonzero((path.coordinates == place).all(axis=1))
        if found.size:
            return find_checkpoint(landscape, run, int(found[0]))
    return None
