from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.problem.layout import Layout

GOLDEN = Path(__file__).parents[2] / "data" / "golden_reference"


class Golden(nn.Module):
    """The network of the golden reference files."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.bn = nn.BatchNorm2d(3)
        self.fc = nn.Linear(48, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.relu(self.bn(self.conv(x))).flatten(1))


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture
def load_golden() -> Callable[[str], Golden]:
    def load(name: str) -> Golden:
        model = Golden()
        model.load_state_dict(torch.load(GOLDEN / name, map_location="cpu", weights_only=True)["state_dict"])
        return model.eval()

    return load


@pytest.fixture
def golden_model(load_golden: Callable[[str], Golden]) -> Golden:
    return load_golden("m.t7")


@pytest.fixture
def vector_layout() -> Callable[[int], Layout]:
    """Lay out n parameters that are one linear layer's weight, so that nothing is ignored."""

    def make(size: int) -> Layout:
        return Layout.of(nn.Linear(size, 1, bias=False))

    return make
