"""The VGG networks for CIFAR of Li et al. 2018 (VGG-9, VGG-16), and VGG-11 with one linear layer.

The names of the parts are those of Li et al.'s checkpoints.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from talweg_compute.problem.zoo.initial_weights import draw_initial_weights


class VGG(nn.Module):
    """3x3 convolutions with bias, batch normalization and ReLU; halving by max pooling; linear layers.

    Args:
        stages: Channels of the convolutions of each stage; a stage ends with max pooling.
        hidden: Whether a linear layer with batch normalization stands before the classifier, as wide as the last stage.
    """

    def __init__(self, stages: Sequence[Sequence[int]], hidden: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, side = 3, 32
        for stage in stages:
            for planes in stage:
                layers += [nn.Conv2d(channels, planes, 3, padding=1), nn.BatchNorm2d(planes), nn.ReLU(inplace=True)]
                channels = planes
            layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
            side //= 2
        self.features = nn.Sequential(*layers)
        self.fc = nn.Sequential()
        if hidden:
            width = nn.Linear(channels * side * side, channels)
            self.fc = nn.Sequential(width, nn.BatchNorm1d(channels), nn.ReLU(inplace=True))
        self.classifier = nn.Linear(channels, 10)

    def reset_parameters(self) -> None:
        """Initialise as Li et al. do before training; the constructor draws torch's own initial values."""
        draw_initial_weights(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map images [N, 3, 32, 32] to logits [N, 10]."""
        logits: Tensor = self.classifier(self.fc(self.features(x).flatten(1)))
        return logits


def vgg9() -> VGG:
    """Build Li et al.'s VGG-9: the first seven convolutions of VGG-16 and two linear layers; 2,789,706 parameters."""
    return VGG(((64, 64), (128, 128), (256, 256, 256)), hidden=True)


def vgg11() -> VGG:
    """Build Simonyan and Zisserman's eight convolutions (A) with one linear layer; 9,231,114 parameters."""
    return VGG(((64,), (128,), (256, 256), (512, 512), (512, 512)), hidden=False)


def vgg16() -> VGG:
    """Build Li et al.'s VGG-16: thirteen convolutions (D) and two linear layers; 14,991,946 parameters."""
    return VGG(((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)), hidden=True)
