"""What only a GPU can show: its numbers against the CPU's, recordings, memory, and that the host does not wait."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine.captured import CapturedFunction
from talweg_compute.engine.forward import reason_against
from talweg_compute.engine.number_format import faster_formats
from talweg_compute.engine.samples import PlacedSamples
from talweg_compute.messages import Plane, Problem
from talweg_compute.plane import OpenPlane, open_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.models import build_model
from talweg_compute.problem.problem import OpenProblem

CPU, SAMPLES = torch.device("cpu"), 300
POINTS = [(0.0, 0.0), (0.3, -0.2), (-0.6, 0.5)]


def never() -> bool:
    return False


@pytest.fixture(params=["cuda", "mps"])
def gpu(request: pytest.FixtureRequest) -> torch.device:
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no CUDA GPU here")
    if request.param == "mps" and not torch.backends.mps.is_available():
        pytest.skip("there is no Metal GPU here")
    return torch.device(request.param)


@pytest.fixture
def cuda() -> torch.device:
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA GPU here")
    return torch.device("cuda")


@pytest.fixture
def problem() -> OpenProblem:
    torch.manual_seed(3)
    model = build_model("resnet20", {"shortcut": "B"})
    model.train()
    model(torch.randn(64, 3, 32, 32))
    return open_model(model.eval(), build_loss("cross_entropy"))


def open_model(model: nn.Module, loss: LossFunction) -> OpenProblem:
    layout = Layout.of(model)
    samples = Samples(torch.randn(SAMPLES, 3, 32, 32), torch.arange(SAMPLES) % 10, "")
    nothing = Problem("none", "none", checkpoint="none.pt")
    origin = layout.flatten(named_tensors(model))
    return OpenProblem(nothing, model, layout, origin, samples, loss, Path("n.pt"), "", ())


@pytest.fixture
def plane(problem: OpenProblem) -> OpenPlane:
    return open_plane(Plane(seed=5), problem)


def test_its_numbers_are_the_cpus(gpu: torch.device, problem: OpenProblem, plane: OpenPlane) -> None:
    assert reason_against(problem, gpu) is None
    notes: list[str] = []
    evaluator = Evaluator(problem, gpu, 128, on_note=notes.append)  # two whole batches and a part of one
    records = evaluator.at_many(plane, POINTS, never)
    for where, record in zip(POINTS, records, strict=True):
        exact = Evaluator(problem, CPU).at_coordinates(plane, where, never)
        assert record.loss == pytest.approx(exact.loss, rel=1e-5)
        assert record.accuracy == pytest.approx(exact.accuracy, abs=0.7)
        assert record.loss_standard_error == pytest.approx(exact.loss_standard_error, rel=1e-3)
    assert evaluator.at_many(plane, POINTS, never) == records
    assert not notes


@pytest.mark.parametrize("recalibrate", [False, True])
def test_every_format_is_near_float32(
    cuda: torch.device, problem: OpenProblem, plane: OpenPlane, recalibrate: bool
) -> None:
    evaluator = Evaluator(problem, cuda, 128, recalibrate=recalibrate)
    exact = [record.loss for record in evaluator.at_many(plane, POINTS, never)]
    for precision in faster_formats(cuda):
        records = evaluator.at_many(plane, POINTS, never, precision=precision)
        assert [record.loss for record in records] == pytest.approx(exact, rel=0.05)
        assert [record.loss for record in records] != exact
    assert [record.loss for record in evaluator.at_many(plane, POINTS, never)] == exact


def test_the_host_waits_for_no_point(cuda: torch.device, problem: OpenProblem, plane: OpenPlane) -> None:
    evaluator = Evaluator(problem, cuda, 128)
    (record,) = evaluator.at_many(plane, POINTS[1:2], never)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the mode is experimental, says torch
        torch.cuda.set_sync_debug_mode("error")
    try:  # the weights stay at the last point
        sums = evaluator._sum_batches(0, lambda _: None, never, range(SAMPLES), "float32")
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert float(sums[0]) == record.loss_sum


def test_a_loss_that_waits_is_not_recorded(cuda: torch.device, problem: OpenProblem, plane: OpenPlane) -> None:
    def waiting(outputs: Tensor, targets: Tensor) -> Tensor:
        losses = nn.functional.cross_entropy(outputs, targets, reduction="none")
        return losses if float(losses.sum()) > -1 else losses + 1

    notes: list[str] = []
    own = replace(problem, loss=LossFunction("mine", waiting))
    records = Evaluator(own, cuda, 128, on_note=notes.append).at_many(plane, POINTS, never)
    exact = Evaluator(problem, cuda, 128).at_many(plane, POINTS, never)
    assert [record.loss for record in records] == pytest.approx([record.loss for record in exact], rel=1e-6)
    assert len(notes) == 1
    assert "cannot be recorded as a CUDA graph" in notes[0]


def test_recordings_of_several_shapes_share_their_memory(cuda: torch.device) -> None:
    weight = torch.randn(4000, 4000, device=cuda)
    notes: list[str] = []

    def multiply(rows: object) -> Tensor:
        assert isinstance(rows, Tensor)
        return ((rows @ weight).relu() @ weight).sum(1)

    function = CapturedFunction(multiply, notes.append)
    for size in (4000, 3000, 4000, 1000):
        rows = torch.randn(size, 4000, device=cuda)
        torch.testing.assert_close(function(rows).clone(), multiply(rows), rtol=1e-4, atol=1e-2)
    assert not notes
    torch.cuda.empty_cache()
    shared = torch.cuda.memory_reserved(cuda)
    function.forget()
    torch.cuda.empty_cache()
    kept = shared - torch.cuda.memory_reserved(cuda)
    assert 2 * 64e6 < kept < 6 * 64e6  # of one recording: two products of 64 MB, and the arguments of three


def test_out_of_memory_halves_the_batch(cuda: torch.device, problem: OpenProblem, plane: OpenPlane) -> None:
    class Hungry(nn.Module):
        def __init__(self, model: nn.Module) -> None:
            super().__init__()
            self.model = model

        def forward(self, x: Tensor) -> Tensor:
            free, _ = torch.cuda.mem_get_info()
            x.new_empty((4 * free if len(x) > 40 else 1,), dtype=torch.uint8)
            return self.model(x)  # type: ignore[no-any-return]

    hungry = open_model(Hungry(problem.model), problem.loss)
    hungry = replace(hungry, samples=problem.samples)
    notes: list[str] = []
    evaluator = Evaluator(hungry, cuda, SAMPLES, on_note=notes.append)
    record = evaluator.at_coordinates(plane, (0.3, -0.2), never)
    assert evaluator.batch_size == 38
    assert record.loss == pytest.approx(
        Evaluator(problem, cuda).at_coordinates(plane, (0.3, -0.2), never).loss, rel=1e-5
    )
    assert sum("out of memory" in note for note in notes) == 3


@pytest.mark.parametrize("parts", [3, 100])
def test_streamed_samples_are_the_resident_ones(cuda: torch.device, problem: OpenProblem, parts: int) -> None:
    size = problem.samples.tensors()[0].nbytes
    streamed = PlacedSamples(problem.samples, cuda, torch.float32, size // parts)
    inputs, targets = problem.samples.tensors()
    assert not streamed.is_resident
    for _ in range(3):  # again and again, as points do
        for start in range(0, SAMPLES, 64):
            stop = min(start + 64, SAMPLES)
            found, labels = streamed.range(start, stop)
            assert torch.equal(found.cpu(), inputs[start:stop])  # type: ignore[union-attr]
            assert torch.equal(labels.cpu(), targets[start:stop])  # type: ignore[union-attr]
