"""From a path to an open document, whatever the path is: a document, a job file, or a grid of numbers. Free of Qt."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from talweg.document import Document
from talweg.export import Hints, Imported, ImportedPath, add_grids
from talweg.export.sniffing import recognise
from talweg_compute.messages import InputError

DOCUMENT_SUFFIX = ".talweg"
JOB_SUFFIX = ".toml"


@dataclass(frozen=True)
class Opened:
    """A document that is open and ready to be shown.

    Attributes:
        document: Open; whoever gets it closes it.
        landscape: Number of the landscape to show.
        title: What the window is called.
        start: Whether computing should start.
        untitled: Whether it lies in a scratch folder, which ``close_document`` removes.
    """

    document: Document
    landscape: int
    title: str
    start: bool = False
    untitled: bool = False


def suffixes() -> tuple[str, ...]:
    """Suffixes of everything that can be opened."""
    from talweg.export import IMPORT_SUFFIXES

    return DOCUMENT_SUFFIX, JOB_SUFFIX, *IMPORT_SUFFIXES


_scratch: set[Path] = set()
"""Folders that were made for documents of imported files."""


def close_document(document: Document) -> None:
    """Close a document; one of an imported file, which lies in a scratch folder, goes with it."""
    document.close()
    folder = document.path.parent
    if folder in _scratch:
        _scratch.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)


def open_file(path: Path, hints: Hints | None = None) -> Opened | ImportedPath:
    """Open a document, the document of a job file, or the landscapes of any other file as a new document.

    Args:
        path: Any file.
        hints: What the user says about a file of another program that does not say it itself.

    Returns:
        The open document; or a training path, for a landscape that is open already.

    Raises:
        QuestionError: The file lacks something that only the user knows.
        InputError: There is no such file, or it is none of these; one sentence says what to do.
    """
    path = path.expanduser().absolute()
    _check_file(path)
    if path.suffix.lower() == JOB_SUFFIX:
        return _open_job(path)
    if is_document(path):
        return _open_document(path)
    return _import(path, hints)


def is_document(path: Path) -> bool:
    """Whether a file is a document, by its name or by what is in it.

    Raises:
        InputError: There is no such file.
    """
    _check_file(path)
    return path.suffix.lower() == DOCUMENT_SUFFIX or recognise(path) == "document"


def read_file(path: Path, hints: Hints | None = None) -> Imported:
    """Read the landscapes, or the training path, of a file of another program.

    Raises:
        QuestionError: The file lacks something that only the user knows.
        InputError: It cannot be read.
    """
    from talweg.export import import_file

    return import_file(path, hints)


def _check_file(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path}: there is no such file.")
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; open a document, a job file or a grid in it.")


def _open_document(path: Path) -> Opened:
    document = Document.open_as_allowed(path)
    found = document.landscape_ids()
    if not found:
        document.close()
        raise InputError(f"{path}: this document is empty; open a job file to compute a landscape.")
    return Opened(document, found[-1], path.name)


def _open_job(path: Path) -> Opened:
    from talweg.work.jobs import document_beside

    document, landscape = document_beside(path)
    return Opened(document, landscape, document.path.name, start=True)


def _import(path: Path, hints: Hints | None) -> Opened | ImportedPath:
    read = read_file(path, hints)
    if isinstance(read, ImportedPath):
        return read
    folder = Path(tempfile.mkdtemp(prefix="talweg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # where nobody closes the document
    _scratch.add(folder)
    document = Document.create(folder / f"{path.stem}{DOCUMENT_SUFFIX}")
    return Opened(document, add_grids(document, read), f"{path.name} (imported)", untitled=True)
