"""Every model of the zoo is recognised by its own weights, and nothing else is."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.messages import DATA, LOCAL_DATA, MODELS
from talweg_compute.problem.data_sets import DATA_SETS
from talweg_compute.problem.guess import guess_models
from talweg_compute.problem.models import build_model
from talweg_compute.problem.torchvision_data import TORCHVISION_DATA
from talweg_compute.problem.zoo import ZOO


def state_of(name: str, **arguments: Any) -> dict[str, Tensor]:
    with torch.device("meta"):
        return ZOO[name](**arguments).state_dict()


def test_the_names_are_those_that_there_are() -> None:
    assert set(MODELS) == set(ZOO)
    assert set(DATA) == set(DATA_SETS)
    assert set(LOCAL_DATA) == {*TORCHVISION_DATA, *(f"{name}_test" for name in TORCHVISION_DATA), "image_folder"}


@pytest.mark.parametrize("name", MODELS)
def test_each_model_is_guessed_from_its_weights(name: str) -> None:
    guesses = guess_models(state_of(name))
    assert [guess.model for guess in guesses] == [name]
    assert guesses[0].data in DATA
    if name != "mlp":
        assert guesses[0].arguments == {}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mlp", {"sizes": [64, 16, 10]}),
        ("mlp", {"sizes": [2, 8, 8, 8, 3], "bias": False}),
        ("resnet20", {"width": 4}),
        ("resnet32", {"shortcut": "none", "width": 2}),
        ("densenet121", {"classes": 100}),
        ("digits_resnet", {"shortcut": "none"}),
    ],
)
def test_arguments_are_guessed_too(name: str, arguments: dict[str, Any]) -> None:
    guesses = guess_models(state_of(name, **arguments))
    assert (name, arguments) in [(guess.model, guess.arguments) for guess in guesses]
    wanted = {key: tuple(tensor.shape) for key, tensor in state_of(name, **arguments).items()}
    for guess in guesses:
        model = build_model(guess.model, guess.arguments)
        assert {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()} == wanted


def test_what_the_weights_do_not_tell_is_said() -> None:
    both = guess_models(state_of("resnet20", shortcut="A"))
    assert [guess.arguments for guess in both] == [{"shortcut": "A"}, {"shortcut": "none"}]
    assert "may also be missing" in both[0].note
    assert "activation" in guess_models(state_of("mlp"))[0].note


@pytest.mark.parametrize("prefix", ["module.", "model."])
def test_prefixes_of_training_frameworks_do_not_matter(prefix: str) -> None:
    state = {prefix + name: tensor for name, tensor in state_of("resnet20").items()}
    assert [guess.model for guess in guess_models(state)] == ["resnet20"]


def test_a_tensor_more_or_of_another_shape_fits_no_model() -> None:
    state = state_of("vgg9")
    assert guess_models({**state, "extra": torch.zeros(3)}) == ()
    assert guess_models(state | {"classifier.weight": torch.zeros(100, 512)}) == ()
    assert guess_models(nn.Linear(4, 2).state_dict()) == ()
    assert guess_models({"fc2.weight": torch.zeros(3, 4)}) == ()
    assert guess_models({}) == ()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("resnet18", {}),
        ("resnet50", {"num_classes": 10}),
        ("vgg11_bn", {"num_classes": 7}),
        ("mobilenet_v3_small", {}),
        ("squeezenet1_1", {"num_classes": 10}),
    ],
)
def test_a_model_of_torchvision_is_guessed_too(name: str, arguments: dict[str, Any]) -> None:
    from torchvision import models

    with torch.device("meta"):
        state = models.get_model(name, weights=None, **arguments).state_dict()
    assert [(guess.model, guess.arguments) for guess in guess_models(state)] == [(f"torchvision:{name}", arguments)]
    for prefix in ("module.", "model.", "module.net."):
        assert guess_models({prefix + key: tensor for key, tensor in state.items()}), prefix
    assert guess_models({**state, "extra": torch.zeros(3)}) == ()
