import threading
import warnings

import torch
from torch import Tensor, nn

from talweg_compute.problem.gradient import LossGradient
from tests.reference.modules import open_module


class Closed(nn.Module):
    """Cannot be copied, and reads what a hook wrote into this very object."""

    def __init__(self) -> None:
        super().__init__()
        self.lock, self.body, self.head = threading.Lock(), nn.Linear(4, 6), nn.Linear(6, 5)
        self.seen: list[Tensor] = []
        self.body.register_forward_hook(lambda module, given, found: self.seen.__setitem__(slice(None), [found]))

    def forward(self, x: Tensor) -> Tensor:
        self.body(x)
        return self.head(self.seen[0].tanh())


def test_the_gradient_of_a_scripted_model() -> None:
    torch.manual_seed(4)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5))
    inputs, labels = torch.randn(7, 4), torch.arange(7) % 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still in use
        scripted = torch.jit.script(model)
    expected, problem = (open_module(each, inputs, labels) for each in (model, scripted))
    weights = problem.origin + 0.3 * torch.randn(problem.layout.size)
    found = LossGradient(problem, torch.device("cpu"))(weights)
    torch.testing.assert_close(found, LossGradient(expected, torch.device("cpu"))(weights))
    assert torch.equal(problem.layout.flatten(scripted.state_dict()), problem.origin)


def test_the_gradient_of_a_model_that_cannot_be_copied() -> None:
    torch.manual_seed(4)
    inputs, labels = torch.randn(7, 4), torch.arange(7) % 5
    problem = open_module(Closed(), inputs, labels)
    weights = problem.origin + 0.3 * torch.randn(problem.layout.size)
    loss, gradient = LossGradient(problem, torch.device("cpu"))(weights)

    leaf = weights.clone().requires_grad_()
    views = problem.layout.views(leaf)
    hidden = (inputs @ views["body.weight"].t() + views["body.bias"]).tanh()
    expected = nn.functional.cross_entropy(hidden @ views["head.weight"].t() + views["head.bias"], labels)
    assert abs(loss - float(expected.detach())) < 1e-6
    torch.testing.assert_close(gradient, torch.autograd.grad(expected, leaf)[0], rtol=1e-5, atol=1e-7)
