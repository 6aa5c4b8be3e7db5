"""Certification on networks: every event, the real files, Cancel, and what is refused."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg_compute.engine import Cancelled, compute_landscape
from talweg_compute.field import default_threshold, find_critical_points, refine_positions
from talweg_compute.messages import (
    Axis,
    Block,
    Certified,
    Certify,
    Compute,
    Event,
    Grid,
    InputError,
    Job,
    Normalize,
    Note,
    Plane,
    Points,
    Problem,
    Progress,
    Provenance,
    Ready,
    Run,
    decode_event,
    decode_request,
    encode_event,
    encode_request,
)
from talweg_compute.studies import certify

EXAMPLE = Path(__file__).parents[3] / "assets" / "example"
DIGITS = Job(
    Problem(model="digits_resnet", data="digits", trajectory=str(EXAMPLE / "digits_resnet" / "epoch_*.pt"), samples=10),
    Plane(kind="pca", ignore="none"),
    Grid(Axis(-3, 10, 14), Axis(-4, 4, 11)),
    Run(device="cpu"),
)


def never() -> bool:
    return False


def request_of(job: Job, most: int | None = None, threshold: float | None = None) -> Certify:
    """Compute a job's landscape; ask about the critical points that the window would show, or all over a threshold."""
    shape = job.grid.v.count, job.grid.u.count
    loss = np.full(shape, np.nan)
    provenance: list[Provenance] = []

    def take(event: Event) -> None:
        if isinstance(event, Points):
            loss.flat[event.index.array()] = event.fields["loss"].array()
        if isinstance(event, Ready):
            provenance.append(event.provenance)

    compute_landscape(Compute("1", job), take, never)
    points = find_critical_points(loss)
    kept = points.above(default_threshold(loss) if threshold is None else threshold)
    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    places = refine_positions(kept, loss, u, v)
    return Certify(
        "2",
        job,
        index=Block.of((kept.row * u.size + kept.column)[:most]),
        coordinates=Block.of(np.column_stack([places.u, places.v])[:most]),
        kinds=Block.of(kept.kind[:most]),
        expected=provenance[0],
    )


def run(request: Certify) -> list[Event]:
    """Certify as the worker does, with every message encoded on its way."""
    events: list[Event] = []
    decoded = decode_request(encode_request(request))
    assert isinstance(decoded, Certify)
    certify(decoded, lambda event: events.append(decode_event(encode_event(event))), never)
    return events


def verdicts(events: list[Event]) -> dict[int, Certified]:
    return {event.index: event for event in events if isinstance(event, Certified)}


def number(event: Certified, name: str) -> float:
    return float(event.fields[name].array())


def check_smooth(found: dict[int, Certified]) -> int:
    """Check every point that is called certified; returns their number."""
    certified = [event for event in found.values() if event.status == "certified"]
    for event in certified:
        assert event.precision == "float64"
        assert number(event, "gradient_norm") < 1e-6 * number(event, "gradient_scale")
        assert event.kind == event.sought == int((event.fields["eigenvalues"].array() < 0).sum())
        # a critical point of the slice is none of L
        assert number(event, "full_gradient_norm") > 1e3 * number(event, "gradient_norm")
        assert number(event, "out_of_plane_norm") == pytest.approx(number(event, "full_gradient_norm"), rel=1e-6)
    return len(certified)


@pytest.fixture(scope="module")
def digits() -> Certify:
    """The minimum of the digits net's plane, and a slope that somebody takes for a saddle."""
    request = request_of(DIGITS, threshold=0.0)
    return msgspec.structs.replace(
        request,
        index=Block.of(np.append(request.index.array(), 3)),
        coordinates=Block.of(np.vstack([request.coordinates.array(), [[6.0, 1.0]]])),
        kinds=Block.of(np.append(request.kinds.array(), 1).astype(np.int8)),
    )


@pytest.fixture(scope="module")
def digits_events(digits: Certify) -> list[Event]:
    return run(digits)


def test_the_trained_digits_net(digits: Certify, digits_events: list[Event]) -> None:
    events, found = digits_events, verdicts(digits_events)
    assert set(found) == set(digits.index.array().tolist())
    assert check_smooth(found) >= 1
    assert found[3].status == "dissolved"
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (len(found), len(found))
    assert not [event for event in events if isinstance(event, Note)]


def test_cancel_keeps_what_it_has(digits: Certify, digits_events: list[Event]) -> None:
    events: list[Event] = []

    def stop_after_one() -> bool:
        return any(isinstance(event, Certified) for event in events)

    with pytest.raises(Cancelled):
        certify(digits, events.append, stop_after_one)
    assert len(verdicts(events)) == 1
    whole = verdicts(digits_events)
    assert len(whole) > 1
    (first,) = verdicts(events).values()
    assert msgspec.to_builtins(first) == msgspec.to_builtins(whole[first.index])


def test_another_source_is_refused(digits: Certify) -> None:
    expected = digits.expected
    assert expected is not None
    other = msgspec.structs.replace(digits, expected=msgspec.structs.replace(expected, data_sha256="0" * 64))
    with pytest.raises(InputError, match="another checkpoint, data or plane"):
        run(other)


def test_arrays_that_do_not_fit_are_refused(digits: Certify) -> None:
    with pytest.raises(InputError, match=r"expected \[m\], \[m, 2\] and \[m\]"):
        run(msgspec.structs.replace(digits, kinds=Block.of(np.zeros(99, dtype=np.int8))))
    count = digits.index.array().size
    with pytest.raises(InputError, match="unknown kind"):
        run(msgspec.structs.replace(digits, kinds=Block.of(np.full(count, 7, dtype=np.int8))))


USER_CODE = """
import numpy as np
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 3, 3)
        self.conv2 = torch.nn.Conv2d(3, 5, 3)
        self.fc1 = torch.nn.Linear(20, 10)

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(self.conv1(x).relu(), 3)
        x = torch.nn.functional.max_pool2d(self.conv2(x).relu(), 3)
        return self.fc1(x.flatten(1))

def model():
    return Net()

def loss(outputs, targets):
    return torch.nn.functional.multi_margin_loss(outputs, targets, reduction="none")
"""


@pytest.mark.shared
def test_cnn_margin_has_its_minimum_at_a_kink(shared_data: Path, tmp_path: Path) -> None:
    """380 parameters, ReLU, max pooling and a margin loss: there is no point to certify in the smooth sense."""
    (tmp_path / "user.py").write_text(USER_CODE)
    with np.load(shared_data / "images" / "mnist_train.npz") as file:
        np.savez(tmp_path / "mnist.npz", images=file["images"][:60], labels=file["labels"][:60])
    problem = Problem(
        model=f"{tmp_path}/user.py:model",
        data=str(tmp_path / "mnist.npz"),
        checkpoint=str(shared_data / "checkpoints" / "mbrar8_mnist" / "cnn_margin" / "model_10.pt"),
        normalize=Normalize((0.5,), (0.5,)),
        loss=f"{tmp_path}/user.py:loss",
    )
    request = request_of(Job(problem, Plane(seed=2), Grid(Axis(-2, 2, 21), Axis(-2, 2, 21)), Run(device="cpu")))
    found = verdicts(run(request))
    assert len(found) == request.index.array().size
    (lowest,) = (event for event in found.values() if event.sought == 0)
    assert check_smooth(found) == 0
    assert (lowest.status, lowest.kind) == ("kink", 0)
    assert number(lowest, "gradient_norm") > 1e-3 * number(lowest, "gradient_scale")
    assert number(lowest, "full_gradient_norm") > number(lowest, "gradient_norm")
