"""Directions that move only some of the parameters."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from talweg_compute.messages import InputError
from talweg_compute.problem.layout import Layout


def restrict_layout(layout: Layout, names: Sequence[str]) -> Layout:
    """Freeze all parameters except the named ones, so that directions leave them at zero.

    Args:
        layout: Names and places of the parameters.
        names: Names of parameters or of modules, whose parameters all move, with wildcards as in ``layer?.*.weight``.

    Returns:
        The same layout with fewer trainable entries.

    Raises:
        InputError: A name fits no trained parameter.
    """
    parameters = [entry for entry in layout.entries if entry.trainable]
    for name in names:
        if not any(_fits(entry.name, name) for entry in parameters):
            known = ", ".join(dict.fromkeys(entry.name.rpartition(".")[0] or entry.name for entry in parameters))
            raise InputError(
                f'plane.only: got "{name}", but no trained parameter or module is called so; expected some of: {known}.'
            )
    return Layout(
        tuple(
            replace(entry, trainable=entry.trainable and any(_fits(entry.name, name) for name in names))
            for entry in layout.entries
        )
    )


def _fits(entry: str, name: str) -> bool:
    """Tell whether a name, wildcards allowed, is that of a parameter or of a module around it."""
    parts = entry.split(".")
    return any(fnmatchcase(".".join(parts[:length]), name) for length in range(1, len(parts) + 1))
