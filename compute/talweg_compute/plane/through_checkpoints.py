"""Lines and planes that pass through given checkpoints exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from talweg_compute.messages import InputError
from talweg_compute.plane.inner_products import inner_products, one_thread

_DEGENERATE = 1e-6  # height over base of three points, or distance over weights: below this it is float32's rounding


@dataclass(frozen=True)
class CheckpointPlane:
    """A line or plane with checkpoints on it.

    Attributes:
        origin: float32 [size], the first checkpoint.
        directions: float32 [d, size].
        coordinates: float64 [points, d], where the checkpoints lie, in units of the directions.
    """

    origin: Tensor
    directions: Tensor
    coordinates: NDArray[np.float64]


def line_between(start: Tensor, end: Tensor, parameter_size: int, buffers: bool = True) -> CheckpointPlane:
    """Lay a line through two checkpoints: 0 is the start, 1 the end (Goodfellow et al. 2015).

    Args:
        start: float32 [size].
        end: float32 [size].
        parameter_size: The leading part of a vector that holds parameters.
        buffers: The buffers go along, so that both ends are the checkpoints themselves.

    Returns:
        The line; its direction is end - start, not normalized.

    Raises:
        InputError: The two checkpoints are the same.
    """
    direction = end - start
    if not buffers:
        direction[parameter_size:] = 0
    if not direction[:parameter_size].any():
        raise InputError("plane.through: the checkpoint has the origin's weights; a line needs two different ones.")
    return CheckpointPlane(start, direction.unsqueeze(0), np.array([[0.0], [1.0]]))


def directions_through(origin: Tensor, points: Sequence[Tensor], parameter_size: int) -> CheckpointPlane:
    """Lay a line, a plane or a volume through the origin and one, two or three more checkpoints."""
    if len(points) == 1:
        return line_between(origin, points[0], parameter_size)
    return plane_through(origin, points, parameter_size)


def plane_through(
    origin: Tensor, points: Sequence[Tensor], parameter_size: int, buffers: bool = True
) -> CheckpointPlane:
    """Lay a plane through three checkpoints, w0, w1 and w2 (Garipov et al. 2018), or a volume through four.

    u = (w1 - w0) / ‖w1 - w0‖, v = (w2 - w0) - ((w2 - w0) · u) u, made a unit vector, and so on. Lengths and products
    are those of the parameters, so distances on the plane are distances between weights. Buffers, when they go along,
    are moved by the same combinations, so that all points are the checkpoints themselves.

    Args:
        origin: float32 [size], w0.
        points: w1, which lies on the first axis, w2, …, float32 [size] each.
        parameter_size: The leading part of a vector that holds parameters.
        buffers: The buffers go along.

    Returns:
        The plane; coordinates (0, 0), (‖w1 - w0‖, 0), and those of w2.

    Raises:
        InputError: Two of the checkpoints are the same, or they lie on a line (four: in a plane).
    """
    sides = torch.stack(list(points)) - origin  # [d, size]
    if not buffers:
        sides[:, parameter_size:] = 0
    gram = inner_products(sides[:, :parameter_size], sides[:, :parameter_size])
    # side k = Σ_j triangle[k, j] direction_j
    triangle, failed = torch.linalg.cholesky_ex(gram)  # [d, d]
    if failed or not (triangle.diagonal() > _DEGENERATE * gram.diagonal().max().sqrt()).all():
        what = ("three", "on a line", "plane") if len(points) == 2 else ("four", "in a plane", "volume")
        raise InputError(
            f"plane.through: the {what[0]} checkpoints, the origin among them, lie {what[1]}; a {what[2]} needs "
            f"{what[0]} that do not."
        )
    directions = torch.empty_like(sides)
    for place, direction in enumerate(directions.unbind()):
        rest = sides[place].double()
        for earlier, along in zip(directions[:place], triangle[place].tolist(), strict=False):
            rest.sub_(earlier, alpha=along)
        direction.copy_(rest / triangle[place, place])
    return CheckpointPlane(origin, directions, np.vstack([np.zeros(len(points)), triangle.numpy()]))


@one_thread()
def initial_to_final(
    read: Callable[[int], Tensor], count: int, parameter_size: int, components: int = 2
) -> CheckpointPlane:
    """Lay the plane of Goodfellow et al. through a trajectory: along its chord, and towards its largest deviation.

    u is the unit vector from the last checkpoint to the first; v the unit vector from the chord's line to the
    checkpoint that lies farthest from it. The origin is the last checkpoint; buffers stay put. Checkpoints are read one
    at a time.

    Args:
        read: Gives checkpoint i, 0 ≤ i < count, as a float32 [size].
        count: Number of checkpoints.
        parameter_size: The leading part of a vector that holds parameters.
        components: 2, or 1 for the chord alone.

    Returns:
        The plane; coordinates of the first, the farthest (not for the chord alone) and the last checkpoint, in this
        order.

    Raises:
        InputError: The run ends where it began, or all of it lies on a line.
    """
    origin = read(count - 1)
    chord = (read(0) - origin)[:parameter_size].double()
    length = float(torch.linalg.vector_norm(chord))
    if not length > 0:
        raise InputError("plane: the trajectory ends where it began; its chord has no direction.")
    chord /= length
    if components == 1:
        directions = torch.zeros(1, origin.shape[0])
        directions[0, :parameter_size] = chord
        return CheckpointPlane(origin, directions, np.array([[length], [0.0]]))
    farthest, distance, position = 0, 0.0, 0.0
    rest = torch.zeros_like(chord)
    for index in range(1, count - 1):
        offset = (read(index)[:parameter_size] - origin[:parameter_size]).double()
        along = float(offset @ chord)
        offset.sub_(chord, alpha=along)
        if (found := float(torch.linalg.vector_norm(offset))) > distance:
            farthest, distance, position, rest = index, found, along, offset
    if farthest == 0 or distance <= _DEGENERATE * length:
        raise InputError("plane: the trajectory lies on a line; a plane needs one that leaves its chord.")
    directions = torch.zeros(2, origin.shape[0])
    directions[0, :parameter_size] = chord
    directions[1, :parameter_size] = rest / distance
    return CheckpointPlane(origin, directions, np.array([[length, 0.0], [position, distance], [0.0, 0.0]]))
