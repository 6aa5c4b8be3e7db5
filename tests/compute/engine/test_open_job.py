"""A job that is opened, in this process and in a lane."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from talweg_compute.engine import Evaluator, open_job
from talweg_compute.engine.device import describe_device, describes, make_current
from talweg_compute.engine.lanes import LaneSpecification, Task, open_lane
from talweg_compute.messages import InputError, Job, PlaneOrigin, Run, read_job
from talweg_compute.plane import move_origin, open_plane
from talweg_compute.problem.data import read_data
from talweg_compute.problem.problem import open_problem
from talweg_compute.problem.sample_order import fair_order

WHERE = [(0.0, 0.0), (0.4, -1.1)]


@pytest.fixture
def job(job_file: Path) -> Job:
    job = read_job(job_file)
    return msgspec.structs.replace(job, run=Run(device="cpu"), origin=PlaneOrigin(at=(0.2, -0.1)))


def test_is_what_its_parts_make(job: Job) -> None:
    phases: list[str] = []
    opened = open_job(job, on_phase=phases.append)
    problem = move_origin(job.origin, open_problem(job.problem))
    plane = open_plane(job.plane, problem)
    assert phases == ["loading model and data", "finding the plane"]
    assert (opened.plane.sha256, opened.problem.moved_sha256) == (plane.sha256, problem.moved_sha256)
    assert (opened.batch_norm, opened.order, opened.notes) == ("frozen", None, ())
    evaluator = Evaluator(problem, torch.device("cpu"))
    for where in WHERE:
        found = opened.evaluator().at_coordinates(opened.plane, where, lambda: False)
        assert found == evaluator.at_coordinates(plane, where, lambda: False)


def test_samples_are_ordered_where_they_join_in_parts(job: Job) -> None:
    climbing = msgspec.structs.replace(job, run=Run(device="cpu", ladder=(30,)))
    opened = open_job(climbing)
    order = fair_order(read_data("digits", 100))
    np.testing.assert_array_equal(opened.order, order)
    plain = open_job(job).problem.samples
    assert torch.equal(opened.problem.samples.targets, plain.targets[torch.from_numpy(order)])
    assert opened.problem.samples.sha256 == plain.sha256
    again = open_job(job, order=order)  # the ladder was taken out of the job meanwhile
    assert torch.equal(again.problem.samples.targets, opened.problem.samples.targets)


def test_nothing_is_called_recalibrated_that_cannot_be(job: Job) -> None:
    problem = msgspec.structs.replace(job.problem, batch_norm="recalibrated")
    opened = open_job(msgspec.structs.replace(job, problem=problem))
    notes: list[str] = []
    opened.evaluator(on_note=notes.append)
    assert opened.batch_norm == "frozen"
    assert [note for note in opened.notes if "nothing is recalibrated" in note]
    assert not notes


def test_a_lane_gives_the_same_bits(job: Job) -> None:
    opened = open_job(msgspec.structs.replace(job, run=Run(device="cpu", ladder=(30,), batch_size=17)))
    names = tuple(path.name for path in opened.problem.trajectory)
    specification = LaneSpecification(opened.job, names, opened.problem.checkpoint_sha256, opened.order)
    directions = bytearray(opened.plane.directions.numpy().tobytes())
    parts = range(30), range(30, 100)
    notes: list[str] = []
    records = open_lane(specification, directions, notes.append)(
        [Task(where, part) for where in WHERE for part in parts]
    )
    evaluator = opened.evaluator()
    assert evaluator.batch_size == 17
    assert records == [
        evaluator.at_coordinates(opened.plane, where, lambda: False, part) for where in WHERE for part in parts
    ]
    with pytest.raises(ValueError, match="checkpoint differs"):
        open_lane(LaneSpecification(opened.job, names, "other"), directions)


def test_a_job_without_a_number_is_on_the_first_gpu_whatever_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    current: list[int] = []
    monkeypatch.setattr(torch.cuda, "set_device", current.append)
    for name in ("cuda:1", "cuda", "cpu"):
        make_current(torch.device(name))
    assert current == [1, 0]


def test_a_device_is_known_by_its_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H200")
    assert describes("cuda (NVIDIA H200)", torch.device("cuda:1"))
    assert not describes("cuda (NVIDIA T4)", torch.device("cuda"))
    assert not describes("cuda (NVIDIA H200)", torch.device("cpu"))
    assert describes(describe_device(torch.device("cpu")), torch.device("cpu"))


def test_a_device_that_is_not_there_is_told_of_first(job: Job) -> None:
    with pytest.raises(InputError, match=r"run\.device: got"):
        open_job(msgspec.structs.replace(job, run=Run(device="cuda:63")))
