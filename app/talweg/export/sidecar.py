"""The description beside a mesh, for programs that drop what the mesh itself says about where it came from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from talweg.export.files import replacing
from talweg.export.metadata import KIND, from_json, to_json
from talweg_compute.messages import InputError


def check_sidecar(path: Path) -> None:
    """Refuse to replace a JSON file that Talweg did not write.

    Args:
        path: Where the description is going to be.

    Raises:
        InputError: A file of someone else is there.
    """
    if path.exists() and read_sidecar(path) is None:
        raise InputError(
            f"{path}: this file is not from Talweg, and the mesh's description would replace it; "
            "choose another name for the mesh."
        )


def write_sidecar(path: Path, table: dict[str, Any], files: Sequence[Path]) -> None:
    """Write the description of a mesh.

    Args:
        path: The JSON file.
        table: As ``describe`` makes it, with what the format adds.
        files: What was written together with it; named without their folder.

    Raises:
        InputError: The file cannot be written.
    """
    with replacing(path) as temporary:
        text = to_json({**table, "files": [file.name for file in files]}, indent=1)
        temporary.write_text(text + "\n", encoding="ascii", newline="\n")


def read_sidecar(path: Path) -> dict[str, Any] | None:
    """Return the description beside a mesh, or None where there is none of Talweg's."""
    try:
        table = from_json(path.read_text(encoding="utf-8"), str(path))
    except (InputError, OSError, UnicodeDecodeError):
        return None
    return table if isinstance(table, dict) and table.get("kind") == KIND else None
