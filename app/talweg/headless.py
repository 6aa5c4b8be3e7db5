"""Jobs, exports and figures without a window, told on the terminal."""

import contextlib
import difflib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Literal

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from talweg.certifying import LeastPersistence, count_unasked
from talweg.client import Client
from talweg.document import Document
from talweg.export.question import Hints
from talweg.gradients import GRADIENT_FIELDS, count_gradients, missing_gradients
from talweg.jobs import list_lines, list_seeds, open_for_job
from talweg.landscape import Landscape
from talweg.movie import Movie
from talweg.picture import default_view
from talweg.quantities import BASIN, has_quantity, list_quantities
from talweg.render import FigureOptions
from talweg.taking_over import TakenOver, take_over
from talweg.view_options import ViewOptions
from talweg.view_state import ViewState, decode_view
from talweg.work import CertifyPoints, ComputeGradients
from talweg_compute.messages import (
    Epoch,
    Event,
    Failed,
    Finished,
    InputError,
    Note,
    Ready,
    Training,
    Trajectory,
    read_job,
)
from talweg_compute.messages import Progress as ProgressEvent

STOPPED = 130
"""Exit status after Ctrl-C, as shells have it."""


def compute_and_report(job_file: Path, output: Path, resume_from: Path | None = None, *, follow: bool = False) -> int:
    """Compute what is missing of a job's landscape and show how far it is.

    Args:
        job_file: A TOML file.
        output: The document, created or gone on with.
        resume_from: An unfinished surface of another program, whose points are kept where they agree with the job.
        follow: Go on afterwards, placing the checkpoints that a running training writes, until Ctrl-C.

    Returns:
        Exit status: 0 complete, 1 the computation failed, 2 its input was at fault, 130 stopped.

    Raises:
        InputError: The job or the document is at fault.
    """
    job, console = read_job(job_file), Console(stderr=True)
    taken: TakenOver | None = None
    if resume_from is not None and output.exists():
        console.print(f"{output} exists and is gone on with; {resume_from.name} is not read.", soft_wrap=True)
    elif resume_from is not None:
        console.print(f"Computing a few points of {resume_from.name} again.", soft_wrap=True, markup=False)
        found = take_over(resume_from, job, lambda trial, number: _run(console, lambda to: to.compute(trial, number)))
        if isinstance(found, int):
            return found
        taken = found
    document, landscape = open_for_job(job, output, job_file.stem)
    with document:
        if taken is not None:
            taken.commit_to(document, landscape)
        family = list_seeds(document, landscape)
        states = [document.landscape(number) for number in family]
        if all(state.done and not state.has_work for state in states) and not follow:
            console.print(f"{output} is complete already; nothing is left to compute.", soft_wrap=True)
            return 0
        status = 0
        for number, state in zip(family, states, strict=True):
            if state.has_work or not state.done or follow:
                if len(family) > 1:
                    console.print(f"{state.name}:", soft_wrap=True, markup=False, highlight=False)
                status = _run(console, partial(_begin, document, number, follow))
                _tell(console, document.landscape(number), output, status)
            if status:
                break
    return 0 if follow and status == STOPPED else status


def _begin(document: Document, landscape: int, follow: bool, client: Client) -> str:
    return client.compute(document, landscape, follow=follow)


def _tell(console: Console, after: Landscape, output: Path, status: int) -> None:
    if status == 0:
        if after.non_finite:
            console.print(f"{after.non_finite} of {after.done} points diverged (NaN or infinite loss).", soft_wrap=True)
        tail = f", {after.interpolated_count} more are interpolated" if after.interpolated_count else ""
        console.print(f"{after.done} points are in {output}{tail}.", soft_wrap=True)
    elif after.done:
        console.print(
            f"{after.done} of {after.computed.size} points are kept in {output}; the same command goes on from there.",
            soft_wrap=True,
        )


