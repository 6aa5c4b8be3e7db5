"""The models that Talweg brings along."""

from collections.abc import Callable

from torch import nn

from talweg_compute.problem.zoo.densenet import densenet121
from talweg_compute.problem.zoo.digits import digits_resnet
from talweg_compute.problem.zoo.mlp import mlp
from talweg_compute.problem.zoo.resnet_cifar import resnet20, resnet32, resnet44, resnet56, resnet110
from talweg_compute.problem.zoo.small_cnn import small_cnn
from talweg_compute.problem.zoo.vgg import vgg9, vgg11, vgg16

ZOO: dict[str, Callable[..., nn.Module]] = {
    "densenet121": densenet121,
    "digits_resnet": digits_resnet,
    "mlp": mlp,
    "resnet20": resnet20,
    "resnet32": resnet32,
    "resnet44": resnet44,
    "resnet56": resnet56,
    "resnet110": resnet110,
    "vgg9": vgg9,
    "vgg11": vgg11,
    "vgg16": vgg16,
    "small_cnn": small_cnn,
}
"""Every model by the name that a job gives it; the keyword arguments are its ``model_args``."""

__all__ = [
    "ZOO",
    "densenet121",
    "digits_resnet",
    "mlp",
    "resnet20",
    "resnet32",
    "resnet44",
    "resnet56",
    "resnet110",
    "small_cnn",
    "vgg9",
    "vgg11",
    "vgg16",
]
