import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from talweg.analysis.valleys import STRONGEST, Valleys, valleys_of
from talweg.landscape import Landscape
from talweg_compute.field import CriticalKind, Topology, barrier, basins
from tests.app.scene.samples import bowl, himmelblau, landscape

Float = NDArray[np.float64]


def rough(count: int = 61, seed: int = 0, smooth: float = 3.0) -> Landscape:
    """Dozens of minima."""
    noise = gaussian_filter(np.random.default_rng(seed).standard_normal((count, count)), smooth)
    return landscape(noise / noise.std() + bowl(count).loss)


def topology(sample: Landscape) -> Topology:
    assert sample.topology is not None
    return sample.topology


def thresholds(valleys: Valleys) -> list[float]:
    finite = valleys.points.persistence[np.isfinite(valleys.points.persistence)]
    return [0.0, float(np.median(finite)), float(finite.max()) * 0.6, float(finite.max()) + 1]


@pytest.mark.parametrize("seed", range(4))
def test_basins_at_a_threshold_are_those_of_the_simplified_field(seed: int) -> None:
    sample = rough(seed=seed)
    loss = sample.loss.copy()
    loss[10:20, 30:34] = np.nan
    sample = landscape(loss)
    valleys = valleys_of(topology(sample))
    rank = np.cumsum(valleys.points.kind == CriticalKind.MINIMUM) - 1
    for threshold in thresholds(valleys):
        expected = basins(loss, valleys.points.above(threshold))
        np.testing.assert_array_equal(valleys.basins(threshold), np.where(expected < 0, -1, rank[expected]))
        shown = np.unique(valleys.basins(threshold))
        np.testing.assert_array_equal(shown[shown >= 0], np.arange(valleys.minima(threshold).size))


def test_a_higher_threshold_only_merges_basins() -> None:
    valleys = valleys_of(topology(rough()))
    levels = thresholds(valleys)
    numbers = [len(np.unique(valleys.basins(level))) for level in levels]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 20
    assert numbers[-1] == 1
    fine, coarse = valleys.basins(levels[0]), valleys.basins(levels[2])
    assert all(len(np.unique(coarse[fine == name])) == 1 for name in np.unique(fine))


def test_talwegs_join_kept_minima_over_the_lowest_pass() -> None:
    valleys = valleys_of(topology(rough()))
    for threshold in thresholds(valleys):
        kept = set(valleys.minima(threshold).tolist())
        chosen = [valleys.talwegs[number] for number in valleys.cut(threshold).talwegs.tolist()]
        assert len(chosen) == len(kept) - 1
        for line in chosen:
            assert {line.first, line.second} <= kept
            highest = max(valleys.points.value[list(line.saddles)])
            climb = highest - max(valleys.points.value[[line.first, line.second]])
            assert climb == pytest.approx(barrier(valleys.points, line.first, line.second))


def test_the_lines_of_kept_saddles_lead_to_kept_minima() -> None:
    valleys = valleys_of(topology(rough()))
    for threshold in thresholds(valleys)[1:3]:
        cut, count = valleys.cut(threshold), valleys.count(threshold)
        reached = {valleys.separatrices[number].extremum for number in cut.descending.tolist()}
        onward = {valleys.talwegs[number].first: valleys.talwegs[number].second for number in cut.onward.tolist()}
        assert any(end >= count for end in reached)  # else nothing would have to go on
        for end in reached:
            while end >= count:
                end = onward[end]
            assert valleys.points.kind[end] == CriticalKind.MINIMUM
        assert all(valleys.separatrices[number].saddle < count for number in cut.ascending.tolist())


def test_lines_are_cut_into_pieces_that_never_join_two_of_them() -> None:
    valleys = valleys_of(topology(himmelblau()))
    lines = valleys.separatrix_lines
    every = lines.segments(np.arange(len(valleys.separatrices)))
    assert len(every) == len(lines.coordinates) - len(valleys.separatrices)
    one = lines.segments(np.array([3]))
    np.testing.assert_allclose(lines.coordinates[one[:, 0]], valleys.separatrices[3].path[:-1, :2])
    assert lines.segments(np.zeros(0, dtype=np.int64)).shape == (0, 2)


def test_sizes_grow_with_persistence() -> None:
    valleys = valleys_of(topology(rough()))
    assert (np.diff(valleys.size) <= 0).all()
    assert valleys.size[0] == 1.35
    assert valleys.size.min() >= 0.6


def test_only_the_strongest_points_of_noise_are_refined_and_joined() -> None:
    noise = landscape(np.random.default_rng(1).random((120, 120)))
    valleys = Valleys(topology(noise))
    assert len(valleys.points) > 2000
    assert 0.9 * STRONGEST < len(valleys.strongest) <= STRONGEST
    assert valleys.coordinates.shape == (len(valleys.points), 2)
    last = len(valleys.points) - 1
    np.testing.assert_array_equal(
        valleys.coordinates[last], [noise.u[valleys.points.column[last]], noise.v[valleys.points.row[last]]]
    )
