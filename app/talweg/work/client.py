"""Sends requests to a worker, commits its events to the document, and replaces it when it dies. Free of Qt."""

import itertools
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from talweg.document import Document
from talweg.work.connection import WorkerConnection, describe_end
from talweg.work.process import WorkerCommand, worker_command
from talweg.work.run_defaults import RunDefaults
from talweg.work.tasks import ComputePoints, Work
from talweg_compute import CANNOT_RUN
from talweg_compute.messages import (
    Cancel,
    Certified,
    Certify,
    Compute,
    Differentiate,
    Epoch,
    Estimate,
    Event,
    Failed,
    Finished,
    InputError,
    Inspect,
    Job,
    Note,
    PointFields,
    Points,
    Train,
    Training,
)

_RESTARTS_WITHOUT_PROGRESS = 3
_LOG_LINES = 2000

_WithJob = TypeVar("_WithJob", Compute | Certify | Differentiate, Estimate)


@dataclass(frozen=True)
class _Place:
    """Where work for a landscape goes on from, and where its events are committed."""

    document: Document
    landscape: int
    work: Work


@dataclass
class _Running:
    """The request that the worker is busy with."""

    request: Compute | Certify | Differentiate | Train | Inspect | Estimate
    place: _Place | None = None
    restarts: int = 0
    cancelled: bool = False

    @property
    def python(self) -> str | None:
        """The interpreter that the job names."""
        return None if isinstance(self.request, Train | Inspect) else self.request.job.worker.python