def certify_and_report(path: Path, threshold: float | None = None, *, again: bool = False) -> int:
    """Certify the critical points of a document's newest landscape on the network and print what was found.

    Args:
        path: A .talweg file.
        threshold: Least persistence of the points, in units of the loss; None: the default one.
        again: Ask also about points whose answer is known.

    Returns:
        Exit status: 0 done, 1 the computation failed, 2 its input was at fault, 130 stopped; the answers are kept.

    Raises:
        InputError: The document is at fault, incomplete, or was imported.
    """
    from talweg.summary import print_certifications

    console, least = Console(stderr=True), LeastPersistence(threshold)
    with Document.open(path) as document:
        landscape = document.newest_landscape().id
        status = 0
        document.remaining_job(landscape)
        if again or count_unasked(document.landscape(landscape), least) or not document.landscape(landscape).complete:
            if again:
                document.forget_certifications(landscape)
            status = _run(console, lambda client: client.begin(document, landscape, CertifyPoints(least)))
        else:
            console.print("The network was asked about all these points before; --again asks anew.", soft_wrap=True)
        after = document.landscape(landscape)
    print_certifications(after, least)
    left = count_unasked(after, least)
    if status != 0 and left:
        console.print(f"{left} points are left; the same command goes on from there.", soft_wrap=True)
    return status


def differentiate_and_report(path: Path) -> int:
    """Compute the gradient along the plane at the points of a document's newest landscape that lack it.

    Args:
        path: A .talweg file.

    Returns:
        Exit status: 0 done, 1 the computation failed, 2 its input was at fault, 130 stopped; what was computed is kept.

    Raises:
        InputError: The document is at fault, has no point yet, is no plane, or was imported.
    """
    console = Console(stderr=True)
    with Document.open(path) as document:
        landscape = document.newest_landscape()
        if count_gradients(landscape) and not missing_gradients(landscape).size:
            console.print(f"{path} has all its gradients already; nothing is left to compute.", soft_wrap=True)
            return 0
        status = _run(console, lambda client: client.begin(document, landscape.id, ComputeGradients()))
        after = document.landscape(landscape.id)
    left = missing_gradients(after).size
    if status == 0 and left:
        console.print(f"At {left} points the gradient is not finite, though the loss is.", soft_wrap=True)
    elif left:
        tail = f"{left} are left; the same command goes on from there."
        console.print(f"The gradients of {count_gradients(after)} points are kept in {path}; {tail}", soft_wrap=True)
    if status == 0:
        norm = after.fields.get("gradient_norm", np.zeros(0))
        norm = norm[np.isfinite(norm)]
        span = f", from {norm.min():.4g} to {norm.max():.4g} per distance between weights" if norm.size else ""
        console.print(f"The gradients of {norm.size} points are in {path}{span}.", soft_wrap=True, highlight=False)
    return status


def train_and_report(training: Training) -> int:
    """Train in a worker and print each epoch; returns the exit status."""
    status = _run(Console(stderr=True), lambda client: client.train(training))
    if status == 0:
        Console().print(f"The checkpoints are in {training.folder}.", soft_wrap=True)
    return status


def export_file(
    document: Path,
    output: Path,
    *,
    binary: bool = True,
    flavour: Literal["talweg", "learnply", "li2018"] = "talweg",
    options: ViewOptions | None = None,
    w: float | None = None,
) -> tuple[Path, ...]:
    """Export a document's landscape; the output's suffix says how.

    Args:
        document: A .talweg file.
        output: The file to write.
        binary: A PLY is written as binary.
        flavour: Of a PLY or VTP.
        options: Changes of the document's view.
        w: Of a volume, which sheet: the nearest.

    Returns:
        The files written.

    Raises:
        InputError: The document cannot be read, the suffix is not known, or the output cannot be written.
    """
    from talweg.export import export_landscape

    landscape, view = load_view(document, options)
    if w is not None:
        landscape = landscape.at(w)
    return export_landscape(output, landscape, view, binary=binary, flavour=flavour)


def import_and_report(file: Path, output: Path, hints: Hints, trajectory: Path | None = None) -> int:
    """Make a document of a file of another program and say what is in it.

    Args:
        file: Any file that holds landscapes.
        output: The document to create.
        hints: What the user says that the file does not.
        trajectory: A file with the training path.

    Returns:
        Exit status 0.

    Raises:
        InputError: A file cannot be read, something is missing, or the document cannot be written.
    """
    from talweg.export import add_grids, import_grids

    grids = import_grids(file, hints, trajectory)
    with Document.create(output) as document:
        add_grids(document, grids)
    console = Console(stderr=True)
    for grid in grids:
        path = "".join(f", a trajectory of {len(run.names)} checkpoints" for run in grid.paths)
        shape = " x ".join(str(axis.size) for axis in (grid.u, grid.v, grid.w)[: grid.fields["loss"].ndim])
        console.print(f"{grid.name}: {shape} points{path}.", soft_wrap=True, markup=False)
        for note in grid.notes:
            console.print(f"  {note}", soft_wrap=True, markup=False, highlight=False)
    Console().print(f"Wrote {output}.", soft_wrap=True, markup=False, highlight=False)
    return 0


