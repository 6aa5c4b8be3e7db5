"""Numbers as people read them."""

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_value(value: float, digits: int = 4) -> str:
    """Write a number for people: a proper minus sign, powers of ten where the number is very large or small.

    Args:
        value: Any number.
        digits: Significant digits; those before the point are all kept.

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
    return write_scientific(text)


def write_scientific(text: str) -> str:
    """Write a number that Python writes as "1.50e-04" as "1.5·10⁻⁴"."""
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
