"""The plane whose projected trajectory has the losses of the true one (Ding et al. 2023)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from talweg_compute.messages import Ignore
from talweg_compute.plane.directions import moves
from talweg_compute.plane.inner_products import inner_products
from talweg_compute.problem.gradient import LossGradient
from talweg_compute.problem.layout import Layout
from talweg_compute.problem.problem import OpenProblem

LossAndGradient = Callable[[Tensor], tuple[float, Tensor]]
"""From float32 [size] to the loss there and its gradient, float32 [size]."""

_FLOOR = 1e-3  # added to a loss that errors are divided by


@dataclass(frozen=True)
class FittedPlane:
    """A plane that was fitted to losses.

    Attributes:
        directions: float32 [2, size], orthonormal: the best ones that were seen.
        errors: float64 [steps + 1], the fitting error before each step and after the last one.
    """

    directions: Tensor
    errors: NDArray[np.float64]


def fit_to_trajectory(
    problem: OpenProblem, layout: Layout, directions: Tensor, ignore: Ignore, steps: int, device: torch.device
) -> FittedPlane:
    """Fit a plane to the losses of a problem's own trajectory.

    Args:
        problem: The model, its samples and its checkpoints.
        layout: The problem's, in which only what may move is trainable.
        directions: float32 [2, size], where to start.
        ignore: With ``bias_norm`` parameters with fewer than two axes stay put.
        steps: Number of steps.
        device: Where losses and gradients are computed.

    Returns:
        The best plane on the way, and the errors.
    """
    evaluate = LossGradient(problem, device)

    def read(index: int) -> Tensor:
        return problem.read_flat(problem.trajectory[index])

    losses = np.array([evaluate(read(index))[0] for index in range(len(problem.trajectory))])
    return fit_plane(directions, problem.origin, read, losses, evaluate, layout, ignore, steps)


def fit_plane(
    directions: Tensor,
    origin: Tensor,
    read: Callable[[int], Tensor],
    losses: NDArray[np.float64],
    loss_and_gradient: LossAndGradient,
    layout: Layout,
    ignore: Ignore = "bias_norm",
    steps: int = 100,
    rate: float = 0.03,
) -> FittedPlane:
    """Turn a plane until the losses of the projected checkpoints are those of the checkpoints.

    Adam on the error's exact gradient (the authors' code takes the coordinates for constants), the directions made
    orthonormal after each step. Each step evaluates one gradient a checkpoint. What is won in losses is lost in
    captured variance of the path: show both.

    Args:
        directions: float32 [2, size], where to start, such as the principal directions.
        origin: float32 [size].
        read: Gives checkpoint t as a float32 [size].
        losses: float64 [T], the checkpoints' true losses, of the same samples as ``loss_and_gradient``.
        loss_and_gradient: The loss and its gradient at any weights.
        layout: Names, shapes and places of the parameters.
        ignore: With ``bias_norm`` parameters with fewer than two axes stay put.
        steps: Number of steps.
        rate: Adam's step, as the share of a direction's length that one step changes at most.

    Returns:
        The best plane on the way, and the errors.
    """
    moved = torch.zeros(layout.size)
    for entry in layout.entries:
        moved[entry.start : entry.stop] = float(moves(entry, ignore))
    current = torch.nn.Parameter(orthonormalize(directions * moved))
    scale = float(moved.sum()) ** -0.5
    optimizer = torch.optim.Adam([current], lr=rate * scale, eps=1e-12)
    best, errors = current.detach().clone(), []
    for step in range(steps + 1):
        error, gradient = fitting_error(current.detach(), origin, read, losses, loss_and_gradient)
        errors.append(error)
        if error <= min(errors):
            best.copy_(current.detach())
        if step < steps:
            current.grad = gradient * moved
            optimizer.step()
            current.data = orthonormalize(current.detach())
    return FittedPlane(best, np.array(errors))


def fitting_error(
    directions: Tensor,
    origin: Tensor,
    read: Callable[[int], Tensor],
    losses: NDArray[np.float64],
    loss_and_gradient: LossAndGradient,
) -> tuple[float, Tensor]:
    """Compute the fitting error of a plane and its gradient.

    E = Σ_t w_t (L(θ + P_t) - l_t)² with P_t = Dᵀ D δ_t and w_t = 1 / (l_t + 0.001)², so that large early losses do not
    outweigh the rest. E depends on the plane alone, not on its basis; for orthonormal D its gradient is
    Σ_t 2 w_t (L - l_t) [c_t (g_t - Dᵀ D g_t)ᵀ + D g_t (δ_t - P_t)ᵀ], with c_t = D δ_t and g_t = ∇L(θ + P_t).

    Args:
        directions: float32 [2, size], orthonormal.
        origin: float32 [size].
        read: Gives checkpoint t as a float32 [size].
        losses: float64 [T], the checkpoints' true losses.
        loss_and_gradient: The loss and its gradient at any weights.

    Returns:
        E, and its gradient, float32 [2, size].
    """
    total = 0.0
    gradient = torch.zeros_like(directions)
    for index, true in enumerate(losses):
        offset = read(index) - origin
        coordinates = inner_products(directions, offset.unsqueeze(0))[:, 0].float()  # [2]
        projected = coordinates @ directions
        loss, slope = loss_and_gradient(origin + projected)
        slopes = inner_products(directions, slope.unsqueeze(0))[:, 0].float()  # [2]
        weight = 1 / (abs(true) + _FLOOR) ** 2
        total += weight * (loss - true) ** 2
        change = torch.outer(coordinates, slope - slopes @ directions) + torch.outer(slopes, offset - projected)
        gradient.add_(change, alpha=float(2 * weight * (loss - true)))
    return float(total), gradient


def orthonormalize(directions: Tensor) -> Tensor:
    """Make directions (float32 [d, size]) orthonormal in order, with sums in float64; the first keeps its direction."""
    triangle = torch.linalg.cholesky(inner_products(directions, directions))  # [d, d]
    basis: Tensor = torch.linalg.solve_triangular(triangle, directions.double(), upper=False)
    return basis.float()
