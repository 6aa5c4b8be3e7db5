import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Cancelled, Evaluator
from talweg_compute.engine import evaluator as evaluator_module
from talweg_compute.engine.forward import Probe
from talweg_compute.engine.number_format import switched_on
from talweg_compute.engine.passes import Pass
from talweg_compute.messages import Plane, Problem
from talweg_compute.plane.plane import OpenPlane, open_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.problem import OpenProblem

CPU = torch.device("cpu")


def never() -> bool:
    return False


def open_model(model: nn.Module, inputs: Tensor, targets: Tensor, loss: LossFunction | None = None) -> OpenProblem:
    layout = Layout.of(model)
    return OpenProblem(
        specification=Problem("none", "none", checkpoint="none.pt"),
        model=model.eval(),
        layout=layout,
        origin=layout.flatten(named_tensors(model)),
        samples=Samples(inputs, targets, ""),
        loss=loss or build_loss("cross_entropy"),
        checkpoint=Path("none.pt"),
        checkpoint_sha256="",
        trajectory=(),
    )


class ConvNet(nn.Module):
    """A small network with BatchNorm, dropout and a tied weight."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.first = nn.Linear(4 * 6 * 6, 4 * 6 * 6)
        self.second = nn.Linear(4 * 6 * 6, 4 * 6 * 6)
        self.second.weight = self.first.weight
        self.head = nn.Linear(4 * 6 * 6, 5)
        with torch.no_grad():
            self.norm.running_mean.normal_()
            self.norm.running_var.uniform_(0.5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.drop(self.norm(self.conv(x)).relu().flatten(1))
        return self.head(self.second(self.first(x).tanh()).tanh())


@pytest.fixture
def problem() -> OpenProblem:
    torch.manual_seed(3)
    return open_model(ConvNet(), torch.randn(37, 3, 6, 6), torch.randint(0, 5, (37,)))


@pytest.fixture
def plane(problem: OpenProblem) -> OpenPlane:
    return open_plane(Plane(seed=5), problem)


def plain_loss(problem: OpenProblem, weights: Tensor) -> Tensor:
    """Load the weights into the model and average the losses, in float64."""
    state = {name: tensor.double() for name, tensor in problem.layout.views(weights).items()}
    outputs = torch.func.functional_call(problem.model, state, problem.samples.inputs.double())
    return nn.functional.cross_entropy(outputs, problem.samples.targets, reduction="none")


@pytest.mark.parametrize("batch_size", [0, 1, 10, 37, 100])
def test_equals_a_plain_loop_whatever_the_batch(problem: OpenProblem, plane: OpenPlane, batch_size: int) -> None:
    evaluator = Evaluator(problem, CPU, batch_size)
    for u, v in [(0.0, 0.0), (0.7, -0.3), (-1.0, 1.0)]:
        record = evaluator.at_coordinates(plane, (u, v), never)
        losses = plain_loss(problem, plane.point(u, v))
        assert record.loss == pytest.approx(float(losses.mean()), rel=1e-5)
        assert record.loss_standard_error == pytest.approx(float(losses.std() / math.sqrt(37)), rel=1e-4)


def test_never_drifts_and_never_touches_the_problem(problem: OpenProblem, plane: OpenPlane) -> None:
    before = {name: tensor.clone() for name, tensor in problem.model.state_dict().items()}
    evaluator = Evaluator(problem, CPU)
    first = evaluator.at_coordinates(plane, (0.0, 0.0), never)
    for step in range(50):
        evaluator.at_coordinates(plane, (step / 7, -step / 3), never)
    assert evaluator.at_coordinates(plane, (0.0, 0.0), never) == first
    assert evaluator.at_weights(problem.origin, never) == first
    assert all(torch.equal(tensor, before[name]) for name, tensor in problem.model.state_dict().items())


def test_accuracy_in_percent(problem: OpenProblem) -> None:
    outputs = problem.model(problem.samples.inputs)
    right = replace(problem, samples=Samples(problem.samples.inputs, outputs.argmax(1), ""))
    assert Evaluator(right, CPU).at_weights(problem.origin, never).accuracy == 100.0


def test_divergence_is_a_value(problem: OpenProblem, plane: OpenPlane) -> None:
    record = Evaluator(problem, CPU).at_coordinates(plane, (1e39, 0.0), never)
    assert not math.isfinite(record.loss)
    assert math.isnan(record.loss_standard_error)


def test_a_scalar_loss_of_the_user_is_the_mean_of_its_batch(problem: OpenProblem) -> None:
    scalar = LossFunction("mine", nn.functional.cross_entropy, per_sample=False)
    record = Evaluator(replace(problem, loss=scalar), CPU, 10).at_weights(problem.origin, never)
    assert record.loss == pytest.approx(float(plain_loss(problem, problem.origin).mean()), rel=1e-5)
    assert math.isnan(record.loss_standard_error)


def test_stops_before_the_next_mini_batch(problem: OpenProblem, plane: OpenPlane) -> None:
    asked = 0

    def stop_at_the_third() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    with pytest.raises(Cancelled):
        Evaluator(problem, CPU, 10).at_coordinates(plane, (0.0, 0.0), stop_at_the_third)
    assert asked == 3


def test_switches_are_set_once_a_point_and_given_back(
    problem: OpenProblem, plane: OpenPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    matmul, found, entered = torch.backends.mkldnn.matmul, list[str](), list[str]()

    def look(outputs: Tensor, targets: Tensor) -> Tensor:
        found.append(matmul.fp32_precision)
        return nn.functional.cross_entropy(outputs, targets, reduction="none")

    def enter(precision: Any, device: torch.device) -> Any:
        entered.append(precision)
        return switched_on(precision, device)

    evaluator = Evaluator(replace(problem, loss=LossFunction("mine", look)), CPU, 10)
    evaluator.prepare("float32")
    monkeypatch.setattr(evaluator_module, "switched_on", enter)
    start = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")  # as a user's file may
    try:
        evaluator.at_coordinates(plane, (0.5, 0.5), never)
        assert (set(found), len(found) > 1, entered) == ({"ieee"}, True, ["float32"])
        with pytest.raises(Cancelled):
            evaluator.at_coordinates(plane, (0.5, 0.5), lambda: True)
        assert matmul.fp32_precision == "bf16"
    finally:
        torch.set_float32_matmul_precision(start)


def test_number_formats_share_what_they_are_compared_with(
    problem: OpenProblem, plane: OpenPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Probe] = []

    class Counted(Probe):
        def __init__(self, problem: OpenProblem) -> None:
            super().__init__(problem)
            built.append(self)

    monkeypatch.setattr(evaluator_module, "Probe", Counted)
    evaluator = Evaluator(problem, CPU, recalibrate=True)
    for precision in ("float32", "bf16"):
        evaluator.prepare(precision)
    assert len(built) == 1


class SmallMemory(Pass):
    """A forward pass on a device that holds ten samples."""

    def measure(self, start: int, stop: int) -> Tensor:
        if stop - start > 10:
            raise torch.OutOfMemoryError
        return super().measure(start, stop)


def test_out_of_memory_halves_the_batch(problem: OpenProblem, plane: OpenPlane) -> None:
    notes: list[str] = []
    plain = Evaluator(problem, CPU).at_coordinates(plane, (0.5, 0.5), never)
    evaluator = Evaluator(problem, CPU, 37, on_note=notes.append)
    evaluator._passes["float32"] = SmallMemory(Probe(problem), CPU, "float32", notes.append)
    record = evaluator.at_coordinates(plane, (0.5, 0.5), never)
    assert record.loss == pytest.approx(plain.loss, rel=1e-6)
    assert evaluator.batch_size == 10
    assert len(notes) == 2


class Hungry(ConvNet):
    """Asks for more than any machine has where it sees more than ten samples."""

    def forward(self, x: Tensor) -> Tensor:
        torch.empty(2**60 if len(x) > 10 else 1, dtype=torch.uint8)
        return super().forward(x)


def test_the_cpu_that_runs_out_of_memory_halves_the_batch(plane: OpenPlane, problem: OpenProblem) -> None:
    hungry = Hungry()
    hungry.load_state_dict(problem.model.state_dict())
    notes: list[str] = []
    evaluator = Evaluator(replace(problem, model=hungry.eval()), CPU, 37, on_note=notes.append)
    record = evaluator.at_coordinates(plane, (0.5, 0.5), never)
    assert record.loss == pytest.approx(Evaluator(problem, CPU).at_coordinates(plane, (0.5, 0.5), never).loss, rel=1e-6)
    assert evaluator.batch_size == 10
    assert [note for note in notes if "out of memory" in note] == [
        f"The device ran out of memory; batches now have {size} samples." for size in (19, 10)
    ]


def test_memory_that_lacks_where_the_forward_pass_is_built_halves_the_batch(
    problem: OpenProblem, plane: OpenPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [torch.OutOfMemoryError()]

    class Tight(Pass):
        def __init__(self, *arguments: Any) -> None:
            if refusals:
                raise refusals.pop()
            super().__init__(*arguments)

    expected = Evaluator(problem, CPU, 37).at_coordinates(plane, (0.5, 0.5), never)
    monkeypatch.setattr(evaluator_module, "Pass", Tight)
    notes: list[str] = []
    evaluator = Evaluator(problem, CPU, 37, on_note=notes.append)
    assert evaluator.at_coordinates(plane, (0.5, 0.5), never).loss == pytest.approx(expected.loss, rel=1e-6)
    assert notes == ["The device ran out of memory; batches now have 19 samples."]


def test_no_memory_for_a_single_sample_is_an_error(problem: OpenProblem, plane: OpenPlane) -> None:
    evaluator = Evaluator(problem, CPU, 4)

    class NoMemory(Pass):
        def measure(self, start: int, stop: int) -> Tensor:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 15.72 GiB)")

    evaluator._passes["float32"] = NoMemory(Probe(problem), CPU, "float32", print)
    with pytest.raises(RuntimeError, match="MPS backend out of memory"):
        evaluator.at_coordinates(plane, (0.5, 0.5), never)
    assert evaluator.batch_size == 1


def test_losses_of_a_device_without_float64_are_summed_in_it(problem: OpenProblem, plane: OpenPlane) -> None:
    exact = Evaluator(problem, CPU).at_coordinates(plane, (0.5, 0.5), never)
    evaluator = Evaluator(problem, CPU)
    evaluator.prepare("float32")
    evaluator._passes["float32"]._float64 = torch.float32  # as on MPS
    assert evaluator.at_coordinates(plane, (0.5, 0.5), never) == exact


class Quadratic(nn.Module):
    """f(θ) = |θ - c|², through the same path as a network."""

    def __init__(self) -> None:
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([[3.0, 4.0], [1.0, -2.0]]))

    def forward(self, x: Tensor) -> Tensor:
        return (self.theta - 1).square().sum().expand(len(x))


def test_a_quadratic_is_exact(tmp_path: Path) -> None:
    loss = LossFunction("value", lambda outputs, targets: outputs)
    problem = open_model(Quadratic(), torch.zeros(1, 1), torch.zeros(1), loss)
    plane = open_plane(Plane(seed=2, normalization="none"), problem)
    evaluator = Evaluator(problem, CPU)
    first, second = plane.directions.double()
    for u, v in [(0.0, 0.0), (1.0, 0.0), (-0.5, 2.0)]:
        exact = (problem.origin + u * first + v * second - 1).square().sum()
        assert evaluator.at_coordinates(plane, (u, v), never).loss == pytest.approx(float(exact), rel=1e-6)
