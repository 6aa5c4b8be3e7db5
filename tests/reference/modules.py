"""The analytic functions of ``functions`` as modules whose parameters are the coordinates of a plane.

So they take the way of networks: a problem, a plane through its origin, weights composed at each point.
"""

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from talweg_compute.messages import Problem
from talweg_compute.plane.plane import OpenPlane, span_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.problem import OpenProblem

Function = Callable[[Tensor, Tensor], Tensor]

VALUE = LossFunction("value", lambda outputs, targets: outputs)
"""The loss of a module that returns the value itself for each sample."""


def himmelblau(u: Tensor, v: Tensor) -> Tensor:
    return (u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2


def double_well(u: Tensor, v: Tensor) -> Tensor:
    return (u**2 - 1) ** 2 + v**2


def bottle(u: Tensor, v: Tensor) -> Tensor:
    return (u**2 + v**2 - 1) ** 2


def hyperbolic(u: Tensor, v: Tensor) -> Tensor:
    return u**2 - v**2


def monkey_saddle(u: Tensor, v: Tensor) -> Tensor:
    return u**3 - 3 * u * v**2


def oblique_bowl(u: Tensor, v: Tensor) -> Tensor:
    return u**2 + 3 * v**2 + 0.3 * u * v


def egg_crate(u: Tensor, v: Tensor) -> Tensor:
    return torch.cos(2 * math.pi * u) + torch.cos(2 * math.pi * v)


def sharp_bowl(u: Tensor, v: Tensor) -> Tensor:
    """A cone with a kink along two oblique lines and its minimum at (0.37, -0.21), where no gradient is small."""
    u, v = u - 0.37, v + 0.21
    return (u + 0.5 * v).abs() + 2 * (v - 0.3 * u).abs()


def sharp_saddle(u: Tensor, v: Tensor) -> Tensor:
    return (u - 0.37).abs() - (v + 0.21).abs()


class Analytic(nn.Module):
    """f of the first two of its parameters, for every sample; the others take no part."""

    def __init__(self, function: Function, size: int = 2) -> None:
        super().__init__()
        self.function = function
        self.theta = nn.Parameter(torch.zeros(size))

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.theta[0], self.theta[1]).expand(len(x))


def open_module(model: nn.Module, inputs: Tensor, targets: Tensor, loss: LossFunction | None = None) -> OpenProblem:
    """Open a model as it is, with no files behind it."""
    layout = Layout.of(model)
    with torch.no_grad():
        loss = (loss or build_loss("cross_entropy")).checked(model.eval()(inputs[:3]), targets[:3])
    return OpenProblem(
        specification=Problem("none", "none", checkpoint="none.pt"),
        model=model,
        layout=layout,
        origin=layout.flatten(named_tensors(model)),
        samples=Samples(inputs, targets, ""),
        loss=loss,
        checkpoint=Path("none.pt"),
        checkpoint_sha256="",
        trajectory=(),
    )


def open_function(function: Function) -> tuple[OpenProblem, OpenPlane]:
    """Open a function on the plane of its own coordinates: f(u, v) exactly."""
    problem = open_module(Analytic(function), torch.zeros(3, 1), torch.zeros(3), VALUE)
    return problem, span_plane(problem.origin, torch.eye(2), 2)
