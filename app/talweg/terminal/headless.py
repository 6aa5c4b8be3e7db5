"""Jobs without a window, told on the terminal."""

from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console

from talweg.analysis.families import list_seeds
from talweg.document import Document
from talweg.landscape import Landscape
from talweg.terminal.progress import STOPPED, run_request
from talweg.terminal.wanted_views import choose_landscape
from talweg.work.certifying import LeastPersistence, count_unasked
from talweg.work.client import Client
from talweg.work.gradients import count_gradients, missing_gradients
from talweg.work.jobs import find_job, open_for_job
from talweg.work.joining import names_of
from talweg.work.taking_over import TakenOver, take_over
from talweg.work.tasks import CertifyPoints, ComputeGradients
from talweg_compute.messages import Job, Training, read_job


def compute_and_report(
    job_file: Path,
    output: Path,
    resume_from: Path | None = None,
    *,
    follow: bool = False,
    add: bool = False,
    name: str | None = None,
) -> int:
    """Compute what is missing of a job's landscape and show how far it is.

    Args:
        job_file: A TOML file.
        output: The document, created or gone on with.
        resume_from: An unfinished surface of another program, whose points are kept where they agree with the job.
        follow: Go on afterwards, placing the checkpoints that a running training writes, until Ctrl-C.
        add: Whether the landscape may join those of other jobs in the document.
        name: What the landscape is called; None: as the job file, or as it was called before.

    Returns:
        Exit status: 0 complete, 1 the computation failed, 2 its input was at fault, 130 stopped.

    Raises:
        InputError: The job or the document is at fault.
    """
    job, console = read_job(job_file), Console(stderr=True)
    taken: TakenOver | None = None
    if resume_from is not None and _holds(output, job):
        console.print(f"{output} exists and is gone on with; {resume_from.name} is not read.", soft_wrap=True)
    elif resume_from is not None:
        console.print(f"Computing a few points of {resume_from.name} again.", soft_wrap=True, markup=False)
        found = take_over(resume_from, job, partial(_compute, console))
        if isinstance(found, int):
            return found
        taken = found
    document, landscape = open_for_job(job, output, name or job_file.stem, add=add)
    with document:
        if name is not None and len(job.each_seed()) == 1:  # those of several have their seed behind it
            _rename(document, landscape, name)
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
                status = run_request(console, partial(_begin, document, number, follow))
                _tell(console, document.landscape(number), output, status)
            if status:
                break
    return 0 if follow and status == STOPPED else status


def _holds(path: Path, job: Job) -> bool:
    """Whether a document exists and has the landscape of a job."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with Document.open(path) as document:
        return find_job(document, job.each_seed()[0]) is not None


def _rename(document: Document, landscape: int, name: str) -> None:
    """Call a landscape as the user wants it, unless another one is called so."""
    if document.landscape(landscape).name != name and name not in names_of(document):
        document.rename_landscape(landscape, name)


def _compute(console: Console, document: Document, landscape: int) -> int:
    return run_request(console, partial(_begin, document, landscape, False))


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


def certify_and_report(
    path: Path, threshold: float | None = None, name: str | None = None, *, again: bool = False
) -> int:
    """Certify the critical points of a document's landscape on the network and print what was found.

    Args:
        path: A .talweg file.
        threshold: Least persistence of the points, in units of the loss; None: the default one.
        name: Name or number of the landscape; None: the newest.
        again: Ask also about points whose answer is known.

    Returns:
        Exit status: 0 done, 1 the computation failed, 2 its input was at fault, 130 stopped; the answers are kept.

    Raises:
        InputError: The document is at fault, incomplete, or was imported.
    """
    from talweg.terminal.printing import print_certifications

    console, least = Console(stderr=True), LeastPersistence(threshold)
    with Document.open(path) as document:
        landscape = choose_landscape(document, name).id
        status = 0
        document.remaining_job(landscape)
        if again or count_unasked(document.landscape(landscape), least) or not document.landscape(landscape).complete:
            if again:
                document.forget_certifications(landscape)
            status = run_request(console, lambda client: client.begin(document, landscape, CertifyPoints(least)))
        else:
            console.print("The network was asked about all these points before; --again asks anew.", soft_wrap=True)
        after = document.landscape(landscape)
    print_certifications(after, least)
    left = count_unasked(after, least)
    if status != 0 and left:
        console.print(f"{left} points are left; the same command goes on from there.", soft_wrap=True)
    return status


def differentiate_and_report(path: Path, name: str | None = None) -> int:
    """Compute the gradient along the plane at the points of a document's landscape that lack it.

    Args:
        path: A .talweg file.
        name: Name or number of the landscape; None: the newest.

    Returns:
        Exit status: 0 done, 1 the computation failed, 2 its input was at fault, 130 stopped; what was computed is kept.

    Raises:
        InputError: The document is at fault, has no point yet, is no plane, or was imported.
    """
    console = Console(stderr=True)
    with Document.open(path) as document:
        landscape = choose_landscape(document, name)
        if count_gradients(landscape) and not missing_gradients(landscape).size:
            console.print(f"{path} has all its gradients already; nothing is left to compute.", soft_wrap=True)
            return 0
        status = run_request(console, lambda client: client.begin(document, landscape.id, ComputeGradients()))
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
    status = run_request(Console(stderr=True), lambda client: client.train(training))
    if status == 0:
        Console().print(f"The checkpoints are in {training.folder}.", soft_wrap=True)
    return status
