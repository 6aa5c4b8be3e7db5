"""A job and its document: made together, found together, resumed together."""

from pathlib import Path

from talweg.document import Document
from talweg_compute.messages import InputError, Job, read_job


def open_for_job(job: Job, path: Path, name: str) -> tuple[Document, int]:
    """Open the document that holds a job's landscape, or create it.

    Args:
        job: With absolute paths.
        path: The document.
        name: What a new landscape is called.

    Returns:
        The open document and the landscape's number; what is computed of it already is in it, and the rest will be
        computed the way the job says now.

    Raises:
        InputError: The document holds something else, or cannot be opened.
    """
    if not path.exists() or path.stat().st_size == 0:
        document = Document.create(path)
        return document, add_job(document, job, name)
    document = Document.open(path)
    if not document.landscape_ids():  # of a run that ended while it began
        return document, add_job(document, job, name)
    for landscape in reversed(document.landscape_ids()):
        known = document.landscape(landscape).job
        if known is not None and _same_numbers(known, job):
            document.set_job(landscape, job)
            return document, landscape
    document.close()
    raise InputError(
        f"{path}: this document holds landscapes of other jobs; choose another file for the result, or remove this one."
    )


def add_job(document: Document, job: Job, name: str) -> int:
    """Add an empty landscape for a job; returns its number."""
    u, *others = (axis.coordinates() for axis in job.axes)
    return document.add_landscape(name, u, *others, job=job)


def document_beside(job_file: Path) -> tuple[Document, int]:
    """Open the document that belongs to a job file: ``job.talweg``, or the first of its numbered siblings that fits.

    Args:
        job_file: A TOML file.

    Returns:
        The open document and the landscape's number.

    Raises:
        InputError: The job file is at fault, or no document can be written beside it.
    """
    job = read_job(job_file)
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        try:
            return open_for_job(job, job_file.with_name(f"{job_file.stem}{suffix}.talweg"), job_file.stem)
        except InputError:
            if not job_file.with_name(f"{job_file.stem}{suffix}.talweg").exists():
                raise
            number += 1


def _same_numbers(first: Job, second: Job) -> bool:
    """Tell whether two jobs give the same landscape, however it is run."""
    return all(getattr(first, part) == getattr(second, part) for part in ("problem", "plane", "origin", "grid"))
