"""Scales against formulas, and ticks that can be read on each of them."""

import numpy as np
import pytest

from talweg.picture import ticks
from talweg.view.scaling import LINEAR, LOG, Scaling, choose_threshold

VALUES = np.array([-1e300, -3e5, -1.0, -1e-3, 0.0, 1e-9, 0.02, 7.0, 1e12])


@pytest.mark.parametrize("scaling", [LINEAR, Scaling("symlog", 0.01), Scaling("symlog", 1e4)])
def test_values_come_back(scaling: Scaling) -> None:
    np.testing.assert_allclose(scaling.back(scaling.forward(VALUES)), VALUES, rtol=1e-12, atol=1e-20)
    t = scaling.forward(VALUES)
    assert (np.diff(t) > 0).all()


def test_symlog_is_linear_up_to_its_threshold_and_a_logarithm_beyond() -> None:
    scaling = Scaling("symlog", 0.5)
    small = np.array([1e-6, 1e-3, 0.01])
    np.testing.assert_allclose(scaling.forward(small), small / np.log(10), rtol=1e-4)
    large = np.array([1e3, 1e6, 1e9])
    np.testing.assert_allclose(scaling.forward(large), np.log10(large / 0.5), rtol=1e-6)
    np.testing.assert_array_equal(scaling.forward(-large), -scaling.forward(large))
    np.testing.assert_allclose(np.diff(scaling.forward(large)), 3.0, atol=1e-5)  # a decade is a unit


def test_what_has_no_logarithm_is_at_its_lower_end() -> None:
    np.testing.assert_array_equal(LOG.forward([-1.0, 0.0, 1.0, 100.0]), [-np.inf, -np.inf, 0.0, 2.0])
    for scaling in (LINEAR, LOG, Scaling("symlog")):
        assert np.isnan(scaling.forward(np.nan))
        assert scaling.forward(np.inf) == np.inf


def test_the_formula_says_what_is_done() -> None:
    values = np.array([0.1, 1.0, 20.0])
    for scaling in (LINEAR, LOG, Scaling("symlog", 0.025)):
        names = {"loss": values, "log10": np.log10, "asinh": np.arcsinh, "ln": np.log}
        found = eval(scaling.formula("loss"), {"__builtins__": {}}, names)  # noqa: S307 (our own text)
        np.testing.assert_allclose(found, scaling.forward(values))


def test_the_threshold_follows_the_data() -> None:
    assert choose_threshold([]) == 1.0
    assert choose_threshold([0.0, np.nan, np.inf]) == 1.0
    assert choose_threshold(np.linspace(-5, 5, 1001)) == 0.3  # one in twenty is within 0.255
    assert choose_threshold([1e-12] * 50 + [3.0]) == 3e-4


@pytest.mark.parametrize("seed", range(60))
def test_symlog_ticks_are_few_distinct_and_in_range(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scaling = Scaling("symlog", float(10.0 ** generator.uniform(-6, 6)))
    ends = np.sort(generator.normal(size=2) * 10.0 ** generator.uniform(-8, 12, size=2))
    low, high = scaling.forward(ends).tolist()
    found = ticks(low, high, scaling)
    positions = [position for position, _ in found]
    assert 2 <= len(found) <= 12
    assert len({label for _, label in found}) == len(found)
    assert positions == sorted(positions)
    assert low - 1e-6 * (high - low) <= positions[0]
    assert positions[-1] <= high + 1e-6 * (high - low)
    assert min(np.diff(positions)) > (high - low) / 40
