"""How a model is trained: frozen, like a job."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from talweg_compute.messages.job import Normalize


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A training run that leaves one checkpoint at initialisation and one after each epoch.

    ``schedule = "cosine"`` lets the learning rate fall to a hundredth, step by step; ``"drops"`` divides it by ten at
    the end of each epoch of ``drops``, as Li et al. do.
    """

    model: Annotated[str, Meta(description='the name of a model of the zoo, or "path/to/file.py:function"')] = (
        "digits_resnet"
    )
    model_args: Annotated[dict[str, Any], Meta(description="a table of arguments for the model")] = {}
    data: Annotated[str, Meta(description="the name of a data set, or a .npz file")] = "digits"
    data_args: Annotated[dict[str, Any], Meta(description="a table of arguments for the data set")] = {}
    test_data: Annotated[str, Meta(description="the name of a data set, a .npz file, or nothing")] = ""
    normalize: Annotated[Normalize | None, Meta(description="a table { mean = [...], std = [...] }")] = None
    augmentation: Annotated[
        Literal["none", "crop_flip"],
        Meta(description='"none" or "crop_flip" (shifts by up to four pixels, mirrored half of the time)'),
    ] = "none"
    loss: Annotated[str, Meta(description="the name of a loss")] = "cross_entropy"
    loss_args: Annotated[dict[str, Any], Meta(description="a table of arguments for the loss")] = {}
    folder: Annotated[str, Meta(description="the folder for the checkpoints")] = "digits_resnet"
    epochs: Annotated[int, Meta(ge=1, description="an integer of at least 1")] = 20
    save_every: Annotated[int, Meta(ge=1, description="an integer of at least 1 (epochs between checkpoints)")] = 1
    optimizer: Annotated[
        Literal["sgd", "momentum", "nesterov", "adam", "adamw"],
        Meta(description='"sgd", "momentum", "nesterov", "adam" or "adamw"'),
    ] = "nesterov"
    batch_size: Annotated[int, Meta(ge=1, description="an integer of at least 1")] = 64
    learning_rate: Annotated[float, Meta(gt=0, description="a positive number")] = 0.05
    momentum: Annotated[float, Meta(ge=0, lt=1, description="a number from 0 to below 1")] = 0.9
    weight_decay: Annotated[float, Meta(ge=0, description="a number of at least 0")] = 5e-4
    schedule: Annotated[Literal["cosine", "drops", "constant"], Meta(description='"cosine", "drops" or "constant"')] = (
        "cosine"
    )
    drops: Annotated[tuple[int, ...], Meta(description='a list of epochs, with schedule = "drops"')] = ()
    precision: Annotated[Literal["float32", "bf16"], Meta(description='"float32" or "bf16"')] = "float32"
    resume: Annotated[bool, Meta(description="true or false")] = False
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="an integer of at least 0")] = 1
    device: Annotated[
        str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description='"auto", "cpu", "cuda", "cuda:1" or "mps"')
    ] = "auto"

    def __post_init__(self) -> None:
        """Check that drops are given where they are needed, and only there."""
        if (self.schedule == "drops") != bool(self.drops):
            raise ValueError('drops (a list of epochs) exactly when schedule = "drops"')


_CIFAR10 = Normalize((125.3 / 255, 123.0 / 255, 113.9 / 255), (63.0 / 255, 62.1 / 255, 66.7 / 255))

_LI2018: dict[str, Any] = {
    "model": "resnet56",
    "data": "cifar10",
    "normalize": _CIFAR10,
    "augmentation": "crop_flip",
    "epochs": 300,
    "optimizer": "nesterov",
    "batch_size": 128,
    "learning_rate": 0.1,
    "momentum": 0.9,
    "weight_decay": 5e-4,
    "schedule": "drops",
    "drops": (150, 225, 275),
}
_LARGE = {"batch_size": 4096}  # ResNet-56's; the paper's VGG-9 takes 8192
_NO_DECAY = {"weight_decay": 0.0}
_ADAM = {"optimizer": "adam", "learning_rate": 1e-3}

PRESETS: dict[str, dict[str, Any]] = {
    "li2018": _LI2018,
    "li2018_no_decay": _LI2018 | _NO_DECAY,
    "li2018_large_batch": _LI2018 | _LARGE,
    "li2018_large_batch_no_decay": _LI2018 | _LARGE | _NO_DECAY,
    "li2018_adam": _LI2018 | _ADAM,
    "li2018_adam_no_decay": _LI2018 | _ADAM | _NO_DECAY,
    "li2018_adam_large_batch": _LI2018 | _ADAM | _LARGE,
    "li2018_adam_large_batch_no_decay": _LI2018 | _ADAM | _LARGE | _NO_DECAY,
}
"""Recipes of Li et al. 2018, section 5 and its script files: fields of ``Training`` by name."""
