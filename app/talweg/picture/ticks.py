"""Where ticks stand and what they say: real values, also on a logarithmic scale."""

import math

import numpy as np
from numpy.typing import NDArray

from talweg.view_state import Scale

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def ticks(low: float, high: float, scale: Scale = "linear", count: int = 6) -> tuple[tuple[float, str], ...]:
    """Choose round values in a range.

    Args:
        low: Lower end of the range; on a logarithmic scale the decimal logarithm of the value there.
        high: Upper end, in the same unit, larger than ``low``.
        scale: How the values stand on the range.
        count: About how many ticks are wanted, at least 2.

    Returns:
        (position, label) pairs in ascending order; the position has the unit of ``low``, the label names the value.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return ()
    if scale == "linear":
        values = _linear(low, high, count)
        return tuple(zip(values.tolist(), _labels(values), strict=True))
    positions, values = _logarithmic(low, high, count)
    return tuple(zip(positions.tolist(), _labels(values, each=True), strict=True))


def format_value(value: float, digits: int = 4) -> str:
    """Write a number for people: a proper minus sign, powers of ten where the number is very large or small.

    Args:
        value: Any number.
        digits: Significant digits.

    Returns:
        Text such as "0.025", "−1.5", "3.2·10⁷", "10⁻⁴", "NaN", "∞".
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits - 1}e}"
    power = int(text.partition("e")[2])
    if value == 0 or -4 < power < 5:
        return _trim(f"{value + 0.0:.{max(0, digits - 1 - power)}f}")
    return _scientific(text)


def _scientific(text: str) -> str:
    """Write "1.50e-04" as "1.5·10⁻⁴"."""
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if power == 0:
        return _trim(mantissa)
    ten = "10" if power == 1 else "10" + str(power).translate(_SUPERSCRIPTS)
    factor = _trim(mantissa)
    return {"1": ten, "−1": f"−{ten}"}.get(factor, f"{factor}·{ten}")


def _trim(text: str) -> str:
    """Drop zeros that say nothing and set a minus sign."""
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return short.replace("-", "−")


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


def _labels(values: NDArray[np.float64], *, each: bool = False) -> list[str]:
    """Write values with as many digits as tell them apart; on one power of ten unless each stands for itself."""
    if each:
        if values.size and (values.max() >= 1e5 or values.min() < 1e-4):
            return [_scientific(f"{value:.5e}") for value in values]
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
