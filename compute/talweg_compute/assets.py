"""Files that come with Talweg."""

from pathlib import Path

from talweg_compute.messages import InputError

_PLACES = (
    Path(__file__).parent / "assets",  # an installed wheel
    Path(__file__).parents[2] / "assets",  # the repository
)


def asset(name: str) -> Path:
    """Find a file of the folder ``assets``.

    Args:
        name: Its path in the folder.

    Returns:
        Where it lies on this machine.

    Raises:
        InputError: It is missing, so the installation is incomplete.
    """
    for place in _PLACES:
        if (place / name).exists():
            return place / name
    raise InputError(f"{_PLACES[0] / name}: this file of Talweg's own is missing; install Talweg again.")
