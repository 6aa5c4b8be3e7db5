"""Where a new landscape is to be written, as somebody types it. Free of Qt."""

import os
from dataclasses import dataclass
from pathlib import Path

_DOCUMENT, _JOB = ".talweg", ".toml"


@dataclass(frozen=True)
class SavePlace:
    """What was typed as the name of a document.

    Attributes:
        document: Path of the document.
        fault: Why it cannot be written there, or nothing.
        note: What is good to know, where nothing is wrong.
    """

    document: Path
    fault: str = ""
    note: str = ""

    @property
    def job_file(self) -> Path:
        """The job file beside the document."""
        return self.document.with_suffix(_JOB)


def judge_place(typed: str) -> SavePlace:
    """Tell where a document goes, and whether it can be written there.

    Args:
        typed: A path; ``~`` is the home folder, and .talweg is added where it is missing: ``run.1`` keeps its ``.1``.

    Returns:
        The place, with a sentence where something is wrong with it.
    """
    text = typed.strip()
    path = Path(text).expanduser().absolute()
    if not text:
        return SavePlace(path, "Say where the document is written: the path of a file.")
    if text.endswith(("/", os.sep)) or path.is_dir():
        return SavePlace(path, "This is a folder: add a name for the document.")
    name = path.name.removesuffix(_JOB) if path.suffix == _JOB else path.name
    document = path.with_name(name if name.endswith(_DOCUMENT) and name != _DOCUMENT else name + _DOCUMENT)
    folder = document.parent
    if not folder.is_dir():
        return SavePlace(document, f"There is no folder {folder}: make it first, or choose another one.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return SavePlace(document, f"Nothing can be written in {folder}: choose another folder.")
    if document.is_dir():
        return SavePlace(document, f"{document.name} is a folder: choose another name.")
    if document.exists():
        return SavePlace(
            document, note=f"{document.name} is there already and stays: where it has this very job, that is gone on "
            "with; else a number is added to the name.",
        )  # fmt: skip
    return SavePlace(document)
