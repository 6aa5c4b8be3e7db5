"""Every kind of model against a plain loop that loads weights into it and calls it."""

import threading
import warnings
from collections.abc import Callable
from pathlib import Path
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
    say_nothing,
)
from talweg_compute.engine.plain_forward import BorrowedForward, MixedForward, PlainForward
from talweg_compute.messages import Plane, Problem
from talweg_compute.plane.plane import open_plane
from talweg_compute.plane.span import span_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.problem import OpenProblem

CPU = torch.device("cpu")
SAMPLES = 23


def never() -> bool:
    return False


def open_model(model: nn.Module, inputs: Any, targets: Any = None, loss: LossFunction | None = None) -> OpenProblem:
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            if module.affine:
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias)
    layout = Layout.of(model)
    return OpenProblem(
        specification=Problem("none", "none", checkpoint="none.pt"),
        model=model.eval(),
        layout=layout,
        origin=layout.flatten(named_tensors(model)),
        samples=Samples(inputs, torch.arange(SAMPLES) % 5 if targets is None else targets, ""),
        loss=loss or build_loss("cross_entropy"),
        checkpoint=Path("none.pt"),
        checkpoint_sha256="",
        trajectory=(),
    )


class Residual(nn.Module):
    """Dropout, a shortcut, a convolution without bias, one with."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.norm2 = nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6, affine=False)
        self.drop, self.head = nn.Dropout(0.5), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(self.conv1(x)).relu()
        x = (x + self.norm2(self.conv2(x))).relu()
        return self.head(self.drop(x.mean((2, 3))))


class Transposed(nn.Module):
    def __init__(self, groups: int) -> None:
        super().__init__()
        self.up, self.norm = nn.ConvTranspose2d(4, 8, 2, 2, groups=groups), nn.BatchNorm2d(8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.up(x)).relu().amax((2, 3)))


class Tied(nn.Module):
    """Two convolutions that share their weight, each with its own normalization, used in the other order."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv1d(4, 4, 3, padding=1), nn.Conv1d(4, 4, 3, padding=1, bias=False)
        self.b.weight = self.a.weight
        self.norm_a, self.norm_b = nn.BatchNorm1d(4), nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 5)
        self.other = nn.Linear(4, 5)
        self.other.weight = self.head.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm_a(self.a(self.norm_b(self.b(x)).relu()))
        return self.other(x.mean(2)) + self.head(x.amax(2))


class Branching(nn.Module):
    """Control flow that depends on the data, which cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).mean((2, 3))
        return self.head(x if float(x.sum()) > 1e9 else x.relu())


class Indexed(nn.Module):
    """Integer and floating-point buffers that take part."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("order", torch.randperm(6))
        self.register_buffer("scale", torch.rand(6) + 1, persistent=False)
        self.table, self.head = nn.Embedding(11, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head((self.table(x).mean(1) * self.scale)[:, self.order])


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.norm, self.right = nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(3, 5)

    def forward(self, image: Tensor, extra: Tensor) -> Tensor:
        return self.norm(self.left(image)) * self.right(extra)


class Batch(nn.Module):
    """Takes the dict as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.two = Two()

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        return self.two(batch["image"], batch["extra"])


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> dict[str, Any]:
        return {"scores": self.first(x), "more": (self.second(x),)}


class Mixing(nn.Module):
    """A constant in float32 meets the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 6), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.arange(6, dtype=torch.float32, device=x.device) * self.first(x))


def two_heads(outputs: Any, targets: Any) -> Tensor:
    classes = nn.functional.cross_entropy(outputs["scores"], targets["class"], reduction="none")
    return classes + (outputs["more"][0][:, 0] - targets["value"]).square()


def images(channels: int = 3) -> Tensor:
    return torch.randn(SAMPLES, channels, 6, 6)


def pair() -> tuple[Tensor, Tensor]:
    return torch.randn(SAMPLES, 4), torch.randn(SAMPLES, 3)


def named() -> dict[str, Tensor]:
    return dict(zip(("image", "extra"), pair(), strict=True))


def many_outputs() -> OpenProblem:
    targets = {"class": torch.arange(SAMPLES) % 5, "value": torch.randn(SAMPLES)}
    return open_model(Heads(), torch.randn(SAMPLES, 4), targets, LossFunction("mine", two_heads))


def rows(*layers: nn.Module) -> OpenProblem:
    return open_model(nn.Sequential(*layers), torch.randn(SAMPLES, 4))


