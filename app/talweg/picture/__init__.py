"""What is to be shown: one frozen picture, resolved from a landscape and a view. NumPy only, no Qt, no VTK.

Display coordinates: the grid's centre is (0, 0), its wider side spans [-1, 1], the floor is z = 0, and the surface
rises to 1.2 times the view's height factor. The scene, figures, movies and meshes all draw this one picture.
"""

from talweg.picture.parts import (
    AxesPart,
    ContoursPart,
    CriticalPointsPart,
    Frame,
    PathPart,
    Picture,
    SurfacePart,
)
from talweg.picture.resolve import default_view, resolve, shown_topology
from talweg.picture.ticks import format_value, ticks

__all__ = [
    "AxesPart",
    "ContoursPart",
    "CriticalPointsPart",
    "Frame",
    "PathPart",
    "Picture",
    "SurfacePart",
    "default_view",
    "format_value",
    "resolve",
    "shown_topology",
    "ticks",
]
