"""Every kind of model against a plain loop that loads weights into it and calls it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.engine.forward import (
    Probe,
    UnsuitableDeviceError,
    build_exact_forward,
    build_forward,
    reason_against,
)
from talweg_compute.engine.plain_forward import BorrowedForward, MixedForward, PlainForward
from talweg_compute.messages import Plane
from talweg_compute.plane.plane import open_plane
from talweg_compute.problem.problem import OpenProblem
from tests.reference.networks import (
    SAMPLES,
    Batch,
    Branching,
    Indexed,
    Mixing,
    Residual,
    Tied,
    Transposed,
    Two,
    images,
    many_outputs,
    named,
    open_network,
    pair,
    plain_loop,
    rows,
)

CPU = torch.device("cpu")


def never() -> bool:
    return False


class Viewing(nn.Module):
    """Takes its activations for contiguous, as many models do that were never run with channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(64, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).relu()
        return self.head(x.view(x.size(0), -1))


class Insisting(Viewing):
    """Flattens by the order in memory."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).relu()
        return self.head(x.as_strided((x.size(0), 64), (64, 1)))


KINDS: dict[str, tuple[Callable[[], OpenProblem], type]] = {
    "residual": (lambda: open_network(Residual(), images()), FoldedForward),
    "transposed": (lambda: open_network(Transposed(1), images(4)), FoldedForward),
    "transposed in groups": (lambda: open_network(Transposed(2), images(4)), PlainForward),
    "volumes": (
        lambda: open_network(
            nn.Sequential(nn.Conv3d(2, 5, 3), nn.BatchNorm3d(5), nn.AdaptiveAvgPool3d(1), nn.Flatten()),
            torch.randn(SAMPLES, 2, 5, 5, 5),
        ),
        FoldedForward,
    ),
    "linear": (lambda: rows(nn.Linear(4, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, 5)), FoldedForward),
    "sequences": (  # the normalized axis of length 4 is not the layer's output of length 5
        lambda: open_network(
            nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(4), nn.AdaptiveAvgPool1d(2), nn.Flatten()),
            torch.randn(SAMPLES, 4, 6),
        ),
        PlainForward,
    ),
    "tied": (lambda: open_network(Tied(), torch.randn(SAMPLES, 4, 7)), FoldedForward),
    "branching": (lambda: open_network(Branching(), images()), PlainForward),
    "indexed": (lambda: open_network(Indexed(), torch.randint(0, 11, (SAMPLES, 3))), PlainForward),
    "tuple": (lambda: open_network(Two(), pair()), FoldedForward),
    "dict by name": (lambda: open_network(Two(), named()), FoldedForward),
    "dict as it is": (lambda: open_network(Batch(), named()), FoldedForward),
    "many outputs": (many_outputs, PlainForward),
    "viewing": (lambda: open_network(Viewing(), images()), FoldedForward),
    "mixing": (lambda: open_network(Mixing(), torch.randn(SAMPLES, 4)), PlainForward),
}


def test_convolutions_of_a_model_with_views_have_channels_last() -> None:
    torch.manual_seed(7)
    for kind, expected in ((Viewing, True), (Insisting, False)):
        notes: list[str] = []
        form = build_forward(Probe(open_network(kind(), images())), CPU, torch.float32, notes.append)
        assert (type(form), form.channels_last) == (FoldedForward, expected)
        assert ["channel by channel" in note for note in notes] == [True] * (not expected)


@pytest.mark.parametrize("kind", KINDS)
def test_equals_a_plain_loop(kind: str) -> None:
    torch.manual_seed(7)
    build, form = KINDS[kind]
    problem = build()
    plane = open_plane(Plane(seed=3, ignore="none"), problem)
    notes: list[str] = []
    evaluator = Evaluator(problem, CPU, 10, on_note=notes.append)
    for u, v in [(0.0, 0.0), (0.4, -0.3), (-1.0, 0.8)]:
        record = evaluator.at_coordinates(plane, (u, v), never)
        assert record.loss == pytest.approx(plain_loop(problem, plane.point(u, v)), rel=2e-5)
    assert type(evaluator._passes["float32"]._forward) is form
    has_norm = any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in problem.model.modules())
    assert len(notes) == (has_norm and form is PlainForward)


@pytest.mark.parametrize("kind", KINDS)
def test_runs_in_bf16_or_something_like_it(kind: str) -> None:
    torch.manual_seed(7)
    build, form = KINDS[kind]
    problem = build()
    plane = open_plane(Plane(seed=3, ignore="none"), problem)
    evaluator = Evaluator(problem, CPU, 10)
    exact = evaluator.at_coordinates(plane, (0.4, -0.3), never)
    short = evaluator.at_coordinates(plane, (0.4, -0.3), never, precision="bf16")
    assert short.loss == pytest.approx(exact.loss, rel=0.05)
    assert short.loss != exact.loss
    assert (exact.precision, short.precision) == ("float32", "bf16")
    assert type(evaluator._passes["bf16"]._forward) is (MixedForward if kind == "mixing" else form)


class Drifting(nn.Module):
    """Gives other outputs on what it takes for another device."""

    copies = 0

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 5)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Drifting":
        Drifting.copies += 1
        copied = Drifting()
        copied.load_state_dict(self.state_dict())
        copied.number = Drifting.copies
        return copied

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) * (1 + 0.1 * (getattr(self, "number", 0) % 2))


def test_a_copy_that_gives_something_else_is_not_used() -> None:
    problem = open_network(Drifting(), torch.randn(SAMPLES, 4))
    notes: list[str] = []
    assert type(build_exact_forward(Probe(problem), CPU, notes.append)) is BorrowedForward
    assert notes == [
        "A copy of the model does not do as it does (it gives other outputs), so that it is evaluated itself."
    ]


def test_a_device_is_compared_with_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = open_network(Residual(), images())
    assert reason_against(problem, CPU) is None
    meta = torch.device("meta")  # on which there are no numbers
    assert "NotImplementedError: " in str(reason_against(problem, meta))
    with pytest.raises(UnsuitableDeviceError, match=r"problem\.model: it cannot be evaluated on meta: .*run\.device"):
        build_exact_forward(Probe(problem), meta)

    def too_large(*_: Any) -> Any:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(PlainForward, "__call__", too_large)
    assert reason_against(problem, meta) is None
