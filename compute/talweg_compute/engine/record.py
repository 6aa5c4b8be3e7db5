"""What is known of one point: sums over a range of its samples, and the numbers that follow from them."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from types import MappingProxyType

import torch
from torch import Tensor

from talweg_compute.field import block_size_of
from talweg_compute.messages import FIELDS

_FINENESS = ("bf16", "float16", "tf32", "float32")


@dataclass(frozen=True, slots=True)
class Record:
    """Sums over the samples from ``first`` on, of which records of adjoining ranges make one.

    Attributes:
        samples: How many samples were seen.
        loss_sum: Sum of their losses; NaN and inf are values.
        square_sum: Sum of the squared losses; NaN where the loss function gives no value for each sample.
        correct: How many were classified correctly (shares count); NaN where there is no such thing.
        blocks: Sum of the losses of each block, in order: the samples i with the same ``i // block_size``. The first
            and the last block of a range may be incomplete.
        block_size: Samples a block; it depends on the number of all samples, never on the size of a batch.
        first: The range's first sample.
        precision: Number format of the forward pass; of joined ranges the coarser one.
        metrics: By name the sum of the samples' numbers, or one sum for each bin.
        of: Number of all samples, which further ones join to be; 0: there are no others.
    """

    samples: int
    loss_sum: float
    square_sum: float
    correct: float
    blocks: tuple[float, ...]
    block_size: int
    first: int = 0
    precision: str = "float32"
    metrics: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    of: int = 0

    @property
    def loss(self) -> float:
        """Mean loss over the samples."""
        return self.loss_sum / self.samples

    @property
    def accuracy(self) -> float:
        """Percentage of samples classified correctly; NaN where there is no such thing."""
        return 100 * self.correct / self.samples

    @property
    def loss_standard_error(self) -> float:
        """How far the mean loss may be off; NaN where it is not known.

        On all N samples sd / √n with n = N: they are themselves drawn from what the model is meant for, and the error
        is that of the mean as an estimate of the expected loss. On n < N of them sd / √n · √(1 - n/N), the error of a
        sample drawn without replacement (Cochran 1977, eq. 2.20): more samples will join until the mean is that of
        all N, and the error says how far it is from there.
        """
        n = self.samples
        if n < 2 or not math.isfinite(self.square_sum):
            return math.nan
        variance = max(self.square_sum - self.loss_sum * self.loss_sum / n, 0.0) / (n - 1)
        return math.sqrt(variance / n * (1 - n / self.of if n < self.of else 1.0))

    @property
    def fields(self) -> dict[str, float]:
        """Loss, accuracy, standard error and metrics by name; of a metric in bins the sum of the means' absolutes."""
        own = {name: getattr(self, name) for name in FIELDS}
        return own | {
            name: (sums[0] if len(sums) == 1 else sum(map(abs, sums))) / self.samples
            for name, sums in self.metrics.items()
        }

    @property
    def sums(self) -> tuple[float, ...]:
        """Everything that is needed to go on from here, as numbers: the three sums, the blocks, then the metrics'."""
        return self.loss_sum, self.square_sum, self.correct, *self.blocks, *itertools.chain(*self.metrics.values())

    @classmethod
    def of_sums(
        cls,
        sums: Sequence[float],
        samples: int,
        block_size: int,
        precision: str = "float32",
        metrics: Mapping[str, int] = MappingProxyType({}),
        of: int = 0,
    ) -> "Record":
        """Build the record of the first samples again from its sums.

        Args:
            sums: As the property of that name gives them.
            samples: How many samples they are of.
            block_size: Of their blocks.
            precision: Number format they were evaluated in.
            metrics: How many sums each metric has, by name.
            of: Number of all samples; 0: there are no others.

        Returns:
            The record, bit for bit; what is added to it later gives the same numbers.

        Raises:
            ValueError: These are not sums of so many samples.
        """
        loss_sum, square_sum, correct, *rest = map(float, sums)
        count = len(rest) - sum(metrics.values())
        if count != math.ceil(samples / block_size):
            raise ValueError(f"sums: {count} blocks of {block_size} cannot hold {samples} samples")
        blocks, others = tuple(rest[:count]), _by_metric(rest[count:], metrics)
        return cls(
            samples, loss_sum, square_sum, correct, blocks, block_size, precision=precision, metrics=others, of=of
        )

    def __add__(self, following: "Record") -> "Record":
        """Join the record of the samples that follow this one's.

        Raises:
            ValueError: They do not follow, or have other blocks.
        """
        boundary = self.first + self.samples
        if following.first != boundary or following.block_size != self.block_size:
            raise ValueError(f"following: begins at sample {following.first}, expected {boundary}, in the same blocks")
        blocks = self.blocks + following.blocks
        if boundary % self.block_size:  # the range ends inside a block
            shared = self.blocks[-1] + following.blocks[0]
            blocks = (*self.blocks[:-1], shared, *following.blocks[1:])
        return Record(
            samples=self.samples + following.samples,
            loss_sum=self.loss_sum + following.loss_sum,
            square_sum=self.square_sum + following.square_sum,
            correct=self.correct + following.correct,
            blocks=blocks,
            block_size=self.block_size,
            first=self.first,
            precision=min(self.precision, following.precision, key=_FINENESS.index),
            metrics={name: tuple(map(add, sums, following.metrics[name])) for name, sums in self.metrics.items()},
            of=self.of,
        )


