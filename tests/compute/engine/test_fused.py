"""Fused convolutions against the model as it is."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from talweg_compute.engine.fused import fuse_convolutions
from talweg_compute.engine.number_format import TYPES, faster_formats

CPU = torch.device("cpu")
DTYPES = [TYPES[name] for name in ("float32", *faster_formats(CPU))]  # oneDNN fuses in no others


def conv(channels: int = 6, into: int = 6, **options: object) -> nn.Conv2d:
    return nn.Conv2d(channels, into, 3, padding=1, **options)  # type: ignore[arg-type]


class Block(nn.Module):
    """A residual block whose last lines differ."""

    def __init__(self, end: Callable[[Tensor, Tensor, nn.Module], Tensor]) -> None:
        super().__init__()
        self.first, self.second, self.shortcut = conv(), conv(), nn.Conv2d(6, 6, 1)
        self.relu, self.end = nn.ReLU(inplace=True), end

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.second(functional.relu(self.first(x))), x, self)


def in_place(out: Tensor, x: Tensor, block: nn.Module) -> Tensor:
    out += x
    return block.relu(out)


ENDS: dict[str, tuple[Callable[..., Tensor], int]] = {
    "sum": (lambda out, x, block: (out + x).relu(), 2),
    "sum, other way round": (lambda out, x, block: torch.relu(torch.add(x, out)), 2),
    "in place": (in_place, 2),
    "projected": (lambda out, x, block: functional.relu(out + block.shortcut(x)), 2),
    "scaled": (lambda out, x, block: torch.add(out, x, alpha=2).relu(), 1),
    "of a constant": (lambda out, x, block: (out + 1).relu(), 1),
    "without ReLU": (lambda out, x, block: out + x, 1),
    "used twice": (lambda out, x, block: out.relu() + out, 1),
    "sum used twice": (lambda out, x, block: (out + x).relu() * (out + x), 1),
    "with itself": (lambda out, x, block: (out + out).relu(), 1),
}


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("dtype", DTYPES)
@torch.no_grad()
def test_gives_the_same_outputs(kind: str, dtype: torch.dtype) -> None:
    torch.manual_seed(2)
    end, count = ENDS[kind]
    block = Block(end).eval()
    traced = fx.symbolic_trace(copy.deepcopy(block)).to(dtype)
    assert fuse_convolutions(traced, CPU) == count
    assert sum("fused" in str(node.target) for node in traced.graph.nodes) == count
    for samples in (1, 5):
        x = torch.randn(samples, 6, 7, 5).contiguous(memory_format=torch.channels_last)
        tolerance = 1e-5 if dtype == torch.float32 else 0.05
        torch.testing.assert_close(traced(x.to(dtype)).float(), block(x.clone()), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "layer",
    [conv(bias=False), conv(padding_mode="circular"), nn.Conv2d(6, 6, 3, padding="same"), nn.ConvTranspose2d(6, 6, 3)],
)
def test_leaves_what_it_cannot_do(layer: nn.Module) -> None:
    traced = fx.symbolic_trace(nn.Sequential(layer, nn.ReLU()))
    assert fuse_convolutions(traced, CPU) == 0


@pytest.mark.parametrize("options", [{"stride": 2}, {"groups": 3}, {"dilation": 2}])
@torch.no_grad()
def test_every_shape_of_a_convolution(options: dict[str, int]) -> None:
    torch.manual_seed(2)
    plain = nn.Sequential(conv(**options), nn.ReLU()).eval()
    traced = fx.symbolic_trace(copy.deepcopy(plain))
    assert fuse_convolutions(traced, CPU) == 1
    x = torch.randn(3, 6, 9, 8)
    torch.testing.assert_close(traced(x), plain(x), rtol=1e-5, atol=1e-5)


def test_a_device_without_such_operations() -> None:
    traced = fx.symbolic_trace(Block(ENDS["sum"][0]))
    assert fuse_convolutions(traced, torch.device("mps")) == 0
