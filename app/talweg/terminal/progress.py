"""One request of a worker on the terminal: its progress, what it says, and Ctrl-C."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from talweg.work.client import Client
from talweg_compute.messages import Epoch, Event, Failed, Finished, Note, Ready, Trajectory
from talweg_compute.messages import Progress as ProgressEvent

STOPPED = 130
"""Exit status after Ctrl-C, as shells have it."""


def run_request(console: Console, begin: Callable[[Client], str]) -> int:
    """Run one request to its end, with a progress bar and Ctrl-C.

    Args:
        console: Where it is told.
        begin: Sends the request; returns its id.

    Returns:
        Exit status: 0 done, 1 the computation failed, 2 its input was at fault, 130 stopped.
    """
    reporter = _Reporter(console)
    client = Client(reporter.take)
    try:
        with reporter.showing(), _interrupts(client, console):
            begin(client)
            reporter.wait()
    finally:
        client.close()
    return reporter.status


class _Reporter:
    """Shows events on the terminal and keeps how the request ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting the worker", total=None, rate="")
        self._ended = threading.Event()
        self._is_ready = False
        self._last_line = time.monotonic()
        self.status = 1

    @contextlib.contextmanager
    def showing(self) -> Iterator[None]:
        if self._console.is_terminal:
            with self._bar:
                yield
        else:
            yield

    def wait(self) -> None:
        while not self._ended.wait(0.2):
            pass

    def take(self, event: Event) -> None:
        match event:
            case Ready():
                source = event.provenance
                if self._is_ready:  # told again, with the number format that was chosen meanwhile
                    return
                self._is_ready = True
                self._say(f"{source.parameters:,} parameters, {source.samples:,} samples a point, on {source.device}")
            case ProgressEvent():
                self._progress(event)
            case Epoch():
                self._say(_epoch_line(event))
            case Trajectory() if event.first:
                self._say(_checkpoint_line(event))
            case Note():
                self._say(event.text)
            case Failed():
                self._say(event.message)
                if event.details:
                    self._say(event.details)
                self._end(1 if event.details else 2)
            case Finished():
                self._end(STOPPED if event.cancelled else 0)
            case _:
                pass

    def _progress(self, event: ProgressEvent) -> None:
        rate = f"{event.rate:.3g}/s" if event.rate else ""
        total = event.total or None
        self._bar.update(self._task, description=event.phase, completed=event.done, total=total, rate=rate)
        if not self._console.is_terminal and event.total and time.monotonic() - self._last_line > 10:
            self._last_line = time.monotonic()
            left = "" if event.remaining is None else f", {event.remaining:.0f} s left"
            self._say(f"{event.phase}: {event.done} of {event.total}, {rate}{left}")

    def _say(self, text: str) -> None:
        with contextlib.suppress(SystemExit, OSError):  # nobody reads any more; the computation goes on
            self._console.print(text, soft_wrap=True, markup=False, highlight=False)

    def _end(self, status: int) -> None:
        self.status = status
        self._ended.set()


def _checkpoint_line(event: Trajectory) -> str:
    """Tell of the last checkpoint that a growing run has."""
    on_plane = "" if event.loss_at_projection is None else f", on the plane {event.loss_at_projection.array()[-1]:.4f}"
    return f"{event.names[-1]}: loss {event.loss.array()[-1]:.4f}{on_plane}, residual {event.residual.array()[-1]:.4g}"


def _epoch_line(event: Epoch) -> str:
    if event.epoch == 0:
        parts = ["initialisation"]
    else:
        parts = [f"epoch {event.epoch}", f"training loss {_number(event.train_loss)}"]
    if event.test_accuracy is not None:
        parts += [f"test loss {_number(event.test_loss)}", f"test accuracy {event.test_accuracy:.2f} %"]
    return ", ".join(parts)


def _number(loss: float | None) -> str:
    return "not finite" if loss is None else f"{loss:.4f}"


@contextlib.contextmanager
def _interrupts(client: Client, console: Console) -> Iterator[None]:
    """Make the first Ctrl-C cancel and a second one end the worker at once."""
    count = 0

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count == 1:
            console.print("Stopping; what was computed is kept. Ctrl-C again stops at once.", soft_wrap=True)
        # not in the handler itself: it runs between any two instructions, also where the client's lock is held
        threading.Thread(target=client.cancel if count == 1 else client.force_stop, daemon=True).start()

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
