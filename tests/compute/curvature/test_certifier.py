"""Analytic functions as modules, through the path of networks: what becomes of the critical points of their grids."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from talweg_compute.curvature import Certifier, PlaneDerivatives, Verdict
from talweg_compute.field import CriticalKind, default_threshold, find_critical_points
from tests.reference import functions, modules

CPU = torch.device("cpu")
Found = list[tuple[int, Verdict]]


def sample(f: PlaneDerivatives, radius: float, count: int) -> NDArray[np.float64]:
    axis = np.linspace(-radius, radius, count)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return f.values_at(points).reshape(count, count)


def certify(function: modules.Function, radius: float, count: int, threshold: float | None = None) -> Found:
    """Sample a function, take the points of its grid over the threshold, and examine each."""
    cell = 2 * radius / (count - 1)
    f = PlaneDerivatives(*modules.open_function(function), CPU, cell=(cell, cell))
    values = sample(f, radius, count)
    points = find_critical_points(values).above(default_threshold(values) if threshold is None else threshold)
    axis = np.linspace(-radius, radius, count)
    starts = np.column_stack([axis[points.column], axis[points.row]])
    certifier = Certifier(f, (-radius, -radius), (radius, radius))
    found = dict(certifier.examine_all(starts, points.kind))
    return [(int(kind), found[index]) for index, kind in enumerate(points.kind)]


def of_kind(found: Found, kind: CriticalKind, status: str = "certified") -> list[Verdict]:
    return [verdict for _, verdict in found if verdict.status == status and verdict.kind is kind]


def counts(found: Found) -> tuple[int, int, int]:
    minima, saddles, maxima = (len(of_kind(found, kind)) for kind in CriticalKind)
    return minima, saddles, maxima


def exact(function: modules.Function, place: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The nearest zero of the gradient by Newton's method, and the Hessian's eigenvalues, by dense algebra alone."""
    at = torch.tensor(place, dtype=torch.float64)
    for _ in range(20):
        at = at - torch.linalg.solve(
            torch.func.hessian(lambda x: function(x[0], x[1]))(at), torch.func.grad(lambda x: function(x[0], x[1]))(at)
        )
    return at.numpy(), torch.linalg.eigvalsh(torch.func.hessian(lambda x: function(x[0], x[1]))(at)).numpy()


def test_himmelblau_has_its_points_exactly() -> None:
    found = certify(modules.himmelblau, 6, 51, threshold=0.0)
    assert len(found) > 9  # the grid has more than there are
    assert {verdict.status for _, verdict in found} == {"certified", "dissolved"}
    assert counts(found) == (4, 4, 1)
    minima = np.array([verdict.position for verdict in of_kind(found, CriticalKind.MINIMUM)])
    for place in functions.HIMMELBLAU_MINIMA:
        assert np.linalg.norm(minima - place, axis=1).min() < 1e-6  # the reference has six digits
    saddles = of_kind(found, CriticalKind.SADDLE)
    for u, v, value in functions.HIMMELBLAU_SADDLES:
        nearest = min(saddles, key=lambda verdict: float(np.linalg.norm(verdict.position - (u, v))))
        np.testing.assert_allclose(nearest.position, (u, v), atol=1e-6)
        assert nearest.loss == pytest.approx(value, abs=1e-6)
    (top,) = of_kind(found, CriticalKind.MAXIMUM)
    np.testing.assert_allclose(top.position, functions.HIMMELBLAU_MAXIMUM[:2], atol=1e-6)
    for kind, verdict in found:
        if verdict.status == "certified":
            place, eigenvalues = exact(modules.himmelblau, verdict.position)
            assert verdict.kind is CriticalKind(kind)
            np.testing.assert_allclose(verdict.position, place, atol=1e-12)
            np.testing.assert_allclose(verdict.curvatures, eigenvalues, rtol=1e-10)
            assert verdict.slope <= 1e-6 * verdict.scale
            assert verdict.full_gradient_norm == pytest.approx(verdict.slope, abs=1e-12)  # the plane is the space


