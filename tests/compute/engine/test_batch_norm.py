"""Frozen, interpolated and recalibrated statistics against plain loops of their own."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine.batch_norm import Recalibration
from talweg_compute.engine.plain_forward import PlainForward
from talweg_compute.messages import InputError, Plane, Problem
from talweg_compute.plane import OpenPlane, open_plane, span_plane
from talweg_compute.plane.buffers import treat_buffers
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import build_loss
from talweg_compute.problem.problem import OpenProblem

CPU = torch.device("cpu")
NOTHING = Problem("none", "none", checkpoint="none.pt")
SAMPLES = 300  # three batches of the re-estimation


def never() -> bool:
    return False


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4)
        self.drop, self.hidden, self.last = nn.Dropout(0.5), nn.Linear(4, 6), nn.BatchNorm1d(6)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).relu().mean((2, 3))
        return self.head(self.last(self.hidden(self.drop(x))).relu())


@pytest.fixture
def problem() -> OpenProblem:
    torch.manual_seed(1)
    model = Net().eval()
    layout = Layout.of(model)
    return OpenProblem(
        specification=NOTHING,
        model=model,
        layout=layout,
        origin=layout.flatten(named_tensors(model)),
        samples=Samples(torch.randn(SAMPLES, 2, 6, 6) + 0.3, torch.arange(SAMPLES) % 5, ""),
        loss=build_loss("cross_entropy"),
        checkpoint=Path("none.pt"),
        checkpoint_sha256="",
        trajectory=(),
    )


def moving(problem: OpenProblem) -> OpenPlane:
    """A plane whose directions move the statistics as well."""
    directions = 0.1 * torch.rand((2, problem.layout.size), generator=torch.Generator().manual_seed(2))
    return span_plane(problem.origin, directions, problem.layout.parameter_size)


def statistics_by_hand(problem: OpenProblem, weights: Tensor) -> dict[str, Tensor]:
    """Cumulative averages of the batches' means and unbiased variances, layer by layer, in float64 and without nn."""
    at = {name: tensor.double() for name, tensor in problem.layout.views(weights).items()}
    found = {name: torch.zeros_like(at[name]) for name in at if "running" in name}
    for start, stop in ((0, 100), (100, 200), (200, 300)):
        share = (stop - start) / SAMPLES

        def normalize(name: str, x: Tensor, share: float = share) -> Tensor:
            flat = x.transpose(0, 1).flatten(1)  # [channels, values]
            found[f"{name}.running_mean"] += share * flat.mean(1)
            found[f"{name}.running_var"] += share * flat.var(1)
            shape = (1, -1, *[1] * (x.ndim - 2))
            scaled = (x - flat.mean(1).view(shape)) / (flat.var(1, correction=0).view(shape) + 1e-5).sqrt()
            return scaled * at[f"{name}.weight"].view(shape) + at[f"{name}.bias"].view(shape)

        x = nn.functional.conv2d(problem.samples.inputs[start:stop].double(), at["conv.weight"], at["conv.bias"])
        x = normalize("norm", x).relu().mean((2, 3))  # dropout stays off
        normalize("last", x @ at["hidden.weight"].T + at["hidden.bias"])
    return found


def plain_loss(problem: OpenProblem, weights: Tensor, statistics: dict[str, Tensor] | None = None) -> float:
    state = {name: tensor.double() for name, tensor in problem.layout.views(weights).items()} | (statistics or {})
    outputs = torch.func.functional_call(problem.model, state, problem.samples.inputs.double())
    return float(nn.functional.cross_entropy(outputs, problem.samples.targets))


def test_recalibrated(problem: OpenProblem) -> None:
    plane = open_plane(Plane(seed=4, ignore="none"), problem)
    evaluator = Evaluator(problem, CPU, 64, recalibrate=True)
    for u, v in [(0.0, 0.0), (1.0, -0.5)]:
        weights = plane.point(u, v)
        expected = plain_loss(problem, weights, statistics_by_hand(problem, weights))
        assert evaluator.at_coordinates(plane, (u, v), never).loss == pytest.approx(expected, rel=1e-5)
    assert evaluator.at_coordinates(plane, (0.0, 0.0), never) == Evaluator(
        problem, CPU, 64, recalibrate=True
    ).at_weights(problem.origin, never)  # nothing is left of the last point
    bf16 = evaluator.at_coordinates(plane, (1.0, -0.5), never, precision="bf16").loss
    assert bf16 == pytest.approx(evaluator.at_coordinates(plane, (1.0, -0.5), never).loss, rel=0.02)


def test_the_mean_of_one_layer_is_that_of_the_data() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3)).eval()
    layout = Layout.of(model)
    data = torch.randn(50, 3) * 2 + 1
    weights = layout.flatten(named_tensors(model))
    Recalibration(PlainForward(model, layout, CPU, torch.float32)).apply(
        weights, iter([data[:20], data[20:50]]), lambda: None
    )
    views = layout.views(weights)
    torch.testing.assert_close(views["0.running_mean"], data.mean(0), rtol=1e-5, atol=1e-6)
    expected = 0.4 * data[:20].var(0) + 0.6 * data[20:].var(0)
    torch.testing.assert_close(views["0.running_var"], expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(model[0].running_mean, torch.zeros(3))


def test_frozen_and_interpolated(problem: OpenProblem) -> None:
    plane = moving(problem)
    size = problem.layout.parameter_size
    interpolated, frozen = (treat_buffers(plane, wanted, problem) for wanted in ("interpolated", "frozen"))
    assert (plane.batch_norm, interpolated.batch_norm, frozen.batch_norm) == ("interpolated", "interpolated", "frozen")
    assert treat_buffers(plane, None, problem) is plane
    evaluator = Evaluator(problem, CPU)
    weights = problem.origin + 0.7 * plane.directions[0] - 0.4 * plane.directions[1]
    moved = evaluator.at_coordinates(interpolated, (0.7, -0.4), never).loss
    assert moved == pytest.approx(plain_loss(problem, weights), rel=1e-5)
    kept = torch.cat([weights[:size], problem.origin[size:]])
    assert evaluator.at_coordinates(frozen, (0.7, -0.4), never).loss == pytest.approx(
        plain_loss(problem, kept), rel=1e-5
    )
    assert abs(moved - plain_loss(problem, kept)) > 1e-3
    np.testing.assert_allclose(frozen.norms, plane.directions[:, :size].norm(dim=1), rtol=1e-5)


def test_a_random_plane_cannot_move_statistics(problem: OpenProblem) -> None:
    plane = open_plane(Plane(seed=4), problem)
    with pytest.raises(InputError, match=r'problem\.batch_norm: got "interpolated", but .* move no buffers'):
        treat_buffers(plane, "interpolated", problem)
    assert treat_buffers(plane, "recalibrated", problem) is plane


def test_nothing_to_recalibrate() -> None:
    model = nn.Linear(3, 5)
    layout = Layout.of(model)
    samples = Samples(torch.randn(9, 3), torch.arange(9) % 5, "")
    origin = layout.flatten(named_tensors(model))
    problem = OpenProblem(NOTHING, model, layout, origin, samples, build_loss("cross_entropy"), Path("none.pt"), "", ())
    notes: list[str] = []
    Evaluator(problem, CPU, on_note=notes.append, recalibrate=True).at_weights(origin, never)
    assert notes == ["The model has no batch normalization, so there is nothing to recalibrate."]
