"""Directions and projections the slow way: loops over filters, and whole matrices."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def normalize_filters(direction: Tensor, weight: Tensor) -> Tensor:
    """Scale each slice along axis 0 to the weight's norm, one slice at a time."""
    scaled = direction.clone()
    for d, w in zip(scaled, weight, strict=True):
        d.mul_(w.norm() / (d.norm() + 1e-10))
    return scaled


def draw_directions(weights: list[Tensor], seed: int, count: int) -> list[list[Tensor]]:
    """Draw filter-normalised directions from the global generator, 1-D tensors zero."""
    torch.manual_seed(seed)
    drawn = [[torch.randn(w.shape) for w in weights] for _ in range(count)]
    return [
        [normalize_filters(d, w) if d.dim() > 1 else d.fill_(0) for d, w in zip(direction, weights, strict=True)]
        for direction in drawn
    ]


def principal_components(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give principal directions [T, n] and explained variance ratios [T] by a full singular value decomposition."""
    centered = rows - rows.mean(axis=0)
    _, singular, directions = np.linalg.svd(centered, full_matrices=False)
    return directions, singular**2 / (singular**2).sum()
