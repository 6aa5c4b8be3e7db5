import itertools

import pytest
import torch

from talweg_compute.engine.captured import CapturedFunction
from talweg_compute.engine.samples import PlacedSamples, _pin
from talweg_compute.problem.data import Samples

CPU = torch.device("cpu")
SAMPLES = Samples(
    {"image": torch.randn(50, 3, 4, 4), "tokens": torch.arange(100).view(50, 2)}, torch.arange(50) % 7, ""
)
BYTES = 50 * (48 * 4 + 16 + 8)


@pytest.mark.parametrize("limit", [BYTES // 2, BYTES // 7, 1])
def test_streamed_samples_are_the_resident_ones(limit: int) -> None:
    resident, streamed = (PlacedSamples(SAMPLES, CPU, torch.float32, each) for each in (BYTES, limit))
    assert resident.is_resident
    assert not streamed.is_resident
    for start, stop in [(0, 10), (10, 20), (20, 50), (0, 50), (49, 50), (3, 4)]:  # over the ends of chunks, and back
        for samples in (resident, streamed):
            inputs, targets = samples.range(start, stop)
            assert torch.equal(inputs["image"], SAMPLES.inputs["image"][start:stop])
            assert torch.equal(inputs["tokens"], SAMPLES.inputs["tokens"][start:stop])
            assert torch.equal(targets, SAMPLES.targets[start:stop])
    assert len(streamed._chunks) <= 2
    held = sum(len(chunk.samples[1]) for chunk in streamed._chunks.values())
    assert held <= max(2, 50 * limit / BYTES)


def streamed(monkeypatch: pytest.MonkeyPatch, room: int = 50) -> tuple[PlacedSamples, list[int]]:
    """Samples in chunks of 12, on a device that has room for so many at a time, and how many each move took along."""
    placed = PlacedSamples(SAMPLES, CPU, torch.float32, BYTES - 1)
    placed._chunk_length = 12
    move, moved = placed._move, list[int]()

    def move_some(nested):  # type: ignore[no-untyped-def]
        if len(nested[1]) > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        moved.append(len(nested[1]))
        return move(nested)

    monkeypatch.setattr(placed, "_move", move_some)
    return placed, moved


def test_each_chunk_comes_once_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    placed, moved = streamed(monkeypatch)
    for _ in range(3):
        for start in range(0, 50, 4):
            assert torch.equal(placed.range(start, min(start + 4, 50))[1], SAMPLES.targets[start : start + 4])
    assert moved == [12, 12, 12, 12, 2] * 3 + [12]  # and the first one for the next round


def test_chunks_are_halved_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    placed, moved = streamed(monkeypatch, room=4)
    for start in range(0, 48, 3):
        assert torch.equal(placed.range(start, start + 3)[1], SAMPLES.targets[start : start + 3])
    assert set(moved) == {3, 2}
    placed, moved = streamed(monkeypatch, room=4)
    with pytest.raises(torch.OutOfMemoryError):  # smaller chunks would not help: the batch itself has to be halved
        placed.range(0, 8)


def test_samples_that_do_not_fit_after_all_are_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    move = PlacedSamples._move

    def move_some(self, nested):  # type: ignore[no-untyped-def]
        if len(nested[1]) > 10:
            raise torch.OutOfMemoryError("out of memory")
        return move(self, nested)

    monkeypatch.setattr(PlacedSamples, "_move", move_some)
    placed = PlacedSamples(SAMPLES, torch.device("meta"), torch.float32, BYTES)
    assert not placed.is_resident
    assert len(placed.range(0, 5)[1]) == 5


def test_samples_in_a_shorter_type() -> None:
    inputs, targets = PlacedSamples(SAMPLES, CPU, torch.bfloat16).range(0, 4)
    assert inputs["image"].dtype == torch.bfloat16
    assert inputs["image"].is_contiguous(memory_format=torch.channels_last)
    assert inputs["tokens"].dtype == targets.dtype == torch.int64


def test_what_cannot_be_recorded_is_called_plainly() -> None:
    recorded, pools, made = list[int](), set[int](), itertools.count()

    def record(function, arguments, pool):  # type: ignore[no-untyped-def]
        pools.add(pool)
        if len(arguments) == 3:
            raise RuntimeError("operation not permitted when stream is capturing.\nmore")
        recorded.append(len(arguments))
        return lambda given: function(given) + 100

    notes: list[str] = []
    double = CapturedFunction(lambda tensor: tensor.sum(), notes.append, record, lambda: next(made))
    assert [float(double(torch.ones(2))) for _ in range(2)] == [102, 102]
    assert float(double(torch.ones(4))) == 104
    assert recorded == [2, 4]  # once for each shape
    assert pools == {0}
    double.forget()
    assert float(double(torch.ones(2))) == 102
    assert pools == {0, 1}  # the first one is gone with its recordings
    assert recorded == [2, 4, 2]
    assert [float(double(torch.ones(size))) for size in (3, 2)] == [3, 2]  # nothing is replayed after a failure
    assert len(notes) == 1
    assert "operation not permitted when stream is capturing." in notes[0]


def test_a_recording_without_memory_is_no_reason_to_go_on_without() -> None:
    def record(function, arguments, pool):  # type: ignore[no-untyped-def]
        try:
            raise torch.OutOfMemoryError("CUDA out of memory")
        finally:
            raise RuntimeError("operation failed due to a previous error during capture")

    notes: list[str] = []
    double = CapturedFunction(lambda tensor: tensor.sum(), notes.append, record, lambda: 0)
    for _ in range(2):  # it stays recorded at other sizes
        with pytest.raises(RuntimeError, match="during capture"):
            double(torch.ones(2))
    assert not notes


def test_samples_stay_as_they_are_where_memory_cannot_be_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(tensor: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(torch.Tensor, "pin_memory", refuse)
    assert _pin(SAMPLES.inputs) is SAMPLES.inputs
