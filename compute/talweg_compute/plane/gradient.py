"""The direction of steepest descent at the origin."""

import torch
from torch import Tensor

from talweg_compute.messages import Ignore, InputError
from talweg_compute.plane.directions import moves
from talweg_compute.problem.gradient import LossGradient
from talweg_compute.problem.layout import Layout
from talweg_compute.problem.problem import OpenProblem


def gradient_direction(problem: OpenProblem, layout: Layout, ignore: Ignore, device: torch.device) -> Tensor:
    """Compute -∇L / ‖∇L‖ at the origin, over the parameters that may move.

    Args:
        problem: The model, its weights and its samples.
        layout: The problem's, in which only what may move is trainable.
        ignore: With ``bias_norm`` parameters with fewer than two axes stay put.
        device: Where the gradient is computed.

    Returns:
        float32 [1, size], of length 1.

    Raises:
        InputError: The gradient is zero or not finite.
    """
    _, gradient = LossGradient(problem, device)(problem.origin)
    direction = torch.zeros(1, layout.size)
    for entry in layout.entries:
        if moves(entry, ignore):
            direction[0, entry.start : entry.stop] = gradient[entry.start : entry.stop]
    length = float(torch.linalg.vector_norm(direction, dtype=torch.float64))
    if not 0 < length < torch.inf:
        what = "zero" if length == 0 else "not finite"
        raise InputError(
            f'plane.kind: got "gradient", but the gradient of the loss at the origin is {what}; take another '
            "checkpoint, or another kind of plane."
        )
    return direction.double().div(-length).float()
