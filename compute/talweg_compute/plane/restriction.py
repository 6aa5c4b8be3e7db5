"""Directions that move only some of the parameters."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from torch import Tensor

from talweg_compute.messages import InputError
from talweg_compute.problem.layout import Layout


def restrict_directions(directions: Tensor, layout: Layout, names: Sequence[str]) -> None:
    """Set directions to zero, in place, except at the named parameters.

    Args:
        directions: float32 [d, size].
        layout: Names and places of the parameters.
        names: Names of parameters or of modules, whose parameters all move, with wildcards as in ``layer?.*.weight``.

    Raises:
        InputError: A name fits no trained parameter.
    """
    parameters = [entry for entry in layout.entries if entry.trainable]
    for name in names:
        if not any(_fits(entry.name, name) for entry in parameters):
            known = ", ".join(dict.fromkeys(entry.name.rpartition(".")[0] or entry.name for entry in parameters))
            raise InputError(f'plane: no trained parameter or module is called "{name}"; expected one of: {known}.')
    for entry in layout.entries:
        if not any(_fits(entry.name, name) for name in names):
            directions[:, entry.start : entry.stop] = 0


def _fits(entry: str, name: str) -> bool:
    """Tell whether a name, wildcards allowed, is that of a parameter or of a module around it."""
    parts = entry.split(".")
    return any(fnmatchcase(".".join(parts[:length]), name) for length in range(1, len(parts) + 1))
