"""What torch.save wrote, read without running any of the code that it names.

torch reads tensors, numbers and text, and stops at every other class. Here a stand-in takes the place of such a class:
it keeps what it is given and does nothing, so that the options, paths and numbers of NumPy which training scripts
leave beside the weights are in nobody's way, and a model that was saved whole still gives its weights.
"""

import pickle
import re
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_MOST_CLASSES = 200
_DEEPEST = 60  # modules in modules
_PLAIN = (bool, dict, float, frozenset, int, list, object, range, slice, str, tuple)
"""What Python has of its own that does nothing; all else of it is refused."""


class StandIn:
    """An object of a class that was not loaded."""

    state: Mapping[str, Any]

    def __new__(cls, *_: object, **__: object) -> "StandIn":
        """Make one, whatever the class would have been given."""
        made = super().__new__(cls)
        made.state = {}
        return made

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __setstate__(self, state: object) -> None:
        """Keep what the object held."""
        if isinstance(state, tuple) and state:
            state = state[0]
        self.state = state if isinstance(state, Mapping) else {}

    def state_dict(self) -> dict[str, Tensor]:
        """Return the tensors of a module by the names of its own ``state_dict``; nothing of other objects."""
        return dict(self._tensors("", _DEEPEST))

    def _tensors(self, prefix: str, depth: int) -> Iterator[tuple[str, Tensor]]:
        left_out = _part(self, "_non_persistent_buffers_set")
        for kind in ("_parameters", "_buffers"):
            for name, tensor in _part(self, kind).items():
                if isinstance(tensor, Tensor) and name not in left_out:
                    yield f"{prefix}{name}", tensor.detach()
        for name, module in _part(self, "_modules").items():
            if isinstance(module, StandIn) and depth:
                yield from module._tensors(f"{prefix}{name}.", depth - 1)


def load_without_code(path: Path) -> object:
    """Read a file of torch.save.

    Args:
        path: The file.

    Returns:
        Its content, on the CPU; objects of classes that torch does not trust are ``StandIn``.

    Raises:
        pickle.UnpicklingError: It is damaged, or names a function of Python or the operating system.
    """
    mapped = zipfile.is_zipfile(path)
    classes: dict[str, Any] = {f"builtins.{kind.__name__}": kind for kind in _PLAIN}
    while True:
        try:
            with torch.serialization.safe_globals([(each, name) for name, each in classes.items()]):
                return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        except pickle.UnpicklingError as error:
            if len(classes) > _MOST_CLASSES or not _stand_in(str(error), classes):
                raise


def _stand_in(sentence: str, classes: dict[str, Any]) -> bool:
    """Add a stand-in for the class that torch complains of; returns whether that is a new one."""
    if match := re.search(r"GLOBAL (\S+) was not an allowed global", sentence):
        name = match[1]
        if name in classes:
            return False
        module, _, title = name.rpartition(".")
        classes[name] = type(title, (StandIn,), {"__module__": module, "__qualname__": title})
        return True
    if match := re.search(r"Can only SETITEMS? for dict.*got <class '(\S+)'>", sentence):  # a class of dictionaries
        name = match[1]
        if name in classes and classes[name] is not _Dictionary:
            classes[name] = _Dictionary
            return True
    return False


class _Dictionary:
    """Stands for a class of dictionaries by an ordinary one."""

    def __new__(cls, *_: object) -> "OrderedDict[str, object]":  # type: ignore[misc]  # that is what it is for
        return OrderedDict()


def _part(module: StandIn, name: str) -> Any:
    found = module.state.get(name)
    return found if isinstance(found, Mapping | set) else {}
