"""Points are shared out among processes, in windows; what a dying one had is begun again elsewhere."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from talweg_compute.engine import lane_count, open_job
from talweg_compute.engine.evaluator import Cancelled
from talweg_compute.engine.lane_count import cores_with_memory, further_devices, memory_of_lane
from talweg_compute.engine.lanes import (
    Lane,
    LaneDied,
    LaneSpecification,
    Task,
    evaluate_side_by_side,
    evaluate_with,
)
from talweg_compute.engine.record import Record
from talweg_compute.messages import Run, read_job

POINTS = [(index, Task((float(index), 0.0), range(4))) for index in range(50)]


def evaluate(tasks: list[Task]) -> list[Record]:
    return [Record(4, 4 * task.coordinates[0], 0.0, 0.0, (0.0,), 4) for task in tasks]


class Beside:
    """A lane in this process that dies after some windows."""

    def __init__(self, windows: int) -> None:
        self.left, self.sizes = windows, list[int]()
        self.began = threading.Event()

    def wait_until_ready(self, seconds: float) -> bool:
        return True

    def evaluate(self, tasks: list[Task]) -> tuple[list[Record], list[str]]:
        self.began.set()
        if self.left == 0:
            raise LaneDied("exit status -9")
        self.left -= 1
        self.sizes.append(len(tasks))
        return evaluate(tasks), ["A note."] if len(self.sizes) == 1 else []


@pytest.mark.parametrize("window", [1, 7])
@pytest.mark.parametrize("lives", [0, 3, 1000])
def test_every_point_is_evaluated_once(window: int, lives: int) -> None:
    lane, taken, notes = Beside(lives), list[tuple[int, float]](), list[str]()
    lanes: list[Any] = [lane]

    def first(tasks: list[Task]) -> list[Record]:
        lane.began.wait(5)
        assert len(tasks) <= window
        return evaluate(tasks)

    def take(index: int, record: Record) -> None:
        taken.append((index, record.loss))

    evaluate_side_by_side(POINTS, first, lanes, take, notes.append, lambda: False, window)
    assert sorted(taken) == [(index, float(index)) for index in range(50)]
    assert all(size <= window for size in lane.sizes)
    if lives:
        assert notes[0] == "A note."
    else:
        assert lanes == []
        assert notes == ["One of the processes that evaluate points ended (exit status -9); the others go on."]


class Starting(Beside):
    """A lane that is still opening the job, and then cannot."""

    def __init__(self, obstacle: str | None = None) -> None:
        super().__init__(1000)
        self.obstacle = obstacle

    def wait_until_ready(self, seconds: float) -> bool:
        if self.obstacle is not None:
            raise LaneDied(self.obstacle)
        time.sleep(seconds)
        return False


def test_no_point_waits_for_a_lane_that_starts() -> None:
    lane, taken, notes = Starting(), list[int](), list[str]()
    lanes: list[Any] = [lane]
    start = time.perf_counter()

    def first(tasks: list[Task]) -> list[Record]:
        time.sleep(0.002)
        return evaluate(tasks)

    evaluate_side_by_side(POINTS, first, lanes, lambda index, _: taken.append(index), notes.append, lambda: False, 8)
    assert taken == list(range(50))  # in their order: nobody else took one
    assert time.perf_counter() - start < 2
    assert (lane.sizes, notes, len(lanes)) == ([], [], 1)  # it stays for what comes later
    lane.obstacle = "KeyError: 'lost'"
    evaluate_side_by_side(POINTS, first, lanes, lambda index, _: taken.append(index), notes.append, lambda: False, 8)
    assert sorted(taken) == sorted(2 * list(range(50)))
    assert notes == ["One of the processes that evaluate points ended (KeyError: 'lost'); the others go on."]
    assert lanes == []


@pytest.mark.slow
def test_a_lane_opens_the_job_and_tells_what_it_notes(job_file: Path) -> None:
    """A real process: it is ready after its imports, gives the same bits, and dies with its reasons."""
    text = job_file.read_text().replace('data = "digits"', 'data = "digits"\nloss = "user.py:loss"')
    code = "def loss(outputs, targets):\n    return outputs.sum(1)\n"
    (job_file.parent / "user.py").write_text(code)
    job_file.write_text(text)
    opened = open_job(msgspec.structs.replace(read_job(job_file), run=Run(device="cpu")))
    names = tuple(path.name for path in opened.problem.trajectory)
    tasks = [Task((0.1, 0.2), range(100)), Task((0.3, -0.2), range(50))]
    specification = LaneSpecification(opened.job, names, opened.problem.checkpoint_sha256)
    lane = Lane(specification, opened.plane.directions)
    try:
        assert lane.wait_until_ready(60)
        assert lane.evaluate(tasks) == (evaluate_with(opened.evaluator(), opened, lambda: False)(tasks), [])
    finally:
        lane.close()
    lane = Lane(replace(specification, checkpoint_sha256="other"), opened.plane.directions)
    try:
        with pytest.raises(LaneDied, match="checkpoint differs"):
            lane.wait_until_ready(60)
    finally:
        lane.close()


def test_processes_are_as_many_as_memory_is_for() -> None:
    assert cores_with_memory(64, 1 << 30, None) == 64
    assert cores_with_memory(64, 1 << 30, 1 << 40) == 64
    assert cores_with_memory(64, 1 << 30, 10 << 30) == 9  # a fifth is left to others; the first has its own already
    assert cores_with_memory(64, 1 << 30, 0) == 1


def test_who_names_a_number_of_processes_gets_it(job_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_count, "available_cores", lambda: 8)
    opened = open_job(msgspec.structs.replace(read_job(job_file), run=Run(device="cpu")))
    needed = memory_of_lane(opened)
    assert needed > 400e6 + opened.problem.samples.inputs.nbytes
    for free, count in ((None, 8), (1 << 40, 8), (int(2.5 * needed), 3)):
        monkeypatch.setattr(lane_count, "available_memory", lambda free=free: free)
        devices, note = further_devices(opened)
        assert devices == ["cpu"] * (count - 1)
        assert (note is None) == (count == 8)
    assert note is not None
    assert note.startswith("Of 8 cores 3 evaluate points: each one more would take 0.42 GB of memory")
    wanted = msgspec.structs.replace(opened.job, run=Run(device="cpu", processes=5))
    assert further_devices(replace(opened, job=wanted)) == (["cpu"] * 4, None)


def test_stopping_gives_up_what_is_waiting() -> None:
    taken: list[int] = []

    def first(tasks: list[Task]) -> list[Record]:
        if len(taken) >= 10:
            raise Cancelled
        return evaluate(tasks)

    with pytest.raises(Cancelled):
        evaluate_side_by_side(POINTS, first, [], lambda index, _: taken.append(index), print, lambda: True, 5)
    assert taken == list(range(10))
