"""A paired comparison: two contenders alternate on the same work, and what counts is the ratio of each pair.

Times of one machine change with what else runs on it; the ratio of two that were taken one after the other changes much
less. Every row therefore is such a ratio, with its quartiles over the repetitions.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Contender = Callable[[], float]
"""Does the work once and returns what is measured: seconds, a rate, bytes."""


@dataclass(frozen=True)
class Options:
    """How thoroughly to measure.

    Attributes:
        quick: Fewer cases, less work, fewer repetitions: a look, not a result.
    """

    quick: bool = False

    @property
    def repeats(self) -> int:
        """Number of pairs."""
        return 3 if self.quick else 5


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        work: What both did.
        ours: What of Talweg was measured.
        other: What it was measured against.
        ratio: Median over the pairs of how many times better ours was; NaN where there is nothing to compare.
        low: First quartile.
        high: Third quartile.
        pairs: Number of pairs.
        ours_value: Median of ours.
        other_value: Median of the other.
        unit: Of both.
        deviation: Largest relative difference of the numbers that both computed; NaN where there are none.
        goal: The ratio that is aimed at; NaN where there is none.
        note: What else the reader should know.
    """

    work: str
    ours: str
    other: str
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    pairs: int = 0
    ours_value: float = math.nan
    other_value: float = math.nan
    unit: str = ""
    deviation: float = math.nan
    goal: float = math.nan
    note: str = ""


def compare(
    work: str,
    ours: tuple[str, Contender],
    other: tuple[str, Contender],
    repeats: int,
    unit: str,
    better: Literal["higher", "lower"],
    *,
    deviation: Callable[[], float] | None = None,
    goal: float = math.nan,
    note: str = "",
) -> Row:
    """Let two contenders alternate.

    Each runs once unmeasured; then pairs follow, begun by either in turn.

    Args:
        work: What both do.
        ours: Name and contender.
        other: Name and contender.
        repeats: Number of pairs.
        unit: Of what both return.
        better: Whether higher or lower is better.
        deviation: Asked at the end for the largest relative difference of the numbers that both computed.
        goal: The ratio that is aimed at.
        note: What else the reader should know.

    Returns:
        The row; its ratio is over 1 where ours is better.
    """
    ours[1](), other[1]()
    values = np.empty((repeats, 2))
    for repeat in range(repeats):
        for place in (0, 1) if repeat % 2 == 0 else (1, 0):
            values[repeat, place] = (ours, other)[place][1]()
    ratios = values[:, 0] / values[:, 1] if better == "higher" else values[:, 1] / values[:, 0]
    low, ratio, high = np.quantile(ratios, (0.25, 0.5, 0.75)).tolist()
    ours_value, other_value = np.median(values, axis=0).tolist()
    return Row(
        work,
        ours[0],
        other[0],
        ratio,
        low,
        high,
        repeats,
        ours_value,
        other_value,
        unit,
        math.nan if deviation is None else deviation(),
        goal,
        note,
    )


def seconds(work: Callable[[], object]) -> Contender:
    """Make a contender that is measured by the clock."""

    def timed() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return timed


def largest_difference(first: object, second: object) -> float:
    """Compare numbers that should be equal.

    Args:
        first: Array-like.
        second: Array-like of the same shape, the reference.

    Returns:
        The largest absolute difference over the larger of the reference's value and 1; infinite where exactly one of a
        pair is finite.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if (np.isfinite(a) != np.isfinite(b)).any():
        return math.inf
    kept = np.isfinite(b)
    return float(np.max(np.abs(a - b)[kept] / np.maximum(np.abs(b[kept]), 1.0), initial=0.0))
