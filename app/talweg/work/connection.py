"""A worker that runs: requests go into it, events and the lines of its log come out on threads of their own."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import Protocol

from talweg.work.process import WorkerCommand
from talweg_compute.messages import Event, InputError, Request, decode_event, encode_request

_SECONDS_TO_END = 2.0


class Listener(Protocol):
    """Who hears what a worker says; called on threads of the connection."""

    def take_event(self, connection: "WorkerConnection", event: Event) -> None:
        """Take an event; an exception ends nothing and is passed to ``take_fault``."""

    def take_line(self, line: str) -> None:
        """Take a line of the log."""

    def take_fault(self, connection: "WorkerConnection", error: Exception) -> None:
        """Take what went wrong while an event was taken."""

    def take_end(self, connection: "WorkerConnection", returncode: int) -> None:
        """Take the end of the worker, after everything that it said."""


class WorkerConnection:
    """A worker's process with its three streams.

    Args:
        command: Starts it.
        listener: Hears what it says.

    Raises:
        InputError: It cannot be started.
    """

    def __init__(self, command: WorkerCommand, listener: Listener) -> None:
        self.command = command
        self._listener = listener
        self._process = command.start()
        log = threading.Thread(target=self._read_log, name="talweg-worker-log", daemon=True)
        log.start()
        self._unsent: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, name="talweg-worker-requests", daemon=True).start()
        threading.Thread(target=self._read_events, args=(log,), name="talweg-worker-events", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, request: Request) -> None:
        """Send a request; nobody waits for a worker that is still at its imports and reads nothing yet."""
        self._unsent.put(request)

    def kill(self) -> None:
        """End its whole process group at once."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

    def dismiss(self) -> None:
        """End it by closing its stdin, or by force; returns when it is gone."""
        self._unsent.put(None)
        try:
            self._process.wait(timeout=_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def _write(self) -> None:
        """Write what is to be sent, then close the stream; a dead worker is noticed by who reads its events."""
        assert self._process.stdin is not None  # noqa: S101 (opened as a pipe)
        with contextlib.suppress(OSError), self._process.stdin as stream:
            while (request := self._unsent.get()) is not None:
                stream.write(encode_request(request))
                stream.flush()

    def _read_log(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 (opened as a pipe)
        with self._process.stderr as stream:
            for line in stream:
                self._listener.take_line(line.decode(errors="replace").rstrip())

    def _read_events(self, log: threading.Thread) -> None:
        assert self._process.stdout is not None  # noqa: S101 (opened as a pipe)
        with self._process.stdout as stream:
            for line in stream:
                try:
                    self._listener.take_event(self, decode_event(line))
                except InputError as error:  # a line cut off by the worker's death, or none of ours
                    self._listener.take_line(str(error))
                except Exception as error:  # a fault of ours must not leave everybody waiting
                    self._listener.take_fault(self, error)
        returncode = self._process.wait()
        self._unsent.put(None)
        log.join(1)  # its last line may say why
        self._listener.take_end(self, returncode)


def describe_end(returncode: int) -> str:
    """Say how a process ended: "SIGKILL", or "exit status 3"."""
    return signal.Signals(-returncode).name if returncode < 0 else f"exit status {returncode}"
