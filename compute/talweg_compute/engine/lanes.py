"""Several processes that evaluate points of one job side by side: a single-threaded one a core, or one a GPU.

Single-threaded processes beat one process with as many threads, by far where other programs use the machine as well.
Each lane opens the job by itself, so it runs the same code on the same files as the first one, and gives the same
numbers.
"""

import contextlib
import itertools
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import torch
from torch import Tensor

from talweg_compute.engine.evaluator import Cancelled, Evaluator
from talweg_compute.engine.number_format import Precision
from talweg_compute.engine.open_job import OpenJob, open_job
from talweg_compute.engine.record import Record
from talweg_compute.messages import Job
from talweg_compute.problem.sample_order import Order

_SECONDS_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True, slots=True)
class Task:
    """One point to evaluate.

    Attributes:
        coordinates: One number a direction.
        part: Which samples.
        precision: Number format of the forward pass.
        checkpoint: Path of a checkpoint that is evaluated in place of the point, on all samples; nothing: the point is.
    """

    coordinates: tuple[float, ...]
    part: range
    precision: Precision = "float32"
    checkpoint: str = ""


EvaluateAll = Callable[[list[Task]], list[Record]]


@dataclass(frozen=True)
class LaneSpecification:
    """What a lane needs to open the same job.

    Attributes:
        job: With absolute paths, the lane's own device, and the first process's batch size.
        trajectory: Names of the checkpoints that the first process found.
        checkpoint_sha256: Of the origin that all lanes must agree on.
        order: int64 [N], the order in which samples join; None: that of the data.
    """

    job: Job
    trajectory: tuple[str, ...]
    checkpoint_sha256: str
    order: Order | None = None


class LaneDied(Exception):  # noqa: N818 (the point is evaluated by another lane)
    """A lane's process ended, or could not open the job."""


class Lane:
    """One further process. It is started at once and opens the job while the others evaluate already.

    Args:
        specification: The job.
        directions: float32 [d, size]; handed over, since finding them may have taken long.
    """

    def __init__(self, specification: LaneSpecification, directions: Tensor) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True, name="talweg-lane")
        self._process.start()
        theirs.close()
        self._obstacle: str | None = None  # why it cannot evaluate
        self._has_answered = threading.Event()
        # what is sent is read when torch is imported there, which nobody waits for
        self._opener = threading.Thread(target=self._open, args=(specification, directions), daemon=True)
        self._opener.start()

    def _open(self, specification: LaneSpecification, directions: Tensor) -> None:
        try:
            self._connection.send(specification)
            self._connection.send_bytes(directions.numpy().data.cast("B"))
            self._obstacle = self._connection.recv()
        except (EOFError, OSError):
            self._obstacle = self._describe_end()
        self._has_answered.set()

    def wait_until_ready(self, seconds: float) -> bool:
        """Wait until the lane has opened the job and can evaluate at once.

        Args:
            seconds: How long at most.

        Returns:
            Whether it is ready.

        Raises:
            LaneDied: The process ended, or could not open the job; the message says why where that is known.
        """
        if not self._has_answered.wait(seconds):
            return False
        if self._obstacle is not None:
            raise LaneDied(self._obstacle)
        return True

    def evaluate(self, tasks: list[Task]) -> tuple[list[Record], list[str]]:
        """Evaluate points in the lane, which is ready.

        Args:
            tasks: The points.

        Returns:
            Their records; and what the lane has to say, a sentence each.

        Raises:
            LaneDied: The process ended.
        """
        try:
            self._connection.send(tasks)
            answer: tuple[list[Record], list[str]] = self._connection.recv()
        except (EOFError, OSError):
            raise LaneDied(self._describe_end()) from None
        return answer

    def _describe_end(self) -> str:
        self._process.join(1)
        return f"exit status {self._process.exitcode}"

    def close(self) -> None:
        """End the process at once; it holds nothing worth keeping."""
        self._process.kill()
        self._process.join()
        self._opener.join()
        self._connection.close()


