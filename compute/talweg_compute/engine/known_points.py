"""What is known of each point of the grid: committed before, or evaluated since."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.record import Record
from talweg_compute.field import block_size_of
from talweg_compute.messages import COARSE_FIELDS, FIELDS, Known

Indices = NDArray[np.int64]


class KnownPoints:
    """How many samples each point saw, its fields, and the sums to go on from.

    Args:
        count: Number of points of the grid.
        samples: Number of all samples.
        committed: What was known before.
        metrics: How many sums each metric has, by name.

    Attributes:
        seen: int64 [count], how many samples each point saw.
        fields: float64 [count] by name; NaN where nothing is known.
        precision: Text [count], the number format each was evaluated in; empty where nothing is known.
        coarse: float64 [count] by name (``COARSE_FIELDS``), what was known of points in a coarse number format before
            they were evaluated anew in float32; NaN elsewhere.
    """

    def __init__(
        self,
        count: int,
        samples: int,
        committed: Known | None,
        metrics: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._samples, self._metrics = samples, metrics
        self.seen = np.zeros(count, dtype=np.int64)
        self.fields = {name: np.full(count, np.nan) for name in (*FIELDS, *metrics)}
        self.precision = np.zeros(count, dtype="U8")
        self.coarse = {name: np.full(count, np.nan) for name in COARSE_FIELDS}
        self._sums: dict[int, NDArray[np.float64]] = {}
        if committed is None:
            return
        index = committed.index.array().astype(np.int64)
        seen = committed.samples.array().astype(np.int64)
        self.seen[index] = np.where(seen == 0, samples, seen)
        if committed.precision is not None:
            self.precision[index] = committed.precision.array()
        for name, block in committed.fields.items():
            for kept in (self.fields, self.coarse):
                if name in kept:
                    kept[name][index] = block.array()
        partial = (seen > 0) & (seen < samples)
        for k, count_seen, sums in zip(
            index[partial].tolist(), seen[partial].tolist(), committed.sums.array()[partial], strict=True
        ):
            length = 3 + math.ceil(count_seen / block_size_of(samples)) + sum(metrics.values())
            self._sums[k] = sums[:length].astype(np.float64)

    def lacking(self, order: Indices, samples: int) -> Indices:
        """List those of some points that have not seen so many samples yet, in the same order."""
        return order[self.seen[order] < samples]

    def part(self, index: int, stop: int) -> range:
        """Say which samples a point needs to have seen ``stop`` of them."""
        return range(int(self.seen[index]), stop)

    def forget(self, indices: Indices) -> None:
        """Let points be evaluated anew, from their first sample on; their fields stay until then."""
        self.seen[indices] = 0
        for index in indices.tolist():
            self._sums.pop(index, None)

    def keep_coarse(self, indices: Indices) -> dict[str, NDArray[np.float64]]:
        """Keep what is known of points in a coarse number format; returns it by name, [n] each."""
        now = dict(zip(COARSE_FIELDS, (self.fields["loss"], self.fields["loss_standard_error"]), strict=True))
        for name, values in now.items():
            self.coarse[name][indices] = values[indices]
        return {name: values[indices] for name, values in self.coarse.items()}

    def join(self, index: int, record: Record) -> Record:
        """Add what a point was evaluated to, on the samples that followed.

        Args:
            index: Flat index of the point.
            record: Of a range of samples that begins where the point's end.

        Returns:
            The record of all samples that it saw.
        """
        sums = self._sums.pop(index, None)
        if sums is not None:
            precision = str(self.precision[index]) or record.precision
            before = Record.of_sums(
                sums.tolist(), record.first, record.block_size, precision, self._metrics, self._samples
            )
            record = before + record
        if record.samples < self._samples:
            self._sums[index] = np.array(record.sums)
        self.seen[index] = record.samples
        self.precision[index] = record.precision
        for name, value in record.fields.items():
            self.fields[name][index] = value
        return record
