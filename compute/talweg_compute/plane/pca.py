"""Principal directions of a trajectory, from its Gram matrix (Li et al. 2018, section 7)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from talweg_compute.messages import Ignore, InputError
from talweg_compute.plane.directions import moves
from talweg_compute.plane.inner_products import CHUNK, inner_products, one_thread
from talweg_compute.problem.layout import Layout

MEMORY = 512 * 2**20
"""Bytes of checkpoints that are held at a time."""

ReadPart = Callable[[int, slice], Tensor]
"""From a checkpoint's number and a part of its elements to these, float32."""

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
    read: ReadPart,
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
    eigenvectors v_k of K = C Cᵀ (T x T, float64) give pc_k = Cᵀ v_k / √λ_k. The same columns of all checkpoints are
    held at a time, ``memory`` bytes of them, so that each number is read once when all fit, and otherwise twice: for K,
    and for the sums. The answer does not depend on ``memory``. Only trained parameters count.

    Args:
        read: Gives a part of checkpoint i, 0 ≤ i < count, as float32.
        count: Number of checkpoints, T.
        reference: float32 [size], θ_n, the plane's origin.
        layout: Names, shapes and places of the parameters.
        ignore: With ``bias_norm`` parameters with fewer than two axes count as zero.
        components: Number of directions.
        centered: As in Li et al.'s figures; without it the plain singular vectors of M.
        memory: Bytes of checkpoints to hold at a time; at least ``CHUNK`` columns are held.

    Returns:
        The directions; their signs are such that (θ_0 - θ_n) · pc_k ≥ 0.

    Raises:
        InputError: A checkpoint is not finite, or the checkpoints spread in too few directions.
    """
    rows = _Rows(read, count, reference, layout, ignore)
    gram = _gram(rows, memory)
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
    directions[:, : layout.parameter_size] = _combine(rows, weights, memory)
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
    """The matrix M, some columns at a time: checkpoints minus reference, parameters only, ignored ones zero."""

    def __init__(self, read: ReadPart, count: int, reference: Tensor, layout: Layout, ignore: Ignore) -> None:
        self._read = read
        self._part, self._block = slice(0), torch.empty(0)
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

    def parts(self, memory: int) -> list[slice]:
        """Cut the columns into parts of that many bytes; chunks are whole, so that sums do not depend on it."""
        width = max(memory // (4 * self.count * CHUNK), 1) * CHUNK
        return [slice(start, min(start + width, self.size)) for start in range(0, self.size, width)]

    def columns(self, part: slice) -> Tensor:
        """Read some columns, float32 [T, width]; those that were asked for last are kept until others are."""
        if part != self._part:
            self._part, self._block = part, torch.empty(0)  # the last ones are given free before there are new ones
            self._block = self._read_columns(part)
        return self._block

    def _read_columns(self, part: slice) -> Tensor:
        block = torch.empty(self.count, part.stop - part.start)
        for index, row in enumerate(block):
            torch.sub(self._read(index, part), self._reference[part], out=row)
        for still in self._still:
            start, stop = max(still.start, part.start), min(still.stop, part.stop)
            if start < stop:
                block[:, start - part.start : stop - part.start] = 0.0
        return block


def _gram(rows: _Rows, memory: int) -> NDArray[np.float64]:
    """Compute M Mᵀ, float64 [T, T]."""
    gram = torch.zeros(rows.count, rows.count, dtype=torch.float64)
    for part in rows.parts(memory):
        gram += _products(rows.columns(part))
    return gram.numpy()


def _products(block: Tensor) -> Tensor:
    return inner_products(block, block)


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


def _combine(rows: _Rows, weights: NDArray[np.float64], memory: int) -> Tensor:
    """Sum weights[i, k] · row_i over i in float64, and make the sums orthonormal against rounding."""
    sums = torch.empty(weights.shape[1], rows.size, dtype=torch.float64)  # [components, parameter_size]
    factors = torch.from_numpy(np.ascontiguousarray(weights.T))  # [components, T]
    for part in rows.parts(memory):
        for start in range(part.start, part.stop, CHUNK):
            stop = min(start + CHUNK, part.stop)
            chunk = rows.columns(part)[:, start - part.start : stop - part.start].double()  # [T, chunk]
            sums[:, start:stop] = factors @ chunk
    for place, direction in enumerate(sums):
        for earlier in sums[:place]:
            direction.sub_(earlier, alpha=float(earlier @ direction))
        direction /= torch.linalg.vector_norm(direction)
    return sums.float()
