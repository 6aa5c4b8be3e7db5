"""Models that no faster form can take, against a plain loop."""

import threading
import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine.plain_forward import BorrowedForward, PlainForward
from talweg_compute.messages import Plane
from talweg_compute.plane.plane import open_plane
from talweg_compute.plane.span import span_plane
from talweg_compute.problem.problem import OpenProblem
from tests.reference.networks import (
    SAMPLES,
    images,
    open_network,
    plain_loop,
)

CPU = torch.device("cpu")


def never() -> bool:
    return False


class Listening(nn.Module):
    """Reads what a hook wrote down, which closes over this very object."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(4, 4), nn.Linear(4, 5)
        self.seen: dict[str, Tensor] = {}
        self.body.register_forward_hook(lambda module, given, found: self.seen.update(features=found))

    def forward(self, x: Tensor) -> Tensor:
        self.body(x)
        return self.head(self.seen["features"])


class Remembering(nn.Module):
    """Reads what a hook wrote down of the inputs alone, whatever the weights are."""

    def __init__(self) -> None:
        super().__init__()
        self.square, self.head = nn.Identity(), nn.Linear(4, 5)
        self.seen: list[Tensor] = []
        self.square.register_forward_hook(lambda module, given, found: self.seen.__setitem__(slice(None), [found**2]))

    def forward(self, x: Tensor) -> Tensor:
        self.square(x)
        return self.head(self.seen[0])


class Closing(nn.Module):
    """Keeps a function of its own weight, which in a copy stays that of the first model."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 5)
        self.decode = lambda x: self.head(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(x)


class Holding(nn.Module):
    """Keeps its weight itself in a function."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 5)
        weight = self.head.weight
        self.decode = lambda x: x @ weight.t()

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(x) + self.head.bias


class Listing(nn.Module):
    """Keeps its weight in a list as well."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 5)
        self.listed = [self.head.weight]

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.listed[0].t() + self.head.bias


class Locked(nn.Module):
    """Cannot be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.lock = nn.Linear(4, 5), threading.Lock()

    def forward(self, x: Tensor) -> Tensor:
        with self.lock:
            return self.layer(x)


class Turning(nn.Module):
    """A complex buffer, as rotary embeddings have."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("turn", torch.polar(torch.ones(2), torch.tensor([0.3, 1.2])))
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        turned = torch.view_as_complex(x.float().reshape(-1, 2, 2).contiguous()) * self.turn
        return self.head(torch.view_as_real(turned).flatten(1).to(x.dtype))


class Graph(nn.Module):
    """A sparse buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 5)
        self.register_buffer("edges", (torch.eye(4) + torch.eye(4).roll(1, 0)).to_sparse())

    def forward(self, x: Tensor) -> Tensor:
        return self.head((self.edges @ x.t()).t())


def scripted() -> OpenProblem:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still in use
        model = torch.jit.script(nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5)))
    return open_network(model, torch.randn(SAMPLES, 4))


class OwnNorm(nn.Module):
    """Arithmetic of buffers alone, which tracing would freeze, beside a normalization that can be folded."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(4, 5), nn.BatchNorm1d(5)
        self.register_buffer("variance", torch.rand(5) + 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.layer(x)) / torch.sqrt(self.variance + 1e-5)


AWKWARD: dict[str, tuple[Callable[[], OpenProblem], type, str]] = {
    "flat": (
        lambda: open_network(nn.Sequential(nn.Unflatten(1, (3,)), nn.Flatten(), nn.Linear(108, 5)), images()),
        PlainForward,
        "",
    ),
    "listening": (lambda: open_network(Listening(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "remembering": (
        lambda: open_network(Remembering(), torch.randn(SAMPLES, 4)),
        BorrowedForward,
        "A copy of the model",
    ),
    "closing": (lambda: open_network(Closing(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "holding": (lambda: open_network(Holding(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy"),
    "listing": (lambda: open_network(Listing(), torch.randn(SAMPLES, 4)), PlainForward, ""),
    "locked": (lambda: open_network(Locked(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "turning": (lambda: open_network(Turning(), torch.randn(SAMPLES, 4)), PlainForward, ""),
    "graph": (lambda: open_network(Graph(), torch.randn(SAMPLES, 4)), PlainForward, ""),
    "scripted": (scripted, PlainForward, ""),
    "own norm": (lambda: open_network(OwnNorm(), torch.randn(SAMPLES, 4)), PlainForward, "takes longer"),
}


@pytest.mark.parametrize("kind", AWKWARD)
def test_what_a_fast_form_cannot_take_is_evaluated_in_a_plainer_one(kind: str) -> None:
    torch.manual_seed(7)
    build, form, sentence = AWKWARD[kind]
    problem = build()
    directions = torch.randn(2, problem.layout.size, generator=torch.Generator().manual_seed(5)) * 0.05  # buffers, too
    plane = span_plane(problem.origin, directions, problem.layout.parameter_size)
    notes: list[str] = []
    evaluator = Evaluator(problem, CPU, 10, on_note=notes.append)
    for u, v in [(0.0, 0.0), (0.4, -0.3), (1.0, 0.8)]:
        record = evaluator.at_coordinates(plane, (u, v), never)
        weights = problem.origin + u * directions[0] + v * directions[1]
        assert record.loss == pytest.approx(plain_loop(problem, weights), rel=2e-5)
    assert type(evaluator._passes["float32"]._forward) is form
    assert (sentence in " ".join(notes)) if sentence else not notes


class Watched(nn.Module):
    """Cannot be copied, and has statistics to re-estimate."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm, self.head, self.lock = nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 5), None

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.layer(x)).relu())


def test_statistics_are_estimated_anew_in_a_model_that_cannot_be_copied() -> None:
    torch.manual_seed(7)
    free = open_network(Watched(), torch.randn(SAMPLES, 4))
    plane = open_plane(Plane(seed=3), free)
    expected = Evaluator(free, CPU, 10, recalibrate=True).at_coordinates(plane, (0.4, -0.3), never)
    free.model.lock = threading.Lock()
    before = {name: tensor.clone() for name, tensor in free.model.state_dict().items()}
    found = Evaluator(free, CPU, 10, recalibrate=True).at_coordinates(plane, (0.4, -0.3), never)
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert all(torch.equal(tensor, before[name]) for name, tensor in free.model.state_dict().items())
    assert not any(module.training for module in free.model.modules())
