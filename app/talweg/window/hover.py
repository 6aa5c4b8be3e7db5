"""What the surface is worth under the mouse. Free of Qt."""

import numpy as np

from talweg.analysis.profile import FieldReader, near_computed
from talweg.landscape import Landscape
from talweg.view.quantities import describe_value, read_out, title_of
from talweg.window.words import coordinate


class Probe:
    """Reads a landscape's fields anywhere on the drawn surface; what is filled in is kept until the numbers change."""

    def __init__(self) -> None:
        self._reader: FieldReader | None = None

    def read(self, landscape: Landscape, u: float, v: float) -> dict[str, float]:
        """Return loss, accuracy, metrics and whatever else is known at a point, as the drawn triangles have them.

        Args:
            landscape: The numbers.
            u: Along the first direction.
            v: Along the second.

        Returns:
            Values by field; NaN outside the grid, in its holes, and where a field is not known.
        """
        if self._reader is None or self._reader.landscape is not landscape:
            self._reader = FieldReader(landscape)
        place = np.array([[u, v]])
        return {name: float(self._reader.read(name, place)[0]) for name in read_out(landscape)}

    def describe(self, landscape: Landscape, u: float, v: float) -> str:
        """Write what stands at a point, for the status bar; a line has no v."""
        parts = [f"u {coordinate(u)}"] if landscape.dimensions == 1 else [f"u {coordinate(u)}", f"v {coordinate(v)}"]
        values = self.read(landscape, u, v)
        sure = bool(near_computed(landscape, np.array([[u, v]]))[0])
        if np.isnan(values["loss"]):
            parts.append(f"{title_of(landscape, 'loss')} not finite")
        parts += [describe_value(landscape, name, value) for name, value in values.items() if not np.isnan(value)]
        words = "   ".join(parts)
        return words if sure else f"{words}   (interpolated)"
