"""The same landscape along other random directions: is what one of them shows a feature of the network?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg_compute.field import CriticalKind, default_threshold

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SeedComparison:
    """Several landscapes that differ in the seed of their directions alone.

    Attributes:
        seeds: S seeds.
        mean: Mean of the losses over the seeds, of the shape of one grid; NaN where one is missing or diverged.
        deviation: Standard deviation over the seeds (of a sample: S - 1), of the same shape.
        minima: For each seed the number of minima that are no noise; None for lines and volumes, and before the end.
    """

    seeds: tuple[int, ...]
    mean: Float
    deviation: Float
    minima: tuple[int | None, ...]

    @property
    def spread(self) -> float:
        """Median over the grid of the deviation as a share of the mean: 0 where every seed shows the same."""
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = self.deviation / np.abs(self.mean)
        finite = shares[np.isfinite(shares)]
        return float(np.median(finite)) if finite.size else np.nan


def compare_seeds(landscapes: Sequence[Landscape]) -> SeedComparison:
    """Compare landscapes point by point.

    Args:
        landscapes: At least two of one grid, with jobs that differ in the seed.

    Returns:
        The comparison.
    """
    losses = np.stack([np.where(np.isfinite(each.loss), each.loss, np.nan) for each in landscapes])
    seeds = tuple(0 if each.job is None else each.job.plane.seed for each in landscapes)
    return SeedComparison(seeds, losses.mean(axis=0), losses.std(axis=0, ddof=1), tuple(map(_count_minima, landscapes)))


def _count_minima(landscape: Landscape) -> int | None:
    points = landscape.critical_points
    if points is None:
        return None
    kept = points.above(default_threshold(landscape.loss, landscape.fields["loss_standard_error"]))
    return int((kept.kind == CriticalKind.MINIMUM).sum())
