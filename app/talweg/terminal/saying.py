"""What a command says when it is done, and what it asks for before."""

from pathlib import Path

from talweg_compute.messages import InputError


def say(text: str) -> None:
    """Print what a command did."""
    print(text)  # noqa: T201 (the command line speaks)


def choose_document(output: Path | None, into: Path | None) -> Path:
    """Say which document is written: a new one, or one that landscapes are added to.

    Raises:
        InputError: None of the two is given, or both are.
    """
    if (output is None) == (into is None):
        got = "got none of them" if output is None else "got both"
        raise InputError(
            f"{got}; expected --output with a document of its own, or --into with one that others are in already."
        )
    return output or into or Path()
