"""The CIFAR ResNets of He et al. 2016, as Li et al. 2018 use them: with shortcuts and without.

The names of the parts are those of both Li et al.'s and Idelbayev's (akamaster) checkpoints.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from talweg_compute.messages import InputError
from talweg_compute.problem.zoo.initial_weights import draw_initial_weights


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with batch normalization, and a shortcut around them.

    Args:
        channels: Channels of the input.
        planes: Channels of the output.
        stride: Stride of the first convolution.
        shortcut: Where stride or channels change, "B" projects the input by a 1x1 convolution with batch normalization,
            "A" takes every second pixel and pads the channels with zeros. "none" drops the addition in every block;
            the ReLU stays.
    """

    def __init__(self, channels: int, planes: int, stride: int, shortcut: str) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.stride = stride
        self.padding = (planes - channels) // 2
        self.mode = shortcut
        self.shortcut = nn.Sequential()
        if shortcut == "B" and (stride != 1 or channels != planes):
            self.shortcut = nn.Sequential(nn.Conv2d(channels, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x: Tensor) -> Tensor:
        """Map [N, channels, H, W] to [N, planes, H / stride, W / stride]."""
        out = functional.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.mode == "A" and (self.stride != 1 or self.padding):
            out = out + functional.pad(
                x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.padding, self.padding)
            )
        elif self.mode != "none":
            out = out + self.shortcut(x)
        return functional.relu(out)


class ResNet(nn.Module):
    """A 3x3 convolution, three stages (or fewer) of blocks, average pooling, one linear layer.

    Args:
        blocks: Blocks in each stage.
        planes: Channels of each stage; the second and later ones begin with stride 2.
        shortcut: See ``BasicBlock``.
        channels: Channels of the images.
        pool: Side of the average pooling, the side of the last stage's images.
        classes: Number of outputs.
    """

    def __init__(
        self, blocks: int, planes: Sequence[int], shortcut: str, channels: int = 3, pool: int = 8, classes: int = 10
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes[0])
        self.stages = [f"layer{stage}" for stage in range(1, len(planes) + 1)]
        for name, (before, after) in zip(self.stages, pairwise([planes[0], *planes]), strict=True):
            first = BasicBlock(before, after, 1 if name == "layer1" else 2, shortcut)
            rest = [BasicBlock(after, after, 1, shortcut) for _ in range(blocks - 1)]
            self.add_module(name, nn.Sequential(first, *rest))
        self.linear = nn.Linear(planes[-1], classes)
        self.pool = pool

    def reset_parameters(self) -> None:
        """Initialise as Li et al. do before training; the constructor draws torch's own initial values."""
        draw_initial_weights(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images [N, channels, H, W] to logits [N, classes]."""
        out: Tensor = functional.relu(self.bn1(self.conv1(x)))
        for name in self.stages:
            out = self.get_submodule(name)(out)
        logits: Tensor = self.linear(functional.avg_pool2d(out, self.pool).flatten(1))
        return logits


def check_shortcut(shortcut: str, allowed: tuple[str, ...]) -> None:
    """Check the kind of shortcut.

    Raises:
        InputError: It is none of those allowed.
    """
    if shortcut not in allowed:
        expected = " or ".join(f'"{kind}"' for kind in allowed)
        raise InputError(f"model_args.shortcut: got {shortcut!r}; expected {expected}.")


def check_count(name: str, value: int) -> None:
    """Check that an argument is a positive integer.

    Raises:
        InputError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"model_args.{name}: got {value!r}; expected an integer of at least 1.")


def resnet20(shortcut: str = "B", width: int = 1) -> ResNet:
    """Build the ResNet with three blocks a stage."""
    return _resnet(3, shortcut, width)


def resnet32(shortcut: str = "B", width: int = 1) -> ResNet:
    """Build the ResNet with five blocks a stage."""
    return _resnet(5, shortcut, width)


def resnet44(shortcut: str = "B", width: int = 1) -> ResNet:
    """Build the ResNet with seven blocks a stage."""
    return _resnet(7, shortcut, width)


def resnet56(shortcut: str = "B", width: int = 1) -> ResNet:
    """Build the ResNet with nine blocks a stage; Li et al.'s wide ones have width 2, 4, 8."""
    return _resnet(9, shortcut, width)


def resnet110(shortcut: str = "B", width: int = 1) -> ResNet:
    """Build the ResNet with eighteen blocks a stage."""
    return _resnet(18, shortcut, width)


def _resnet(blocks: int, shortcut: str, width: int) -> ResNet:
    check_shortcut(shortcut, ("B", "A", "none"))
    check_count("width", width)
    return ResNet(blocks, (16 * width, 32 * width, 64 * width), shortcut)
