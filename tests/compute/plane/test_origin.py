"""A plane whose origin is a point of another plane."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from talweg_compute.engine import compute_landscape
from talweg_compute.messages import (
    Axis,
    Compute,
    Event,
    Grid,
    InputError,
    Job,
    Origin,
    Plane,
    PlaneOrigin,
    Points,
    Trajectory,
    read_job,
)
from talweg_compute.plane import move_origin, open_plane
from talweg_compute.problem.problem import OpenProblem, open_problem

PCA = Plane(kind="pca", ignore="none")


@pytest.fixture
def job(job_file: Path) -> Job:
    return msgspec.structs.replace(read_job(job_file), plane=PCA, grid=Grid(Axis(0.0, 0.5, 2), Axis(-0.25, 0.25, 2)))


@pytest.fixture
def problem(job: Job) -> OpenProblem:
    return open_problem(job.problem)


def test_the_origin_is_the_point_of_the_other_plane(problem: OpenProblem) -> None:
    base = open_plane(PCA, problem)
    moved = move_origin(PlaneOrigin(at=(0.5, -0.25), plane=PCA), problem)
    expected = problem.origin.double() + 0.5 * base.directions[0].double() - 0.25 * base.directions[1].double()
    torch.testing.assert_close(moved.origin.double(), expected, rtol=0, atol=1e-6)
    assert move_origin(None, problem) is problem
    assert moved.trajectory == problem.trajectory
    other = move_origin(PlaneOrigin(at=(0.5, -0.2), plane=PCA), problem)
    assert len({problem.moved_sha256, moved.moved_sha256, other.moved_sha256}) == 3


def test_directions_are_normalized_at_the_weights_there(problem: OpenProblem) -> None:
    moved = move_origin(PlaneOrigin(at=(0.5, -0.25), plane=PCA), problem)
    plane = open_plane(Plane(seed=3), moved)
    for entry in (entry for entry in problem.layout.entries if len(entry.shape) == 2):
        rows = slice(entry.start, entry.stop)
        weights = moved.origin[rows].reshape(entry.shape).norm(dim=1)
        for direction in plane.directions:
            torch.testing.assert_close(direction[rows].reshape(entry.shape).norm(dim=1), weights, rtol=1e-5, atol=1e-6)
    assert not torch.equal(plane.directions, open_plane(Plane(seed=3), problem).directions)


def test_origins_are_chained(problem: OpenProblem) -> None:
    first = PlaneOrigin(at=(0.5, 0.0), plane=PCA)
    second = PlaneOrigin(at=(0.0, 0.3), plane=Plane(seed=7), origin=first)
    there = open_plane(Plane(seed=7), move_origin(first, problem)).point(0.0, 0.3)
    torch.testing.assert_close(move_origin(second, problem).origin, there, rtol=0, atol=0)


def run(job: Job) -> list[Event]:
    events: list[Event] = []
    compute_landscape(Compute("1", job), events.append, lambda: False)
    return events


def test_the_landscape_goes_on_where_the_other_one_was(job: Job) -> None:
    points = [event for event in run(job) if isinstance(event, Points)]
    index = np.concatenate([event.index.array() for event in points])
    loss = np.concatenate([event.fields["loss"].array() for event in points])
    there = loss[index == 1][0]  # u 0.5, v -0.25
    events = run(msgspec.structs.replace(job, plane=Plane(seed=5), origin=PlaneOrigin(at=(0.5, -0.25), plane=PCA)))
    origin = next(event for event in events if isinstance(event, Origin))
    assert float(origin.fields["loss"].array()) == pytest.approx(there, rel=1e-5)
    path = next(event for event in events if isinstance(event, Trajectory))
    assert path.residual.array()[-1] > 0.1  # the last checkpoint is no longer the origin


def test_weights_that_are_not_finite_are_no_origin(problem: OpenProblem) -> None:
    with pytest.raises(InputError, match=r"origin.at: the weights at .* are not finite"):
        move_origin(PlaneOrigin(at=(1e29, 1e29), plane=Plane()), replace(problem, origin=1e12 * problem.origin))
