"""Starts a worker, sends it requests, commits its events to the document, and restarts it when it dies. Free of Qt."""

import contextlib
import itertools
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from talweg.certifying import LeastPersistence, request_certification
from talweg.document import Document
from talweg.gradients import count_gradients, request_gradients
from talweg.landscape import Landscape
from talweg.worker_process import WorkerCommand, worker_command
from talweg_compute import CANNOT_RUN
from talweg_compute.messages import (
    Block,
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
    Known,
    Note,
    PointFields,
    Points,
    Request,
    Train,
    Training,
    decode_event,
    encode_request,
)

_RESTARTS_WITHOUT_PROGRESS = 3
_LOG_LINES = 2000


@dataclass
class _Running:
    """The request that the worker is busy with."""

    request: Compute | Certify | Differentiate | Train | Inspect | Estimate
    document: Document | None = None
    landscape: int = 0
    restarts: int = 0
    cancelled: bool = field(default=False)
    least: LeastPersistence | None = None

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
        self._on_event = on_event
        self._fixed_command = command
        self._started_by: WorkerCommand | None = None
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
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
            return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the worker before it is needed, so that its imports are over by then."""
        with self._lock:
            self._ensure_worker()

    def compute(self, document: Document, landscape: int, *, follow: bool = False) -> str:
        """Compute what is missing of a landscape.

        Args:
            document: Where its points are committed.
            landscape: Its number.
            follow: Go on afterwards, placing the checkpoints that a running training writes, until it is cancelled.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, the landscape has no job, or the worker cannot be started.
        """
        with self._lock:
            running = _Running(_resume(next(self._ids), document, landscape, follow), document, landscape)
            return self._begin(running)

    def certify(
        self, document: Document, landscape: int, least: LeastPersistence | None = None, *, again: bool = False
    ) -> str:
        """Look for the critical points of a landscape on the network itself.

        Args:
            document: Where the answers are committed, point by point.
            landscape: Its number.
            least: Threshold over which points are asked about; None: the default one.
            again: Forget the answers that are known, and ask about all points anew.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, the landscape is not complete or has no job, or the worker cannot be
                started.
        """
        with self._lock:
            if self._running is None and again:
                document.forget_certifications(landscape)
            request = request_certification(next(self._ids), document, landscape, least)
            return self._begin(_Running(request, document, landscape, least=least))

    def differentiate(self, document: Document, landscape: int) -> str:
        """Compute the gradient along the plane at the points of a landscape that lack it.

        Args:
            document: Where the gradients are committed.
            landscape: Its number.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, the landscape is no plane, has no point or no job, or the worker cannot
                be started.
        """
        with self._lock:
            return self._begin(_Running(request_gradients(next(self._ids), document, landscape), document, landscape))

    def inspect(self, checkpoint: Path) -> str:
        """Look what is in a checkpoint and which models it fits; the answer is an ``Inspected``.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, or the worker cannot be started.
        """
        with self._lock:
            return self._begin(_Running(Inspect(next(self._ids), str(checkpoint))))

    def estimate(self, job: Job) -> str:
        """Try a job, which runs the code that it names, and say what it would take; the answer is an ``Estimated``.

        Args:
            job: With absolute paths.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, or the worker cannot be started.
        """
        with self._lock:
            return self._begin(_Running(Estimate(next(self._ids), job)))

    def train(self, training: Training) -> str:
        """Train a model in the worker.

        Returns:
            The request's id, which every event of it carries.

        Raises:
            InputError: A request is under way, or the worker cannot be started.
        """
        with self._lock:
            return self._begin(_Running(Train(next(self._ids), training)))

    def cancel(self) -> None:
        """Ask the running request to stop at its next mini-batch; it answers Finished(cancelled=True)."""
        with self._lock:
            if self._running is not None and not self._running.cancelled:
                self._running.cancelled = True
                self._send(Cancel(self._running.request.id))

    def force_stop(self) -> None:
        """End the worker's whole process group at once; what was committed stays."""
        with self._lock:
            if self._running is not None:
                self._running.cancelled = True
            self._kill()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until no request is under way.

        Args:
            timeout: Seconds, or None for ever.

        Returns:
            Whether the client is idle.
        """
        with self._idle:
            return self._idle.wait_for(lambda: self._running is None, timeout)

    def close(self) -> None:
        """End the worker; a running request is lost except for what was committed."""
        with self._lock:
            self._closing = True
            process, self._process = self._process, None
        _dismiss(process)

    # inside

    def _begin(self, running: _Running) -> str:
        if self._running is not None:
            raise InputError("A job is running already; wait for its end, or cancel it first.")
        self._running = running
        try:
            self._ensure_worker(running.python)
        except InputError:
            self._running = None
            raise
        self._send(running.request)
        return running.request.id

    def _ensure_worker(self, python: str | None = None) -> None:
        command = self._fixed_command or worker_command(python)
        if self._process is not None and self._process.poll() is None:
            if command == self._started_by:
                return
            process, self._process = self._process, None
            _dismiss(process)
        process = command.start()
        self._started_by = command
        self._process = process
        log = threading.Thread(target=self._read_log, args=(process,), name="talweg-worker-log", daemon=True)
        log.start()
        arguments = process, log
        threading.Thread(target=self._read_events, args=arguments, name="talweg-worker-events", daemon=True).start()

    def _send(self, request: Request) -> None:
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(OSError):  # a dead worker is noticed by the thread that reads its events
            self._process.stdin.write(encode_request(request))
            self._process.stdin.flush()

    def _kill(self) -> None:
        if self._process is not None:
            _kill_group(self._process)

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None  # noqa: S101 (opened as a pipe)
        with process.stderr as stream:
            for line in stream:
                self.log.append(line.decode(errors="replace").rstrip())

    def _read_events(self, process: subprocess.Popen[bytes], log: threading.Thread) -> None:
        assert process.stdout is not None  # noqa: S101 (opened as a pipe)
        with process.stdout as stream:
            for line in stream:
                try:
                    self._take(decode_event(line))
                except InputError as error:  # a line cut off by the worker's death, or none of ours
                    self.log.append(str(error))
                except Exception as error:  # a fault of ours must not leave everybody waiting
                    self._fail(f"Talweg itself failed: {type(error).__name__}: {error}")
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        log.join(1)  # its last line may say why
        self._bury(process)

    def _take(self, event: Event) -> None:
        with self._lock:
            running = self._running
            if running is None or event.id != running.request.id:
                return  # a late answer of an old request
            if isinstance(event, Points | PointFields | Epoch | Certified):
                running.restarts = 0
            failure = self._commit(running, event)
        self._announce(event)
        if failure is not None:
            self.force_stop()
            self._announce(failure)

    def _fail(self, message: str) -> None:
        with self._lock:
            running = self._running
            self._kill()
        if running is not None:
            self._announce(Failed(running.request.id, message))

    def _commit(self, running: _Running, event: Event) -> Failed | None:
        if running.document is None:
            return None
        try:
            running.document.commit(running.landscape, event)
        except InputError as error:
            return Failed(event.id, str(error))
        return None

    def _announce(self, event: Event) -> None:
        """Pass an event on; the request is over before anyone hears of its end."""
        if isinstance(event, Failed | Finished):
            with self._idle:
                self._running = None
                self._idle.notify_all()
        self._on_event(event)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Deal with a worker that has ended: restart it where a request was under way."""
        with self._lock:
            if self._process is not process:
                return  # it was dismissed
            self._process = None
            running = self._running
            if self._closing or running is None:
                return
            event = self._after_death(running, process.returncode)
        self._announce(event)
        if isinstance(event, Note):
            with self._lock:
                if self._running is running:
                    self._ensure_worker(running.python)
                    self._send(running.request)

    def _after_death(self, running: _Running, returncode: int) -> Event:
        if running.cancelled:
            return Finished(running.request.id, 0.0, cancelled=True)
        if returncode == CANNOT_RUN and self.log:
            return Failed(running.request.id, self.log[-1])
        reason = f"the worker ended unexpectedly ({_describe(returncode)})"
        if running.document is None or running.restarts >= _RESTARTS_WITHOUT_PROGRESS:
            details = "\n".join(self.log)
            return Failed(running.request.id, f"{reason[0].upper()}{reason[1:]}; its log says more.", details)
        running.restarts += 1
        state = running.document.landscape(running.landscape)
        request = running.request
        if isinstance(request, Certify):
            running.request = request_certification(request.id, running.document, state.id, running.least)
            done = f"{len(state.certifications)} critical points"
        elif isinstance(request, Differentiate):
            running.request = request_gradients(request.id, running.document, state.id)
            done = f"the gradients of {count_gradients(state)} points"
        else:
            follow = isinstance(request, Compute) and request.follow
            running.request = _resume(request.id, running.document, state.id, follow)
            done = f"{state.done} points"
        note = Note(request.id, f"After {done} {reason}; a new one continued from there.")
        return self._commit(running, note) or note


