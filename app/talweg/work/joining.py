"""Landscapes of several documents in one: copied, each under a name of its own."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from talweg.document import Document
from talweg.export.imported import ImportedGrid
from talweg_compute.messages import InputError


def unique_name(known: Iterable[str], name: str, hint: str = "") -> str:
    """Choose a name that no landscape has yet.

    Args:
        known: Names that are taken.
        name: What the landscape should be called.
        hint: What tells it apart from others of this name, such as its document's stem.

    Returns:
        The name, where it is free; else with the hint, or with a number behind it.
    """
    taken = set(known)
    if name not in taken:
        return name
    base = f"{name} ({hint})" if hint else name
    number, candidate = 2, base
    while candidate in taken:
        candidate, number = f"{base} {number}", number + 1
    return candidate


def names_of(document: Document) -> tuple[str, ...]:
    """List what the landscapes of a document are called, oldest first."""
    return tuple(outline.name for outline in document.outlines().values())


def add_document(document: Document, path: Path) -> tuple[int, ...]:
    """Copy every landscape of another document into one.

    Args:
        document: A document that can be written.
        path: Another .talweg file.

    Returns:
        Numbers of the copies, in their order.

    Raises:
        InputError: The file cannot be read, holds no landscape, is the document itself, or nothing can be added.
    """
    if path.exists() and path.samefile(document.path):
        raise InputError(f"{path}: this is the document itself; choose another one to take landscapes from.")
    with Document.open_as_allowed(path) as source:
        return _copy_all(document, source, path)


def merge_documents(paths: Sequence[Path], output: Path) -> tuple[str, ...]:
    """Make a document of the landscapes of several; none of them is left where one cannot be read.

    Args:
        paths: Two .talweg files or more.
        output: The document to create.

    Returns:
        What its landscapes are called: where several had one name, each has its document's stem behind it.

    Raises:
        InputError: A file cannot be read or holds no landscape, there is only one, or the output exists.
    """
    if len(paths) < 2:
        raise InputError("documents: got one; expected two or more, whose landscapes are put into one document.")
    names: Counter[str] = Counter()
    for path in paths:
        with Document.open_as_allowed(path) as source:
            names.update(set(names_of(source)))
    shared = frozenset(name for name, count in names.items() if count > 1)
    with Document.create(output) as document:
        try:
            for path in paths:
                with Document.open_as_allowed(path) as source:
                    _copy_all(document, source, path, shared)
        except BaseException:
            document.close()
            output.unlink(missing_ok=True)
            raise
        return names_of(document)


def _copy_all(
    document: Document, source: Document, path: Path, shared: frozenset[str] = frozenset()
) -> tuple[int, ...]:
    """Copy all landscapes of a source; those with a shared name get the stem of its file behind it."""
    outlines = source.outlines()
    if not outlines:
        raise InputError(f"{path}: this document holds no landscape yet; compute or import one.")
    copies = []
    for number, outline in outlines.items():
        taken = (*names_of(document), *((outline.name,) if outline.name in shared else ()))
        copies.append(document.copy_landscape(source, number, unique_name(taken, outline.name, path.stem)))
    return tuple(copies)


def name_apart(document: Document, grids: Sequence[ImportedGrid]) -> tuple[ImportedGrid, ...]:
    """Give landscapes that were read from a file names that a document, and each other, do not have yet.

    Args:
        document: Where they are to be added.
        grids: From ``import_file``.
    """
    taken, named = list(names_of(document)), []
    for grid in grids:
        named.append(replace(grid, name=unique_name(taken, grid.name)))
        taken.append(named[-1].name)
    return tuple(named)
