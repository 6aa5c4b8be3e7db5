"""Where checkpoints lie relative to a plane: least-squares coordinates and distances."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from talweg_compute.plane.inner_products import CHUNK, inner_products, one_thread


@dataclass(frozen=True)
class Projection:
    """T checkpoints on a plane with d directions.

    Attributes:
        coordinates: float64 [T, d], in units of the directions: the nearest point is origin + Σ_k c_k δ_k.
        residual: float64 [T], Euclidean distance to that point.
        explained_variance: For each axis the share of the checkpoints' variance along it. The axes are orthogonalised
            in order, the first stays; variances are about the checkpoints' mean, and the whole is that of all
            parameters (and buffers, where the plane moves them), also of those that the plane leaves put. So the shares
            of a PCA plane are PCA's ratios when nothing was ignored, and less otherwise. Checkpoints that are not
            finite do not count; the shares are 0 where there is no variance.
    """

    coordinates: NDArray[np.float64]
    residual: NDArray[np.float64]
    explained_variance: tuple[float, ...]


def moves_buffers(directions: Tensor, parameter_size: int) -> bool:
    """Tell whether any direction (float32 [d, size]) changes a buffer."""
    return bool(directions[:, parameter_size:].any())


@one_thread()
def project(
    directions: Tensor, origin: Tensor, read: Callable[[int], Tensor], count: int, parameter_size: int
) -> Projection:
    """Find the points of a plane that are nearest to the checkpoints.

    c = argmin ‖origin + Dᵀc - θ‖, from G c = D (θ - origin) with G = D Dᵀ, all sums in float64, so that directions of
    any length and angle are right. Checkpoints are read once, one at a time. Buffers count only if the plane moves
    them.

    Args:
        directions: float32 [d, size], linearly independent.
        origin: float32 [size].
        read: Gives checkpoint i, 0 ≤ i < count, as a float32 [size].
        count: Number of checkpoints, T.
        parameter_size: The leading part of a vector that holds parameters; buffers follow.

    Returns:
        Coordinates, residuals and explained variance; NaN for checkpoints that are not finite.

    Raises:
        numpy.linalg.LinAlgError: The directions are not linearly independent.
    """
    if not moves_buffers(directions, parameter_size):
        directions, origin = directions[:, :parameter_size], origin[:parameter_size]
    size = origin.shape[0]
    gram = inner_products(directions, directions).numpy()  # [d, d]
    triangle = np.linalg.cholesky(gram)
    coordinates = np.full((count, directions.shape[0]), np.nan)
    residual = np.full(count, np.nan)
    total = torch.zeros(size, dtype=torch.float64)
    squares = 0.0
    for index in range(count):
        offset = read(index)[:size].double() - origin  # [size], float64
        square = float(offset @ offset)
        if not np.isfinite(square):
            continue
        products = inner_products(directions, offset.unsqueeze(0)).numpy()[:, 0]  # [d]
        coordinates[index] = np.linalg.solve(gram, products)
        total += offset
        squares += square
        residual[index] = _distance(offset, directions, coordinates[index])
    along = coordinates[np.isfinite(residual)] @ triangle  # [finite, d], on the axes orthonormalised in order
    variance = squares - float(total @ total) / max(len(along), 1)
    shares = np.zeros(len(gram))
    if variance > 1e-12 * squares:
        shares = ((along - along.mean(axis=0)) ** 2).sum(axis=0) / variance
    return Projection(coordinates, residual, tuple(shares.tolist()))


def _distance(offset: Tensor, directions: Tensor, coordinates: NDArray[np.float64]) -> float:
    """Compute ‖offset - Dᵀc‖ itself, since ‖offset‖² - ‖Dᵀc‖² would lose half the digits."""
    weights = torch.from_numpy(coordinates)
    square = 0.0
    for start in range(0, offset.shape[0], CHUNK):
        chunk = slice(start, start + CHUNK)
        rest = offset[chunk] - weights @ directions[:, chunk].double()
        square += float(rest @ rest)
    return math.sqrt(square)
