"""The difference of two landscapes as a further landscape of their document, there once."""

import numpy as np

from talweg.analysis.difference import Difference, subtract
from talweg.document import Document
from talweg.landscape import Landscape
from talweg.view.quantities import DIFFERENCE, is_difference
from talweg.work.joining import names_of, unique_name
from talweg_compute.messages import Event, InputError, Note


def add_difference(document: Document, first: int, second: int) -> int:
    """Add the difference of two landscapes to their document, or find it there.

    One that is there with other numbers, since more points are known by now, is replaced.

    Args:
        document: Where they are.
        first: Number of the landscape to subtract from.
        second: Number of the one that is subtracted.

    Returns:
        The number of the difference, whose notes say what it compares.

    Raises:
        InputError: It is the same one twice, they cannot be subtracted, or the document cannot be written.
    """
    if first == second:
        name = document.landscape(first).name
        raise InputError(f"{name}: this is the same landscape twice; choose two whose difference is to be shown.")
    one, other = document.landscape(first), document.landscape(second)
    found = subtract(one, other)
    name, source = f"{one.name} − {other.name}", f"{DIFFERENCE}{one.name} and {other.name}"
    known = [document.landscape(number) for number in document.landscape_ids()]
    alike = [each for each in known if is_difference(each) and _has_axes(each, found)]
    for each in alike:
        if _has_numbers(each, found) and (each.source == source or np.nan_to_num(each.loss).any()):
            return each.id  # unless all is zero, whatever its landscapes were called when it was made
    names = [each.name for each in known]
    if names.count(one.name) == names.count(other.name) == 1:
        for each in alike:
            if each.source == source:  # what is left of fewer points
                document.replace_points(each.id, _events(found))
                return each.id
    title = unique_name(names_of(document), name)
    return document.add_landscape(title, found.u, found.v, source=source, events=_events(found))


def _events(found: Difference) -> tuple[Event, ...]:
    return (*found.points(), *(Note("", text) for text in found.notes))


def _has_axes(landscape: Landscape, found: Difference) -> bool:
    return np.array_equal(landscape.u, found.u) and np.array_equal(landscape.v, found.v)


def _has_numbers(landscape: Landscape, found: Difference) -> bool:
    """Whether a landscape has the same losses, from the same points."""
    same = np.array_equal(landscape.loss, found.fields["loss"], equal_nan=True)
    return same and np.array_equal(landscape.computed, found.computed)
