"""Colour maps as VTK lookup tables."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import vtkLookupTable

from talweg.scene.meshes import vtk_array
from talweg.theme import Colour


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
