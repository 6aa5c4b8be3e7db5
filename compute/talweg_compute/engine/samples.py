"""The samples where they are evaluated: resident on the device, or streamed to it in large chunks."""

import torch
from torch import Tensor

from talweg_compute.engine.forward import lay_out
from talweg_compute.problem.data import Samples
from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.nested import Nested, map_tensors, take, tensors_of

_SHARE_OF_MEMORY = 0.5  # of what the device has free; weights and activations want the rest
_CHUNKS_ON_DEVICE = 8  # of the share; two of them are in use at a time


class PlacedSamples:
    """Inputs in the type of a forward pass, and targets, by ranges.

    Where they do not fit the device, they wait in pinned memory and come in chunks, the next one while the last one is
    worked on.

    Args:
        samples: All of them, on the CPU.
        device: Where they are wanted.
        dtype: Of floating-point inputs.
        limit: Bytes that may be resident; None: half of what the device has free.
    """

    def __init__(self, samples: Samples, device: torch.device, dtype: torch.dtype, limit: int | None = None) -> None:
        self._device = device
        host = lay_out(samples.inputs, device, dtype), samples.targets
        size = sum(tensor.nbytes for tensor in tensors_of(host))
        limit = _free_memory(device) if limit is None else limit
        self.is_resident = limit is None or size <= limit
        self._chunks: dict[int, tuple[Nested, Nested]] = {}
        if self.is_resident:
            self._chunks[0] = self._move(host)
            return
        share = size * _CHUNKS_ON_DEVICE / max(limit or 1, 1)
        self._chunk_length = max(1, int(len(samples) / share))
        self._count = len(samples)
        self._host: Nested = _pin(host) if device.type == "cuda" else host
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]  # torch has no types here

    def range(self, start: int, stop: int) -> tuple[Nested, Nested]:
        """Take some samples.

        Args:
            start: The first.
            stop: After the last.

        Returns:
            Inputs [stop - start, …] and targets on the device; views where the samples are resident.
        """
        if self.is_resident:
            return take(self._chunks[0], slice(start, stop))  # type: ignore[return-value]
        length = self._chunk_length
        parts = []
        for number in range(start // length, (stop - 1) // length + 1):
            first = number * length
            inside = slice(max(start - first, 0), min(stop - first, length))
            parts.append(take(self._chunk(number), inside))
        return _join(parts)  # type: ignore[return-value]

    def _chunk(self, number: int) -> Nested:
        if number not in self._chunks:
            self._fetch(number)
        if self._stream is not None:
            torch.cuda.current_stream(self._device).wait_stream(self._stream)
        chunk = self._chunks[number]
        self._chunks = {number: chunk}
        following = number + 1 if (number + 1) * self._chunk_length < self._count else 0
        if following != number:
            self._fetch(following)
        return chunk

    def _fetch(self, number: int) -> None:
        first = number * self._chunk_length
        part = take(self._host, slice(first, first + self._chunk_length))
        if self._stream is None:
            self._chunks[number] = self._move(part)
            return
        with torch.cuda.stream(self._stream):
            self._chunks[number] = moved = self._move(part)
        for tensor in tensors_of(moved):
            tensor.record_stream(torch.cuda.current_stream(self._device))

    def _move(self, nested: Nested) -> tuple[Nested, Nested]:
        return map_tensors(lambda tensor: tensor.to(self._device, non_blocking=True), nested)  # type: ignore[return-value]


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
        return torch.cat(parts)  # type: ignore[arg-type]
    if isinstance(first, dict):
        return {key: _join([part[key] for part in parts]) for key in first}  # type: ignore[index, call-overload]
    return tuple(_join(list(same)) for same in zip(*parts, strict=True))


def _free_memory(device: torch.device) -> int | None:
    """Bytes that samples may take, or None where they lie in ordinary memory already."""
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * _SHARE_OF_MEMORY)
