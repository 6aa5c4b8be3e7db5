"""What is to be shown: one frozen picture, resolved from a landscape and a view. NumPy only, no Qt, no VTK.

Display coordinates: the grid's centre is (0, 0), its wider side spans [-1, 1], the floor is z = 0, and the surface
rises to 1.2 times the view's height factor. The scene, figures, movies and meshes all draw this one picture.
"""

from talweg.number_text import format_value
from talweg.picture.basins import basin_colours
from talweg.picture.checkpoints import Checkpoint, describe_checkpoint, find_checkpoint
from talweg.picture.colour_table import colour_table
from talweg.picture.company import Company, share_ranges
from talweg.picture.differences import set_differences_apart
from talweg.picture.frame import Frame
from talweg.picture.landmarks import shorten
from talweg.picture.overlay import lay_over, lies_over
from talweg.picture.parts import (
    AxesPart,
    CapPart,
    CentrePart,
    ContoursPart,
    CriticalPointsPart,
    LandmarksPart,
    LinesPart,
    OverlayPart,
    PathPart,
    ProbePart,
)
from talweg.picture.picture import Picture
from talweg.picture.probe import label_pins
from talweg.picture.resolve import default_view, resolve, sketch
from talweg.picture.surface_part import Basins, Look, SurfacePart
from talweg.picture.ticks import ticks
from talweg.picture.topology import MOST_POINTS, shown_topology

__all__ = [
    "MOST_POINTS",
    "AxesPart",
    "Basins",
    "CapPart",
    "CentrePart",
    "Checkpoint",
    "Company",
    "ContoursPart",
    "CriticalPointsPart",
    "Frame",
    "LandmarksPart",
    "LinesPart",
    "Look",
    "OverlayPart",
    "PathPart",
    "Picture",
    "ProbePart",
    "SurfacePart",
    "basin_colours",
    "colour_table",
    "default_view",
    "describe_checkpoint",
    "find_checkpoint",
    "format_value",
    "label_pins",
    "lay_over",
    "lies_over",
    "resolve",
    "set_differences_apart",
    "share_ranges",
    "shorten",
    "shown_topology",
    "sketch",
    "ticks",
]
