"""Which models of the zoo, or else of torchvision, a checkpoint fits exactly, by names and shapes of its tensors."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError, ModelGuess
from talweg_compute.problem.checkpoint import strip_wrappers
from talweg_compute.problem.fit import fit_checkpoint, without_first
from talweg_compute.problem.models import TORCHVISION, build_model

_SHORTCUTS = {"B": "", "A": "its shortcuts have no weights: they may also be missing", "none": ""}
_OF_TORCHVISION = (
    ("layer1.0.conv1.weight", "resnet18 resnet34 resnet50 resnet101 resnet152 wide_resnet50_2 wide_resnet101_2 "
     "resnext50_32x4d resnext101_32x8d resnext101_64x4d"),
    ("features.conv0.weight", "densenet121 densenet161 densenet169 densenet201"),
    ("classifier.6.weight", "alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn"),
    ("features.3.squeeze.weight", "squeezenet1_0 squeezenet1_1"),
    ("features.0.0.weight", "mobilenet_v2 mobilenet_v3_small mobilenet_v3_large efficientnet_b0 efficientnet_b1 "
     "efficientnet_b2 convnext_tiny convnext_small convnext_base swin_t swin_s"),
    ("class_token", "vit_b_16 vit_b_32 vit_l_16"),
)  # fmt: skip
"""A name of a tensor, and the models of torchvision that have it, for weights that fit none of the zoo."""
_COUNTER = "num_batches_tracked"


def guess_models(state: Mapping[str, Tensor]) -> tuple[ModelGuess, ...]:
    """List the models of the zoo into which a checkpoint loads without a name missing, left over or of another shape.

    Each candidate is built without memory for its weights. What the weights do not tell, such as an activation, is
    taken as the zoo has it and said in the guess.

    Args:
        state: What ``read_checkpoint`` returned.

    Returns:
        The models that fit, the likeliest first; nothing where none does.
    """
    shapes = _shapes(state)
    found = tuple(guess for guess in _candidates(state) if _fits(guess, state, shapes))
    return found or next(((guess,) for guess in _of_torchvision(state) if _fits(guess, state, shapes)), ())


def _candidates(state: Mapping[str, Tensor]) -> Iterator[ModelGuess]:
    if (sizes := _sizes(state)) is not None:
        bias = any(re.search(r"(^|\.)fc\d+\.bias$", name) for name in state)
        arguments: dict[str, Any] = {"sizes": sizes} if bias else {"sizes": sizes, "bias": False}
        data = {2: "two_moons", 64: "digits", 784: "mnist", 3072: "cifar10"}.get(sizes[0], "")
        yield ModelGuess("mlp", arguments, data, 'its activation is taken for "relu", which the weights do not tell')
    first = next((tensor for tensor in state.values() if tensor.ndim == 4), None)
    if first is None:
        return
    yield ModelGuess("small_cnn", {}, "mnist")
    for shortcut in ("B", "none"):
        yield ModelGuess("digits_resnet", {} if shortcut == "B" else {"shortcut": shortcut}, "digits")
    width = max(1, first.shape[0] // 16)
    for name in ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110"):
        wide = {} if width == 1 else {"width": width}
        for shortcut, note in _SHORTCUTS.items():
            narrow = {} if shortcut == "B" else {"shortcut": shortcut}
            yield ModelGuess(name, narrow | wide, "cifar10", note)
    for name in ("vgg9", "vgg11", "vgg16"):
        yield ModelGuess(name, {}, "cifar10")
    classes = next((len(tensor) for name, tensor in state.items() if name.endswith("linear.weight")), 10)
    yield ModelGuess("densenet121", {} if classes == 10 else {"classes": classes}, "cifar10")


def _of_torchvision(state: Mapping[str, Tensor]) -> Iterator[ModelGuess]:
    names = without_first(strip_wrappers(state))  # "model." of a training framework
    classes = next((len(names[name]) for name in reversed(names) if names[name].ndim >= 2), 1000)
    arguments = {} if classes == 1000 else {"num_classes": classes}
    for key, models in _OF_TORCHVISION:
        if key in names:
            for model in models.split():
                yield ModelGuess(f"{TORCHVISION}{model}", arguments, "")


def _sizes(state: Mapping[str, Tensor]) -> list[int] | None:
    """Widths of a perceptron whose layers are called fc1, fc2, …, or None where it is none."""
    layers: dict[int, Tensor] = {}
    for name, tensor in strip_wrappers(state).items():
        match = re.search(r"(?:^|\.)fc(\d+)\.(weight|bias)$", name)
        if match is None:
            return None
        if match[2] == "weight" and tensor.ndim == 2:
            layers[int(match[1])] = tensor
    if sorted(layers) != list(range(1, len(layers) + 1)) or not layers:
        return None
    return [layers[1].shape[1], *(layers[number].shape[0] for number in sorted(layers))]


def _fits(guess: ModelGuess, state: Mapping[str, Tensor], shapes: list[tuple[int, ...]]) -> bool:
    model = _build_without_memory(guess.model, json.dumps(guess.arguments))
    if _shapes(model.state_dict()) != shapes:
        return False
    try:
        fit_checkpoint(model, state, "")
    except InputError:
        return False
    return True


@cache
def _build_without_memory(name: str, arguments: str) -> nn.Module:
    with torch.device("meta"):
        return build_model(name, json.loads(arguments))


def _shapes(state: Mapping[str, Tensor]) -> list[tuple[int, ...]]:
    """Shapes of all tensors, sorted; those of counters may be missing."""
    return sorted(tuple(tensor.shape) for name, tensor in state.items() if not name.endswith(_COUNTER))
