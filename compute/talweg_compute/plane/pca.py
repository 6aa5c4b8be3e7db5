"""Principal directions of a trajectory, from its Gram matrix (Li et al. 2018, section 7)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from talweg_compute.messages import Ignore, InputError
from talweg_compute.plane.directions import moves
from talweg_compute.plane.inner_products import inner_products, one_thread
from talweg_compute.problem.layout import Layout

MEMORY = 512 * 2**20
"""Bytes of checkpoints that are held at a time."""

_SINGULAR_SHARE = 1e-6  # of the largest singular value: what is below is rounding of the eigenvalues


@dataclass(frozen=True)
class PrincipalDirections:
    """Leading principal directions of T checkpoints.

    Attributes:
        directions: float32 [components, size], orthonormal, zero where the analysis does not look.
        explained_variance_ratio: float64 [T], descending; share of the variance of what the analysis looks at.
        singular_values: float64 [T], of the matrix with a row a checkpoint.
    """

    directions: Tensor
    explained_variance_ratio: NDArray[np.float64]
    singular_values: NDArray[np.float64]


@one_thread()
def principal_directions(
    read: Callable[[int], Tensor],
    count: int,
    reference: Tensor,
    layout: Layout,
    ignore: Ignore = "bias_norm",
    components: int = 2,
    centered: bool = True,
    memory: int = MEMORY,
) -> PrincipalDirections:
    """Find the leading principal directions of a trajectory without holding it.

    With rows m_i = θ_i - θ_n (the last, zero row included) and C = M, minus its mean row when centred, the
    eigenvectors v_k of K = C Cᵀ (T x T, float64) give pc_k = Cᵀ v_k / √λ_k. Checkpoints are read in blocks of
    ``memory`` bytes: T reads in all when they fit into one of B checkpoints, otherwise about 2T + 2T² / 3B. Only
    trained parameters count.

    Args:
        read: Gives checkpoint i, 0 ≤ i < count, as a float32 [size].
        count: Number of checkpoints, T.
        reference: float32 [size], θ_n, the plane's origin.
        layout: Names, shapes and places of the parameters.
        ignore: With ``bias_norm`` parameters with fewer than two axes count as zero.
        components: Number of directions.
        centered: As in Li et al.'s figures; without it the plain singular vectors of M.
        memory: Bytes of checkpoints to hold at a time; at least two are held.

    Returns:
        The directions; their signs are such that (θ_0 - θ_n) · pc_k ≥ 0.

    Raises:
        InputError: A checkpoint is not finite, or the checkpoints spread in too few directions.
    """
    rows = _Rows(read, count, reference, layout, ignore)
    gram, resident = _gram(rows, memory)
    if not np.isfinite(gram).all():
        # A reference that is not finite spoils every row; it is the last checkpoint.
        bad = int(np.flatnonzero(~np.isfinite(np.diag(gram)))[0]) if np.isfinite(rows.rounding) else count - 1
        raise InputError(
            f'plane.kind: got "pca", but checkpoint {bad + 1} of {count} in problem.trajectory holds a weight that is '
            "not finite; leave it out."
        )
    centring = np.eye(count) - (1.0 / count if centered else 0.0)
    values, vectors = np.linalg.eigh(centring @ gram @ centring)
    values = np.maximum(values[::-1], 0.0)  # [T], descending
    singular = np.sqrt(values)
    usable = int(np.count_nonzero(singular > max(_SINGULAR_SHARE * singular[0], rows.rounding)))
    if usable < components:
        raise InputError(
            f'plane.kind: got "pca", which needs checkpoints that spread in at least {components} directions; the '
            f"{count} of problem.trajectory spread in {usable}: take more of them, or another kind of plane."
        )
    leading = vectors[:, ::-1][:, :components] / singular[:components]  # [T, components]
    weights = centring @ leading
    weights *= _signs(gram @ weights)
    directions = torch.zeros(components, layout.size)
    directions[:, : layout.parameter_size] = _combine(rows, weights, resident)
    return PrincipalDirections(directions, values / values.sum(), singular)


def random_walk_ratios(count: int, components: int = 2) -> tuple[float, ...]:
    """Give the explained variance ratios that a random walk in very many dimensions would have.

    The centred Gram matrix of a walk is the pseudo-inverse of the path graph's Laplacian, with the eigenvalues
    1 / (4 sin²(kπ / 2T)); for T → ∞ the shares are 6 / (π k)²: 60.8 %, 15.2 %.

    Args:
        count: Number of checkpoints, T ≥ 2.
        components: Number of ratios.

    Returns:
        The leading ratios, descending; zero beyond T - 1.
    """
    eigenvalues = np.zeros(max(count, components))
    eigenvalues[: count - 1] = 0.25 / np.sin(np.arange(1, count) * np.pi / (2 * count)) ** 2
    return tuple((eigenvalues / eigenvalues.sum())[:components].tolist())


class _Rows:
    """The matrix M, a row at a time: checkpoint minus reference, parameters only, ignored ones zero."""

    def __init__(
        self, read: Callable[[int], Tensor], count: int, reference: Tensor, layout: Layout, ignore: Ignore
    ) -> None:
        self._read = read
        self.count = count
        self.size = layout.parameter_size
        self._still = [
            slice(entry.start, entry.stop)
            for entry in layout.entries
            if entry.is_parameter and not moves(entry, ignore)
        ]
        self._reference = reference[: self.size]
        kept = self._reference.clone()
        for part in self._still:
            kept[part] = 0.0
        # Checkpoints are rounded to float32: what is not larger than that is not a movement.
        self.rounding = float(torch.finfo(torch.float32).eps * torch.linalg.vector_norm(kept, dtype=torch.float64))

    def __getitem__(self, index: int) -> Tensor:
        row = self._read(index)[: self.size] - self._reference  # [parameter_size]
        for part in self._still:
            row[part] = 0.0
        return row

    def block(self, start: int, stop: int) -> Tensor:
        rows = torch.empty(stop - start, self.size)
        for place, index in enumerate(range(start, stop)):
            rows[place] = self[index]
        return rows


def _gram(rows: _Rows, memory: int) -> tuple[NDArray[np.float64], Tensor | None]:
    held = max(2, memory // (4 * max(rows.size, 1)))
    # A tall block stays while narrow ones pass, which reads less often than two equal blocks.
    tall = rows.count if held >= rows.count else max(1, 3 * held // 4)
    wide = max(1, held - tall)
    gram = np.zeros((rows.count, rows.count))
    first = torch.empty(0)
    for start in range(0, rows.count, tall):
        stop = min(start + tall, rows.count)
        del first
        first = rows.block(start, stop)
        gram[start:stop, start:stop] = inner_products(first, first).numpy()
        for begin in range(stop, rows.count, wide):
            end = min(begin + wide, rows.count)
            products = inner_products(first, rows.block(begin, end)).numpy()
            gram[start:stop, begin:end] = products
            gram[begin:end, start:stop] = products.T
    return gram, first if tall == rows.count else None


def _signs(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take each component's sign from its first coordinate that is not rounding.

    Args:
        coordinates: float64 [T, components].

    Returns:
        float64 [components], 1 or -1.
    """
    large = np.abs(coordinates) > 1e-6 * np.abs(coordinates).max(axis=0)
    first = np.take_along_axis(coordinates, large.argmax(axis=0)[np.newaxis], axis=0)[0]
    return np.where(first < 0, -1.0, 1.0)


def _combine(rows: _Rows, weights: NDArray[np.float64], resident: Tensor | None) -> Tensor:
    """Sum weights[i, k] · row_i over i in float64, and make the sums orthonormal against rounding."""
    sums = torch.zeros(weights.shape[1], rows.size, dtype=torch.float64)  # [components, parameter_size]
    for index in range(rows.count):
        row = rows[index] if resident is None else resident[index]
        for total, weight in zip(sums, weights[index], strict=True):
            total.add_(row, alpha=float(weight))
    for place, direction in enumerate(sums):
        for earlier in sums[:place]:
            direction.sub_(earlier, alpha=float(earlier @ direction))
        direction /= torch.linalg.vector_norm(direction)
    return sums.float()
