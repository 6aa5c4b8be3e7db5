"""Derivatives along a plane against dense autograd and differences of the loss."""

import threading
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.curvature import PlaneDerivatives
from talweg_compute.messages import Plane
from talweg_compute.plane.plane import OpenPlane, open_plane, span_plane
from talweg_compute.problem.problem import OpenProblem
from tests.reference.modules import open_module

CPU = torch.device("cpu")
AT = (0.3, -0.2)


class Smooth(nn.Module):
    """Convolution, batch normalization and a tanh layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.head = nn.Linear(3 * 16, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.conv(x)).tanh().flatten(1))


class OneWay(torch.autograd.Function):
    """tanh with a backward pass and nothing else: neither forward mode nor vmap."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        y = x.tanh()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, slope: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return slope * (1 - y * y)


class Custom(Smooth):
    def forward(self, x: Tensor) -> Tensor:
        return self.head(OneWay.apply(self.norm(self.conv(x))).flatten(1))


class Detached(Smooth):
    """The backward pass sees only the head; the loss depends on the convolution, too."""

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.conv(x)).tanh().detach().flatten(1))


class NumberCrunching(Smooth):
    """Leaves torch on the way, so that there is no derivative at all, and no ``RuntimeError`` either."""

    def forward(self, x: Tensor) -> Tensor:
        features = self.norm(self.conv(x))
        if features.requires_grad:
            raise TypeError("only for tensors without a gradient")
        return self.head(torch.from_numpy(np.tanh(features.numpy())).flatten(1))


class Closed(Smooth):
    """Cannot be copied, keeps a function of its own layers, and takes a single sample for none."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.read = lambda x: self.head(self.norm(self.conv(x)).tanh().flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.read(x).squeeze()


class Single(Smooth):
    """Computes in float32 whatever it is given."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).float()


def problem_of(make: Callable[[], nn.Module]) -> OpenProblem:
    torch.manual_seed(5)
    model = make()
    with torch.no_grad():
        for tensor in (model.norm.running_mean, model.norm.bias):  # type: ignore[union-attr]
            tensor.normal_()  # type: ignore[operator]
        model.norm.running_var.uniform_(0.5, 2)  # type: ignore[union-attr, operator]
    generator = torch.Generator().manual_seed(9)
    return open_module(
        model, torch.randn(37, 2, 4, 4, generator=generator), torch.randint(0, 4, (37,), generator=generator)
    )


def plane_of(problem: OpenProblem, *, moves_buffers: bool = False) -> OpenPlane:
    if not moves_buffers:
        return open_plane(Plane(seed=3), problem)
    directions = 0.1 * torch.randn(2, problem.layout.size, generator=torch.Generator().manual_seed(2))
    return span_plane(problem.origin, directions, problem.layout.parameter_size)


def dense_loss(problem: OpenProblem, plane: OpenPlane, at: Tensor) -> Tensor:
    """The mean loss at a point, in float64, as one differentiable expression of (u, v) over the whole batch."""
    flat = problem.origin.double() + at @ plane.directions.double()
    x = problem.samples.inputs.double()
    views = problem.layout.views(flat)
    x = nn.functional.conv2d(x, views["conv.weight"], views["conv.bias"], padding=1)
    scale = views["norm.weight"] / (views["norm.running_var"] + 1e-5).sqrt()
    x = (x - views["norm.running_mean"].view(-1, 1, 1)) * scale.view(-1, 1, 1) + views["norm.bias"].view(-1, 1, 1)
    x = x.tanh().flatten(1) @ views["head.weight"].T + views["head.bias"]
    return nn.functional.cross_entropy(x, problem.samples.targets)


def dense(problem: OpenProblem, plane: OpenPlane) -> tuple[float, np.ndarray, np.ndarray]:
    at = torch.tensor(AT, dtype=torch.float64, requires_grad=True)
    loss = dense_loss(problem, plane, at)
    (gradient,) = torch.autograd.grad(loss, at, create_graph=True)
    rows = [torch.autograd.grad(entry, at, retain_graph=True)[0] for entry in gradient]
    return float(loss.detach()), gradient.detach().numpy(), torch.stack(rows).numpy()


