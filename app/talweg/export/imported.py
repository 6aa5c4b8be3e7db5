"""What was read from a file, checked, and ready to become landscapes of a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from talweg.export.metadata import Description
from talweg.landscape import FIELDS, TrainingPath
from talweg_compute.messages import Block, Event, InputError, Job, Note, Origin, Points, Provenance, Ready, Trajectory

Float = NDArray[np.float64]

LINE: Float = np.zeros(1)
"""The rows of a landscape along one direction: there is one, at 0."""

LINE.flags.writeable = False


@dataclass(frozen=True, eq=False)
class ImportedGrid:
    """What a file says about a landscape.

    Attributes:
        name: What the landscape is called.
        u: float64 [nu], ascending: the columns.
        v: float64 [nv], ascending: the rows.
        fields: float64 [nv, nu] by name (``FIELDS``; "loss" always); NaN where not computed or not known.
        computed: bool [nv, nu], True where the file has a value, whatever it is.
        source: The file.
        notes: What the user should know about the reading.
        job: What was computed, where the file tells.
        provenance: What it was computed from, where the file tells.
        origin: The fields at the plane's exact origin, where the file tells.
        path: The training run on the plane, where the file tells.
    """

    name: str
    u: Float
    v: Float
    fields: Mapping[str, Float]
    computed: NDArray[np.bool_]
    source: str
    notes: tuple[str, ...] = ()
    job: Job | None = None
    provenance: Provenance | None = None
    origin: Mapping[str, float] = field(default_factory=dict)
    path: TrainingPath | None = None

    def events(self) -> tuple[Event, ...]:
        """Say the same as a worker would, for a document that holds an empty landscape with these u, v and job."""
        index = np.flatnonzero(self.computed)
        fields = {name: Block.of(values.ravel()[index]) for name, values in self.fields.items()}
        events: list[Event] = [] if self.provenance is None else [Ready("", self.provenance)]
        events.append(Points("", Block.of(index.astype(np.int64)), fields))
        if self.origin:
            events.append(Origin("", {name: Block.of(np.float64(value)) for name, value in self.origin.items()}))
        if self.path is not None:
            events.append(event_of_path(self.path))
        events.extend(Note("", text) for text in self.notes)
        return tuple(events)


@dataclass(frozen=True, eq=False)
class ImportedPath:
    """A training path that was read from a file of its own, without a landscape.

    Attributes:
        path: The checkpoints; residuals and losses are NaN where the file does not tell them.
        source: The file.
        notes: What the user should know about the reading.
    """

    path: TrainingPath
    source: str
    notes: tuple[str, ...] = ()

    def events(self) -> tuple[Event, ...]:
        """Say the same as a worker would."""
        return (event_of_path(self.path), *(Note("", text) for text in self.notes))


Imported = tuple[ImportedGrid, ...] | ImportedPath
"""What a file holds: landscapes, the one that matters most first; or only a path."""


def event_of_path(path: TrainingPath) -> Trajectory:
    """Say a training path as a worker would."""
    coordinates, residual = Block.of(path.coordinates), Block.of(path.residual)
    loss, accuracy = Block.of(path.loss), Block.of(path.accuracy)
    return Trajectory("", path.names, coordinates, residual, loss, accuracy, path.explained_variance)


def bare_path(coordinates: Float, names: tuple[str, ...] | None = None) -> TrainingPath:
    """Make a path of which only the coordinates are known.

    Args:
        coordinates: [T, 2].
        names: Of the checkpoints; None: their numbers.

    Returns:
        The path; all else is NaN.
    """
    steps = len(coordinates)
    unknown = np.full(steps, np.nan)
    names = tuple(f"step {step}" for step in range(steps)) if names is None else names
    return TrainingPath(names, coordinates, unknown, unknown, unknown, ())


def check_grid(
    path: Path,
    u: ArrayLike,
    v: ArrayLike,
    fields: Mapping[str, ArrayLike],
    *,
    computed: ArrayLike | None = None,
    notes: tuple[str, ...] = (),
    part: str = "",
    training: TrainingPath | None = None,
) -> ImportedGrid:
    """Check what was read and turn it into a grid.

    Args:
        path: The file, for errors, the name and the source.
        u: Coordinates of the columns.
        v: Coordinates of the rows; the one number 0 (``LINE``) for a landscape along one direction.
        fields: Values [nv, nu] by name.
        computed: Which points have a value [nv, nu]; None: all.
        notes: What the user should know.
        part: Which of the file's landscapes this is, where it has several.
        training: The training run on the plane.

    Returns:
        The grid; fields are NaN where not computed.

    Raises:
        InputError: Something is no number, coordinates do not ascend, or shapes do not fit.
    """
    columns = _axis(path, "u", u)
    rows = LINE if np.array_equal(v, LINE) else _axis(path, "v", v)
    shape = (rows.size, columns.size)
    mask = np.ones(shape, dtype=np.bool_) if computed is None else np.asarray(computed)
    if mask.shape != shape or mask.dtype != np.bool_:
        raise InputError(
            f"{path}: computed: got {mask.dtype} of shape {list(mask.shape)}; "
            f"expected true or false at each point, shape [nv, nu] = {list(shape)}."
        )
    checked = {}
    for name, values in fields.items():
        array = _numbers(path, name, values)
        if array.shape != shape:
            hint = "; transpose it" if array.shape == shape[::-1] else ""
            raise InputError(
                f"{path}: {name}: got shape {list(array.shape)}; expected [nv, nu] = {list(shape)}, "
                f"a row for each v and a column for each u{hint}."
            )
        array = np.where(mask, array, np.nan)
        array.flags.writeable = False
        checked[name] = array
    if not mask.all():
        notes = (*notes, f"{mask.size - int(mask.sum())} of {mask.size} points of the file are not computed.")
    name, source = (f"{path.stem} ({part})", f"{path}:{part}") if part else (path.stem, str(path))
    return ImportedGrid(name, columns, rows, checked, mask, source, notes, path=training)


def from_description(grid: ImportedGrid, description: Description) -> ImportedGrid:
    """Add what a description of Talweg says; its notes come before those of the reading."""
    return replace(
        grid,
        name=description.name,
        notes=(*description.notes, *grid.notes),
        job=description.job,
        provenance=description.provenance,
        origin={name: value for name, value in description.origin.items() if name in FIELDS},
        path=description.path or grid.path,
    )


def _axis(path: Path, name: str, values: ArrayLike) -> Float:
    array = _numbers(path, name, values)
    if array.ndim != 1 or array.size < 2:
        raise InputError(f"{path}: {name}: got shape {list(array.shape)}; expected a list of at least two coordinates.")
    if not np.isfinite(array).all() or not (np.diff(array) > 0).all():
        raise InputError(f"{path}: {name}: expected ascending coordinates, each finite and given once.")
    array.flags.writeable = False
    return array


def _numbers(path: Path, name: str, values: Any) -> Float:
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise InputError(f"{path}: {name}: got values of type {array.dtype}; expected numbers.")
    return np.array(array, dtype=np.float64)
