"""The trial of number formats on a surface."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine import precision as precision_module
from talweg_compute.engine.precision import Deviation, Trial, trial_parts, try_formats
from talweg_compute.messages import (
    Plane,
)
from talweg_compute.messages.job import Problem
from talweg_compute.plane import OpenPlane, open_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import build_loss
from talweg_compute.problem.problem import OpenProblem

CPU = torch.device("cpu")
POINTS = [(0.3, -0.2), (0.9, 0.7), (-0.6, 0.1)]


def never() -> bool:
    return False


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(8, 40), nn.Linear(40, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x).relu())


class Float32Only(Net):
    def forward(self, x: Tensor) -> Tensor:
        if torch.is_autocast_enabled("cpu") or x.dtype != torch.float32:
            raise TypeError("float32 is all I take")
        return super().forward(x)


class Breaking(Net):
    """A difference that bfloat16 rounds to nothing, and a division by it."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        return x / ((x + 300) - 300 + 1e-9).abs().clamp(max=1)


def open_model(model: nn.Module) -> OpenProblem:
    layout = Layout.of(model)
    samples = Samples(torch.randn(64, 8), torch.arange(64) % 5, "")
    origin = layout.flatten(named_tensors(model))
    nothing = Problem("none", "none", checkpoint="none.pt")
    return OpenProblem(
        nothing, model.eval(), layout, origin, samples, build_loss("cross_entropy"), Path("n.pt"), "", ()
    )


@pytest.fixture
def opened() -> Callable[[type[nn.Module]], tuple[Evaluator, OpenPlane, list[str]]]:
    def build(kind: type[nn.Module]) -> tuple[Evaluator, OpenPlane, list[str]]:
        torch.manual_seed(5)
        problem = open_model(kind())
        notes: list[str] = []
        return Evaluator(problem, CPU, on_note=notes.append), open_plane(Plane(seed=2), problem), notes

    return build


def test_deviations_are_those_of_the_surface(opened: Any) -> None:
    evaluator, plane, notes = opened(Net)
    trial = try_formats(evaluator, plane, POINTS, ["bf16"], 0.01, never, notes.append, forced="bf16")
    exact = [evaluator.at_coordinates(plane, point, never).loss for point in POINTS]
    coarse = [evaluator.at_coordinates(plane, point, never, precision="bf16").loss for point in POINTS]
    assert [record.loss for record in trial.records] == exact
    origin = [evaluator.at_coordinates(plane, (0, 0), never, precision=each).loss for each in ("float32", "bf16")]
    deviations = np.abs(np.subtract([origin[1], *coarse], [origin[0], *exact]))
    assert trial.choice == "bf16"
    assert trial.deviation.median == pytest.approx(np.median(deviations))
    assert trial.deviation.largest == pytest.approx(deviations.max())
    assert trial.deviation.floor >= deviations[0] > 0
    assert trial.values["largest"] == trial.deviation.largest
    assert not notes


def test_a_tolerance_below_the_deviation_keeps_float32(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    evaluator, plane, notes = opened(Net)
    assert try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append).choice == "bf16"
    refused = try_formats(evaluator, plane, POINTS, ["bf16"], 1e-9, never, notes.append)
    assert (refused.choice, refused.deviation.precision) == ("float32", "bf16")
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 1e9)  # nothing is that much faster
    assert try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append).choice == "float32"


def test_few_of_many_samples_are_enough_and_spread_over_all() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert trial_parts(256, cpu) == [range(256)]
    parts = trial_parts(50_000, cpu)
    assert parts == trial_parts(50_000, cpu)
    assert [len(part) for part in parts] == [64] * 4
    assert (parts[0].start, parts[-1].stop) == (0, 50_000)
    assert [len(part) for part in trial_parts(50_000, gpu)] == [1024] * 4
    for count in (257, 300, 4097):  # they never overlap
        parts = trial_parts(count, cpu)
        assert all(one.stop <= other.start for one, other in itertools.pairwise(parts))


def test_a_trial_on_some_samples_overstates_the_deviation_rather_than_not(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(5)
    problem = open_model(Net())
    many = Samples(torch.randn(4096, 8), torch.arange(4096) % 5, "")
    evaluator = Evaluator(replace(problem, samples=many), CPU)
    plane = open_plane(Plane(seed=2), problem)
    where = np.random.default_rng(1).uniform(-1, 1, (12, 2)).tolist()
    some = try_formats(evaluator, plane, where, ["bf16"], 0.01, never, pytest.fail, forced="bf16")
    assert (some.deviation.samples, some.records) == (256, [])
    monkeypatch.setattr(precision_module, "trial_parts", lambda samples, device: [range(samples)])
    whole = try_formats(evaluator, plane, where, ["bf16"], 0.01, never, pytest.fail, forced="bf16")
    assert (whole.deviation.samples, len(whole.records)) == (4096, 12)
    assert some.deviation.median > 0.7 * whole.deviation.median


def test_the_fastest_tolerable_format_is_taken_and_all_are_kept() -> None:
    bf16 = Deviation("bf16", 64, 12, 1e-3, 2e-3, 5e-3, 1e-3, 0.2, 2.0)
    float16 = replace(bf16, precision="float16", median=1e-4, excess=0.02, speed=1.95)
    tf32 = replace(bf16, precision="tf32", median=1e-5, excess=0.001, speed=1.4)
    choose = precision_module._choose
    assert choose([tf32, bf16]) == "bf16"
    assert choose([tf32, bf16, float16]) == "float16"  # as fast as bf16, and more exact
    assert choose([tf32, replace(bf16, excess=1.1)]) == "tf32"
    assert choose([tf32, replace(bf16, largest=math.inf)]) == "tf32"
    assert choose([replace(tf32, speed=1.05)]) == "float32"
    assert choose([]) == "float32"
    values = Trial("bf16", (tf32, bf16), []).values
    assert values["tried"] == values["chosen"] == "bf16"
    assert (values["median"], values["speed"], values["samples"]) == (1e-3, 2.0, 64)
    assert (values["tf32_median"], values["tf32_speed"]) == (1e-5, 1.4)
    assert Trial("float32", (replace(bf16, excess=3.0), replace(tf32, excess=2.0)), []).values["tried"] == "tf32"


@pytest.mark.parametrize("forced", [None, "bf16"])
def test_a_model_that_does_not_run_falls_back_and_says_so(opened: Any, forced: Any) -> None:
    evaluator, plane, notes = opened(Float32Only)
    trial = try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append, forced)
    assert (trial.choice, len(trial.records)) == ("float32", 3)
    assert notes == [
        "The model does not run in bf16 (TypeError: float32 is all I take); its points are evaluated in float32."
    ]


def test_a_model_that_breaks_falls_back_and_says_so(opened: Any) -> None:
    evaluator, plane, notes = opened(Breaking)
    trial = try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append)
    assert trial.choice == "float32"
    assert not trial.deviation.is_tolerable


class Overflowing(Net):
    """Beyond the range of float16 away from the origin."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        return (100 * x.square()).square() / 1e6


def test_a_format_that_overflows_is_not_tolerable(opened: Any) -> None:
    evaluator, plane, notes = opened(Overflowing)
    far = [(0.1, 0.0), (0.2, 0.1), (40.0, 0.0)]  # the median is fine
    trial = try_formats(evaluator, plane, far, ["float16"], 0.5, never, notes.append)
    assert trial.choice == "float32"
    assert math.isinf(trial.deviation.largest)
    assert trial.deviation.excess <= 1
    assert notes[0].startswith("The model breaks in float16")
    assert list(evaluator._passes) == ["float32"]