def scripted() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still in use
        return torch.jit.script(Smooth())


def traced() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(Smooth().eval(), torch.randn(3, 2, 4, 4))


@pytest.mark.parametrize(("make", "moves_buffers"), [(scripted, False), (traced, False), (scripted, True)])
def test_scripted_models_are_differentiated(make: Callable[[], nn.Module], *, moves_buffers: bool) -> None:
    problem = problem_of(make)
    plane = plane_of(problem, moves_buffers=moves_buffers)
    before = {name: tensor.clone() for name, tensor in problem.model.state_dict().items()}
    notes: list[str] = []
    f = PlaneDerivatives(problem, plane, CPU, cell=(0.05, 0.05), batch_size=10, on_note=notes.append)
    value, gradient, hessian = dense(problem, plane)
    found = f.at(*AT)
    assert found.value == pytest.approx(value, rel=1e-12)
    assert found.hessian is not None
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-4 if moves_buffers else 1e-9)
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-3 if moves_buffers else 1e-8, atol=1e-12)
    assert [note.split(" (")[0] for note in notes] == ["The model has no backward pass"] * moves_buffers
    assert all(torch.equal(tensor, before[name]) for name, tensor in problem.model.state_dict().items())
    assert all(isinstance(parameter, nn.Parameter) for parameter in problem.model.parameters())


@pytest.mark.parametrize("moves_buffers", [False, True])
def test_derivatives_equal_dense_autograd(moves_buffers: bool) -> None:
    problem = problem_of(Smooth)
    plane = plane_of(problem, moves_buffers=moves_buffers)
    notes: list[str] = []
    f = PlaneDerivatives(problem, plane, CPU, batch_size=10, on_note=notes.append)
    value, gradient, hessian = dense(problem, plane)
    found = f.at(*AT)
    assert found.value == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-9)
    assert found.hessian is not None
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-8)
    np.testing.assert_array_equal(found.hessian, found.hessian.T)
    assert (notes, f.precision, f.exact) == ([], "float64", True)


def test_a_model_that_cannot_be_copied_is_differentiated_itself() -> None:
    problem = problem_of(Closed)
    plane = plane_of(problem)
    before = {name: tensor.clone() for name, tensor in problem.model.state_dict().items()}
    notes: list[str] = []
    f = PlaneDerivatives(problem, plane, CPU, batch_size=12, on_note=notes.append)  # the last one of 37 is alone
    value, gradient, hessian = dense(problem, plane)
    found = f.at(*AT)
    assert found.value == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-9)
    np.testing.assert_allclose(found.hessian, hessian, rtol=1e-8)
    assert (notes, f.precision) == ([], "float64")
    assert all(torch.equal(tensor, before[name]) for name, tensor in problem.model.state_dict().items())


def test_the_full_gradient_is_that_of_every_trained_parameter() -> None:
    problem = problem_of(Smooth)
    plane = plane_of(problem)
    found = PlaneDerivatives(problem, plane, CPU).at(*AT)
    flat = problem.origin.double() + torch.tensor(AT, dtype=torch.float64) @ plane.directions.double()
    size = problem.layout.parameter_size
    parameters = flat[:size].clone().requires_grad_()
    model = Smooth().double().eval()
    views = problem.layout.views(torch.cat([parameters, flat[size:]]))
    for name in ("norm.running_mean", "norm.running_var"):
        views[name] = views[name].detach()
    outputs = torch.func.functional_call(model, views, (problem.samples.inputs.double(),))
    (gradient,) = torch.autograd.grad(nn.functional.cross_entropy(outputs, problem.samples.targets), parameters)
    basis = np.linalg.qr(plane.directions[:, :size].double().numpy().T)[0]  # [n, 2]
    rest = gradient.numpy() - basis @ (basis.T @ gradient.numpy())
    assert found.full_gradient_norm == pytest.approx(float(gradient.norm()), rel=1e-9)
    assert found.out_of_plane_norm == pytest.approx(float(np.linalg.norm(rest)), rel=1e-9)


