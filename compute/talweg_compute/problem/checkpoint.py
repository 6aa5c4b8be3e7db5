"""From a checkpoint's file to its tensors; no code in it is ever run."""

import pickle
import re
import struct
import warnings
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from talweg_compute.messages import InputError
from talweg_compute.problem.stand_ins import StandIn, load_without_code

WRAPPERS = (
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params", "module", "ema",
    "model_ema", "ema_state_dict", "params_ema",
)  # fmt: skip
"""Keys under which training scripts keep the state dict, the preferred first."""


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint, always without running code from it.

    Takes a bare state dict or one under a usual key, or a model that was saved whole, in torch's zip and legacy formats
    or as safetensors, and strips what wrappers of the model add to the names: ``module.`` and ``_orig_mod.``.

    Args:
        path: The file.

    Returns:
        Tensors by name, on the CPU; those of a zip file are mapped from it and read when used.

    Raises:
        InputError: The file is missing, empty, damaged, no checkpoint, holds no state dict, or could only be loaded by
            running code.
    """
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty; expected a checkpoint: save it again.")
        content = _load(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; expected a checkpoint.") from None
    state = _find_state(content)
    if state is None:
        raise InputError(
            f"{path} holds {_describe(content)}; expected a state dict, alone or under the key "
            '"state_dict": save model.state_dict(), or name the checkpoints among other files by a pattern: epoch_*.pt.'
        )
    return strip_wrappers(state)


def strip_wrappers(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Drop what DataParallel, AveragedModel (``module.``) and torch.compile (``_orig_mod.``) add to the names.

    Args:
        state: Tensors by name.

    Returns:
        The same tensors; ``module.`` is dropped only where every name has it.
    """
    bare = {name.replace("_orig_mod.", ""): tensor for name, tensor in state.items()}
    if all(name.startswith("module.") for name in bare if name != "n_averaged"):
        bare.pop("n_averaged", None)
    while bare and all(name.startswith("module.") for name in bare):
        bare = {name.removeprefix("module."): tensor for name, tensor in bare.items()}
    return bare


def sha256_of(path: Path) -> str:
    """Hash a file.

    Args:
        path: The file.

    Returns:
        64 hexadecimal digits.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; expected a checkpoint.") from None


def _load(path: Path) -> object:
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise InputError(f"{path} is damaged or no safetensors file ({error}): save it again.") from None
    try:
        with warnings.catch_warnings():
            # torch warns of pickle protocols and TorchScript; where that matters it raises an error as well
            warnings.simplefilter("ignore")
            return load_without_code(path)
    except pickle.UnpicklingError as error:
        if match := re.search(r"GLOBAL (\S+)", str(error)):
            raise InputError(
                f"{path} was refused: it contains {match[1]}, and loading that would run code from the file; expected "
                "weights: load it where it was made and save model.state_dict() alone."
            ) from None
        raise InputError(f"{path} is damaged or no checkpoint; expected a file made by torch.save.") from None
    except RuntimeError as error:
        if "TorchScript" in str(error):
            raise InputError(
                f"{path} is a TorchScript archive, which contains code; expected a state dict: save "
                "torch.jit.load(...).state_dict()."
            ) from None
        raise InputError(
            f"{path} is damaged or no checkpoint; expected a file made by torch.save: copy or save it again."
        ) from None
    except (EOFError, LookupError, ValueError, TypeError, AttributeError, AssertionError, struct.error):
        # what the unpickler stumbles over in bytes that are no pickle
        raise InputError(f"{path} is damaged or no checkpoint; expected a file made by torch.save.") from None


def _find_state(content: object, depth: int = 0) -> dict[str, Tensor] | None:
    if isinstance(content, StandIn):
        return content.state_dict() or None
    if not isinstance(content, Mapping) or depth > 3:
        return None
    for key in WRAPPERS:
        if isinstance(content.get(key), Mapping | StandIn) and (found := _find_state(content[key], depth + 1)):
            return found
    tensors = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, Tensor)}
    if tensors:
        return tensors
    nested: list[Any] = [value for value in content.values() if isinstance(value, Mapping | StandIn)]
    states = [state for value in nested if (state := _find_state(value, depth + 1))]
    return states[0] if len(states) == 1 else None


def _describe(content: object) -> str:
    if not isinstance(content, Mapping):
        kind = type(content)
        return f"an object of type {kind.__module__ + '.' if isinstance(content, StandIn) else ''}{kind.__name__}"
    keys = ", ".join(str(key) for key in list(content)[:8])
    return f"a dict with the keys {keys}" if keys else "an empty dict"