def evaluate_side_by_side(
    points: Iterable[tuple[int, Task]],
    first: EvaluateAll,
    others: list[Lane],
    take: Callable[[int, Record], None],
    on_note: Callable[[str], None],
    should_stop: Callable[[], bool],
    window: int = 1,
) -> None:
    """Evaluate points in this process and in lanes, each taking the next point when it is free.

    A lane that still opens the job takes none, so that no point waits for it.

    Args:
        points: Index and task of each, in the order in which they are begun.
        first: Evaluates in this process, on the calling thread.
        others: Further lanes; one that dies is left out, and its point is begun again elsewhere.
        take: Given index and record as they come; called by one thread at a time.
        on_note: Given a sentence when a lane died, and what lanes have to say.
        should_stop: Asked while only lanes are busy.
        window: How many points a process takes at a time.

    Raises:
        Cancelled: It was asked to stop; what the lanes were busy with is given up.
    """
    waiting = deque(points)
    lock = threading.Lock()
    stopped = threading.Event()

    def begin(count: int) -> list[tuple[int, Task]]:
        with lock:
            return [] if stopped.is_set() else [waiting.popleft() for _ in range(min(count, len(waiting)))]

    def finish(index: int, record: Record) -> None:
        with lock:
            if not stopped.is_set():
                take(index, record)

    def tell(text: str) -> None:
        if not stopped.is_set():
            on_note(text)

    def drive(lane: Lane) -> None:
        batch: list[tuple[int, Task]] = []
        try:
            while not lane.wait_until_ready(_SECONDS_BETWEEN_LOOKS):
                if stopped.is_set() or not waiting:
                    return
            while batch := begin(window):
                records, notes = lane.evaluate([task for _, task in batch])
                for (index, _), record in zip(batch, records, strict=True):
                    finish(index, record)
                with lock:
                    for text in notes:
                        tell(text)
        except LaneDied as death:
            with lock:
                waiting.extendleft(reversed(batch))
                others.remove(lane)
                tell(f"One of the processes that evaluate points ended ({death}); the others go on.")

    threads = [threading.Thread(target=drive, args=(lane,), name="talweg-lane", daemon=True) for lane in others]
    for thread in threads:
        thread.start()
    try:
        while True:
            while batch := begin(window):
                records = first([task for _, task in batch])
                for (index, _), record in zip(batch, records, strict=True):
                    finish(index, record)
            while any(thread.is_alive() for thread in threads):
                if should_stop():
                    raise Cancelled
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            if not waiting:  # a lane that died last has given its point back
                return
    except BaseException:
        stopped.set()
        raise


def _serve(connection: Connection) -> None:
    """Open the job that comes and evaluate what follows, until the connection ends."""
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        specification, directions = connection.recv(), bytearray(connection.recv_bytes())
        notes: list[str] = []
        try:
            evaluate = open_lane(specification, directions, notes.append)
        except Exception as error:
            connection.send(f"{type(error).__name__}: {error}")
            return
        connection.send(None)
        while True:
            records = evaluate(connection.recv())
            connection.send((records, notes))
            notes.clear()


def open_lane(
    specification: LaneSpecification, directions: bytearray, on_note: Callable[[str], None] = lambda _: None
) -> EvaluateAll:
    """Open the job as the first lane did.

    Args:
        specification: The job.
        directions: float32 [d, size], as bytes.
        on_note: Called with one sentence when something had to be changed on the way.

    Raises:
        ValueError: The files have changed meanwhile: the origin is another one.
    """
    job = specification.job
    flat = torch.frombuffer(directions, dtype=torch.float32).view(len(job.axes), -1)
    opened = open_job(job, begun_with=specification.trajectory, order=specification.order, directions=flat)
    if opened.problem.checkpoint_sha256 != specification.checkpoint_sha256:
        raise ValueError("its checkpoint differs from the first process's")
    return evaluate_with(opened.evaluator(on_note=on_note), opened, lambda: False)


def evaluate_with(evaluator: Evaluator, opened: OpenJob, should_stop: Callable[[], bool]) -> EvaluateAll:
    """Bind an evaluator to a job; points of one kind are read from the device together."""

    def evaluate(tasks: list[Task]) -> list[Record]:
        records: list[Record] = []
        for (part, precision, path), same in itertools.groupby(
            tasks, lambda task: (task.part, task.precision, task.checkpoint)
        ):
            if path:
                weights = opened.problem.read_flat(Path(path))
                records += [evaluator.at_weights(weights, should_stop, precision) for _ in same]
                continue
            coordinates = [task.coordinates for task in same]
            records += evaluator.at_many(opened.plane, coordinates, should_stop, part, precision)
        return records

    return evaluate
