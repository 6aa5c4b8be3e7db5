"""Inner products of long float32 vectors, accumulated in float64."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

CHUNK = 1 << 14
"""Coordinates that are converted to float64 at a time: few enough for the cache; fixed, so that sums are the same."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch use one thread; also a decorator.

    Sums over short chunks are bound by memory. Threads gain little, and on a busy machine they wait for one another at
    each chunk, up to a hundred times as long as the work takes. One thread also sums the same way on every machine.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@one_thread()
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
