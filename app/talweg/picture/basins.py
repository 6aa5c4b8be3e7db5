"""Colours of basins: the same minimum has the same colour at every threshold."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

_LIGHT = ("77aadd", "ee8866", "eedd88", "99ddff", "ffaabb", "44bb99", "bbcc33", "aaaa00")
"""Paul Tol's light scheme, told apart by colour-blind eyes too, and pale enough for lines and glyphs on it."""
_ROUNDS = (1.0, 0.72, 0.86)  # brightness of the first eight, the next eight, …

BASIN_COLOURS: Float = np.array(
    [[int(code[k : k + 2], 16) / 255 * round_ for k in (0, 2, 4)] for round_ in _ROUNDS for code in _LIGHT]
)
"""float64 [24, 3], sRGB in [0, 1]; later basins begin anew."""


def basin_colours(rank: NDArray[np.integer], unknown: tuple[float, float, float]) -> Float:
    """Return the colours of basins.

    Args:
        rank: Of the minimum, most persistent first; -1 for none, [k].
        unknown: The colour of none.

    Returns:
        float64 [k, 3], sRGB in [0, 1].
    """
    colours = np.asarray(BASIN_COLOURS[rank % len(BASIN_COLOURS)])
    colours[rank < 0] = unknown
    return colours
