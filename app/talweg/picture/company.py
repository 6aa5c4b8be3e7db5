"""What a picture shares with others beside it: scales and ranges of heights and colours that hold what all show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from talweg.landscape import Landscape
from talweg.picture.transform import Shown, colour_scaling, height_scaling, show_colour, show_height
from talweg.view.quantities import fit_view, title_of
from talweg.view.scaling import Scaling
from talweg.view.state import ViewState


@dataclass(frozen=True)
class Company:
    """The landscapes that a picture shares its scales with, its own among them.

    Attributes:
        heights: Those that are drawn with the same scale and range of heights.
        colours: Those that are drawn with the same scale and range of colours.
        overlay: What is drawn in the same axes, see ``lay_over``.
    """

    heights: tuple[Landscape, ...] = ()
    colours: tuple[Landscape, ...] = ()
    overlay: Landscape | None = None


def share_ranges(landscape: Landscape, view: ViewState, company: Company) -> ViewState:
    """Return a view whose scales and ranges hold what all of a company show, where nobody chose others.

    A landscape that has not what the view asks for keeps to itself.

    Args:
        landscape: Whose picture it is.
        view: How all of them are looked at.
        company: Those that it shares them with.
    """
    view = _share(landscape, view, company.heights, "height", show_height, height_scaling)
    return _share(landscape, view, company.colours, "colour", show_colour, colour_scaling)


def _share(
    landscape: Landscape,
    view: ViewState,
    others: Sequence[Landscape],
    what: str,
    show: Callable[[Landscape, ViewState], Shown],
    scaling: Callable[[ViewState], Scaling],
) -> ViewState:
    """Share the scale and the range of "height" or "colour"."""
    wanted = getattr(view, what)
    fitted = {each: fit_view(each, view) for each in others}
    title = title_of(landscape, wanted)
    same = [
        each
        for each, own in fitted.items()
        if getattr(own, what) == wanted and wanted != "basin" and title_of(each, wanted) == title  # no difference of it
    ]
    if len(same) < 2 or landscape not in same:
        return view
    scales = [(getattr(fitted[each], f"{what}_scale"), getattr(fitted[each], f"{what}_threshold")) for each in same]
    changes: dict[str, Any] = {}
    thresholds = [threshold for scale, threshold in scales if scale == "symlog" and threshold is not None]
    if thresholds:
        changes = {f"{what}_scale": "symlog", f"{what}_threshold": min(thresholds)}
    view = msgspec.structs.replace(view, **changes)
    if getattr(view, f"{what}_range") is not None:
        return view
    ranges = [show(each, fit_view(each, view)).range for each in same]
    ends = scaling(fit_view(landscape, view)).back([min(low for low, _ in ranges), max(high for _, high in ranges)])
    return msgspec.structs.replace(view, **{f"{what}_range": (float(ends[0]), float(ends[1]))})
