import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from talweg_compute.engine.record import Record, read_records, sums_of
from talweg_compute.field import block_size_of


def sum_up(losses: Tensor, correct: Tensor | None, *, first: int, of: int, per_sample: bool = True) -> Record:
    right = torch.full_like(losses, math.nan) if correct is None else correct
    part = range(first, first + len(losses))
    sums = sums_of(torch.stack([losses, right]), first=first, of=of)
    return read_records([sums], part, of=of, per_sample=per_sample)[0]


LOSSES = torch.rand(1347, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) ** 3
CORRECT = (LOSSES < 0.4).double()


def of_range(first: int, stop: int) -> Record:
    return sum_up(LOSSES[first:stop], CORRECT[first:stop], first=first, of=len(LOSSES))


def test_the_numbers_are_those_of_the_samples() -> None:
    record = of_range(0, 1347)
    assert record.loss == pytest.approx(float(LOSSES.mean()), rel=1e-14)
    assert record.accuracy == pytest.approx(100 * float(CORRECT.mean()), rel=1e-14)
    assert record.loss_standard_error == pytest.approx(float(LOSSES.std()) / math.sqrt(1347), rel=1e-12)
    size = block_size_of(1347)
    assert size == 22
    blocks = [float(LOSSES[start : start + size].sum()) for start in range(0, 1347, size)]
    assert len(record.blocks) == 62
    np.testing.assert_allclose(record.blocks, blocks, rtol=1e-14)


@pytest.mark.parametrize("cuts", [(22,), (1,), (100,), (500, 1100), (21, 22, 23, 1346)])
def test_ranges_join_whatever_the_cuts(cuts: tuple[int, ...]) -> None:
    ends = [0, *cuts, 1347]
    joined = of_range(0, ends[1])
    for first, stop in itertools.pairwise(ends[1:]):
        joined = joined + of_range(first, stop)
    whole = of_range(0, 1347)
    assert (joined.samples, joined.first, len(joined.blocks)) == (1347, 0, len(whole.blocks))
    np.testing.assert_allclose(joined.sums, whole.sums, rtol=1e-13)


def test_going_on_from_stored_sums_gives_the_same_bits() -> None:
    first, rest = of_range(0, 500), of_range(500, 1347)
    again = Record.of_sums(np.array(first.sums), 500, first.block_size, of=1347)
    assert again == first
    assert again + rest == first + rest
    with pytest.raises(ValueError, match="cannot hold 700"):
        Record.of_sums(first.sums, 700, first.block_size)


def test_the_error_of_some_samples_is_the_distance_to_the_mean_of_all() -> None:
    """Over all ways to draw n of N samples; the error that is estimated from them is right on average."""
    losses, n = LOSSES[:8], 3
    means, errors = list[float](), list[float]()
    for drawn in itertools.combinations(range(8), n):
        record = sum_up(losses[list(drawn)], None, first=0, of=8)
        means.append(record.loss)
        errors.append(record.loss_standard_error)
    assert np.mean(np.square(errors)) == pytest.approx(np.var(means), rel=1e-12)
    joined = sum_up(losses[:5], None, first=0, of=8) + sum_up(losses[5:], None, first=5, of=8)
    assert joined.loss_standard_error == pytest.approx(float(losses.std()) / math.sqrt(8), rel=1e-12)


def test_only_what_follows_can_be_added() -> None:
    with pytest.raises(ValueError, match="expected 500"):
        of_range(0, 500) + of_range(600, 700)


def test_divergence_and_unknown_numbers_are_values() -> None:
    losses = LOSSES.clone()
    losses[700] = math.inf
    record = sum_up(losses, None, first=0, of=1347)
    assert record.loss == math.inf
    assert math.isnan(record.accuracy)
    assert math.isnan(record.loss_standard_error)
    assert sum(math.isinf(block) for block in record.blocks) == 1
    assert math.isnan(sum_up(LOSSES, None, first=0, of=1347, per_sample=False).loss_standard_error)