KINDS: dict[str, tuple[Callable[[], OpenProblem], type]] = {
    "residual": (lambda: open_model(Residual(), images()), FoldedForward),
    "transposed": (lambda: open_model(Transposed(1), images(4)), FoldedForward),
    "transposed in groups": (lambda: open_model(Transposed(2), images(4)), PlainForward),
    "volumes": (
        lambda: open_model(
            nn.Sequential(nn.Conv3d(2, 5, 3), nn.BatchNorm3d(5), nn.AdaptiveAvgPool3d(1), nn.Flatten()),
            torch.randn(SAMPLES, 2, 5, 5, 5),
        ),
        FoldedForward,
    ),
    "linear": (lambda: rows(nn.Linear(4, 7), nn.BatchNorm1d(7), nn.ReLU(), nn.Linear(7, 5)), FoldedForward),
    "sequences": (  # the normalized axis of length 4 is not the layer's output of length 5
        lambda: open_model(
            nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(4), nn.AdaptiveAvgPool1d(2), nn.Flatten()),
            torch.randn(SAMPLES, 4, 6),
        ),
        PlainForward,
    ),
    "tied": (lambda: open_model(Tied(), torch.randn(SAMPLES, 4, 7)), FoldedForward),
    "branching": (lambda: open_model(Branching(), images()), PlainForward),
    "indexed": (lambda: open_model(Indexed(), torch.randint(0, 11, (SAMPLES, 3))), PlainForward),
    "tuple": (lambda: open_model(Two(), pair()), FoldedForward),
    "dict by name": (lambda: open_model(Two(), named()), FoldedForward),
    "dict as it is": (lambda: open_model(Batch(), named()), FoldedForward),
    "many outputs": (many_outputs, PlainForward),
    "mixing": (lambda: open_model(Mixing(), torch.randn(SAMPLES, 4)), PlainForward),
}


def plain_loop(problem: OpenProblem, weights: Tensor) -> float:
    """Load the weights into the model in float64 and call it sample by sample."""
    model = problem.model
    kept = {name: tensor.clone() for name, tensor in named_tensors(model).items()}
    model.double()
    try:
        for name, tensor in problem.layout.views(weights.double()).items():
            named_tensors(model)[name].data.copy_(tensor)
        total = 0.0
        for sample in range(SAMPLES):
            inputs, targets = (pick(part, sample) for part in (problem.samples.inputs, problem.samples.targets))
            with torch.no_grad():
                if isinstance(inputs, tuple):
                    outputs = model(*inputs)
                elif isinstance(inputs, dict) and isinstance(model, Two):
                    outputs = model(image=inputs["image"], extra=inputs["extra"])
                else:
                    outputs = model(inputs)
            total += float(problem.loss.function(outputs, targets).sum())
        return total / SAMPLES
    finally:
        model.float()
        for name, tensor in named_tensors(model).items():
            tensor.data.copy_(kept[name])


