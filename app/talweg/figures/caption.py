"""What a figure shows, in one or two sentences that can stand below it in a paper."""

from collections.abc import Sequence
from pathlib import Path

from talweg import __version__
from talweg.analysis.plane_words import describe_plane, name_axes
from talweg.landscape import Landscape
from talweg.picture import format_value
from talweg.view.quantities import LOG_LOSS, title_of
from talweg.view.state import ViewState

_SCALES = {"log": "logarithmic", "symlog": "symmetric logarithmic"}


def write_caption(
    landscape: Landscape, view: ViewState, *, others: Sequence[Landscape] = (), overlay: Landscape | None = None
) -> str:
    """Say what is shown, where the numbers come from, and by which program.

    Args:
        landscape: The numbers.
        view: How they are looked at.
        others: Further lines in the same plot.
        overlay: What is drawn over the landscape.

    Returns:
        Sentences in plain text.
    """
    height = title_of(landscape, view.height)
    what = height[0].upper() + height[1:]
    if view.height_scale != "linear" and view.height != LOG_LOSS:
        what += f" on a {_SCALES.get(view.height_scale, view.height_scale)} scale"
    if landscape.dimensions > 1 and view.colour != view.height:
        what += f", coloured by {title_of(landscape, view.colour)}"
    if view.height_cap is not None:
        what += f", cut at {format_value(view.height_cap)}"
    words = [f"{what}, of {landscape.name}{_network(landscape)}.", f"{_points(landscape)}."]
    if landscape.regions:
        words.append(f"{_finer(landscape)}.")
    if others:
        words.append(f"Beside it: {'; '.join(each.name for each in others)}.")
    if overlay is not None and view.overlay is not None:
        look = f"{view.overlay.paint}, {100 * view.overlay.opacity:.0f} % opaque"
        words.append(f"Over it ({look}): {overlay.name}{_network(overlay)}; {_points(overlay)}.")
    if landscape.path is not None and view.trajectory:
        words.append(f"The path is that of {len(landscape.path.names)} checkpoints.")
    return " ".join([*words, f"Talweg {__version__}."])


def _network(landscape: Landscape) -> str:
    job = landscape.job
    if job is None:
        return f" ({Path(landscape.source).name})" if landscape.source else ""
    problem = job.problem
    samples = "" if landscape.provenance is None else f"{landscape.provenance.samples} samples of "
    return f": {_name(problem.model)} on {samples}{_name(problem.data)}"


def _finer(landscape: Landscape) -> str:
    count, factor = len(landscape.regions), max(region.patch.factor for region in landscape.regions)
    grids = "A finer grid lies" if count == 1 else f"{count} finer grids lie"
    return f"{grids} inside, up to {factor} times as fine"


def _points(landscape: Landscape) -> str:
    sides = [axis.size for axis in (landscape.u, landscape.v, landscape.w) if axis.size > 1]
    names = name_axes(landscape, scaling=False)  # the plane's own words follow
    ranges = " and ".join(
        f"{name} from {format_value(float(axis[0]))} to {format_value(float(axis[-1]))}"
        for name, axis in zip(names, (landscape.u, landscape.v, landscape.w), strict=False)
        if axis.size > 1
    )
    plane = "" if landscape.job is None else f"; {describe_plane(landscape.job.plane)}"
    missing = "" if landscape.complete else f", {landscape.done} of them computed"
    interpolated = f", {landscape.interpolated_count} of them interpolated" if landscape.interpolated_count else ""
    return f"{' × '.join(map(str, sides))} points{missing}{interpolated}, {ranges}{plane}"


def _name(specification: str) -> str:
    """A model or a data set as people call it: the function of a file, the file's name, or its own."""
    path, _, name = specification.rpartition(":")
    if path.endswith(".py"):
        return name
    return Path(specification).name if "/" in specification or "\\" in specification else specification
