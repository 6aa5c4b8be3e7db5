"""A convolutional network small enough for dense algebra on its Hessian."""

from torch import Tensor, nn
from torch.nn import functional


class SmallCNN(nn.Module):
    """Two 3x3 convolutions without padding, each with ReLU and pooling by three, and one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3)
        self.conv2 = nn.Conv2d(3, 5, 3)
        self.fc1 = nn.Linear(20, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Map grey images [N, 1, 28, 28] to scores [N, 10]."""
        out = functional.max_pool2d(functional.relu(self.conv1(x)), 3)
        out = functional.max_pool2d(functional.relu(self.conv2(out)), 3)
        scores: Tensor = self.fc1(out.flatten(1))
        return scores


def small_cnn() -> SmallCNN:
    """Build the network for grey images of 28x28 pixels, 380 parameters."""
    return SmallCNN()
