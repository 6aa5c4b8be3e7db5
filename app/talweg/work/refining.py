"""Finer grids where the eye looks: which part they cover, how fine they become, what is known of them already."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from talweg.document import Document
from talweg.document.regions import region_job
from talweg.landscape import Landscape
from talweg_compute.field import Patch
from talweg_compute.messages import Block, InputError, PointFields, Points

FINEST = 64
"""A side of a cell is cut into at most so many parts."""
MOST_POINTS = 160_000
"""A finer grid has at most so many points, so that the surface stays quick to draw."""
_CHUNK = 4096  # points a transaction, so that nobody has to wait long for the document

Float = NDArray[np.float64]


def seen_cells(landscape: Landscape, polygon: Float) -> Patch | None:
    """Find the cells of a grid that are seen.

    Args:
        landscape: A plane.
        polygon: float64 [k, 2], the corners (u, v) of the part of the plane that is seen.

    Returns:
        The smallest rectangle of whole cells around it, undivided; None where nothing of the grid is seen.
    """
    if len(polygon) < 3:
        return None
    places = []
    for axis, values in ((landscape.u, polygon[:, 0]), (landscape.v, polygon[:, 1])):
        slack = 1e-9 * (axis[-1] - axis[0])  # a side on a line of the grid does not take the next cell
        first = int(np.clip(np.searchsorted(axis, values.min() + slack, side="right") - 1, 0, axis.size - 2))
        last = int(np.clip(np.searchsorted(axis, values.max() - slack, side="left"), first + 1, axis.size - 1))
        if values.max() <= axis[0] or values.min() >= axis[-1]:
            return None
        places.append((first, last - first))
    (column, columns), (row, rows) = places
    return Patch(column, row, columns, rows, 1)


def next_patch(document: Document, landscape: int, cells: Patch) -> Patch | None:
    """Say what is computed next of a part of a landscape: what is incomplete there, or twice as fine a grid.

    Args:
        document: Where the landscape is.
        landscape: Its number.
        cells: The part, as ``seen_cells`` found it.

    Returns:
        Where the finer grid lies and how fine it is; None where it is as fine as it gets.
    """
    covering = [region for region in document.landscape(landscape).regions if region.patch.contains(cells)]
    factor = max((region.patch.factor for region in covering), default=1)
    for region in covering:
        if region.patch.factor == factor and not _is_complete(region.landscape):
            return region.patch
    finer = Patch(cells.column, cells.row, cells.columns, cells.rows, 2 * factor)
    too_many = finer.shape[0] * finer.shape[1] > MOST_POINTS
    return None if finer.factor > FINEST or too_many else finer


def open_region(document: Document, landscape: int, patch: Patch) -> int:
    """Find the finer grid that lies there, or add it with all that is known of its points.

    Coarser grids inside it, all of whose points it has then, are removed. May be called on any thread; should it be
    interrupted, what it has not brought over is still where it was.

    Args:
        document: Where the landscape is.
        landscape: Its number.
        patch: Where the finer grid lies.

    Returns:
        The number of the finer grid.

    Raises:
        InputError: The landscape has no job, or the document cannot be written.
    """
    whole = document.landscape(landscape)
    region = {known: number for number, known in document.region_ids(landscape).items()}.get(patch)
    if region is None:
        job = region_job(document.remaining_job(landscape), whole.u, whole.v, patch)
        region = document.add_region(landscape, patch, job)
    around = Patch(0, 0, whole.u.size - 1, whole.v.size - 1, 1)
    others = [each for each in whole.regions if each.landscape.id != region]
    for source, place in [(whole, around), *((each.landscape, each.patch) for each in others)]:
        for event in known_points(source, place, patch):
            document.commit(region, event)
    for each in others:
        if patch.contains(each.patch):
            document.remove_region(each.landscape.id)
    return region


def known_points(source: Landscape, place: Patch, patch: Patch) -> Iterator[Points | PointFields]:
    """Tell what one grid knows of the points of another.

    Args:
        source: The numbers of the grid.
        place: Where it lies; the landscape itself is a patch, too, undivided.
        patch: Where the other grid lies.

    Yields:
        Events with the flat indices of the other grid. Points that have not seen all samples are left out.
    """
    finest = max(place.factor, patch.factor)
    row, column = np.nonzero(source.computed & ~source.partial)
    index = np.stack([row, column], axis=-1)
    where = index * (finest // place.factor) + np.array([place.row, place.column]) * finest  # on the finest lattice
    step = finest // patch.factor
    there = where - np.array([patch.row, patch.column]) * finest
    shared = (there % step == 0).all(axis=1)
    there = there // step
    shared &= ((there >= 0) & (there < patch.shape)).all(axis=1)
    flat = there[shared] @ np.array([patch.shape[1], 1])
    chosen = (index[shared, 0], index[shared, 1])
    further = source.further_fields()
    for start in range(0, flat.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        at = chosen[0][part], chosen[1][part]
        block = Block.of(flat[part])
        yield Points(
            "",
            block,
            {name: Block.of(values[at]) for name, values in source.fields.items() if name not in further},
            samples=Block.of(source.samples[at]) if source.samples.ndim else None,
            precision=Block.of(source.precision[at]) if source.precision.ndim else None,
        )
        if further:
            yield PointFields("", block, {name: Block.of(values[at]) for name, values in further.items()})


def check_refinable(landscape: Landscape) -> None:
    """Refuse to refine what nothing can be computed of.

    Raises:
        InputError: The landscape was imported, or is no plane.
    """
    if landscape.job is None:
        raise InputError(
            f"{landscape.name}: this landscape was imported without its job, so no finer grid can be computed; open "
            "the document or the job file that it came from."
        )
    if landscape.dimensions != 2 or landscape.job.plane.directions != 2:
        raise InputError(f"{landscape.name}: only a plane is refined where the eye looks; this has another dimension.")


def _is_complete(landscape: Landscape) -> bool:
    """Whether every point was evaluated on all samples."""
    return bool(landscape.computed.all()) and not landscape.partial.any()
