"""Points are shared out among processes, in windows; what a dying one had is begun again elsewhere."""

import threading
from typing import Any

import pytest

from talweg_compute.engine.evaluator import Cancelled
from talweg_compute.engine.lanes import LaneDied, Task, evaluate_side_by_side
from talweg_compute.engine.record import Record

POINTS = [(index, Task((float(index), 0.0), range(4))) for index in range(50)]


def evaluate(tasks: list[Task]) -> list[Record]:
    return [Record(4, 4 * task.coordinates[0], 0.0, 0.0, (0.0,), 4) for task in tasks]


class Beside:
    """A lane in this process that dies after some windows."""

    def __init__(self, windows: int) -> None:
        self.left, self.sizes = windows, list[int]()
        self.began = threading.Event()

    def evaluate(self, tasks: list[Task]) -> list[Record]:
        self.began.set()
        if self.left == 0:
            raise LaneDied("exit status -9")
        self.left -= 1
        self.sizes.append(len(tasks))
        return evaluate(tasks)


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
    if lives == 0:
        assert lanes == []
        assert notes == ["One of the processes that evaluate points ended (exit status -9); the others go on."]


def test_stopping_gives_up_what_is_waiting() -> None:
    taken: list[int] = []

    def first(tasks: list[Task]) -> list[Record]:
        if len(taken) >= 10:
            raise Cancelled
        return evaluate(tasks)

    with pytest.raises(Cancelled):
        evaluate_side_by_side(POINTS, first, [], lambda index, _: taken.append(index), print, lambda: True, 5)
    assert taken == list(range(10))
