"""How far a landscape's number format is off from float32, in words."""

from collections import Counter
from dataclasses import dataclass

from talweg.landscape import Landscape

_TOPIC = "precision"


@dataclass(frozen=True)
class PrecisionDeviation:
    """What was measured of a coarse number format on a landscape's own points.

    Attributes:
        relative: Median deviation from float32 as a share of the loss.
        sentence: All of it, for people.
    """

    relative: float
    sentence: str


def precision_deviation(landscape: Landscape) -> PrecisionDeviation | None:
    """Return what was measured of the format that most points are in, or that was refused.

    Args:
        landscape: Any.

    Returns:
        The deviation, or None where nothing was measured: everything is in float32.
    """
    measured = landscape.measured.get(_TOPIC)
    if measured is None or "tried" not in measured:
        return None
    tried = measured["tried"]
    off = (
        f"{tried} was off from float32 by {float(measured['median']):.2g} at the median "
        f"({100 * float(measured['relative']):.2g} %) and {float(measured['largest']):.2g} at most on "
        f"{measured['points']} points drawn at random, {float(measured['floor']):.2g} near the bottom, and "
        f"{float(measured['speed']):.2g} times as fast"
    )
    others = "; ".join(
        f"{name} by {float(measured[f'{name}_median']):.2g} ({100 * float(measured[f'{name}_relative']):.2g} %), "
        f"{float(measured[f'{name}_speed']):.2g} times as fast"
        for name in (key.removesuffix("_median") for key in measured if key.endswith("_median"))
    )
    if others:
        off += f"; of the others, {others}"
    if landscape.provenance is not None and landscape.provenance.precision == "float32":
        return PrecisionDeviation(float(measured["relative"]), f"float32; {off}")
    counts = Counter(landscape.precision[landscape.computed].tolist()) if landscape.precision.ndim else Counter()
    shares = ", ".join(f"{count} points in {name}" for name, count in counts.most_common() if name)
    return PrecisionDeviation(float(measured["relative"]), f"{shares or tried}; {off}")
