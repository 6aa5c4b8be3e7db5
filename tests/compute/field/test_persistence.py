import numpy as np
import pytest

from talweg_compute.field import persistence
from talweg_compute.field.persistence import TopologyError, analyse, elder_rule
from talweg_compute.field.triangulation import LOWER_COMPONENTS
from tests.reference.persistence import persistence_pairs


def all_pairs(f):
    topology = analyse(f)
    return tuple(
        set(zip(tree.extremum[1:].tolist(), tree.saddle[1:].tolist(), strict=True))
        for tree in (topology.minima, topology.maxima)
    )


def random_field(rng, kind):
    shape = tuple(rng.integers(2, 18, 2))
    if kind == "distinct":
        return rng.normal(size=shape)
    if kind == "ties":
        return rng.integers(0, 6, shape).astype(float)
    if kind == "plateaus":
        coarse = rng.integers(0, 4, (-(-shape[0] // 3), -(-shape[1] // 3)))
        return np.kron(coarse, np.ones((3, 3)))[: shape[0], : shape[1]]
    f = rng.normal(size=shape)
    f[rng.random(shape) < 0.2] = np.nan
    return f


@pytest.mark.parametrize("kind", ["distinct", "ties", "plateaus", "masked"])
def test_pairs_equal_those_of_gudhi(kind):
    rng = np.random.default_rng(7)
    for _ in range(125):
        f = random_field(rng, kind)
        minima, maxima = all_pairs(f)
        expected_minima, expected_maxima, lowest = persistence_pairs(f)
        assert minima == expected_minima
        assert maxima == expected_maxima
        assert analyse(f).minima.extremum[0] == lowest


def test_larger_field_equals_gudhi():
    f = np.random.default_rng(2).normal(size=(45, 61))
    minima, maxima = all_pairs(f)
    assert (minima, maxima) == persistence_pairs(f)[:2]


def test_invariants_on_larger_random_fields():
    rng = np.random.default_rng(11)
    for levels in (2, 5, 1000):
        f = rng.integers(0, levels, (150, 90)).astype(float)
        topology = analyse(f)
        components = LOWER_COMPONENTS[topology.codes].astype(int)
        multiplicity = components[components >= 2] - 1
        assert topology.minima.extremum.size - multiplicity.sum() + topology.maxima.extremum.size == 2
        for tree in (topology.minima, topology.maxima):
            assert (tree.parent[1:] < np.arange(1, tree.parent.size)).all()
            assert (tree.saddle[1:] >= 0).all()


def test_violated_invariant_is_an_error(monkeypatch):
    monkeypatch.setattr(persistence, "LOWER_COMPONENTS", np.minimum(LOWER_COMPONENTS, 2))
    with pytest.raises(TopologyError, match="of a sphere it is 2"):
        analyse(np.random.default_rng(0).normal(size=(30, 30)))


@pytest.mark.parametrize("few", [0, 10**9], ids=["rounds", "one by one"])
def test_both_ways_of_joining_agree_with_a_plain_union_find(monkeypatch, few):
    monkeypatch.setattr(persistence, "_FEW_EDGES", few)
    rng = np.random.default_rng(4)
    for _ in range(60):
        count, edges = int(rng.integers(1, 60)), int(rng.integers(0, 150))
        first, second = rng.integers(0, count, (2, edges))
        group = list(range(count))
        expected = [-1] * count
        for position, (a, b) in enumerate(zip(first, second, strict=True)):
            elder, younger = sorted((group[a], group[b]))
            if elder != younger:
                expected[younger] = position
                group = [elder if member == younger else member for member in group]
        death, neighbour = elder_rule(first, second, count)
        assert death.tolist() == expected
        assert (neighbour[death >= 0] < np.flatnonzero(death >= 0)).all()


def test_long_chain_of_slow_rounds():
    # barriers fall and minima rise outwards: each round joins one pair only
    count = 3000
    first = np.arange(count - 1)[::-1]
    death, _ = elder_rule(first, first + 1, count)
    assert death.tolist() == [-1, *range(count - 2, -1, -1)]


def test_parent_is_the_eldest_met():
    # minima 0, 3, 1, 2 in a row; barriers 9, 5, 4 between them
    row = np.array([0.0, 9, 3, 5, 1, 4, 2])
    f = np.stack([row + 20, row, row + 20])
    tree = analyse(f).minima
    value = f.ravel()[tree.extremum]
    assert value.tolist() == [0, 1, 2, 3]
    assert f.ravel()[tree.saddle[1:]].tolist() == [9, 4, 5]
    assert tree.parent.tolist() == [-1, 0, 1, 1]
