"""The models that Talweg brings along."""

from collections.abc import Callable

from torch import nn

from talweg_compute.problem.zoo.digits import digits_resnet
from talweg_compute.problem.zoo.mlp import mlp
from talweg_compute.problem.zoo.resnet_cifar import resnet20, resnet32, resnet44, resnet56, resnet110
from talweg_compute.problem.zoo.vgg import vgg9, vgg11, vgg16

ZOO: dict[str, Callable[..., nn.Module]] = {
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
}
"""Every model by the name that a job gives it; the keyword arguments are its ``model_args``."""

__all__ = [
    "ZOO",
    "digits_resnet",
    "mlp",
    "resnet20",
    "resnet32",
    "resnet44",
    "resnet56",
    "resnet110",
    "vgg9",
    "vgg11",
    "vgg16",
]
