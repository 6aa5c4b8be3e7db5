from itertools import pairwise

import numpy as np
import pytest

from talweg_compute.field import Topology, barrier, find_critical_points, refine_positions, separatrices, talweg
from tests.reference.functions import himmelblau, sampled


def rough(*, logarithmic: bool = False) -> Topology:
    f, u, v = sampled(himmelblau, 5, 51)
    f = f + np.random.default_rng(0).normal(0, 3, f.shape)
    return Topology(f - f.min() + 1, u, v, logarithmic=logarithmic)


def test_positions_do_not_depend_on_the_threshold():
    topology, other = rough(), rough()
    assert topology.points is topology.points
    few = other.positions(other.points.above(12))
    for threshold in (30, 12, 1, 12):
        kept = topology.points.above(threshold)
        positions = topology.positions(kept)
        assert len(kept) == positions.u.size
        for name in ("u", "v", "value", "refined"):
            both = min(len(kept), few.u.size)
            assert np.array_equal(getattr(positions, name)[:both], getattr(few, name)[:both])
    every = topology.positions(topology.points)
    expected = refine_positions(find_critical_points(topology.f), topology.f, topology.u, topology.v)
    assert np.array_equal(every.value, expected.value)


def test_persistence_in_decades():
    linear, decades = rough().points, rough(logarithmic=True).points
    assert decades.logarithmic
    key = {(int(r), int(c)): k for k, (r, c) in enumerate(zip(linear.row, linear.column, strict=True))}
    same = np.array([key[int(r), int(c)] for r, c in zip(decades.row, decades.column, strict=True)])
    assert np.array_equal(np.sort(same), np.arange(len(linear)))  # the same points in another order
    assert np.array_equal(decades.kind, linear.kind[same])
    pairs, others = decades.pairs, linear.pairs
    assert set(zip(same[pairs.extremum], same[pairs.saddle], same[pairs.parent], strict=True)) == {
        (extremum, saddle, same[-1] if parent < 0 else parent)
        for extremum, saddle, parent in zip(others.extremum, others.saddle, others.parent, strict=True)
    }
    ratio = decades.value[pairs.saddle] / decades.value[pairs.extremum]
    assert pairs.persistence == pytest.approx(np.abs(np.log10(ratio)))
    assert (np.diff(decades.persistence) <= 0).all()


def test_decades_take_positive_values():
    f, u, v = sampled(himmelblau, 5, 21)
    with pytest.raises(ValueError, match="positive values"):
        find_critical_points(f - 100, logarithmic=True)
    f[:3] = np.nan
    assert len(Topology(f + 1, u, v, logarithmic=True).points)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_talweg_knows_its_barrier(logarithmic):
    topology = rough(logarithmic=logarithmic)
    points = topology.points
    lines = separatrices(points, topology.positions(points), topology.f, topology.u, topology.v)
    minima = np.flatnonzero(points.kind == 0)[:6].tolist()
    for first, second in pairwise(minima):
        line = talweg(points, lines, first, second)
        assert line is not None
        assert line.barrier == barrier(points, first, second) > 0