def _resume(request_id: str, document: Document, landscape: int, follow: bool) -> Compute:
    state = document.landscape(landscape)
    job = document.remaining_job(landscape)
    return Compute(
        request_id,
        job,
        known=_known(document, state, with_fields=job.run.adaptive or job.run.precision != "float32")
        if state.done
        else None,
        sample_order=document.sample_order(landscape),
        expected=state.provenance,
        placed=tuple(path.names for path in state.paths),
        follow=follow,
    )


def _known(document: Document, state: Landscape, *, with_fields: bool) -> Known:
    """What is committed of a landscape's points, with the sums of those that more samples join."""
    index = np.flatnonzero(state.computed)
    partial = state.partial.flat[index]
    rows = document.sums(state.id, index[partial])
    sums = np.full((index.size, max((row.size for row in rows), default=0)), np.nan)
    for k, row in zip(np.flatnonzero(partial).tolist(), rows, strict=True):
        sums[k, : row.size] = row
    return Known(
        index=Block.of(index),
        samples=Block.of(np.where(partial, state.samples.flat[index], 0)),
        fields={name: Block.of(values.flat[index]) for name, values in state.fields.items()} if with_fields else {},
        sums=Block.of(sums),
        precision=Block.of(state.precision.flat[index]) if state.precision.size > 1 else None,
    )


def _describe(returncode: int) -> str:
    if returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit status {returncode}"


def _dismiss(process: subprocess.Popen[bytes] | None) -> None:
    """End a worker by closing its stdin, or by force."""
    if process is None:
        return
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
