"""The samples where they are evaluated: resident on the device, or streamed to it in large chunks."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from talweg_compute.engine.plain_forward import lay_out
from talweg_compute.problem.data import Samples
from talweg_compute.problem.memory import free_cached_memory, ran_out_of_memory
from talweg_compute.problem.nested import Nested, map_tensors, take, tensors_of

_SHARE_OF_MEMORY = 0.5  # of what the device has free; weights and activations want the rest
_CHUNKS_ON_DEVICE = 8  # of the share; two of them are in use at a time


class PlacedSamples:
    """Inputs in the type of a forward pass, and targets, by ranges.

    Where they do not fit the device, they wait in pinned memory and come in chunks, the next one while the last one is
    worked on, each of them once. A chunk that finds no memory is halved, down to the size of a mini-batch.

    Args:
        samples: All of them, on the CPU.
        device: Where they are wanted.
        dtype: Of floating-point inputs.
        limit: Bytes that may be resident; None: half of what the device has free.
        channels_last: Whether images are stored by pixels.
    """

    def __init__(
        self,
        samples: Samples,
        device: torch.device,
        dtype: torch.dtype,
        limit: int | None = None,
        *,
        channels_last: bool = True,
    ) -> None:
        self._device = device
        host = lay_out(samples.inputs, dtype, channels_last=channels_last), samples.targets
        size = sum(tensor.nbytes for tensor in tensors_of(host))
        limit = _free_memory(device) if limit is None else limit
        self.is_resident = limit is None or size <= limit
        if self.is_resident:
            try:
                self._resident = self._move(host)
            except Exception as error:  # what was free is not there in one piece, or another program was faster
                if device.type == "cpu" or not ran_out_of_memory(error):
                    raise
                free_cached_memory(device)
                self.is_resident, limit = False, size
            else:
                return
        share = size * _CHUNKS_ON_DEVICE / max(limit or 1, 1)
        self._chunk_length = max(1, int(len(samples) / share))
        self._count = len(samples)
        self._host: Nested = _pin(host) if device.type == "cuda" else host
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]  # torch has no types here
        self._chunks: dict[int, _Chunk] = {}

    def range(self, start: int, stop: int) -> tuple[Nested, Nested]:
        """Take some samples.

        Args:
            start: The first.
            stop: After the last.

        Returns:
            Inputs [stop - start, …] and targets on the device; views where the samples are resident.
        """
        if self.is_resident:
            return take(self._resident, slice(start, stop))  # type: ignore[return-value]  # a pair stays one
        while True:
            try:
                return self._gather(start, stop)
            except Exception as error:
                if self._chunk_length <= stop - start or not ran_out_of_memory(error):
                    raise
            self._chunks.clear()
            free_cached_memory(self._device)
            self._chunk_length = math.ceil(self._chunk_length / 2)

    def _gather(self, start: int, stop: int) -> tuple[Nested, Nested]:
        length = self._chunk_length
        parts = []
        for number in range(start // length, (stop - 1) // length + 1):
            first = number * length
            inside = slice(max(start - first, 0), min(stop - first, length))
            parts.append(take(self._chunk(number), inside))
        return _join(parts)  # type: ignore[return-value]  # pairs become one

    def _chunk(self, number: int) -> tuple[Nested, Nested]:
        """Take a chunk when it has arrived, and have the next one on its way; no others stay."""
        following = number + 1 if (number + 1) * self._chunk_length < self._count else 0
        self._chunks = {each: chunk for each, chunk in self._chunks.items() if each in (number, following)}
        for each in (number, following):
            if each not in self._chunks:
                self._chunks[each] = self._fetch(each)
        chunk = self._chunks[number]
        if chunk.arrival is not None:
            torch.cuda.current_stream(self._device).wait_event(chunk.arrival)
        return chunk.samples

    def _fetch(self, number: int) -> "_Chunk":
        first = number * self._chunk_length
        part = take(self._host, slice(first, first + self._chunk_length))
        if self._stream is None:
            return _Chunk(self._move(part))
        with torch.cuda.stream(self._stream):
            moved = self._move(part)
            arrival = self._stream.record_event()
        for tensor in tensors_of(moved):
            tensor.record_stream(torch.cuda.current_stream(self._device))
        return _Chunk(moved, arrival)

    def _move(self, nested: Nested) -> tuple[Nested, Nested]:
        return map_tensors(lambda tensor: tensor.to(self._device, non_blocking=True), nested)  # type: ignore[return-value]  # a pair stays one


@dataclass(frozen=True)
class _Chunk:
    """Consecutive samples on the device, and what tells when they are there; None: they are."""

    samples: tuple[Nested, Nested]
    arrival: torch.cuda.Event | None = None


def _pin(nested: Nested) -> Nested:
    """Lock samples in memory, from where they are copied beside the computation; without, where there is too little."""
    try:
        return map_tensors(lambda tensor: tensor.pin_memory(), nested)
    except RuntimeError as error:
        if not ran_out_of_memory(error):
            raise
        return nested


def _join(parts: list[Nested]) -> Nested:
    """Put consecutive parts of the same structure together."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if isinstance(first, Tensor):
        return torch.cat(parts)  # type: ignore[arg-type]  # all are like the first
    if isinstance(first, dict):
        return {key: _join([part[key] for part in parts]) for key in first}  # type: ignore[index, call-overload]  # all are like the first
    return tuple(_join(list(same)) for same in zip(*parts, strict=True))


def _free_memory(device: torch.device) -> int | None:
    """Bytes that samples may take, or None where they lie in ordinary memory already."""
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * _SHARE_OF_MEMORY)
