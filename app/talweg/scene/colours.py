"""Colour maps as VTK lookup tables."""

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import vtkLookupTable

from talweg.scene.meshes import vtk_array
from talweg.theme import Colour

COUNT = 256


def colours_of(name: str) -> NDArray[np.float64]:
    """Return the colours of a map, float64 [256, 3], sRGB in [0, 1]; of viridis where the name is not known."""
    known = name if name in mpl.colormaps else "viridis"
    return np.asarray(mpl.colormaps[known](np.linspace(0.0, 1.0, COUNT))[:, :3], dtype=np.float64)


def fill_table(table: vtkLookupTable, colours: NDArray[np.float64], span: tuple[float, float], nan: Colour) -> None:
    """Set a lookup table.

    Args:
        table: What is set.
        colours: float64 [n, 3].
        span: Scalars at the ends of the map; beyond them the end colours go on.
        nan: The colour of NaN.
    """
    opaque = np.column_stack([colours, np.ones(len(colours))])
    table.SetNumberOfTableValues(len(colours))
    table.SetTable(vtk_array(np.round(opaque * 255).astype(np.uint8)))
    table.SetTableRange(*span)
    table.SetNanColor(*nan, 1.0)
    table.Modified()
