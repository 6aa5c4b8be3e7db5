"""Inner products of long float32 vectors, accumulated in float64."""

import torch
from torch import Tensor

CHUNK = 1 << 16
"""Coordinates that are converted to float64 at a time; fixed, so that a sum does not depend on the memory at hand."""


def inner_products(first: Tensor, second: Tensor) -> Tensor:
    """Compute all inner products of two sets of vectors.

    Args:
        first: Floating point [a, n].
        second: Floating point [b, n].

    Returns:
        float64 [a, b], first · secondᵀ, each product and the sum in float64.
    """
    total = torch.zeros(first.shape[0], second.shape[0], dtype=torch.float64)
    for start in range(0, first.shape[1], CHUNK):
        left = first[:, start : start + CHUNK].double()  # [a, chunk]
        right = left if second is first else second[:, start : start + CHUNK].double()  # [b, chunk]
        total += left @ right.T
    return total
