import numpy as np
import pytest

from talweg_compute.field import (
    CriticalKind,
    find_critical_points,
    lowest_pass,
    refine_positions,
    separatrices,
    talweg,
    talwegs,
)
from tests.reference.functions import (
    HIMMELBLAU_MINIMA,
    bottle,
    double_well,
    egg_crate,
    himmelblau,
    monkey_saddle,
    sampled,
)

# the minima that the lines down from each saddle of Himmelblau's function reach
HIMMELBLAU_ENDS = {
    (-3.073026, -0.081353): {(-2.805118, 3.131313), (-3.779310, -3.283186)},
    (-0.127961, -1.953715): {(-3.779310, -3.283186), (3.584428, -1.848127)},
    (0.086678, 2.884255): {(3.0, 2.0), (-2.805118, 3.131313)},
    (3.385154, 0.073852): {(3.0, 2.0), (3.584428, -1.848127)},
}


def everything(f, u, v):
    points = find_critical_points(f)
    positions = refine_positions(points, f, u, v)
    return points, positions, separatrices(points, positions, f, u, v)


def nearest(known, u, v):
    return min(known, key=lambda point: (point[0] - u) ** 2 + (point[1] - v) ** 2)


@pytest.mark.parametrize("n", [21, 51, 101])
def test_himmelblau_saddles_lead_to_the_right_minima(n):
    points, _, lines = everything(*sampled(himmelblau, 5, n))
    ends = {}
    for line in lines:
        if not line.ascending:
            assert line.smooth
            saddle = nearest(HIMMELBLAU_ENDS, *line.path[0, :2])
            ends.setdefault(saddle, set()).add(nearest(HIMMELBLAU_MINIMA, *line.path[-1, :2]))
            assert points.kind[line.extremum] == CriticalKind.MINIMUM
    assert ends == HIMMELBLAU_ENDS
    up = [line for line in lines if line.ascending]
    assert sum(points.kind[line.extremum] == CriticalKind.MAXIMUM for line in up if line.extremum >= 0) == 4
    for line in up:
        if line.extremum < 0:
            assert np.abs(line.path[-1, :2]).max() == 5


def test_lines_are_monotone_and_orthogonal_to_contours():
    f, u, v = sampled(himmelblau, 5, 51)
    _, _, lines = everything(f, u, v)
    for line in lines:
        height = line.path[1:-1, 2]
        assert (np.diff(height) * (1 if line.ascending else -1) > 0).all()
        x, y = line.path[3:-3, 0], line.path[3:-3, 1]
        gradient = np.stack(
            [4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7), 2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7)]
        )
        tangent = np.stack([np.gradient(x), np.gradient(y)])
        cosine = (gradient * tangent).sum(0) / np.linalg.norm(gradient, axis=0) / np.linalg.norm(tangent, axis=0)
        assert np.quantile(np.abs(cosine), 0.1) > 0.98


def test_double_well_lines_lie_on_the_axis():
    _, _, lines = everything(*sampled(double_well, 2, 41))
    down = [line for line in lines if not line.ascending]
    assert sorted(round(float(line.path[-1, 0]), 3) for line in down) == [-1, 1]
    assert max(np.abs(line.path[:, 1]).max() for line in down) < 1e-6


def test_monkey_saddle_has_three_lines_down_to_the_frame():
    points, _, lines = everything(*sampled(monkey_saddle, 1, 51))
    down = [line for line in lines if not line.ascending]
    assert len(down) == 3
    assert {line.extremum for line in down} == set(np.flatnonzero(points.kind == CriticalKind.MINIMUM).tolist())


@pytest.mark.parametrize("function", [egg_crate, bottle])
def test_every_line_down_reaches_a_minimum(function):
    points, _, lines = everything(*sampled(function, 1.13, 51))
    down = [line for line in lines if not line.ascending]
    assert len(down) == 2 * points.count(CriticalKind.SADDLE)
    assert all(points.kind[line.extremum] == CriticalKind.MINIMUM for line in down)


@pytest.mark.parametrize("seed", range(4))
def test_talwegs_on_a_rough_field_cross_the_lowest_pass(seed):
    f, u, v = sampled(himmelblau, 5, 51)
    f = f + np.random.default_rng(seed).normal(0, 3, f.shape)
    points, positions, lines = everything(f, u, v)
    assert all(line.extremum >= 0 for line in lines if not line.ascending)
    found = talwegs(points, lines, threshold=12)
    assert len(found) == points.above(12).count(CriticalKind.MINIMUM) - 1 == 3
    for line in found:
        highest = max(line.saddles, key=lambda saddle: points.value[saddle])
        assert highest == lowest_pass(points, line.first, line.second)
        ends = [[positions.u[k], positions.v[k]] for k in (line.first, line.second)]
        assert line.path[[0, -1], :2].tolist() == ends
        assert np.abs(np.diff(line.path[:, :2], axis=0)).max() < 0.5


def test_talweg_between_distant_minima_crosses_all_saddles_between():
    points, positions, lines = everything(*sampled(himmelblau, 5, 51))
    minima = {
        nearest(HIMMELBLAU_MINIMA, positions.u[k], positions.v[k]): int(k)
        for k in np.flatnonzero(points.kind == CriticalKind.MINIMUM)
    }
    line = talweg(points, lines, minima[(-3.779310, -3.283186)], minima[(3.584428, -1.848127)])
    assert line is not None
    crossed = [round(float(positions.value[k])) for k in line.saddles]
    assert crossed == [104, 68, 13]
    assert line.smooth
    assert line.path[:, 2].max() == pytest.approx(104.015, abs=0.05)
    with pytest.raises(ValueError, match="two minima"):
        talweg(points, lines, line.first, line.first)


def test_masked_values_are_gone_around_or_end_a_line():
    f, u, v = sampled(double_well, 2, 41)
    f[17:24, 19:22] = np.nan  # over the saddle: two passes beside it are left
    points, _, lines = everything(f, u, v)
    minima = np.flatnonzero(points.kind == CriticalKind.MINIMUM).tolist()
    assert len(minima) == 2
    line = talweg(points, lines, *minima)
    assert line is not None
    f[:, 20] = np.nan
    points, _, lines = everything(f, u, v)
    assert lines == ()
    assert talweg(points, lines, 0, 1) is None


def test_field_without_saddles_has_no_lines():
    f = np.full((5, 5), np.nan)
    u = np.arange(5.0)
    assert everything(f, u, u)[2] == ()
    f[2, 2] = 1.0
    assert everything(f, u, u)[2] == ()


def test_whole_chain_on_small_random_grids():
    rng = np.random.default_rng(12)
    for trial in range(24):
        shape = tuple(rng.integers(2, 12, 2))
        f = rng.normal(size=shape) if trial % 2 else rng.integers(0, 5, shape).astype(float)
        f[rng.random(shape) < (0, 0.2)[trial // 2 % 2]] = np.nan
        u, v = np.cumsum(rng.uniform(0.1, 1, shape[1])), np.cumsum(rng.uniform(0.1, 1, shape[0]))
        points, _, lines = everything(f, u, v)
        found = talwegs(points, lines)
        assert len(found) == np.count_nonzero(points.kind[points.pairs.extremum] == CriticalKind.MINIMUM)
        for line in found:
            highest = max(points.value[list(line.saddles)])
            assert highest == points.value[lowest_pass(points, line.first, line.second)]