class Client:
    """One worker process and the one request it is busy with.

    Events reach ``on_event`` on a thread of the client's own, after they were committed to the document.
    A worker that dies is replaced, and the new one computes only what is not committed yet.

    Args:
        on_event: Called with each event; must not block.
        command: Starts every worker; by default the interpreter that the job names, or this one.
    """

    def __init__(self, on_event: Callable[[Event], None], command: WorkerCommand | None = None) -> None:
        self.log: deque[str] = deque(maxlen=_LOG_LINES)
        self.defaults = RunDefaults()
        """What jobs leave open is filled from here when they are sent."""
        self._on_event = on_event
        self._fixed_command = command
        self._lock = threading.RLock()
        self._connection: WorkerConnection | None = None
        self._running: _Running | None = None
        self._idle = threading.Condition(self._lock)
        self._ids = (f"{os.getpid()}-{number}" for number in itertools.count(1))
        self._closing = False

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""
        with self._lock:
            return self._running is not None

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, or None while there is none."""
        with self._lock:
            return None if self._connection is None else self._connection.pid

    def start(self) -> None:
        """Start the worker before it is needed, so that its imports are over by then."""
        with self._lock:
            self._ensure_worker()

    def begin(self, document: Document, landscape: int, work: Work) -> str:
        """Do what is left of some work for a landscape.

        Args:
            document: Where its events are committed.
            landscape: Its number.
            work: What is to be done.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, the work cannot be done for this landscape, or the worker cannot be
                started.
        """
        with self._lock:
            request = self._filled(work.request(next(self._ids), document, landscape))
            return self._begin(_Running(request, _Place(document, landscape, work)))

    def compute(self, document: Document, landscape: int, *, follow: bool = False) -> str:
        """Compute what is missing of a landscape, and follow a running training; see ``begin``."""
        return self.begin(document, landscape, ComputePoints(follow))

    def inspect(self, checkpoint: Path) -> str:
        """Look what is in a checkpoint and which models it fits; the answer is an ``Inspected``; see ``begin``."""
        with self._lock:
            return self._begin(_Running(Inspect(next(self._ids), str(checkpoint))))

    def estimate(self, job: Job) -> str:
        """Try a job, which runs the code that it names, and say what it would take; see ``begin``.

        Args:
            job: With absolute paths; the answer is an ``Estimated``.
        """
        with self._lock:
            return self._begin(_Running(self._filled(Estimate(next(self._ids), job))))

    def train(self, training: Training) -> str:
        """Train a model in the worker; see ``begin``."""
        with self._lock:
            return self._begin(_Running(Train(next(self._ids), training)))

    def cancel(self) -> None:
        """Ask the running request to stop at its next mini-batch; it answers Finished(cancelled=True)."""
        with self._lock:
            if self._running is not None and not self._running.cancelled:
                self._running.cancelled = True
                if self._connection is not None:
                    self._connection.send(Cancel(self._running.request.id))

    def force_stop(self) -> None:
        """End the worker's whole process group at once; what was committed stays."""
        with self._lock:
            if self._running is not None:
                self._running.cancelled = True
            if self._connection is not None:
                self._connection.kill()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no request is under way.

        Args:
            timeout: Seconds, or None for ever.

        Returns:
            Whether the client is idle.
        """
        with self._idle:
            return self._idle.wait_for(lambda: self._running is None, timeout)

    def rest(self) -> None:
        """End an idle worker, so that it holds no memory of this machine or its GPU; the next request starts one."""
        with self._lock:
            if self._running is None:
                self._let_go()

    def close(self) -> None:
        """End the worker; a running request is lost except for what was committed."""
        with self._lock:
            self._closing = True
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.dismiss()

    # what the connection tells

    def take_event(self, connection: WorkerConnection, event: Event) -> None:
        """Commit an event and pass it on; a late answer of an old request is dropped."""
        with self._lock:
            running = self._running
            if running is None or event.id != running.request.id:
                return
            if isinstance(event, Points | PointFields | Epoch | Certified):
                running.restarts = 0
            failure = _commit(running, event)
        self._announce(event)
        if failure is not None:
            self.force_stop()
            self._announce(failure)

    def take_line(self, line: str) -> None:
        """Keep a line of the log."""
        self.log.append(line)

    def take_fault(self, connection: WorkerConnection, error: Exception) -> None:
        """End the request: an event could not be dealt with."""
        with self._lock:
            running = self._running
            connection.kill()
        if running is not None:
            message = f"Talweg itself failed: {type(error).__name__}: {error}"
            self._announce(Failed(running.request.id, message))

    def take_end(self, connection: WorkerConnection, returncode: int) -> None:
        """Replace a worker that has ended while a request was under way."""
        with self._lock:
            if self._connection is not connection:
                return  # it was dismissed
            self._connection = None
            running = self._running
            if self._closing or running is None:
                return
            event = self._after_death(running, returncode)
        self._announce(event)
        if isinstance(event, Note):
            try:
                with self._lock:
                    if self._running is running:
                        self._send(running)
            except InputError as error:
                self._announce(Failed(event.id, str(error)))

    # inside

    def _begin(self, running: _Running) -> str:
        if self._running is not None:
            raise InputError("A job is running already; wait for its end, or cancel it first.")
        self._running = running
        try:
            self._send(running)
        except InputError:
            self._running = None
            raise
        return running.request.id

    def _send(self, running: _Running) -> None:
        self._ensure_worker(running.python).send(running.request)

    def _ensure_worker(self, python: str | None = None) -> WorkerConnection:
        command = self._fixed_command or worker_command(python)
        if self._connection is not None and self._connection.alive and self._connection.command == command:
            return self._connection
        self._let_go()
        self._connection = WorkerConnection(command, self)
        return self._connection

    def _let_go(self) -> None:
        """Part with the worker, whose end nobody has to wait for."""
        connection, self._connection = self._connection, None
        if connection is not None:
            threading.Thread(target=connection.dismiss, name="talweg-worker-end", daemon=True).start()

    def _filled(self, request: _WithJob) -> _WithJob:
        """Fill what the request's job leaves open about how it is run."""
        return msgspec.structs.replace(request, job=self.defaults.fill(request.job))

    def _announce(self, event: Event) -> None:
        """Pass an event on; the request is over before anyone hears of its end."""
        if isinstance(event, Failed | Finished):
            with self._idle:
                self._running = None
                self._idle.notify_all()
        self._on_event(event)

    def _after_death(self, running: _Running, returncode: int) -> Event:
        if running.cancelled:
            return Finished(running.request.id, 0.0, cancelled=True)
        if returncode == CANNOT_RUN and self.log:
            return Failed(running.request.id, self.log[-1])
        reason, place = f"the worker ended unexpectedly ({describe_end(returncode)})", running.place
        if place is None or running.restarts >= _RESTARTS_WITHOUT_PROGRESS:
            details = "\n".join(self.log)
            return Failed(running.request.id, f"{reason[0].upper()}{reason[1:]}; its log says more.", details)
        running.restarts += 1
        running.request = self._filled(place.work.request(running.request.id, place.document, place.landscape))
        done = place.work.describe(place.document.landscape(place.landscape))
        note = Note(running.request.id, f"After {done} {reason}; a new one continued from there.")
        return _commit(running, note) or note


def _commit(running: _Running, event: Event) -> Failed | None:
    if running.place is None:
        return None
    try:
        running.place.document.commit(running.place.landscape, event)
    except InputError as error:
        return Failed(event.id, str(error))
    return None
