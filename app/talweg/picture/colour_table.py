"""The colours of a map as a table, smooth or in steps: the same in the scene, in figures and in exported meshes."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_SMOOTH = 256


@lru_cache(maxsize=64)
def colour_table(name: str, steps: int = 0) -> NDArray[np.float64]:
    """Return the colours of a map from its lowest value to its highest.

    Args:
        name: As matplotlib knows it; of viridis where it does not.
        steps: Number of colours; 0 for a smooth map.

    Returns:
        float64 [n, 3], sRGB in [0, 1], read-only. Each colour stands for an equal part of the range; of a map in steps
        each colour recurs, so that all tables are about as long.
    """
    import matplotlib as mpl  # a fifth of a second, not at the start of the window

    found = mpl.colormaps[name if name in mpl.colormaps else "viridis"]
    count = steps if steps > 1 else _SMOOTH
    table = np.asarray(found(np.linspace(0.0, 1.0, count))[:, :3], dtype=np.float64)
    table = np.repeat(table, _SMOOTH // count, axis=0)
    table.flags.writeable = False
    return table
