"""Gradients of a landscape against dense autograd, central differences of the loss, and what is refused."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional

from talweg_compute.assets import asset
from talweg_compute.engine import Cancelled, compute_landscape
from talweg_compute.messages import (
    Block,
    Compute,
    Differentiate,
    Event,
    InputError,
    PointFields,
    Progress,
    Ready,
    decode_event,
    decode_request,
    encode_event,
    encode_request,
    read_job,
)
from talweg_compute.plane import open_plane
from talweg_compute.problem.problem import open_problem
from talweg_compute.studies import differentiate
from tests.conftest import write_job

Float = np.ndarray


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> Differentiate:
    """Twelve places on the plane of an MLP, some of them between the points of its grid, in any order."""
    path = write_job(tmp_path_factory.mktemp("job"))  # with tanh: differences across a kink are no derivatives
    path.write_text(path.read_text().replace("[64, 16, 10]", '[64, 16, 10], activation = "tanh"'))
    job = read_job(path)
    coordinates = np.random.default_rng(3).uniform((-1, -2), (1, 2), (12, 2))
    coordinates[0] = 0
    return Differentiate("7", job, index=Block.of(np.arange(12)[::-1].copy()), coordinates=Block.of(coordinates))


def run(request: Differentiate) -> list[Event]:
    """Differentiate as the worker does, with every message encoded on its way."""
    events: list[Event] = []
    decoded = decode_request(encode_request(request))
    assert isinstance(decoded, Differentiate)
    differentiate(decoded, lambda event: events.append(decode_event(encode_event(event))), never)
    return events


def collect(events: list[Event]) -> dict[str, Float]:
    """All fields, and "index", in the order in which they came."""
    found = [event for event in events if isinstance(event, PointFields)]
    fields = {name: np.concatenate([event.fields[name].array() for event in found]) for name in found[0].fields}
    return fields | {"index": np.concatenate([event.index.array() for event in found])}


@pytest.fixture(scope="module")
def fields(request_: Differentiate) -> dict[str, Float]:
    events = run(request_)
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (12, 12)
    return collect(events)


class Dense:
    """The MLP of the job written out in float64, as a function of the whole weight vector."""

    def __init__(self, request: Differentiate) -> None:
        problem = open_problem(request.job.problem)
        plane = open_plane(request.job.plane, problem, torch.device("cpu"))
        self.origin, self.directions = problem.origin.double(), plane.directions.double()
        self.views, self.samples = problem.layout.views, problem.samples

    def loss(self, weights: torch.Tensor) -> torch.Tensor:
        *hidden, last = [tensor for name, tensor in self.views(weights).items() if name.endswith("weight")]
        *hidden_bias, last_bias = [tensor for name, tensor in self.views(weights).items() if name.endswith("bias")]
        x = self.samples.inputs.double().flatten(1)
        for weight, bias in zip(hidden, hidden_bias, strict=True):
            x = (x @ weight.T + bias).tanh()
        return functional.cross_entropy(x @ last.T + last_bias, self.samples.targets)

    def at(self, place: Float) -> torch.Tensor:
        return self.origin + torch.tensor(place) @ self.directions


def test_equal_to_dense_autograd(request_: Differentiate, fields: dict[str, Float]) -> None:
    dense = Dense(request_)
    orthonormal = torch.linalg.qr(dense.directions.T).Q  # [size, 2]
    assert fields["index"].tolist() == list(range(11, -1, -1))
    for k, place in enumerate(request_.coordinates.array()):
        weights = dense.at(place).requires_grad_()
        (gradient,) = torch.autograd.grad(dense.loss(weights), weights)
        along = (dense.directions @ gradient).tolist()
        assert [fields["gradient_u"][k], fields["gradient_v"][k]] == pytest.approx(along, rel=1e-9)
        assert fields["gradient_norm"][k] == pytest.approx(float((orthonormal.T @ gradient).norm()), rel=1e-6)


def test_equal_to_central_differences_of_the_loss(request_: Differentiate, fields: dict[str, Float]) -> None:
    dense, step = Dense(request_), 1e-6
    for k, place in enumerate(request_.coordinates.array()):
        for name, move in (("gradient_u", (step, 0)), ("gradient_v", (0, step))):
            up, down = (float(dense.loss(dense.at(place + sign * np.array(move)))) for sign in (1, -1))
            assert fields[name][k] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-7)


def test_cancel_keeps_what_it_has(request_: Differentiate, fields: dict[str, Float]) -> None:
    events: list[Event] = []
    asked = 0

    def stop_soon() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Cancelled):
        differentiate(request_, events.append, stop_soon)
    kept = collect(events)
    count = kept["index"].size
    assert 0 < count < 12
    for name, values in kept.items():
        np.testing.assert_array_equal(values, fields[name][:count])


def test_another_source_is_refused(request_: Differentiate) -> None:
    events: list[Event] = []
    grid = msgspec.structs.replace(
        request_.job.grid,
        u=msgspec.structs.replace(request_.job.grid.u, count=2),
        v=msgspec.structs.replace(request_.job.grid.v, count=2),
    )
    compute_landscape(Compute("1", msgspec.structs.replace(request_.job, grid=grid)), events.append, never)
    (provenance,) = [event.provenance for event in events if isinstance(event, Ready)]
    assert collect(run(msgspec.structs.replace(request_, expected=provenance)))["index"].size == 12
    other = msgspec.structs.replace(provenance, directions_sha256="0" * 64)
    with pytest.raises(InputError, match=r"another checkpoint, data or plane .* its gradients cannot be computed"):
        run(msgspec.structs.replace(request_, expected=other))


def test_a_line_and_arrays_that_do_not_fit_are_refused(request_: Differentiate, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected \[m\] and \[m, 2\]"):
        run(msgspec.structs.replace(request_, index=Block.of(np.arange(3))))
    path = write_job(tmp_path)
    text = "\n".join(line for line in path.read_text().splitlines() if not line.strip().startswith("v = "))
    path.write_text(f"{text}\n[plane]\ndirections = 1\n")
    with pytest.raises(InputError, match=r"1 direction\(s\)"):
        run(msgspec.structs.replace(request_, job=read_job(path)))


def digits_job(folder: Path, batch_norm: str) -> Path:
    """A plane between checkpoints, whose directions would move the statistics of batch normalization."""
    job, folder_of_checkpoints = folder / "digits.toml", asset("example/digits_resnet")
    job.write_text(
        f"""
        [problem]
        model = "digits_resnet"
        checkpoint = "{folder_of_checkpoints}/epoch_020.pt"
        data = "digits"
        samples = 20
        batch_norm = "{batch_norm}"

        [plane]
        kind = "checkpoints"
        through = ["{folder_of_checkpoints}/epoch_002.pt", "{folder_of_checkpoints}/epoch_010.pt"]

        [grid]
        u = [0.0, 1.0, 2]
        v = [0.0, 1.0, 2]
        """
    )
    return job


def test_statistics_are_treated_as_in_the_landscape(tmp_path: Path) -> None:
    job = read_job(digits_job(tmp_path, "frozen"))
    events: list[Event] = []
    compute_landscape(Compute("1", job), events.append, never)
    source = next(event.provenance for event in events if isinstance(event, Ready))
    index, places = Block.of(np.array([0])), Block.of(np.array([[0.5, 0.5]]))

    found = collect(run(Differentiate("2", job, index=index, coordinates=places, expected=source)))

    assert np.isfinite(found["gradient_norm"]).all()
    moving = read_job(digits_job(tmp_path, "interpolated"))
    with pytest.raises(InputError, match="another checkpoint, data or plane"):
        run(Differentiate("3", moving, index=index, coordinates=places, expected=source))
    anew = read_job(digits_job(tmp_path, "recalibrated"))
    with pytest.raises(InputError, match="buffers are recalibrated at each point"):
        run(Differentiate("4", anew, index=index, coordinates=places))
