"""Landscapes of a document that belong together: the seeds of one job, and lines for one plot. Free of Qt and VTK."""

from collections.abc import Sequence

from talweg.document import Document
from talweg.landscape import Landscape
from talweg_compute.messages import Job


def list_seeds(document: Document, landscape: int) -> tuple[int, ...]:
    """List the landscapes that differ from one in nothing but the seed of their directions, in the order of the seeds.

    Args:
        document: Where they are.
        landscape: The number of one of them.

    Returns:
        Their numbers, that one's among them; it alone where it has no job.
    """
    job = document.landscape(landscape).job
    if job is None:
        return (landscape,)
    family = []
    for number in document.landscape_ids():
        other = document.landscape(number).job
        if other is not None and same_numbers(other.with_seed(job.plane.seed), job):
            family.append((other.plane.seed, number))
    return tuple(number for _, number in sorted(family))


def list_lines(document: Document, landscape: int, *, every: bool) -> tuple[int, ...]:
    """List the lines that are drawn into one plot with one of them.

    Args:
        document: Where they are.
        landscape: The number of a line, which comes first.
        every: All lines of the document, instead of its other seeds only.

    Returns:
        Their numbers.
    """
    numbers = document.landscape_ids() if every else list_seeds(document, landscape)
    others = [number for number in numbers if number != landscape and document.landscape(number).dimensions == 1]
    return landscape, *others


def group_seeds(landscapes: Sequence[Landscape]) -> tuple[tuple[Landscape, ...], ...]:
    """Put landscapes together that differ in nothing but the seed of their directions, in the order of the first ones.

    Args:
        landscapes: Of one document or of several.
    """
    groups: list[list[Landscape]] = []
    for landscape in landscapes:
        job = landscape.job
        for group in groups:
            first = group[0].job
            if job is not None and first is not None and same_numbers(job.with_seed(first.plane.seed), first):
                group.append(landscape)
                break
        else:
            groups.append([landscape])
    return tuple(tuple(group) for group in groups)


def same_numbers(first: Job, second: Job) -> bool:
    """Tell whether two jobs give the same landscape, however it is run."""
    return all(getattr(first, part) == getattr(second, part) for part in ("problem", "plane", "origin", "grid"))
