"""Files that come with Talweg."""

from pathlib import Path

from talweg_compute.messages import InputError

_HERE = Path(__file__).resolve().parent  # the package may be seen through a link
_PLACES = (_HERE / "assets", _HERE.parents[1] / "assets")  # an installed wheel, the repository


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
