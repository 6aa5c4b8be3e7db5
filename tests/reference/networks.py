"""Small networks of every kind, and a plain loop that evaluates them sample by sample."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from talweg_compute.messages import Problem
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.problem import OpenProblem

SAMPLES = 23


def open_network(model: nn.Module, inputs: Any, targets: Any = None, loss: LossFunction | None = None) -> OpenProblem:
    """Open a model with batch normalization as if trained, on ``SAMPLES`` samples, with no files behind it."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            if module.affine:
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias)
    layout = Layout.of(model)
    return OpenProblem(
        specification=Problem("none", "none", checkpoint="none.pt"),
        model=model.eval(),
        layout=layout,
        origin=layout.flatten(named_tensors(model)),
        samples=Samples(inputs, torch.arange(SAMPLES) % 5 if targets is None else targets, ""),
        loss=loss or build_loss("cross_entropy"),
        checkpoint=Path("none.pt"),
        checkpoint_sha256="",
        trajectory=(),
    )


class Residual(nn.Module):
    """Dropout, a shortcut, a convolution without bias, one with."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.norm2 = nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6, affine=False)
        self.drop, self.head = nn.Dropout(0.5), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(self.conv1(x)).relu()
        x = (x + self.norm2(self.conv2(x))).relu()
        return self.head(self.drop(x.mean((2, 3))))


class Transposed(nn.Module):
    def __init__(self, groups: int) -> None:
        super().__init__()
        self.up, self.norm = nn.ConvTranspose2d(4, 8, 2, 2, groups=groups), nn.BatchNorm2d(8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.up(x)).relu().amax((2, 3)))


class Tied(nn.Module):
    """Two convolutions that share their weight, each with its own normalization, used in the other order."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv1d(4, 4, 3, padding=1), nn.Conv1d(4, 4, 3, padding=1, bias=False)
        self.b.weight = self.a.weight
        self.norm_a, self.norm_b = nn.BatchNorm1d(4), nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 5)
        self.other = nn.Linear(4, 5)
        self.other.weight = self.head.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm_a(self.a(self.norm_b(self.b(x)).relu()))
        return self.other(x.mean(2)) + self.head(x.amax(2))


class Branching(nn.Module):
    """Control flow that depends on the data, which cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).mean((2, 3))
        return self.head(x if float(x.sum()) > 1e9 else x.relu())


class Indexed(nn.Module):
    """Integer and floating-point buffers that take part."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("order", torch.randperm(6))
        self.register_buffer("scale", torch.rand(6) + 1, persistent=False)
        self.table, self.head = nn.Embedding(11, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head((self.table(x).mean(1) * self.scale)[:, self.order])


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.norm, self.right = nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(3, 5)

    def forward(self, image: Tensor, extra: Tensor) -> Tensor:
        return self.norm(self.left(image)) * self.right(extra)


class Batch(nn.Module):
    """Takes the dict as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.two = Two()

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        return self.two(batch["image"], batch["extra"])


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> dict[str, Any]:
        return {"scores": self.first(x), "more": (self.second(x),)}


class Mixing(nn.Module):
    """A constant in float32 meets the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.arange(6, dtype=torch.float32, device=x.device) * self.first(x))


def two_heads(outputs: Any, targets: Any) -> Tensor:
    classes = nn.functional.cross_entropy(outputs["scores"], targets["class"], reduction="none")
    return classes + (outputs["more"][0][:, 0] - targets["value"]).square()


def images(channels: int = 3) -> Tensor:
    return torch.randn(SAMPLES, channels, 6, 6)


def pair() -> tuple[Tensor, Tensor]:
    return torch.randn(SAMPLES, 4), torch.randn(SAMPLES, 3)


def named() -> dict[str, Tensor]:
    return dict(zip(("image", "extra"), pair(), strict=True))


def many_outputs() -> OpenProblem:
    targets = {"class": torch.arange(SAMPLES) % 5, "value": torch.randn(SAMPLES)}
    return open_network(Heads(), torch.randn(SAMPLES, 4), targets, LossFunction("mine", two_heads))


def rows(*layers: nn.Module) -> OpenProblem:
    return open_network(nn.Sequential(*layers), torch.randn(SAMPLES, 4))


def plain_loop(problem: OpenProblem, weights: Tensor) -> float:
    """Load the weights into the model in float64 and call it sample by sample."""
    model = problem.model
    kept = {name: tensor.clone() for name, tensor in named_tensors(model).items()}
    model.double()
    try:
        for name, tensor in problem.layout.views(weights.double()).items():
            named_tensors(model)[name].data.copy_(tensor)
        total = 0.0
        for sample in range(SAMPLES):
            inputs, targets = (pick(part, sample) for part in (problem.samples.inputs, problem.samples.targets))
            with torch.no_grad():
                if isinstance(inputs, tuple):
                    outputs = model(*inputs)
                elif isinstance(inputs, dict) and isinstance(model, Two):
                    outputs = model(image=inputs["image"], extra=inputs["extra"])
                else:
                    outputs = model(inputs)
            total += float(problem.loss.function(outputs, targets).sum())
        return total / SAMPLES
    finally:
        model.float()
        for name, tensor in named_tensors(model).items():
            tensor.data.copy_(kept[name])


def pick(nested: Any, sample: int) -> Any:
    if isinstance(nested, dict):
        return {key: pick(part, sample) for key, part in nested.items()}
    if isinstance(nested, tuple):
        return tuple(pick(part, sample) for part in nested)
    part = nested[sample : sample + 1]
    return part.double() if part.is_floating_point() else part