def render_file(
    document: Path,
    output: Path,
    *,
    figure: FigureOptions | None = None,
    options: ViewOptions | None = None,
    w: float | None = None,
) -> None:
    """Render a document's landscape.

    Args:
        document: A .talweg file.
        output: A .png file; of a line also .svg and .pdf.
        figure: Size, colours, background.
        options: Changes of the document's view.
        w: Of a volume, which sheet: the nearest.

    Raises:
        InputError: The document cannot be read, or the picture cannot be written.
    """
    from talweg.rendering import Order, carry_out

    landscape, view = load_view(document, options)
    lines: tuple[Landscape, ...] = (landscape,)
    if landscape.dimensions == 1:
        with Document.open(document) as opened:
            numbers = list_lines(opened, landscape.id, every=view.all_lines)
            lines = tuple(opened.landscape(number) for number in numbers)
    shown = (landscape.at(view.w if w is None else w),) if landscape.dimensions > 1 else lines
    carry_out(Order(output, shown, view, _as_seen(figure, options)))


def film_and_report(
    document: Path,
    output: Path,
    movie: Movie,
    *,
    figure: FigureOptions | None = None,
    options: ViewOptions | None = None,
    w: float | None = None,
) -> int:
    """Render a document's landscape as a movie and show how far it is.

    Args:
        document: A .talweg file.
        output: An .mp4, .gif or .webp file, or a folder for .png files.
        movie: How it goes.
        figure: Size, colours, background.
        options: Changes of the document's view.
        w: Of a volume, which sheet: the nearest.

    Returns:
        Exit status: 0 done, 130 stopped by Ctrl-C; no part of a movie is left then.

    Raises:
        InputError: The document cannot be read, or the movie cannot be written.
    """
    from talweg.rendering import Order, carry_out

    landscape, view = load_view(document, options)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("frames", total=None)
        order = Order(output, (landscape.at(view.w if w is None else w),), view, _as_seen(figure, options), movie)
        try:
            carry_out(order, lambda done, total: bar.update(task, completed=done, total=total))
        except KeyboardInterrupt:
            console.print("Stopped; nothing was written.", soft_wrap=True)
            return STOPPED
    return 0


def _as_seen(figure: FigureOptions | None, options: ViewOptions | None) -> FigureOptions:
    camera = None if options is None else options.camera
    return replace(figure or FigureOptions(), camera=camera)


def load_view(path: Path, options: ViewOptions | None) -> tuple[Landscape, ViewState]:
    """Read a document's newest landscape and its view, changed by options.

    Raises:
        InputError: The document cannot be read or is empty, or an option is out of range.
    """
    with Document.open(path) as document:
        landscape = document.newest_landscape()
        stored = document.view()
    view = default_view(landscape) if stored is None else decode_view(stored)
    if options is None:
        return landscape, view
    view = options.apply(view)
    for option, name in (("height", options.height), ("colour", options.colour)):
        if name is not None:
            _check_quantity(path, landscape, option, name)
    return landscape, view


def _check_quantity(path: Path, landscape: Landscape, option: str, name: str) -> None:
    if has_quantity(landscape, name) or (option == "colour" and name == BASIN):
        return
    if name in GRADIENT_FIELDS:
        raise InputError(f"{path}: this landscape has no gradients; compute them with: talweg gradient {path}.")
    names = [known for known, there in list_quantities(landscape).items() if there]
    close = difflib.get_close_matches(name, names, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    raise InputError(f'{option}: got "{name}"; {hint}this landscape has {", ".join(names)}.')


def _run(console: Console, begin: Callable[[Client], str]) -> int:
    """Run one request to its end, with a progress bar and Ctrl-C."""
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
