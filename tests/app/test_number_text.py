import math

import pytest

from talweg.number_text import format_value, write_scientific


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "−1.5"),
        (0.025, "0.025"),
        (2.30258, "2.303"),
        (1e-4, "10⁻⁴"),
        (-1e-4, "−10⁻⁴"),
        (1.2345e-4, "1.234·10⁻⁴"),  # the nearest double lies below the half
        (0.00099999, "0.001"),  # rounds up into the next power
        (99994.0, "99994"),
        (99999.0, "10⁵"),
        (3.2e7, "3.2·10⁷"),
        (-3.2e-17, "−3.2·10⁻¹⁷"),
        (5e-324, "4.941·10⁻³²⁴"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(("digits", "text"), [(1, "12"), (2, "12"), (3, "12.3"), (6, "12.3457")])
def test_as_many_digits_as_are_wanted_and_all_before_the_point(digits: int, text: str) -> None:
    assert format_value(12.345678, digits) == text


@pytest.mark.parametrize(
    ("python", "text"), [("1.50e-04", "1.5·10⁻⁴"), ("-1.00e+01", "−10"), ("1e+00", "1"), ("2.50e+00", "2.5")]
)
def test_powers_of_ten(python: str, text: str) -> None:
    assert write_scientific(python) == text