@pytest.mark.parametrize(
    ("function", "radius", "count", "expected"),
    [
        (modules.double_well, 2.0, 31, (2, 1, 0)),
        (modules.hyperbolic, 1.03, 21, (0, 1, 0)),
        (modules.oblique_bowl, 1.37, 21, (1, 0, 0)),
        pytest.param(modules.egg_crate, 1.13, 24, (4, 12, 9), marks=pytest.mark.slow),
    ],
)
def test_the_reference_functions_have_their_counts(
    function: modules.Function, radius: float, count: int, expected: tuple[int, int, int]
) -> None:
    found = certify(function, radius, count)
    assert counts(found) == expected
    for _, verdict in found:
        if verdict.status == "certified":
            place, eigenvalues = exact(function, verdict.position)
            np.testing.assert_allclose(verdict.position, place, atol=1e-9)
            np.testing.assert_allclose(verdict.curvatures, eigenvalues, rtol=1e-8)


def test_minima_of_a_valley_that_the_grid_does_not_resolve_dissolve() -> None:
    """It runs along the diagonal that the triangulation does not have."""

    def narrow(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return 100 * (u + v) ** 2 + 0.05 * (u - v - 0.3) ** 2

    found = certify(narrow, 2.0, 12, threshold=0.0)
    assert sum(kind == CriticalKind.MINIMUM for kind, _ in found) > 1
    assert counts(found) == (1, 0, 0)
    assert {verdict.status for _, verdict in found} == {"certified", "dissolved"}


def test_a_ring_is_degenerate() -> None:
    found = certify(modules.bottle, 1.6, 41)
    lowest = [verdict for kind, verdict in found if kind == CriticalKind.MINIMUM and verdict.loss < 0.1]
    assert lowest
    assert {verdict.status for verdict in lowest} == {"degenerate"}
    assert counts(found) == (0, 0, 1)


def test_a_monkey_saddle_is_degenerate() -> None:
    found = certify(modules.monkey_saddle, 1.03, 22)
    saddles = [
        verdict for kind, verdict in found if kind == CriticalKind.SADDLE and np.abs(verdict.position).max() < 0.3
    ]
    assert {verdict.status for verdict in saddles} <= {"degenerate", "dissolved"}
    assert any(verdict.status == "degenerate" for verdict in saddles)


@pytest.mark.parametrize(
    ("function", "kind"),
    [(modules.sharp_bowl, CriticalKind.MINIMUM), (modules.sharp_saddle, CriticalKind.SADDLE)],
)
def test_a_kink_is_found_where_no_gradient_vanishes(function: modules.Function, kind: CriticalKind) -> None:
    found = certify(function, 1.0, 21)
    (kink,) = of_kind(found, kind, "kink")
    np.testing.assert_allclose(kink.position, (0.37, -0.21), atol=1e-4)
    assert kink.slope > 0.1 * kink.scale
    assert counts(found) == (0, 0, 0)


def test_two_points_of_one_place_are_one() -> None:
    f = PlaneDerivatives(*modules.open_function(modules.double_well), CPU, cell=(0.1, 0.1))
    certifier = Certifier(f, (-2, -2), (2, 2))
    answers = list(certifier.examine_all([[0.9, 0.1], [1.1, 0.0]], [1, 0]))
    last = dict(answers)
    assert [index for index, _ in answers] == [0, 0, 1]  # the first gives up its place to the one of the right type
    assert (last[0].status, last[1].status) == ("dissolved", "certified")


def test_a_place_taken_before_is_not_given_away_again() -> None:
    f = PlaneDerivatives(*modules.open_function(modules.double_well), CPU, cell=(0.1, 0.1))
    certifier = Certifier(f, (-2, -2), (2, 2))
    ((_, verdict),) = certifier.examine_all([[0.9, 0.1]], [0], taken=[[1.0, 0.0]])
    assert verdict.status == "dissolved"


def test_another_type_than_the_grid_says_has_moved() -> None:
    f = PlaneDerivatives(*modules.open_function(modules.double_well), CPU, cell=(0.1, 0.1))
    verdict = Certifier(f, (-2, -2), (2, 2)).examine([0.05, 0.05], CriticalKind.MINIMUM)
    assert (verdict.status, verdict.kind) == ("moved", CriticalKind.SADDLE)
