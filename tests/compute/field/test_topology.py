import numpy as np

from talweg_compute.field import CriticalKind, Topology, find_critical_points, refine_positions
from tests.reference.functions import himmelblau, sampled


def rough() -> Topology:
    f, u, v = sampled(himmelblau, 5, 51)
    return Topology(f + np.random.default_rng(0).normal(0, 3, f.shape), u, v)


def test_parts_are_worked_out_once():
    topology = rough()
    assert topology.points is topology.points
    simplified = topology.above(12)
    assert topology.above(12) is simplified
    for name in ("positions", "basins", "separatrices", "talwegs", "merge_tree", "split_tree"):
        assert getattr(simplified, name) is getattr(simplified, name)


def test_positions_do_not_depend_on_the_threshold():
    topology, other = rough(), rough()
    low = [topology.above(threshold).positions for threshold in (30, 12, 1)][-1]
    high = other.above(12).positions
    expected = refine_positions(find_critical_points(topology.f), topology.f, topology.u, topology.v)
    for name in ("u", "v", "value", "refined"):
        assert np.array_equal(getattr(low, name)[: high.u.size], getattr(high, name))
        assert np.array_equal(getattr(expected, name)[: low.u.size], getattr(low, name))


def test_simplified_parts_name_only_points_that_are_left():
    topology = rough()
    simplified = topology.above(12)
    kept = len(simplified.points)
    minima = np.flatnonzero(simplified.points.kind == CriticalKind.MINIMUM)
    assert len(minima) == 4 < topology.points.count(CriticalKind.MINIMUM)
    assert np.array_equal(np.unique(simplified.basins), minima)
    assert np.array_equal(simplified.merge_tree.extremum, minima)
    assert {line.saddle for line in simplified.separatrices} <= set(range(kept))
    assert len(simplified.talwegs) == 3
    for line in simplified.talwegs:
        assert line.first in minima
        assert line.second in minima
        crossed = topology.lowest_pass(line.first, line.second)
        assert crossed in line.saddles
        assert topology.barrier(line.first, line.second) == topology.points.value[crossed] - max(
            topology.points.value[[line.first, line.second]]
        )
        again = topology.talweg(line.first, line.second)
        assert again is not None
        assert again.saddles == line.saddles
