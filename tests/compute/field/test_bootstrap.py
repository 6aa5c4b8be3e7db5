import numpy as np
import pytest

from talweg_compute.field import block_size_of, bootstrap_means


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 500, 1347, 50_000])
def test_all_samples_make_at_most_64_blocks(count):
    blocks = -(-count // block_size_of(count))
    assert min(count, 33) <= blocks <= 64


def block_sums(losses, size):
    return np.stack([losses[..., start : start + size].sum(-1) for start in range(0, losses.shape[-1], size)], -1)


def test_agrees_with_the_plain_bootstrap_of_the_samples():
    random = np.random.default_rng(5)
    shared = random.gamma(0.7, 1.0, 6000)
    losses = np.stack([shared, 1.1 * shared + 0.1 * random.normal(size=6000)])  # two points that see the same samples
    plain = np.empty((2, 400))
    for draw in range(400):
        plain[:, draw] = losses[:, random.integers(0, 6000, 6000)].mean(-1)
    size = block_size_of(6000)
    drawn = bootstrap_means(block_sums(losses, size), 6000, size, draws=4000)
    error = np.sqrt(1 / (2 * 63) + 1 / (2 * 400))  # relative standard error of a spread from 64 blocks
    np.testing.assert_allclose(drawn.mean(-1), losses.mean(-1), rtol=2e-3)
    np.testing.assert_allclose(drawn.std(-1), plain.std(-1), rtol=3 * error)
    difference, expected = (drawn[1] - drawn[0]).std(), (plain[1] - plain[0]).std()
    assert difference == pytest.approx(expected, rel=3 * error)
    assert difference < 0.2 * drawn[1].std()


def test_an_incomplete_block_counts_for_its_samples():
    drawn = bootstrap_means([10.0, 10.0, 1.0], 21, 10, draws=500)
    np.testing.assert_allclose(drawn, 1.0)


def test_blocks_that_cannot_hold_the_samples_are_refused():
    with pytest.raises(ValueError, match="3 blocks of 10 cannot hold 31"):
        bootstrap_means([1.0, 2.0, 3.0], 31, 10)
