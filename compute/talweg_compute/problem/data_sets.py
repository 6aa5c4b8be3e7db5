"""The data sets that a job can name."""

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg_compute.assets import asset
from talweg_compute.messages import InputError
from talweg_compute.problem.synthetic import spirals, swiss_roll, two_moons
from talweg_compute.problem.torchvision_data import TORCHVISION_DATA, Indexed, image_folder


def _digits(part: str) -> tuple[NDArray[np.float32], NDArray[Any]]:
    with np.load(asset("digits.npz"), allow_pickle=False) as file:
        images = file[f"{part}_images"].astype(np.float32) / np.float32(16)
        return images[:, None], file[f"{part}_labels"]


def digits() -> Indexed:
    """Load the embedded training set."""
    return _digits("train")


def digits_test() -> Indexed:
    """Load the embedded test set."""
    return _digits("test")


DATA_SETS: dict[str, Callable[..., Indexed]] = {
    "digits": digits,
    "digits_test": digits_test,
    **{name: train for name, (train, _) in TORCHVISION_DATA.items()},
    **{f"{name}_test": test for name, (_, test) in TORCHVISION_DATA.items()},
    "image_folder": image_folder,
    "two_moons": two_moons,
    "spirals": spirals,
    "swiss_roll": swiss_roll,
}
"""Every data set by the name that a job gives it; the keyword arguments are its ``data_args``."""


def load_data_set(name: str, arguments: Mapping[str, Any]) -> Indexed:
    """Load a data set by its name.

    Args:
        name: One of ``DATA_SETS``.
        arguments: Its keyword arguments.

    Returns:
        Inputs that take an array of indices, and targets [N].

    Raises:
        InputError: There is no such data set, it does not take these arguments, or it is not there.
    """
    if name not in DATA_SETS:
        close = difflib.get_close_matches(name, DATA_SETS, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise InputError(
            f'data: got "{name}"; {hint}expected one of {", ".join(DATA_SETS)}, a .npz file, '
            'or "path/to/file.py:function".'
        )
    known = inspect.signature(DATA_SETS[name]).parameters
    for argument in arguments:
        if argument not in known:
            taken = f"takes {', '.join(known)}" if known else "takes none"
            raise InputError(f"data_args.{argument}: unknown; {name} {taken}.")
    return DATA_SETS[name](**arguments)