def test_slopes_and_curvatures_are_per_distance_between_weights() -> None:
    problem = problem_of(Smooth)
    plane = plane_of(problem)
    f = PlaneDerivatives(problem, plane, CPU)
    found = f.at(*AT)
    directions = plane.directions.double().numpy()
    basis = np.linalg.qr(directions.T)[0]
    change = np.linalg.inv(basis.T @ directions.T)  # (u, v) of a unit step along each orthonormal axis
    assert f.slope_norm(found.gradient) == pytest.approx(float(np.linalg.norm(change.T @ found.gradient)), rel=1e-6)
    assert found.hessian is not None
    expected = np.linalg.eigvalsh(change.T @ found.hessian @ change)
    np.testing.assert_allclose(f.curvatures(found.hessian), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "words", "gradient_error", "hessian_error"),
    [
        (Custom, "no second derivatives in forward mode", 1e-9, 1e-5),
        (Detached, "contradicts its loss", 1e-4, 1e-3),
        (NumberCrunching, "no backward pass", 1e-4, 1e-3),
    ],
)
def test_what_a_model_cannot_do_is_done_by_differences_and_said(
    model: Callable[[], nn.Module], words: str, gradient_error: float, hessian_error: float
) -> None:
    problem = problem_of(model)
    plane = plane_of(problem)
    notes: list[str] = []
    f = PlaneDerivatives(problem, plane, CPU, cell=(0.05, 0.05), on_note=notes.append)
    _, gradient, hessian = dense(problem, plane)
    found = f.at(*AT)
    assert found.hessian is not None
    np.testing.assert_allclose(found.gradient, gradient, rtol=gradient_error)
    np.testing.assert_allclose(found.hessian, hessian, rtol=hessian_error, atol=hessian_error * np.abs(hessian).max())
    assert len(notes) == 1
    assert words in notes[0]
    assert f.exact == (model is Custom)
    assert np.isnan(found.full_gradient_norm) == (model is not Custom)


def test_a_model_without_float64_is_differentiated_in_float32_and_that_is_said() -> None:
    problem = problem_of(Single)
    notes: list[str] = []
    f = PlaneDerivatives(problem, plane_of(problem), CPU, on_note=notes.append)
    assert f.precision == "float32"
    assert not f.exact
    assert "float32" in notes[0]


def test_gradients_at_many_points_agree_with_one_at_a_time() -> None:
    problem = problem_of(Smooth)
    f = PlaneDerivatives(problem, plane_of(problem), CPU)
    points = np.array([[0.0, 0.0], AT, [1.0, -1.0]])
    expected = [f.at(u, v, hessian=False).gradient for u, v in points]
    np.testing.assert_array_equal(f.gradient_at(points), expected)
    fields = f.gradient_fields(points)
    np.testing.assert_array_equal(np.stack([fields["gradient_u"], fields["gradient_v"]], axis=-1), expected)
    np.testing.assert_array_equal(fields["gradient_norm"], [f.slope_norm(gradient) for gradient in expected])
    assert f.gradient_fields(np.zeros((0, 2)))["gradient_norm"].shape == (0,)
    np.testing.assert_allclose(f.values_at(points), [f.at(u, v, hessian=False).value for u, v in points], rtol=1e-14)


def test_what_before_batch_raises_ends_the_computation() -> None:
    problem = problem_of(Smooth)

    def stop() -> None:
        raise KeyError("stop")

    f = PlaneDerivatives(problem, plane_of(problem), CPU, before_batch=stop)
    for hessian in (True, False):
        with pytest.raises(KeyError):
            f.at(0.0, 0.0, hessian=hessian)


def test_the_problem_is_left_as_it_was() -> None:
    problem = problem_of(Smooth)
    before = {name: tensor.clone() for name, tensor in problem.model.state_dict().items()}
    PlaneDerivatives(problem, plane_of(problem, moves_buffers=True), CPU).at(*AT)
    for name, tensor in problem.model.state_dict().items():
        assert torch.equal(tensor, before[name])
        assert tensor.dtype == before[name].dtype
    assert all(parameter.requires_grad for parameter in problem.model.parameters())
