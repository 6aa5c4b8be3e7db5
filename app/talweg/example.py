"""The embedded example: a small ResNet trained on the optical digits, with its job, checkpoints and document."""

import shutil
from pathlib import Path

import platformdirs

from talweg import __version__
from talweg_compute.assets import asset

_NAME = "digits"


def example_document() -> Path:
    """Return the example's document, a copy that may be written, beside the checkpoints it can be recomputed from."""
    return example_folder() / f"{_NAME}.talweg"


def example_folder() -> Path:
    """Return the folder of the example's copy that may be written: document, job file, and checkpoints in a folder."""
    return copy_example(Path(platformdirs.user_data_dir("talweg", appauthor=False)) / f"example-{__version__}")


def copy_example(folder: Path) -> Path:
    """Copy the example where it may be written; what is there already stays.

    Args:
        folder: Created if need be.

    Returns:
        The folder.
    """
    for source in sorted(asset("example").rglob("*")):
        target = folder / source.relative_to(asset("example"))
        if source.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder
