"""The commands that ask a network: landscapes, their critical points and gradients."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from talweg.terminal.saying import choose_document


def compute(
    job: Path,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    into: Path | None = None,
    name: str | None = None,
    resume_from: Path | None = None,
) -> int:
    """Compute a landscape.

    Ctrl-C keeps what was computed; run again, it goes on from there.

    Args:
        job: A job file (.toml): what to evaluate, on which plane, at which points.
        output: The document (.talweg) to create, or to go on with.
        into: A document to add the landscape to, beside those of other jobs, so that they compare.
        name: What the landscape is called; by default as the job file.
        resume_from: An unfinished surface of Li et al. (.h5): its points are kept, after a few were computed again.
    """
    from talweg.terminal.headless import compute_and_report

    return compute_and_report(job, choose_document(output, into), resume_from, add=into is not None, name=name)


def certify(
    document: Path,
    *,
    threshold: float | None = None,
    landscape: str | None = None,
    again: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Look for the critical points of a landscape on the network itself.

    Each point of the grid is polished by Newton's method on exact derivatives. It is then certified, moved, a kink,
    degenerate, or dissolved: an artefact of the sampling. Ctrl-C keeps what was found; run again, it goes on.

    Args:
        document: A .talweg file with a complete landscape.
        threshold: Least persistence of the points, in units of the loss; without it twice the noise or 1 %.
        landscape: Which landscape, by its name or number; by default the newest.
        again: Ask also about points whose answer is known.
    """
    from talweg.terminal.headless import certify_and_report

    return certify_and_report(document, threshold, landscape, again=again)


def gradient(document: Path, *, landscape: str | None = None) -> int:
    """Compute the gradient along the plane at each point of a landscape, by backward passes on the network itself.

    Its norm is the steepest slope along the plane per distance between weights; afterwards height and colour can show
    it (--height gradient_norm). Ctrl-C keeps what was computed; run again, it goes on.

    Args:
        document: A .talweg file with computed points.
        landscape: Which landscape, by its name or number; by default the newest.
    """
    from talweg.terminal.headless import differentiate_and_report

    return differentiate_and_report(document, landscape)


def watch(
    source: Path,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    into: Path | None = None,
) -> int:
    """Follow a running training: its checkpoints appear on the plane as they are written.

    Computes first what is missing of the landscape. Ctrl-C ends it and keeps everything.

    Args:
        source: A job file (.toml) with a trajectory, or a folder of checkpoints with one job file in it or beside it.
        output: The document (.talweg); by default the job file's name with that suffix.
        into: A document to add the landscape to, beside those of other jobs.
    """
    from talweg.terminal.headless import compute_and_report
    from talweg.work.jobs import find_job_of

    job = find_job_of(source)
    document = job.with_suffix(".talweg") if output is None and into is None else choose_document(output, into)
    return compute_and_report(job, document, follow=True, add=into is not None)
