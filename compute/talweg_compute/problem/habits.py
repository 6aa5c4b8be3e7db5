"""What models do with a batch that nobody expects, made up for by hooks of the model, which its copies have, too."""

from typing import Any

import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError
from talweg_compute.problem.nested import map_tensors, tensors_of, twice


def keep_inputs(model: nn.Module) -> None:
    """Let a model that writes into its inputs write into a copy of them.

    Raises:
        InputError: It is a scripted one, which takes no hooks.
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise InputError(
            "model: it writes into its inputs, and is scripted or traced; expected one that leaves them as they are: "
            "let it begin with a copy, x = x.clone()."
        )
    model.register_forward_pre_hook(_copy_inputs, with_kwargs=True)


def double_single_samples(model: nn.Module) -> None:
    """Let a model that drops the dimension of a sample alone, as ``.squeeze()`` does, see such a sample twice.

    Its outputs are those of the first one, with their dimension. A scripted model, which takes no hooks, is left as it
    is.
    """
    if isinstance(model, torch.jit.ScriptModule):
        return
    doubling = _Doubling()
    model.register_forward_pre_hook(doubling.before, with_kwargs=True)
    model.register_forward_hook(doubling.after)


def hand_on_habits(model: nn.Module, form: nn.Module) -> None:
    """Do for another form of a model, which has none of its hooks, what was done for the model."""
    for hook in model._forward_pre_hooks.values():
        if hook is _copy_inputs:
            keep_inputs(form)
        elif isinstance(getattr(hook, "__self__", None), _Doubling):
            double_single_samples(form)


def _copy_inputs(_: nn.Module, positional: Any, named: Any) -> Any:
    return map_tensors(torch.clone, positional), map_tensors(torch.clone, named)


class _Doubling:
    """Two hooks, the second of which knows whether the first one doubled the batch."""

    def __init__(self) -> None:
        self._doubled = False

    def before(self, _: nn.Module, positional: Any, named: Any) -> Any:
        first = next((tensor for tensor in tensors_of((positional, named)) if tensor.ndim), None)
        self._doubled = first is not None and len(first) == 1
        return (twice(positional), twice(named)) if self._doubled else (positional, named)

    def after(self, _: nn.Module, __: Any, outputs: Any) -> Any:
        return map_tensors(_first_of_two, outputs) if self._doubled else outputs


def _first_of_two(tensor: Tensor) -> Tensor:
    return tensor[:1] if tensor.shape[:1] == (2,) else tensor
