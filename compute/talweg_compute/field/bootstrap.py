"""How sure a mean over samples is, from the sums of its blocks of samples.

The bootstrap of Efron, "Bootstrap methods: another look at the jackknife" (1979), of blocks instead of samples: their
sums are all that has to be kept of a point.
"""

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Floats

_LARGEST_NUMBER_OF_BLOCKS = 64
_DRAWS_AT_ONCE = 256


def block_size_of(samples: int) -> int:
    """Return the number of samples a block, so that all samples make at most 64 blocks.

    Args:
        samples: number of all samples.
    """
    return max(1, -(-samples // _LARGEST_NUMBER_OF_BLOCKS))


def bootstrap_means(
    block_sums: npt.ArrayLike, samples: int, block_size: int, draws: int = 1000, seed: int = 1
) -> Floats:
    """Draw blocks with replacement and take the mean of each draw, the same blocks at every point.

    The spread of a point's draws is its standard error; that of the difference of two points' draws is the standard
    error of their difference, which is smaller, since both see the same samples. The last block may be incomplete; a
    draw's mean is the sum of its losses over the number of its samples. Blocks are right where their order is that of
    a random permutation; where the data are sorted, the spread between blocks overstates the error.

    Args:
        block_sums: sum of the losses of each block, [..., b]; leading axes are points.
        samples: how many samples the blocks hold in all.
        block_size: samples of each block but the last.
        draws: number of draws.
        seed: of the random numbers.

    Returns:
        Means of the draws [..., draws].

    Raises:
        ValueError: so many blocks of this size cannot hold so many samples.
    """
    sums = np.asarray(block_sums, dtype=np.float64)
    count = sums.shape[-1] if sums.ndim else 0
    if count != -(-samples // block_size):
        raise ValueError(f"block_sums: {count} blocks of {block_size} cannot hold {samples} samples")
    sizes = np.full(count, float(block_size))
    sizes[-1] = samples - block_size * (count - 1)
    random = np.random.default_rng(seed)
    means = np.empty((*sums.shape[:-1], draws))
    for start in range(0, draws, _DRAWS_AT_ONCE):
        part = slice(start, min(start + _DRAWS_AT_ONCE, draws))
        times = random.multinomial(count, np.full(count, 1 / count), part.stop - part.start).astype(
            np.float64
        )  # [d, b]
        means[..., part] = sums @ times.T / (times @ sizes)
    return means
