import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.plane import principal_directions, project
from talweg_compute.plane.loss_fitting import fit_plane, fitting_error, orthonormalize
from talweg_compute.problem.layout import Layout


class Trained:
    """A small network's training path, and its loss by weights."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        self.x = torch.rand(64, 2, generator=generator) * 2 - 1
        self.y = torch.sin(3 * self.x[:, :1]) * self.x[:, 1:]
        with torch.random.fork_rng():
            torch.manual_seed(1)
            self.model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
        self.layout = Layout.of(self.model)
        weights = self.layout.flatten(dict(self.model.named_parameters()))
        path = [weights]
        for _ in range(300):
            weights = weights - 0.2 * self.loss_and_gradient(weights)[1]
            path.append(weights)
        self.path = torch.stack(path[::30])
        self.losses = np.array([self.loss_and_gradient(point)[0] for point in self.path])

    def loss_and_gradient(self, flat: Tensor) -> tuple[float, Tensor]:
        flat = flat.double().requires_grad_()
        output = torch.func.functional_call(self.model, self.layout.views(flat), (self.x.double(),))
        loss = ((output - self.y.double()) ** 2).mean()
        return loss.item(), torch.autograd.grad(loss, flat)[0].float()

    def error(self, directions: Tensor) -> tuple[float, Tensor]:
        path = self.path
        return fitting_error(directions, path[-1], path.__getitem__, self.losses, self.loss_and_gradient)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return Trained()


def test_the_gradient_is_that_of_finite_differences(trained: Trained) -> None:
    generator = torch.Generator().manual_seed(3)
    directions = orthonormalize(torch.randn(2, trained.layout.size, generator=generator))
    _, gradient = trained.error(directions)
    for _ in range(3):
        change = torch.randn(2, trained.layout.size, generator=generator)
        change /= change.norm()
        step = 1e-2
        ends = [trained.error(orthonormalize(directions + sign * step * change))[0] for sign in (1, -1)]
        expected = (ends[0] - ends[1]) / (2 * step)
        assert float((gradient * change).sum()) == pytest.approx(expected, rel=2e-2, abs=2e-2 * float(gradient.norm()))


def test_the_error_does_not_depend_on_the_basis(trained: Trained) -> None:
    directions = orthonormalize(torch.randn(2, trained.layout.size, generator=torch.Generator().manual_seed(3)))
    turn = torch.tensor([[math.cos(1), math.sin(1)], [-math.sin(1), math.cos(1)]])
    assert trained.error(turn @ directions)[0] == pytest.approx(trained.error(directions)[0], rel=1e-4)


def test_a_planar_trajectory_has_no_error(trained: Trained) -> None:
    directions = orthonormalize(torch.randn(2, trained.layout.size, generator=torch.Generator().manual_seed(3)))
    path = trained.path[-1] + torch.randn(9, 2, generator=torch.Generator().manual_seed(4)) @ directions
    losses = np.array([trained.loss_and_gradient(point)[0] for point in path])
    error, _ = fitting_error(directions, trained.path[-1], path.__getitem__, losses, trained.loss_and_gradient)
    assert error < 1e-8


def test_fitting_lowers_the_error_of_the_principal_plane(trained: Trained) -> None:
    path, layout = trained.path, trained.layout
    start = principal_directions(lambda index, part: path[index, part], len(path), path[-1], layout, "none").directions
    fitted = fit_plane(
        start, path[-1], path.__getitem__, trained.losses, trained.loss_and_gradient, layout, "none", steps=50
    )
    assert fitted.errors[0] == pytest.approx(trained.error(start)[0], rel=1e-3)
    assert fitted.errors.min() < 0.2 * fitted.errors[0]
    assert trained.error(fitted.directions)[0] == pytest.approx(fitted.errors.min())
    shares = [
        sum(project(d, path[-1], path.__getitem__, len(path), layout.parameter_size).explained_variance)
        for d in (start, fitted.directions)
    ]
    assert 0.5 < shares[1] <= shares[0] + 1e-6


def test_what_is_ignored_stays_put(trained: Trained) -> None:
    path, layout = trained.path, trained.layout
    start = torch.randn(2, layout.size, generator=torch.Generator().manual_seed(3))
    fitted = fit_plane(start, path[-1], path.__getitem__, trained.losses, trained.loss_and_gradient, layout, steps=2)
    for entry in layout.entries:
        assert fitted.directions[:, entry.start : entry.stop].any() == (len(entry.shape) > 1)
