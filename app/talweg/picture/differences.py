"""How the difference of two landscapes is looked at: in colours that part above from below."""

import numpy as np

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.view.arrangement import Arrangement
from talweg.view.quantities import is_difference
from talweg.view.state import ViewState

_DIVERGING = "RdBu_r"


def difference_view(landscape: Landscape) -> ViewState:
    """Choose a view of a difference: linear, white where both are equal, as far to either side.

    Args:
        landscape: The difference.
    """
    finite = np.abs(landscape.loss[landscape.known & np.isfinite(landscape.loss)])
    widest = float(finite.max(initial=0.0))
    colours = (-widest, widest) if widest > 0 else None
    return ViewState(colour_scale="linear", colour_map=_DIVERGING, colour_range=colours)


def set_differences_apart(arrangement: Arrangement, document: Document) -> Arrangement:
    """Let views know which landscapes are differences, whose heights and colours are never linked with others.

    Args:
        arrangement: The views.
        document: Has the landscapes.
    """
    for number, outline in document.outlines().items():
        if number not in arrangement.apart and is_difference(outline):
            arrangement = arrangement.with_apart(number, difference_view(document.landscape(number)))
    return arrangement
