"""Metrics on every way in which a point can be evaluated: on each of them the negative log likelihood is the loss."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine.captured import CapturedFunction
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.engine.lanes import LaneSpecification, Task, open_lane
from talweg_compute.engine.record import Record
from talweg_compute.messages import (
    Axis,
    Block,
    Compute,
    Event,
    Grid,
    InputError,
    Job,
    Known,
    Origin,
    Plane,
    Points,
    code_files,
    read_job,
)
from talweg_compute.plane.plane import open_plane
from talweg_compute.problem.metrics import build_metrics
from talweg_compute.problem.problem import OpenProblem, open_problem
from tests.compute.engine.test_evaluator import CPU, ConvNet, never, open_model
from tests.compute.engine.test_landscape import SAMPLES, Committed, with_run
from tests.conftest import write_job

NAMES = ("negative_log_likelihood", "error", "expected_calibration_error", "first_score")


@pytest.fixture(scope="module")
def specifications(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    file = tmp_path_factory.mktemp("user") / "mine.py"
    file.write_text("def First_Score(outputs, targets): return outputs[:, 0]\n")
    return (*NAMES[:3], f"{file}:First_Score")


@pytest.fixture
def problem(specifications: tuple[str, ...]) -> OpenProblem:
    torch.manual_seed(3)
    problem = open_model(ConvNet(), torch.randn(37, 3, 6, 6), torch.randint(0, 5, (37,)))
    return replace(problem, metrics=build_metrics(specifications))


def assert_consistent(fields: dict[str, float], rel: float = 1e-12) -> None:
    assert fields["negative_log_likelihood"] == pytest.approx(fields["loss"], rel=rel)
    assert fields["error"] == pytest.approx(100 - fields["accuracy"], rel=rel)


def by_hand(problem: OpenProblem, weights: Tensor) -> tuple[float, float]:
    """The calibration error and the mean of the first score, in float64."""
    state = {name: tensor.double() for name, tensor in problem.layout.views(weights).items()}
    scores = torch.func.functional_call(problem.model, state, problem.samples.inputs.double()).detach()
    p, best = scores.softmax(1).max(1)
    bins = np.ceil(15 * p.numpy())
    right = (best == problem.samples.targets).double().numpy()
    error = sum(abs((right - p.numpy())[bins == b].sum()) for b in range(1, 16)) / len(p)
    return float(error), float(scores[:, 0].mean())


@pytest.mark.parametrize("batch_size", [0, 1, 10, 37])
def test_equal_a_plain_loop_whatever_the_batch(problem: OpenProblem, batch_size: int) -> None:
    plane = open_plane(Plane(seed=5), problem)
    evaluator = Evaluator(problem, CPU, batch_size)
    for place in [(0.0, 0.0), (0.7, -0.3)]:
        fields = evaluator.at_coordinates(plane, place, never).fields
        assert list(fields) == ["loss", "accuracy", "loss_standard_error", *NAMES]
        assert_consistent(fields)
        error, first = by_hand(problem, plane.point(*place))
        assert fields["expected_calibration_error"] == pytest.approx(error, rel=1e-5)
        assert fields["first_score"] == pytest.approx(first, rel=1e-4)
    assert isinstance(evaluator._passes["float32"]._forward, FoldedForward)


def test_parts_of_the_samples_join(problem: OpenProblem) -> None:
    plane = open_plane(Plane(seed=5), problem)
    evaluator = Evaluator(problem, CPU, 8)
    first, rest, whole = (
        evaluator.at_coordinates(plane, (0.4, 0.2), never, part) for part in (range(20), range(20, 37), None)
    )
    joined = first + rest
    assert joined.fields == pytest.approx(whole.fields, rel=1e-6)
    again = Record.of_sums(np.array(first.sums), 20, first.block_size, metrics=evaluator.metrics, of=37)
    assert again == first
    assert again + rest == joined
    with pytest.raises(ValueError, match="cannot hold 20"):
        Record.of_sums(first.sums, 20, first.block_size)


@pytest.mark.parametrize(
    "change",
    [
        lambda problem: Evaluator(problem, CPU, 8, recalibrate=True),
        lambda problem: Evaluator(problem, CPU, 8, precision="bf16"),
    ],
    ids=["recalibrated", "bf16"],
)
def test_other_forward_passes(problem: OpenProblem, change: Callable[[OpenProblem], Evaluator]) -> None:
    fields = change(problem).at_weights(problem.origin, never).fields
    assert_consistent(fields)
    plain = Evaluator(problem, CPU).at_weights(problem.origin, never).fields
    assert fields["negative_log_likelihood"] != plain["negative_log_likelihood"]


def test_streamed_samples(problem: OpenProblem, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = Evaluator(problem, CPU, 5).at_weights(problem.origin, never)
    monkeypatch.setattr("talweg_compute.engine.samples._free_memory", lambda _: 2000)
    evaluator = Evaluator(problem, CPU, 5)
    streamed = evaluator.at_weights(problem.origin, never)
    assert not evaluator._passes["float32"].samples.is_resident
    assert streamed.fields == pytest.approx(resident.fields, rel=1e-6)


class Diverging(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(x) * math.nan


def test_divergence_is_a_value() -> None:
    problem = open_model(Diverging(), torch.randn(9, 3), torch.arange(9) % 4)
    problem = replace(problem, metrics=build_metrics(["brier_score", "expected_calibration_error"]))
    fields = Evaluator(problem, CPU).at_weights(problem.origin, never).fields
    assert math.isnan(fields["brier_score"])
    assert math.isnan(fields["expected_calibration_error"])


class Fields(Committed):
    """Keeps every field."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.fields: dict[str, np.ndarray] = {}

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, Points):
            for name, block in event.fields.items():
                self.fields.setdefault(name, np.full(self.count, np.nan))[event.index.array()] = block.array()

    def request(self) -> Compute:
        request = super().request()
        assert isinstance(request.known, Known)
        index = request.known.index.array()
        fields = {name: Block.of(values[index]) for name, values in self.fields.items()}
        return msgspec.structs.replace(request, known=msgspec.structs.replace(request.known, fields=fields))


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, specifications: tuple[str, ...]) -> Job:
    job = read_job(write_job(tmp_path_factory.mktemp("job"), grid=5, samples=SAMPLES))
    return msgspec.structs.replace(job, problem=msgspec.structs.replace(job.problem, metrics=specifications))


