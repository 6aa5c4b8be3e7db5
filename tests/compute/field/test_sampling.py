import numpy as np
import pytest

from talweg_compute.field import coarse_to_fine, lattice_lines

SIZES = [(1, 1), (1, 40), (2, 2), (3, 17), (9, 9), (10, 10), (21, 21), (51, 51), (101, 101), (64, 37), (5, 300)]


@pytest.mark.parametrize(("nv", "nu"), SIZES)
def test_order_is_a_permutation_in_complete_levels(nv, nu):
    sampling = coarse_to_fine(nv, nu)
    assert np.array_equal(np.sort(sampling.order), np.arange(nv * nu))
    assert sampling.level_ends[-1] == nv * nu
    assert (np.diff(sampling.level_ends) > 0).all()
    assert sampling.level_ends[0] <= 81
    for end in sampling.level_ends.tolist():
        rows, columns = np.divmod(sampling.order[:end], nu)
        assert np.unique(rows).size * np.unique(columns).size == end
        for lines, count in ((np.unique(rows), nv), (np.unique(columns), nu)):
            assert {0, count // 2, count - 1} <= set(lines.tolist())


@pytest.mark.parametrize("count", [1, 2, 3, 16, 51, 101, 400])
def test_lattices_are_nested(count):
    for stride in (1, 2, 4, 8, 16):
        assert np.isin(lattice_lines(count, 2 * stride), lattice_lines(count, stride)).all()
    assert lattice_lines(count, 1).tolist() == list(range(count))


def test_first_level_is_spread_evenly_and_grows_from_the_centre():
    sampling = coarse_to_fine(101, 101)
    assert sampling.level_ends.tolist() == [81, 225, 729, 2601, 10201]
    assert sampling.order[0] == 50 * 101 + 50
    for start, end in zip([0, *sampling.level_ends], sampling.level_ends, strict=False):
        row, column = np.divmod(sampling.order[start:end], 101)
        assert (np.diff(np.hypot(row - 50, column - 50)) > -1e-9).all()


def test_empty_grid_is_refused():
    with pytest.raises(ValueError, match="at least 1 line an axis"):
        coarse_to_fine(0, 5)
