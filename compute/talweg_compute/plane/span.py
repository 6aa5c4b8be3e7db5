"""The plane of a job: an origin and one to three directions."""

import hashlib
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from talweg_compute.messages import InputError
from talweg_compute.plane.inner_products import inner_products
from talweg_compute.plane.projection import moves_buffers

_DEPENDENT = 1e-10  # squared distance, of a direction of length 1 from the span of the others, that rounding makes


@dataclass(frozen=True)
class OpenPlane:
    """f(u, v, w) = L(origin + u δ + v η + w ζ); a line has only δ, a plane has no ζ.

    Attributes:
        origin: float32 [size], on the CPU.
        directions: float32 [d, size], contiguous, on the CPU.
        moves_buffers: A direction changes a buffer, as those between checkpoints and those of states-mode files do.
        norms: Euclidean norm of each direction.
        cosines: Cosine of the angle of each pair of directions: (u, v), (u, w), (v, w).
        sha256: Hash of the directions, little-endian float32 in layout order, one after the other.
        explained_variance: For a PCA plane, the share of the variance of the moved parameters along each axis.
        notes: What the user should know about how the plane was found, a sentence each.
    """

    origin: Tensor
    directions: Tensor
    moves_buffers: bool
    norms: tuple[float, ...]
    cosines: tuple[float, ...]
    sha256: str
    explained_variance: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def batch_norm(self) -> str:
        """What the buffers do: "interpolated" if they move with the plane, otherwise "frozen"."""
        return "interpolated" if self.moves_buffers else "frozen"

    def point(self, *coordinates: float) -> Tensor:
        """Compute the weights at a point.

        The change is summed in float64, rounded once to float32, then added: what Li et al.'s code does with NumPy 2.

        Args:
            coordinates: One number a direction.

        Returns:
            float32 [size].
        """
        change = torch.zeros(self.directions.shape[1], dtype=torch.float64)
        for direction, coordinate in zip(self.directions, coordinates, strict=True):
            change += direction.double() * coordinate  # not add_(…, alpha=…): NumPy rounds twice
        return self.origin + change.float()


def span_plane(
    origin: Tensor,
    directions: Tensor,
    parameter_size: int,
    explained_variance: tuple[float, ...] = (),
    notes: tuple[str, ...] = (),
) -> OpenPlane:
    """Make a plane of given directions.

    Args:
        origin: float32 [size].
        directions: float32 [d, size], d from 1 to 3.
        parameter_size: The leading part of a vector that holds parameters.
        explained_variance: Shares along the axes, where the directions come from a PCA.
        notes: What the user should know about how the directions were found.

    Returns:
        The plane.

    Raises:
        InputError: A direction is zero or not finite, or they do not span as many dimensions as there are.
    """
    gram = inner_products(directions, directions)  # [d, d]
    norms = gram.diagonal().sqrt()
    for axis, norm in zip("uvw", norms, strict=False):
        if not torch.isfinite(norm):
            raise InputError(f"plane: the direction of {axis} is not finite, since the weights or the file are not.")
        if norm == 0:
            raise InputError(
                f"plane: the direction of {axis} is zero: the weights that it would move are zero or ignored "
                '(plane.ignore = "none" moves 1-D parameters too, plane.normalization = "none" also zero weights).'
            )
    cosines = gram / torch.outer(norms, norms)  # [d, d]
    pairs = tuple(float(cosines[first, second]) for first, second in combinations(range(len(norms)), 2))
    if float(torch.linalg.eigvalsh(cosines)[0]) < _DEPENDENT:
        raise InputError(_describe_dependence(len(norms), pairs))
    directions = directions.contiguous()
    digest = hashlib.sha256(directions.numpy().astype("<f4", copy=False).data).hexdigest()
    moved = moves_buffers(directions, parameter_size)
    return OpenPlane(
        origin, directions, moved, tuple(norms.tolist()), pairs, digest, tuple(explained_variance), tuple(notes)
    )


def _describe_dependence(count: int, cosines: tuple[float, ...]) -> str:
    if count == 2:
        return f"plane: the two directions are parallel (cosine {cosines[0]:.6g}) and span only a line."
    numbers = ", ".join(f"{cosine:.6g}" for cosine in cosines)
    return f"plane: the three directions lie in one plane (cosines {numbers}) and span no volume."