def sums_of(values: Tensor, *, first: int, of: int) -> Tensor:
    """Sum the samples of a range up, on their device and without waiting for it.

    Args:
        values: float64 [2 + m, n], of each sample the loss; 1, 0 or a share where it is classified correctly, or NaN
            where nothing is; and the m numbers of the metrics.
        first: Index of the first of them.
        of: Number of all samples, which decides on the blocks.

    Returns:
        float64 [3 + blocks + m], in the order of ``Record.sums``.
    """
    losses = values[0]
    block_size = block_size_of(of)
    before = first % block_size
    after = -(before + len(losses)) % block_size
    blocks = torch.nn.functional.pad(losses, (before, after)).view(-1, block_size).sum(1)
    own = torch.stack([losses.sum(), losses.square().sum(), values[1].sum()])
    return torch.cat([own, blocks, *([values[2:].sum(1)] if len(values) > 2 else [])])


def read_records(
    sums: Sequence[Tensor],
    part: range,
    *,
    of: int,
    per_sample: bool = True,
    precision: str = "float32",
    metrics: Mapping[str, int] = MappingProxyType({}),
) -> list[Record]:
    """Read the sums of several points over the same range of samples in one go.

    Args:
        sums: Of each point, as ``sums_of`` gives them.
        part: The range.
        of: Number of all samples.
        per_sample: Whether each sample has a loss of its own, rather than its batch's mean.
        precision: Number format of the forward pass.
        metrics: How many sums each metric has, by name.

    Returns:
        The records.
    """
    others = sum(metrics.values())
    return [
        Record(
            samples=len(part),
            loss_sum=loss_sum,
            square_sum=square_sum if per_sample else math.nan,
            correct=correct,
            blocks=tuple(rest[: len(rest) - others]),
            block_size=block_size_of(of),
            first=part.start,
            precision=precision,
            metrics=_by_metric(rest[len(rest) - others :], metrics),
            of=of,
        )
        for loss_sum, square_sum, correct, *rest in torch.stack(list(sums)).tolist()
    ]


def _by_metric(sums: Sequence[float], metrics: Mapping[str, int]) -> dict[str, tuple[float, ...]]:
    """Share sums out among the metrics, each of which has so many."""
    left = iter(sums)
    return {name: tuple(itertools.islice(left, bins)) for name, bins in metrics.items()}