def computed(job: Job, batches: int | None = None) -> Fields:
    committed = Fields(job)
    assert committed.run(batches) == (batches is None)
    return committed


def test_a_ladder_ends_with_the_metrics_of_the_plain_run_and_resumes_to_the_same_bits(job: Job) -> None:
    plain = computed(with_run(job))
    assert set(NAMES) < set(plain.fields)
    for name in NAMES:
        assert np.isfinite(plain.fields[name]).all()
    np.testing.assert_allclose(plain.fields["negative_log_likelihood"], plain.loss, rtol=1e-12)
    origin = next(event for event in plain.events if isinstance(event, Origin))
    assert_consistent({name: float(block.array()) for name, block in origin.fields.items()})
    ladder = with_run(job, ladder=(50, 128))
    climbed = computed(ladder)
    for name in NAMES:
        np.testing.assert_allclose(climbed.fields[name], plain.fields[name], rtol=1e-6)
    for batches in (8, 60, 150):
        again = computed(ladder, batches)
        assert again.samples.min() < SAMPLES
        assert again.run()
        for name in NAMES:
            np.testing.assert_array_equal(again.fields[name], climbed.fields[name])


def test_an_adaptive_run_interpolates_the_metrics_also_when_it_resumes(job: Job) -> None:
    grid = Grid(Axis(-0.5, 0.5, 33), Axis(-0.5, 0.5, 27))
    smooth = msgspec.structs.replace(with_run(job, adaptive=True, tolerance=0.05), grid=grid)
    refined = computed(smooth)
    assert 0 < refined.interpolated.sum() < refined.count
    for name in NAMES:
        assert np.isfinite(refined.fields[name]).all()
    np.testing.assert_allclose(refined.fields["negative_log_likelihood"], refined.loss, rtol=1e-9)
    again = computed(smooth, 200)
    assert not again.interpolated.any()
    assert again.run()
    for name in NAMES:
        np.testing.assert_array_equal(again.fields[name], refined.fields[name])


def test_a_lane_gives_the_same_record(job: Job) -> None:
    problem = open_problem(job.problem)
    plane = open_plane(job.plane, problem)
    specification = LaneSpecification(with_run(job, batch_size=64), (), problem.checkpoint_sha256)
    lane = open_lane(specification, bytearray(plane.directions.numpy().tobytes()))
    task = Task((0.3, -0.2), range(SAMPLES))
    expected = Evaluator(problem, CPU, 64).at_coordinates(plane, task.coordinates, never)
    (record,) = lane([task])
    assert record == expected
    assert set(record.metrics) == set(NAMES)


def test_a_job_says_what_is_wrong_with_its_metrics(tmp_path: Path) -> None:
    file = write_job(tmp_path)
    text = file.read_text().replace("samples =", 'metrics = ["entropy", "mine.py:score"]\nsamples =')
    file.write_text(text)
    with pytest.raises(InputError, match=r'job\.toml: problem\.metrics: got ".*mine\.py"; there is no such file'):
        read_job(file)
    (tmp_path / "mine.py").write_text("def score(outputs, targets): return outputs[:, 0]\n")
    job = read_job(file)
    assert job.problem.metrics == ("entropy", f"{tmp_path / 'mine.py'}:score")
    assert code_files(job) == (tmp_path / "mine.py",)
    for metrics, words in (
        ('["entropi"]', r'metrics: got "entropi"; did you mean "entropy"\? expected .*"mean_squared_error" or'),
        ('["mine.py"]', r'problem\.metrics: got ".*mine\.py"; expected "path/to/file\.py:function": add a colon'),
        ('"entropy"', r'problem\.metrics: got "entropy"; expected a list of metrics'),
    ):
        file.write_text(text.replace('["entropy", "mine.py:score"]', metrics))
        with pytest.raises(InputError, match=words):
            read_job(file)


class Overwriting:
    """A recording, as far as the CPU has one: results lie at one place, which the next call overwrites."""

    def __init__(self, function: Callable[[Any], Tensor], arguments: Any, _: Any = None) -> None:
        self._function, self._results = function, function(arguments).clone()

    def __call__(self, arguments: Any) -> Tensor:
        return self._results.copy_(self._function(arguments))


def test_recorded_calls(problem: OpenProblem) -> None:
    plain = Evaluator(problem, CPU, 5).at_weights(problem.origin, never)
    evaluator = Evaluator(problem, CPU, 5)
    evaluator.prepare("float32")
    each = evaluator._passes["float32"]
    each._evaluate = CapturedFunction(each._evaluate_plainly, pytest.fail, Overwriting)
    assert evaluator.at_weights(problem.origin, never) == plain
