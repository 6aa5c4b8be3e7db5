"""Runs on a plane: their coordinates, their losses there and in truth, and runs that grow while they are looked at."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from talweg_compute.engine import Cancelled, compute_landscape, placement
from talweg_compute.messages import Compute, Event, Job, Note, Points, Ready, Trajectory, read_job
from talweg_compute.plane import open_plane
from talweg_compute.problem.models import build_model
from talweg_compute.problem.problem import open_problem
from talweg_compute.recorder import record
from tests.conftest import write_job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return read_job(write_job(tmp_path, grid=3, samples=20))


def run(request: Compute, at_event: Callable[[Event], bool] = lambda event: False) -> list[Event]:
    """Compute until the end, or until an event tells to stop."""
    events: list[Event] = []
    stopped = False

    def take(event: Event) -> None:
        nonlocal stopped
        events.append(event)
        stopped = stopped or at_event(event)

    try:
        compute_landscape(request, take, lambda: stopped)
    except Cancelled:
        assert stopped
    return events


def only(events: list[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_the_losses_at_the_projections_are_those_of_the_plane(job: Job) -> None:
    (trajectory,) = only(run(Compute("1", job)), Trajectory)
    problem = open_problem(job.problem)
    plane = open_plane(job.plane, problem)
    for step, place in enumerate(trajectory.coordinates.array()):
        state = problem.layout.views(plane.point(*place))
        with torch.no_grad():
            outputs = torch.func.functional_call(problem.model, state, problem.samples.inputs)
            loss = torch.nn.functional.cross_entropy(outputs, problem.samples.targets)
        assert trajectory.loss_at_projection.array()[step] == pytest.approx(float(loss), rel=1e-4)
    assert trajectory.residual.array()[0] > 0.1
    assert trajectory.residual.array()[-1] == pytest.approx(0, abs=1e-6)
    assert trajectory.loss_at_projection.array()[-1] == pytest.approx(trajectory.loss.array()[-1], rel=1e-6)


def test_checkpoints_have_the_metrics_that_the_job_names(job: Job) -> None:
    """Those of the checkpoint itself: the error is what the accuracy leaves; and one by hand."""
    wanted = msgspec.structs.replace(job, problem=msgspec.structs.replace(job.problem, metrics=("error", "confidence")))
    (trajectory,) = only(run(Compute("1", wanted)), Trajectory)
    assert list(trajectory.metrics) == ["error", "confidence"]
    np.testing.assert_allclose(trajectory.metrics["error"].array(), 100 - trajectory.accuracy.array())
    problem = open_problem(wanted.problem)
    for step, path in enumerate(problem.trajectory):
        state = problem.layout.views(problem.read_flat(path))
        with torch.no_grad():
            outputs = torch.func.functional_call(problem.model, state, problem.samples.inputs)
        expected = float(outputs.softmax(dim=1).amax(dim=1).double().mean())
        assert trajectory.metrics["confidence"].array()[step] == pytest.approx(expected, rel=1e-5)


def test_what_is_written_later_joins_the_path_and_moves_neither_origin_nor_plane(job: Job, tmp_path: Path) -> None:
    events = run(Compute("1", job))
    ready, (trajectory,) = only(events, Ready)[0], only(events, Trajectory)
    assert ready.provenance.trajectory == ("epoch_0.pt", "epoch_1.pt", "epoch_2.pt")
    model = build_model("mlp", {"sizes": [64, 16, 10]})
    torch.save(model.state_dict(), tmp_path / "epoch_10.pt")
    again = run(Compute("2", job, expected=ready.provenance, placed=(trajectory.names,)))
    (grown,) = only(again, Trajectory)
    assert (grown.names, grown.first, grown.explained_variance) == (("epoch_10.pt",), 3, ())
    points = [
        np.concatenate([event.fields["loss"].array() for event in only(part, Points)]) for part in (events, again)
    ]
    np.testing.assert_array_equal(points[0], points[1])


def test_a_running_training_is_followed(job: Job, tmp_path: Path) -> None:
    """A file that is half written waits, one that is none is told of, and the order is that of the names."""
    model = build_model("mlp", {"sizes": [64, 16, 10]})
    whole = record(model, tmp_path / "elsewhere").read_bytes()

    def at_event(event: Event) -> bool:
        match event:
            case Trajectory(names=names) if names[-1] == "epoch_2.pt":
                (tmp_path / "epoch_3.pt").write_bytes(whole[: len(whole) // 2])
            case Note(text=text) if "epoch_3.pt was left out" in text:
                (tmp_path / "epoch_3.pt").write_bytes(whole)
                torch.save({"other": torch.zeros(3)}, tmp_path / "epoch_4.pt")
            case Note(text=text) if "epoch_4.pt was left out" in text:
                (tmp_path / "epoch_5.pt").write_bytes(whole)
            case Trajectory(names=names):
                return names[-1] == "epoch_5.pt"
        return False

    events = run(Compute("1", job, follow=True), at_event)
    assert len(np.concatenate([event.index.array() for event in only(events, Points)])) == 15
    placed = only(events, Trajectory)
    assert [event.names for event in placed] == [(f"epoch_{step}.pt",) for step in (0, 1, 2, 3, 5)]
    assert [event.first for event in placed] == [0, 1, 2, 3, 4]
    assert all(event.explained_variance == () for event in placed)
    assert placed[3].loss.array() == pytest.approx(placed[4].loss.array())


@pytest.mark.parametrize("adaptive", [False, True])
def test_losses_that_take_long_come_after_the_surface(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaptive: bool
) -> None:
    job = read_job(write_job(tmp_path, grid=17, samples=20))
    job = msgspec.structs.replace(job, run=msgspec.structs.replace(job.run, device="cpu", adaptive=adaptive))
    (expected,) = only(run(Compute("1", job)), Trajectory)
    monkeypatch.setattr(placement, "_SECONDS_TO_WAIT", 0.0)
    monkeypatch.setattr(placement, "_SECONDS_BETWEEN_EVENTS", 0.0)
    events = run(Compute("1", job))
    placed, *_, last = only(events, Trajectory)
    kinds = [type(event) for event in events if isinstance(event, Points | Trajectory)]
    # coordinates stand before the last points
    assert kinds.index(Trajectory) < len(kinds) - 1 - kinds[::-1].index(Points)
    assert Points not in kinds[kinds.index(Trajectory, kinds.index(Trajectory) + 1) :]  # and losses come after them
    np.testing.assert_array_equal(placed.coordinates.array(), expected.coordinates.array())
    assert placed.explained_variance == expected.explained_variance
    assert np.isnan(placed.loss.array()).all()
    for name in ("loss", "accuracy", "loss_at_projection", "residual"):
        np.testing.assert_array_equal(getattr(last, name).array(), getattr(expected, name).array())
    known = [int((~np.isnan(event.loss.array())).sum()) for event in only(events, Trajectory)]
    assert known == sorted(known)
    assert set(known) == {0, 1, 2, 3}  # what is evaluated is told, and not lost


def test_a_path_whose_losses_were_not_evaluated_goes_on_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = read_job(write_job(tmp_path, grid=3, samples=20))
    whole = only(run(Compute("1", job)), Trajectory)[-1]
    monkeypatch.setattr(placement, "_SECONDS_TO_WAIT", 0.0)
    monkeypatch.setattr(placement, "_SECONDS_BETWEEN_EVENTS", 0.0)
    events = run(Compute("1", job), lambda event: isinstance(event, Trajectory) and np.isfinite(event.loss.array()[0]))
    request = Compute("2", job, expected=only(events, Ready)[0].provenance, placed=(whole.names[:1],))
    rest = only(run(request), Trajectory)[-1]
    assert (rest.first, rest.names) == (1, whole.names[1:])
    np.testing.assert_array_equal(rest.loss.array(), whole.loss.array()[1:])
