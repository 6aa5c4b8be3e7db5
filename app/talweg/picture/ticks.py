"""Where ticks stand and what they say: real values, also on a logarithmic scale."""

import math

import numpy as np
from numpy.typing import NDArray

from talweg.number_text import format_value, write_scientific
from talweg.view.scaling import LINEAR, Scaling


def ticks(low: float, high: float, scaling: Scaling = LINEAR, count: int = 6) -> tuple[tuple[float, str], ...]:
    """Choose round values in a range.

    Args:
        low: Lower end of the range: the value there as the scaling has it.
        high: Upper end, in the same unit, larger than ``low``.
        scaling: How the values stand on the range.
        count: About how many ticks are wanted, at least 2.

    Returns:
        (position, label) pairs in ascending order; the position has the unit of ``low``, the label names the value.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return ()
    if scaling.kind == "linear":
        values = _linear(low, high, count)
        return tuple(zip(values.tolist(), _labels(values), strict=True))
    if scaling.kind == "log":
        positions, values = _logarithmic(low, high, count)
    else:
        positions, values = _symmetric(low, high, scaling, count)
    return tuple(zip(positions.tolist(), _labels(values, each=True), strict=True))


def _linear(low: float, high: float, count: int) -> NDArray[np.float64]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten."""
    raw = (high - low) / max(count, 2)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= raw * 0.999)
    slack = 1e-9 * (high - low) / step
    first, last = math.ceil(low / step - slack), math.floor(high / step + slack)
    values = np.arange(first, last + 1) * step
    return np.round(values, 12 - math.floor(math.log10(max(abs(low), abs(high), step))))


def _logarithmic(low: float, high: float, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Powers of ten where the range spans several; their 1-2-5 multiples, or round values, where it does not."""
    decades = np.arange(math.floor(low), math.ceil(high) + 1)
    every = max(1, math.ceil((high - low) / count))
    for exponents, factors in ((decades[decades % every == 0], (1,)), (decades, (1, 3)), (decades, (1, 2, 5))):
        candidates = np.array([factor * 10.0 ** float(power) for power in exponents for factor in factors])
        positions = np.log10(candidates)
        inside = (positions >= low - 1e-9) & (positions <= high + 1e-9)
        if np.count_nonzero(inside) >= min(4, count):
            return positions[inside], candidates[inside]
    values = _linear(10.0**low, 10.0**high, count)
    values = values[values > 0]
    return np.log10(values), values


def _symmetric(
    low: float, high: float, scaling: Scaling, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Zero and powers of ten on both sides, or their 1-3 or 1-2-5 multiples, as many as have room."""
    first, last = scaling.back([low, high]).tolist()
    largest = max(abs(first), abs(last)) * (1.0 + 1e-9)
    if math.isfinite(largest):
        lowest = max(math.floor(math.log10(scaling.threshold)) - 1, math.floor(math.log10(largest)) - 40)
        powers = 10.0 ** np.arange(lowest, math.floor(math.log10(largest)) + 1)
        for factors in ((1,), (1, 3), (1, 2, 5)):
            upwards = np.sort(np.outer(powers, factors).ravel())
            sides = [
                _spread(np.append(0.0, side), scaling, low, high, (high - low) / (1.7 * count))
                for side in (upwards, -upwards)
            ]
            values = np.unique(np.concatenate(sides))
            if values.size >= min(4, count):
                return scaling.forward(values), values
        values = _linear(first, last, count)
        values = values[(scaling.forward(values) >= low) & (scaling.forward(values) <= high)]
        return scaling.forward(values), values
    positions = _linear(low, high, count)
    return positions, scaling.back(positions)


def _spread(
    values: NDArray[np.float64], scaling: Scaling, low: float, high: float, least: float
) -> NDArray[np.float64]:
    """Leave out of values that go away from zero what is outside the range, or nearer than a least to the last."""
    kept: list[float] = []
    for value, at in zip(values.tolist(), scaling.forward(values).tolist(), strict=True):
        outside = not low - 1e-9 * (high - low) <= at <= high + 1e-9 * (high - low)
        if not outside and (not kept or abs(at - scaling.forward(kept[-1])) >= least):
            kept.append(value)
    return np.array(kept, dtype=np.float64)


def _labels(values: NDArray[np.float64], *, each: bool = False) -> list[str]:
    """Write values with as many digits as tell them apart; on one power of ten unless each stands for itself."""
    if each:
        magnitudes = np.abs(values[values != 0])
        if magnitudes.size and (magnitudes.max() >= 1e5 or magnitudes.min() < 1e-4):
            return [write_scientific(f"{value:.5e}") if value else "0" for value in values]
        return [format_value(float(value), 6) for value in values]
    for digits in range(1, 12):
        rounded = [float(f"{value:.{digits - 1}e}") for value in values]
        if np.allclose(rounded, values, rtol=1e-9, atol=0):
            break
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0 or 1e-4 < largest < 1e5:
        decimals = max((len(f"{value:.10f}".rstrip("0").partition(".")[2]) for value in values), default=0)
        return [f"{value + 0.0:.{decimals}f}".replace("-", "−") for value in values]
    return [format_value(float(value), digits) for value in values]
