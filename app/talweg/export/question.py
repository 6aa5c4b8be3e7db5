"""What a file does not say and nobody may guess: asked for in one sentence, answered by hints."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talweg_compute.messages import InputError

Float = NDArray[np.float64]
Range = tuple[float, float]


@dataclass(frozen=True)
class Hints:
    """What the user says about a file that does not say it itself.

    Attributes:
        u: First and last coordinate of the columns, evenly spaced.
        v: First and last coordinate of the rows.
        field: The array or column that is the loss.
        logarithm: Whether heights are ln(loss + 0.1), as Li et al.'s exporter writes them.
    """

    u: Range | None = None
    v: Range | None = None
    field: str | None = None
    logarithm: bool | None = None


class QuestionError(InputError):
    """A file lacks something that only the user knows.

    Args:
        sentence: What is missing and what to say.
        options: How the command line says it.
        shape: Rows and columns of the grid whose coordinates are wanted, or None.
        fields: Arrays among which one is the loss, or nothing.
        logarithm: Whether it is wanted how heights came from losses.
    """

    def __init__(
        self,
        sentence: str,
        options: str,
        *,
        shape: tuple[int, int] | None = None,
        fields: tuple[str, ...] = (),
        logarithm: bool = False,
    ) -> None:
        super().__init__(f"{sentence} ({options}).")
        self.sentence = f"{sentence}."
        self.shape = shape
        self.fields = fields
        self.logarithm = logarithm


def choose_field(path: Path, candidates: tuple[str, ...], hints: Hints, usual: tuple[str, ...] = ("loss",)) -> str:
    """Choose the array that is the loss: the one the user names, else the one that is called so.

    Args:
        path: The file.
        candidates: Names of the arrays that could be it.
        hints: What the user says.
        usual: Names that mean the loss, in the order in which they are looked for.

    Returns:
        One of the candidates.

    Raises:
        QuestionError: None is called so.
        InputError: The user names one that is not there.
    """
    listed = ", ".join(candidates)
    if hints.field is not None:
        if hints.field in candidates:
            return hints.field
        raise InputError(f'{path}: got the field "{hints.field}"; this file has {listed or "none"}.')
    found = next((name for name in usual if name in candidates), None)
    if found is None:
        raise QuestionError(
            f"{path}: nothing in this file is called {usual[0]}; say which of {listed} is the loss",
            "--field NAME",
            fields=candidates,
        )
    return found


def place_axes(path: Path, shape: tuple[int, int], hints: Hints) -> tuple[Float, Float]:
    """Place the rows and columns of a grid whose file has no coordinates.

    Args:
        path: The file.
        shape: Rows and columns.
        hints: What the user says.

    Returns:
        Coordinates u of the columns and v of the rows.

    Raises:
        QuestionError: The user does not say it.
        InputError: A range does not ascend.
    """
    rows, columns = shape
    if hints.u is None or hints.v is None:
        raise QuestionError(
            f"{path}: this file has {rows} rows and {columns} columns of values and no coordinates; "
            "say from where to where they go",
            "--u -1 1 for the columns, --v -1 1 for the rows",
            shape=shape,
        )
    for name, ends in (("u", hints.u), ("v", hints.v)):
        if not (np.isfinite(ends).all() and ends[0] < ends[1]):
            raise InputError(f"{path}: {name}: got {ends[0]:g} to {ends[1]:g}; expected two ascending numbers.")
    return np.linspace(*hints.u, columns), np.linspace(*hints.v, rows)


def undo_logarithm(path: Path, heights: Float, hints: Hints) -> Float:
    """Turn heights of a mesh into losses: as they are, or by exp(z) - 0.1.

    Raises:
        QuestionError: The user does not say which.
    """
    if hints.logarithm is None:
        raise QuestionError(
            f"{path}: this mesh has heights; say whether they are the loss, or ln(loss + 0.1) as Li et al. write it",
            "--no-log or --log",
            logarithm=True,
        )
    if not hints.logarithm:
        return heights
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(heights) - 0.1)


def refuse_axes(path: Path, hints: Hints) -> None:
    """Refuse coordinates for a file that has its own.

    Raises:
        InputError: The user gives some.
    """
    if hints.u is not None or hints.v is not None:
        raise InputError(f"{path}: this file has its own coordinates; leave --u and --v out.")
