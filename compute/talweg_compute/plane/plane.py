"""The plane of a job: an origin and two directions."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from talweg_compute.messages import InputError, Plane
from talweg_compute.plane.direction_file import read_direction_file
from talweg_compute.plane.directions import random_directions
from talweg_compute.plane.inner_products import inner_products
from talweg_compute.plane.pca import principal_directions
from talweg_compute.plane.projection import moves_buffers
from talweg_compute.problem.problem import OpenProblem

_PARALLEL = 1e-10  # 1 - cos² at which two float32 directions cannot be told apart


@dataclass(frozen=True)
class OpenPlane:
    """f(u, v) = L(origin + u δ + v η).

    Attributes:
        origin: float32 [size], on the CPU.
        directions: float32 [2, size], contiguous, on the CPU: δ, then η.
        moves_buffers: A direction changes a buffer, which only states-mode files do.
        norms: Euclidean norm of each direction.
        cosine: Cosine of the angle between the directions.
        sha256: Hash of the directions, little-endian float32 in layout order, one after the other.
        explained_variance: For a PCA plane, the share of the variance of the moved parameters along each axis.
    """

    origin: Tensor
    directions: Tensor
    moves_buffers: bool
    norms: tuple[float, float]
    cosine: float
    sha256: str
    explained_variance: tuple[float, float] | None

    @property
    def batch_norm(self) -> str:
        """What the buffers do: "interpolated" if they move with the plane, otherwise "frozen"."""
        return "interpolated" if self.moves_buffers else "frozen"

    def point(self, u: float, v: float) -> Tensor:
        """Compute the weights at a point.

        The change is summed in float64, rounded once to float32, then added: what Li et al.'s code does with NumPy 2.

        Args:
            u: Coordinate along the first direction.
            v: Coordinate along the second direction.

        Returns:
            float32 [size].
        """
        change = self.directions[0].double() * u
        change += self.directions[1].double() * v  # not add_(…, alpha=v), which rounds once where NumPy rounds twice
        return self.origin + change.float()


def open_plane(spec: Plane, problem: OpenProblem) -> OpenPlane:
    """Build a job's plane through the problem's origin.

    Args:
        spec: The job's plane.
        problem: The model with its weights and its trajectory.

    Returns:
        The plane.

    Raises:
        InputError: The plane needs a trajectory that is not there, its file does not fit, or it is no plane.
    """
    explained = None
    if spec.kind == "pca":
        if not problem.trajectory:
            raise InputError('plane.kind: got "pca", which needs problem.trajectory in place of problem.checkpoint.')
        principal = principal_directions(
            lambda index: problem.read_flat(problem.trajectory[index]),
            len(problem.trajectory),
            problem.origin,
            problem.layout,
            spec.ignore,
        )
        directions = principal.directions
        explained = (float(principal.explained_variance_ratio[0]), float(principal.explained_variance_ratio[1]))
    elif spec.kind == "file":
        directions = read_direction_file(Path(spec.file or ""), problem.model, problem.layout).directions
    else:
        directions = random_directions(problem.layout, problem.origin, spec.seed, spec.normalization, spec.ignore)
    return span_plane(problem.origin, directions, problem.layout.parameter_size, explained)


def span_plane(
    origin: Tensor, directions: Tensor, parameter_size: int, explained_variance: tuple[float, float] | None = None
) -> OpenPlane:
    """Make a plane of two given directions.

    Args:
        origin: float32 [size].
        directions: float32 [2, size].
        parameter_size: The leading part of a vector that holds parameters.
        explained_variance: Shares along the axes, where the directions come from a PCA.

    Returns:
        The plane.

    Raises:
        InputError: A direction is zero or not finite, or the two are parallel.
    """
    gram = inner_products(directions, directions)  # [2, 2]
    norms = (float(gram[0, 0]) ** 0.5, float(gram[1, 1]) ** 0.5)
    for place, (axis, norm) in enumerate(zip("uv", norms, strict=True)):
        if not torch.isfinite(gram[place, place]):
            raise InputError(f"plane: the direction of {axis} is not finite, since the weights or the file are not.")
        if norm == 0:
            raise InputError(
                f"plane: the direction of {axis} is zero: the weights that it would move are zero or ignored "
                '(plane.ignore = "none" moves 1-D parameters too, plane.normalization = "none" also zero weights).'
            )
    cosine = float(gram[0, 1]) / (norms[0] * norms[1])
    if 1 - cosine**2 < _PARALLEL:
        raise InputError(f"plane: the two directions are parallel (cosine {cosine:.6g}) and span only a line.")
    directions = directions.contiguous()
    digest = hashlib.sha256(directions.numpy().astype("<f4", copy=False).data).hexdigest()
    moved = moves_buffers(directions, parameter_size)
    return OpenPlane(origin, directions, moved, norms, cosine, digest, explained_variance)
