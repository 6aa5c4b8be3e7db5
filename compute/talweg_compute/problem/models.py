"""From a job's ``model`` to a module: a name of the zoo or of torchvision, a program, or the user's own function."""

import difflib
import inspect
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from talweg_compute.messages import InputError, split_specification
from talweg_compute.problem.exported import SUFFIX, load_program
from talweg_compute.problem.user_code import call_function, describe, fixed_randomness, load_function
from talweg_compute.problem.zoo import ZOO

TORCHVISION = "torchvision:"


def build_model(specification: str, arguments: Mapping[str, Any], seed: int = 0) -> nn.Module:
    """Build a model; the global random numbers are neither used nor moved.

    Args:
        specification: A name of the zoo, ``torchvision:NAME``, a program of ``torch.export`` (.pt2), or
            ``path/to/file.py:function``.
        arguments: Keyword arguments for it.
        seed: Seed of the initial weights.

    Returns:
        The model, with initial weights; a program with its own.

    Raises:
        InputError: There is no such model, it does not take these arguments, or the user's function failed or returned
            something else.
    """
    if specification.endswith(SUFFIX):
        if arguments:
            raise InputError(f"model_args: {specification} is a program, which takes none: leave them out.")
        return load_program(Path(specification))
    if specification.startswith(TORCHVISION):
        return _build_torchvision(specification.removeprefix(TORCHVISION), arguments, seed)
    if split_specification(specification):
        function = load_function(specification, "model")
        model = call_function(function, arguments, specification, "model", seed)
        if not isinstance(model, nn.Module):
            raise InputError(
                f"model: {specification} returned an object of type {type(model).__name__}; "
                "expected a torch.nn.Module: return the model."
            )
        return _unwrapped(model)
    if specification not in ZOO:
        close = difflib.get_close_matches(specification, ZOO, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise InputError(
            f'model: got "{specification}"; {hint}expected one of {", ".join(ZOO)}, "torchvision:NAME", a .pt2 file, '
            'or "path/to/file.py:function".'
        )
    build = ZOO[specification]
    known = inspect.signature(build).parameters
    for name in arguments:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f'did you mean "{close[0]}"? ' if close else ""
            raise InputError(f"model_args.{name}: unknown; {hint}{specification} takes {', '.join(known)}.")
    with fixed_randomness(seed):
        return build(**arguments)


def _unwrapped(model: nn.Module) -> nn.Module:
    """Take a model out of what spreads it over devices or compiles it: neither can be traced or called with weights.

    Parts of it that are spread stay where they are, since checkpoints name them so, and are called as they are.
    """
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return _unwrapped(model.module)
    compiled = dict(model.named_children()).get("_orig_mod")  # of torch.compile
    if compiled is not None:
        return _unwrapped(compiled)
    for part in model.modules():
        if isinstance(part, nn.DataParallel):
            part.device_ids = []
    return model


def _build_torchvision(name: str, arguments: Mapping[str, Any], seed: int) -> nn.Module:
    from torchvision import models

    names = models.list_models()
    if name not in names:
        close = difflib.get_close_matches(name, names, 3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise InputError(f'model: got "{TORCHVISION}{name}"; {hint}expected one of its {len(names)} models, by name.')
    for key in arguments:
        if key.startswith("weights"):
            raise InputError(f"model_args.{key}: weights are never downloaded; name their file as problem.checkpoint.")
    try:
        with fixed_randomness(seed), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of initial weights, which the checkpoint replaces
            model: nn.Module = models.get_model(name, weights=None, **arguments)
    except Exception as error:
        given = ", ".join(f"{key} = {value!r}" for key, value in arguments.items())
        raise InputError(f"model_args: {TORCHVISION}{name} failed with {given}: {describe(error)}.") from error
    return model


def construct_model(specification: str, arguments: Mapping[str, Any]) -> None:
    """Run a model's constructor on the global random numbers as they are, which it moves on.

    Args:
        specification: As for ``build_model``, which has accepted it.
        arguments: Keyword arguments for it.
    """
    if specification.endswith(SUFFIX):
        return  # a program has no constructor
    if specification.startswith(TORCHVISION):
        from torchvision import models

        models.get_model(specification.removeprefix(TORCHVISION), weights=None, **arguments)
    elif split_specification(specification):
        load_function(specification, "model")(**arguments)
    else:
        ZOO[specification](**arguments)
