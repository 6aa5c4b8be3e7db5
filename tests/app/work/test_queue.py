"""The list of jobs: their order, what begins next, what is kept of those that are over."""

import msgspec
import pytest

from talweg.work.certifying import LeastPersistence
from talweg.work.queue import JobQueue, QueuedJob
from talweg.work.tasks import CertifyPoints, ComputeGradients, ComputePoints, Work


def queue_of(count: int) -> JobQueue:
    queue = JobQueue()
    for landscape in range(1, count + 1):
        queue.add("/x.talweg", landscape, ComputePoints(), f"landscape {landscape}")
    return queue


def order(queue: JobQueue) -> list[int]:
    return [job.landscape for job in queue.pending]


def begin(queue: JobQueue) -> QueuedJob:
    job = queue.next
    assert job is not None
    running = msgspec.structs.replace(job, state="running")
    queue.change(running)
    return running


def test_jobs_come_in_their_order_one_at_a_time() -> None:
    queue = queue_of(3)
    first = begin(queue)
    assert first.landscape == 1
    assert queue.running == first
    assert queue.next is None
    queue.change(msgspec.structs.replace(first, state="finished", seconds=3.0))
    assert order(queue) == [2, 3]
    assert [job.landscape for job in queue.history] == [1]
    assert queue.next is not None
    assert queue.next.landscape == 2


def test_the_order_can_be_changed_but_not_what_runs() -> None:
    queue = queue_of(4)
    begin(queue)
    assert queue.move(4, -2)
    assert order(queue) == [1, 4, 2, 3]
    assert not queue.move(4, -5)
    assert not queue.move(1, 1)
    assert queue.move(2, 99)
    assert order(queue) == [1, 4, 3, 2]
    assert not queue.remove(1)
    assert queue.remove(3)
    assert not queue.remove(3)
    assert order(queue) == [1, 4, 2]


def test_a_paused_job_holds_up_those_behind_it() -> None:
    queue = queue_of(2)
    queue.change(msgspec.structs.replace(begin(queue), state="paused"))
    assert queue.next is None
    assert order(queue) == [1, 2]
    queue.move(2, -1)
    assert queue.next is not None
    assert queue.next.landscape == 2


def test_the_same_work_waits_once_and_other_work_for_the_same_landscape_beside_it() -> None:
    queue = queue_of(1)
    assert queue.add("/x.talweg", 1, ComputePoints(), "again").number == 1
    assert queue.add("/x.talweg", 1, ComputeGradients(), "other").number == 2
    assert queue.add("/x.talweg", 2, ComputePoints(), "first", first=True).number == 3
    assert order(queue) == [2, 1, 1]
    begin(queue)
    queue.add("/x.talweg", 9, ComputePoints(), "next", first=True)
    assert order(queue) == [2, 9, 1, 1]


def test_the_history_is_as_long_as_people_look() -> None:
    queue = JobQueue()
    for landscape in range(40):
        queue.add("/x.talweg", landscape, ComputePoints(), "x")
        log = tuple(map(str, range(1000)))
        queue.change(msgspec.structs.replace(begin(queue), state="failed", sentence="no", log=log))
    assert [job.landscape for job in queue.history] == list(range(39, 9, -1))
    assert queue.history[0].log[-1] == "999"
    assert len(queue.history[0].log) == 200
    queue.clear_history()
    assert queue.jobs == ()
    assert queue.add("/x.talweg", 1, ComputePoints(), "x").number == 41


@pytest.mark.parametrize(
    "work", [ComputePoints(follow=True), CertifyPoints(LeastPersistence(0.5, logarithmic=True)), ComputeGradients()]
)
def test_a_queue_is_written_and_read_back(work: Work) -> None:
    queue = queue_of(2)
    queue.change(msgspec.structs.replace(begin(queue), state="stopped", ended="2026-01-01T10:00:00"))
    queue.add("/y.talweg", 5, work, "name")
    text = msgspec.json.encode(queue.jobs)
    again = JobQueue(msgspec.json.decode(text, type=tuple[QueuedJob, ...]))
    assert again.pending == queue.pending
    assert again.history == queue.history
    assert again.add("/z.talweg", 1, work, "name").number == 4
