"""DenseNet-121 for CIFAR (Huang et al. 2017), as Li et al. 2018 use it.

The names of the parts are those of Li et al.'s checkpoints.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from talweg_compute.problem.zoo.resnet_cifar import check_count

_BLOCKS = (6, 12, 24, 16)
_GROWTH = 32
_REDUCTION = 0.5


class Bottleneck(nn.Module):
    """Batch normalization, 1x1 convolution to four times the growth, the same with 3x3 to the growth, concatenation.

    Args:
        channels: Channels of the input.
        growth: Channels that are added.
    """

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map [N, channels, H, W] to [N, growth + channels, H, W], what is new first."""
        out = self.conv1(functional.relu(self.bn1(x)))
        out = self.conv2(functional.relu(self.bn2(out)))
        return torch.cat([out, x], 1)


class Transition(nn.Module):
    """Batch normalization, 1x1 convolution, average pooling by two.

    Args:
        before: Channels of the input.
        after: Channels of the output.
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(before)
        self.conv = nn.Conv2d(before, after, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map [N, before, H, W] to [N, after, H / 2, W / 2]."""
        return functional.avg_pool2d(self.conv(functional.relu(self.bn(x))), 2)


class DenseNet(nn.Module):
    """A 3x3 convolution, four dense blocks with transitions between them, average pooling by four, one linear layer.

    Args:
        classes: Number of outputs.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        channels = 2 * _GROWTH
        self.conv1 = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        for number, length in enumerate(_BLOCKS, start=1):
            layers = [Bottleneck(channels + _GROWTH * place, _GROWTH) for place in range(length)]
            self.add_module(f"dense{number}", nn.Sequential(*layers))
            channels += length * _GROWTH
            if number < len(_BLOCKS):
                after = int(channels * _REDUCTION)
                self.add_module(f"trans{number}", Transition(channels, after))
                channels = after
        self.bn = nn.BatchNorm2d(channels)
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map images [N, 3, 32, 32] to logits [N, classes]."""
        out: Tensor = self.conv1(x)
        for number in range(1, len(_BLOCKS) + 1):
            out = self.get_submodule(f"dense{number}")(out)
            if number < len(_BLOCKS):
                out = self.get_submodule(f"trans{number}")(out)
        out = functional.avg_pool2d(functional.relu(self.bn(out)), 4)
        logits: Tensor = self.linear(out.flatten(1))
        return logits


def densenet121(classes: int = 10) -> DenseNet:
    """Build the DenseNet with growth 32 and half of the channels kept at each transition: 6,956,298 parameters.

    Args:
        classes: Number of outputs.

    Raises:
        InputError: The number is not positive.
    """
    check_count("classes", classes)
    return DenseNet(classes)
