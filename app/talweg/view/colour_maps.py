"""Colour maps that are offered, by what they are for; any other name that matplotlib knows works as well."""

from typing import Literal

MapKind = Literal["even", "diverging", "uneven"]

COLOUR_MAPS: dict[str, MapKind] = {
    "viridis": "even",
    "cividis": "even",
    "magma": "even",
    "inferno": "even",
    "plasma": "even",
    "gray": "even",
    "coolwarm": "diverging",
    "RdBu_r": "diverging",
    "PuOr": "diverging",
    "PiYG": "diverging",
    "berlin": "diverging",
    "vanimo": "diverging",
    "terrain": "uneven",
    "turbo": "uneven",
}
"""Names in the order in which they are offered, perceptually uniform ones first."""

KIND_WORDS: dict[MapKind, str] = {
    "even": "Even in brightness: equal steps of the value look equally large",
    "diverging": "Two colours apart from a middle: for differences, with a range that is symmetric about zero",
    "uneven": "Uneven in brightness: it shows steps that are not in the values",
}
"""What each kind is for, in one sentence without its full stop."""

_BACKWARDS = "_r"  # how matplotlib ends the name of a reversed map


def map_name(name: str, *, backwards: bool = False) -> str:
    """Return the name under which matplotlib knows a map.

    Args:
        name: As the view has it.
        backwards: Whether its colours go from high to low.
    """
    if not backwards:
        return name
    return name.removesuffix(_BACKWARDS) if name.endswith(_BACKWARDS) else name + _BACKWARDS
