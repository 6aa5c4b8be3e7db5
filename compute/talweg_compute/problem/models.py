"""From a job's ``model`` to a module: a name of the zoo, or the user's own function."""

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from torch import nn

from talweg_compute.messages import InputError, split_specification
from talweg_compute.problem.user_code import call_function, fixed_randomness, load_function
from talweg_compute.problem.zoo import ZOO


def build_model(specification: str, arguments: Mapping[str, Any], seed: int = 0) -> nn.Module:
    """Build a model; the global random numbers are neither used nor moved.

    Args:
        specification: A name of the zoo, or ``path/to/file.py:function``.
        arguments: Keyword arguments for it.
        seed: Seed of the initial weights.

    Returns:
        The model, with initial weights.

    Raises:
        InputError: There is no such model, it does not take these arguments, or the user's function failed or returned
            something else.
    """
    if split_specification(specification):
        function = load_function(specification, "model")
        model = call_function(function, arguments, specification, "model", seed)
        if not isinstance(model, nn.Module):
            raise InputError(
                f"model: {specification} returned an object of type {type(model).__name__}; "
                "expected a torch.nn.Module: return the model."
            )
        return model
    if specification not in ZOO:
        close = difflib.get_close_matches(specification, ZOO, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        raise InputError(
            f'model: got "{specification}"; {hint}expected one of {", ".join(ZOO)}, or "path/to/file.py:function".'
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
