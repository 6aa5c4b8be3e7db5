"""What a model's buffers, such as batch normalization's statistics, do as the weights move."""

from typing import Literal

import torch

from talweg_compute.messages import InputError
from talweg_compute.plane.span import OpenPlane, span_plane
from talweg_compute.problem.problem import OpenProblem

BatchNorm = Literal["frozen", "interpolated", "recalibrated"]


def treat_buffers(plane: OpenPlane, wanted: BatchNorm | None, problem: OpenProblem) -> OpenPlane:
    """Let the directions move buffers, or keep them where they are.

    Args:
        plane: As its directions have it.
        wanted: "interpolated": the directions must move them, as those between checkpoints do; "frozen" and
            "recalibrated" (which overwrites the statistics at each point): they stay; None: as it is.
        problem: The model.

    Returns:
        The plane.

    Raises:
        InputError: Buffers should move, but the directions do not move them.
    """
    size = problem.layout.parameter_size
    if wanted == "interpolated" and not plane.moves_buffers:
        if size == problem.layout.size:
            return plane
        raise InputError(
            'problem.batch_norm: got "interpolated", but the directions of this plane move no buffers; expected '
            'directions between checkpoints or of a states file: use "frozen" or "recalibrated" here.'
        )
    if wanted in ("frozen", "recalibrated") and plane.moves_buffers:
        directions = torch.cat([plane.directions[:, :size], torch.zeros_like(plane.directions[:, size:])], dim=1)
        return span_plane(plane.origin, directions, size, plane.explained_variance, plane.notes)
    return plane