def pick(nested: Any, sample: int) -> Any:
    if isinstance(nested, dict):
        return {key: pick(part, sample) for key, part in nested.items()}
    if isinstance(nested, tuple):
        return tuple(pick(part, sample) for part in nested)
    part = nested[sample : sample + 1]
    return part.double() if part.is_floating_point() else part


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


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_folded_model_that_fails_later_is_evaluated_as_it_is(precision: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    problem = open_model(Residual(), images())
    plane = open_plane(Plane(seed=3, ignore="none"), problem)
    expected = Evaluator(problem, CPU, 10).at_coordinates(plane, (0.4, -0.3), never, precision=precision)
    call = FoldedForward.__call__

    def fail(self: FoldedForward, inputs: Any) -> Any:
        if len(inputs) > 4:
            raise RuntimeError("shape '[4, 6]' is invalid for input of size 60")
        return call(self, inputs)

    monkeypatch.setattr(FoldedForward, "__call__", fail)
    notes: list[str] = []
    evaluator = Evaluator(problem, CPU, 10, on_note=notes.append)
    for _ in range(2):
        record = evaluator.at_coordinates(plane, (0.4, -0.3), never, precision=precision)
        assert record.loss == pytest.approx(expected.loss, rel=1e-6 if precision == "float32" else 0.02)
    assert notes == [
        "The folded model failed, so that the model is evaluated as it is: RuntimeError: shape '[4, 6]' is invalid for "
        "input of size 60."
    ]


def test_an_operation_that_a_library_lacks_is_not_taken_for_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    problem = open_model(Residual(), images())
    expected = Evaluator(problem, CPU, 10).at_weights(problem.origin, never)
    call = FoldedForward.__call__

    def fail(self: FoldedForward, inputs: Any) -> Any:
        if len(inputs) in (1, 2, 3, 5, 10):
            raise RuntimeError("GET was unable to find an engine to execute this computation")
        return call(self, inputs)

    monkeypatch.setattr(FoldedForward, "__call__", fail)
    notes: list[str] = []
    found = Evaluator(problem, CPU, 10, on_note=notes.append).at_weights(problem.origin, never)
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert notes[-1].startswith("The folded model failed, so that the model is evaluated as it is")


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
    problem = open_model(Drifting(), torch.randn(SAMPLES, 4))
    notes: list[str] = []
    assert type(build_exact_forward(Probe(problem), CPU, notes.append)) is BorrowedForward
    assert notes == [
        "A copy of the model does not do as it does (it gives other outputs), so that it is evaluated itself."
    ]


def test_a_device_is_compared_with_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = open_model(Residual(), images())
    assert reason_against(problem, CPU) is None
    meta = torch.device("meta")  # on which there are no numbers
    assert "NotImplementedError: " in str(reason_against(problem, meta))
    with pytest.raises(UnsuitableDeviceError, match=r"problem\.model: it cannot be evaluated on meta: .*run\.device"):
        build_exact_forward(Probe(problem), meta)

    def too_large(*_: Any) -> Any:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(PlainForward, "__call__", too_large)
    assert reason_against(problem, meta) is None


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


def test_convolutions_of_a_model_with_views_have_channels_last() -> None:
    torch.manual_seed(7)
    for kind, expected in ((Viewing, True), (Insisting, False)):
        form = build_forward(Probe(open_model(kind(), images())), CPU, torch.float32, say_nothing)
        assert form.channels_last == expected


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
    return open_model(model, torch.randn(SAMPLES, 4))


class OwnNorm(nn.Module):
    """Arithmetic of buffers alone, which tracing would freeze, beside a normalization that can be folded."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(4, 5), nn.BatchNorm1d(5)
        self.register_buffer("variance", torch.rand(5) + 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.layer(x)) / torch.sqrt(self.variance + 1e-5)


AWKWARD: dict[str, tuple[Callable[[], OpenProblem], type, str]] = {
    "viewing": (lambda: open_model(Viewing(), images()), FoldedForward, ""),
    "insisting": (lambda: open_model(Insisting(), images()), FoldedForward, "channel by channel"),
    "flat": (
        lambda: open_model(nn.Sequential(nn.Unflatten(1, (3,)), nn.Flatten(), nn.Linear(108, 5)), images()),
        PlainForward,
        "",
    ),
    "listening": (lambda: open_model(Listening(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "remembering": (lambda: open_model(Remembering(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "closing": (lambda: open_model(Closing(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "holding": (lambda: open_model(Holding(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy"),
    "listing": (lambda: open_model(Listing(), torch.randn(SAMPLES, 4)), PlainForward, ""),
    "locked": (lambda: open_model(Locked(), torch.randn(SAMPLES, 4)), BorrowedForward, "A copy of the model"),
    "turning": (lambda: open_model(Turning(), torch.randn(SAMPLES, 4)), PlainForward, ""),
    "graph": (lambda: open_model(Graph(), torch.randn(SAMPLES, 4)), PlainForward, ""),
    "scripted": (scripted, PlainForward, ""),
    "own norm": (lambda: open_model(OwnNorm(), torch.randn(SAMPLES, 4)), PlainForward, "takes longer"),
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
    free = open_model(Watched(), torch.randn(SAMPLES, 4))
    plane = open_plane(Plane(seed=3), free)
    expected = Evaluator(free, CPU, 10, recalibrate=True).at_coordinates(plane, (0.4, -0.3), never)
    free.model.lock = threading.Lock()
    before = {name: tensor.clone() for name, tensor in free.model.state_dict().items()}
    found = Evaluator(free, CPU, 10, recalibrate=True).at_coordinates(plane, (0.4, -0.3), never)
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert all(torch.equal(tensor, before[name]) for name, tensor in free.model.state_dict().items())
    assert not any(module.training for module in free.model.modules())
