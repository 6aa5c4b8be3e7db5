"""The size of a mini-batch, from a trial on stand-ins whose speed is known."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine.batching import trial_pays, tune_batch_size
from talweg_compute.engine.passes import Pass
from talweg_compute.messages import Plane
from talweg_compute.plane import OpenPlane, open_plane
from talweg_compute.problem.problem import OpenProblem
from tests.reference.modules import open_module

CPU = torch.device("cpu")
Seconds = Callable[[int], float]


def never() -> bool:
    return False


@pytest.fixture
def problem() -> OpenProblem:
    torch.manual_seed(5)
    return open_module(
        nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 5)), torch.randn(700, 8), torch.arange(700) % 5
    )


@pytest.fixture
def plane(problem: OpenProblem) -> OpenPlane:
    return open_plane(Plane(seed=2), problem)


class Clock:
    """Time that passes only in batches."""

    def __init__(self, seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.sizes, measure = 0.0, list[int](), Pass.measure

        def timed(forward: Pass, start: int, stop: int) -> Tensor:
            self.now += seconds(stop - start)
            self.sizes.append(stop - start)
            return measure(forward, start, stop)

        for clock in ("perf_counter", "thread_time"):
            monkeypatch.setattr(time, clock, lambda: self.now)
        monkeypatch.setattr(Pass, "measure", timed)


@pytest.mark.parametrize(
    ("seconds", "best", "largest"),
    [
        (lambda size: 1e-3 + 1e-6 * size, 512, 512),  # of calls more than of work
        (lambda size: 1e-4 * size, 32, 128),  # of work alone
        (lambda size: 1e-4 * size * (1 + (size > 64)), 32, 128),  # beyond the cache
        (lambda size: 1e-3 + 1e-5 * size * (1 + (size > 128)), 128, 512),
    ],
)
def test_the_fastest_size_is_found_and_none_far_beyond_it_is_tried(
    problem: OpenProblem, plane: OpenPlane, monkeypatch: pytest.MonkeyPatch, seconds: Seconds, best: int, largest: int
) -> None:
    evaluator = Evaluator(problem, CPU)
    before = evaluator.at_coordinates(plane, (0.3, 0.3), never)
    clock = Clock(seconds, monkeypatch)
    assert tune_batch_size(evaluator, plane, never) == evaluator.batch_size == best
    assert max(clock.sizes) == largest
    assert evaluator.at_coordinates(plane, (0.3, 0.3), never).loss == pytest.approx(before.loss, rel=1e-6)


def test_memory_ends_the_trial(problem: OpenProblem, plane: OpenPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = Evaluator(problem, CPU)

    def seconds(size: int) -> float:
        if size > 150:
            raise torch.OutOfMemoryError
        return 1e-3

    Clock(seconds, monkeypatch)
    assert tune_batch_size(evaluator, plane, never) == evaluator.batch_size == 128


def test_a_trial_must_pay_for_itself(problem: OpenProblem) -> None:
    evaluator = Evaluator(problem, CPU)
    at_most = 4 * (64 + 64 + 128 + 256 + 512)
    assert trial_pays(evaluator, 50 * at_most, 10.0)
    assert not trial_pays(evaluator, 50 * at_most - 1, 1000.0)
    assert not trial_pays(evaluator, 1e9, 9.0)
    evaluator.device = torch.device("cuda")
    assert [trial_pays(evaluator, 1e9, seconds) for seconds in (39.0, 40.0)] == [False, True]


def test_few_samples_are_one_batch(problem: OpenProblem, plane: OpenPlane) -> None:
    few = replace(
        problem,
        samples=replace(problem.samples, inputs=problem.samples.inputs[:9], targets=problem.samples.targets[:9]),
    )
    assert tune_batch_size(Evaluator(few, CPU), plane, never) == 9
