"""How far the losses of a landscape are off because it saw some samples and not others."""

from dataclasses import dataclass

import numpy as np

from talweg.document import Document
from talweg.landscape import Landscape
from talweg_compute.field import block_size_of, bootstrap_means

_PAIRS = 200


@dataclass(frozen=True, slots=True)
class Noise:
    """What other samples would change.

    Attributes:
        standard_error: Median standard error of a point's loss.
        of_differences: Median standard error of the difference of two neighbours, which see the same samples; from a
            bootstrap of blocks of samples.
        blocks: Number of blocks.
    """

    standard_error: float
    of_differences: float
    blocks: int


def measure_noise(document: Document, landscape: Landscape) -> Noise | None:
    """Bootstrap the losses of neighbouring points.

    Args:
        document: Holds the landscape and the sums of its points.
        landscape: Of the document.

    Returns:
        The noise, or None where the sums of blocks are not known, or there is only one block.
    """
    if landscape.provenance is None or not landscape.settled:
        return None
    pairs = landscape.computed[..., :-1] & landscape.computed[..., 1:]
    left = np.ravel_multi_index(np.nonzero(pairs), landscape.computed.shape)
    if left.size == 0:
        return None
    left = left[np.linspace(0, left.size - 1, min(_PAIRS, left.size)).astype(np.int64)]
    samples = int(landscape.samples.flat[left[0]])
    rows = document.sums(landscape.id, np.concatenate([left, left + 1]))
    size = block_size_of(landscape.provenance.samples)
    count = -(-samples // size)
    if count < 2 or any(row.size < 3 + count for row in rows):
        return None
    blocks = np.stack(rows)[:, 3 : 3 + count]
    usable = np.isfinite(blocks).all(axis=1).reshape(2, -1).all(axis=0)
    if not usable.any():
        return None
    drawn = bootstrap_means(blocks, samples, size).reshape(2, left.size, -1)[:, usable]
    return Noise(
        standard_error=float(np.median(landscape.fields["loss_standard_error"].flat[left[usable]])),
        of_differences=float(np.median((drawn[1] - drawn[0]).std(axis=-1))),
        blocks=count,
    )
