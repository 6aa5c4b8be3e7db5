"""What landscapes are compared by, against functions whose numbers are known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.analysis.comparison import area_below, common_level, measure
from talweg.landscape import Landscape

Float = NDArray[np.float64]


def plane(name: str, f: Float, axis: Float, accuracy: Float | None = None) -> Landscape:
    fields = {"loss": f, "loss_standard_error": np.full(f.shape, 0.003)}
    if accuracy is not None:
        fields["accuracy"] = accuracy
    return Landscape(1, 1, name, axis, axis, fields, np.ones(f.shape, dtype=np.bool_))


def test_a_quadratic_has_its_own_curvature_and_area() -> None:
    axis = np.linspace(-2.0, 2.0, 81)
    u, v = axis[None, :], axis[:, None]
    f = 0.5 + 0.5 * (3 * u**2 + 2 * u * v + 2 * v**2)
    found = measure(plane("bowl", f, axis), level=1.5)
    assert found.loss == pytest.approx(0.5)
    expected = np.linalg.eigvalsh([[3.0, 1.0], [1.0, 2.0]])
    np.testing.assert_allclose(found.curvature, expected, rtol=1e-4)
    # the ellipse 0.5 x'Hx <= 1 has the area 2 pi / sqrt(det H); the triangles over it are a little too high
    assert found.area == pytest.approx(2 * math.pi / math.sqrt(5.0), rel=2e-3)
    assert found.share == pytest.approx(found.area / 16.0)
    assert (found.minima, found.barriers) == (1, ())


def test_the_curvature_is_that_of_the_loss_where_its_logarithm_is_smoother() -> None:
    axis = np.linspace(-1.0, 1.0, 41)
    u, v = axis[None, :], axis[:, None]
    f = np.exp(2 * u + 3 * u**2 - v**2)
    # f(0) = 1, gradient (2, 0): the Hessian is diag(4 + 6, -2)
    np.testing.assert_allclose(measure(plane("exp", f, axis), 1.0).curvature, (-2.0, 10.0), rtol=1e-3)


def test_the_area_below_a_level_is_exact_on_a_slope() -> None:
    axis = np.linspace(0.0, 1.0, 7)
    f = axis[None, :] + 2 * axis[:, None]
    for level, area in ((-1.0, 0.0), (0.5, 0.0625), (1.0, 0.25), (2.0, 0.75), (5.0, 1.0)):
        assert area_below(f, axis, axis, level) == pytest.approx((area, 1.0))
    f[0, 0] = np.nan
    assert area_below(f, axis, axis, 5.0) == pytest.approx(
        (35 / 36, 35 / 36)
    )  # both triangles of its cell are left out
    assert area_below(np.ones((7, 7)), axis, axis, 1.0) == pytest.approx((1.0, 1.0))


def test_two_wells_have_one_barrier_between_them() -> None:
    axis = np.linspace(-2.0, 2.0, 81)
    u, v = axis[None, :], axis[:, None]
    f = (u**2 - 1) ** 2 + 0.1 * u + v**2 + 1.0
    found = measure(plane("wells", f, axis), level=1.0)
    assert found.minima == 2
    u_line = np.linspace(-2.0, 2.0, 400_001)
    curve = (u_line**2 - 1) ** 2 + 0.1 * u_line
    top, shallow = curve[np.abs(u_line) < 0.5].max(), curve[u_line > 0.5].min()
    assert found.barriers == pytest.approx((top - shallow,), rel=2e-2)


def test_the_centre_is_the_origin_as_it_was_evaluated_or_the_middle_of_the_grid() -> None:
    axis = np.linspace(1.0, 3.0, 5)
    assert measure(plane("off", axis[None, :] + 0 * axis[:, None], axis), 1.0).centre == (2.0, 2.0)
    near = np.linspace(-1.0, 1.5, 6)
    flat = Landscape(1, 1, "flat", near, near, {"loss": np.ones((6, 6))}, np.ones((6, 6), bool), origin={"loss": 0.25})
    assert measure(flat, 1.0).loss == 0.25
    assert common_level([flat]) == 0.5


def test_differences_and_lines_set_no_level_and_of_lines_the_way_is_measured() -> None:
    axis = np.linspace(-1.0, 1.0, 5)
    bowl = plane("bowl", 1.0 + axis[None, :] ** 2 + axis[:, None] ** 2, axis)
    apart = replace(bowl, fields={"loss": 0 * bowl.loss + 7.0}, source="difference of a and b")
    line = Landscape(
        1, 1, "line", axis, np.zeros(1), {"loss": np.array([[2.0, 5.0, 3.0, 5.0, 4.0]])}, np.ones((1, 5), bool)
    )
    assert common_level([bowl, apart, line]) == 2.0
    found = measure(line, 1.0)
    assert (found.kind, found.loss, found.centre) == ("line", 3.0, (0.0, 0.0))
    difference = measure(apart, 1.0)
    assert (difference.kind, difference.loss, difference.minima) == ("difference", 7.0, None)
    assert math.isnan(difference.area)
    assert found.way is not None
    assert (found.way.losses, found.minima, found.barriers) == ((2.0, 4.0), None, ())
