"""A job and its document: made together, found together, resumed together."""

from pathlib import Path

from talweg.analysis.families import same_numbers
from talweg.document import Document
from talweg.work.joining import names_of, unique_name
from talweg_compute.messages import InputError, Job, read_job


def open_for_job(job: Job, path: Path, name: str, *, add: bool = False) -> tuple[Document, int]:
    """Open the document that holds a job's landscape, or create it.

    Args:
        job: With absolute paths.
        path: The document.
        name: What a new landscape is called.
        add: Whether the landscape may join others in a document that exists.

    Returns:
        The open document and the landscape's number; what is computed of it already is in it, and the rest will be
        computed the way the job says now.

    Raises:
        InputError: The document holds something else, or cannot be opened.
    """
    new = not path.exists() or path.stat().st_size == 0
    document = Document.create(path) if new else Document.open(path)
    known = not document.landscape_ids() or any(find_job(document, each) for each in job.each_seed())
    if not known and not add:  # an empty one is of a run that ended while it began
        document.close()
        raise InputError(
            f"{path}: this document holds landscapes of other jobs; add this one to them with --into {path.name} "
            "instead of --output, or choose another file for the result."
        )
    return document, place_job(document, job, name)


def place_job(document: Document, job: Job, name: str) -> int:
    """Find the landscapes of a job, one for each of its seeds, or add them, empty.

    Args:
        document: A document that can be written.
        job: With absolute paths.
        name: What a new landscape is called, unless another one is called so.

    Returns:
        Number of the first landscape; the rest of all of them will be computed the way the job says now.

    Raises:
        InputError: The document cannot be written.
    """
    jobs, number = job.each_seed(), 0
    for each in reversed(jobs):  # so that the first is the newest
        found = find_job(document, each)
        if found is None:
            title = f"{name}, seed {each.plane.seed}" if len(jobs) > 1 else name
            number = add_job(document, each, unique_name(names_of(document), title))
        else:
            document.set_job(found, each)
            number = found
    return number


def find_job(document: Document, job: Job) -> int | None:
    """Find the newest landscape that a job gives, however it is run; None where there is none."""
    for landscape in reversed(document.landscape_ids()):
        known = document.landscape(landscape).job
        if known is not None and same_numbers(known, job):
            return landscape
    return None


def find_job_of(source: Path) -> Path:
    """Find the job file whose trajectory a folder is.

    Args:
        source: A job file with a trajectory, or a folder of checkpoints.

    Returns:
        The job file.

    Raises:
        InputError: There is none in the folder or beside it, or several, or it names no trajectory.
    """
    if not source.is_dir():
        if read_job(source).problem.trajectory is None:
            raise InputError(f'{source}: this job follows no training; expected problem.trajectory = "folder/*.pt".')
        return source
    found = []
    for file in (*source.glob("*.toml"), *source.resolve().parent.glob("*.toml")):
        try:
            trajectory = read_job(file).problem.trajectory
        except InputError:  # not a job, or not one that can be computed now
            continue
        if trajectory is not None and source.resolve() in (Path(trajectory), Path(trajectory).parent):
            found.append(file)
    if len(found) != 1:
        what = ", ".join(file.name for file in found) or "none"
        raise InputError(
            f"{source}: expected one job file (.toml) in this folder or beside it whose problem.trajectory is the "
            f"folder, found {what}; write one that says model and data, or name it."
        )
    return found[0]


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


def save_job_file(text: str, path: Path) -> Path:
    """Write a job file, or find it: what lies there under its name and says something else stays.

    Args:
        text: TOML.
        path: Where it should lie.

    Returns:
        The path, or the first of its numbered siblings that is free or holds the same.

    Raises:
        InputError: It cannot be written.
    """
    number = 1
    while True:
        candidate = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            if not candidate.exists():
                candidate.write_text(text, encoding="utf-8")
                return candidate
            if candidate.read_text(encoding="utf-8", errors="replace") == text:
                return candidate
        except OSError as error:
            raise InputError(
                f"{candidate} cannot be written: {error.strerror or error}; choose another place under Save as."
            ) from None
        number += 1
