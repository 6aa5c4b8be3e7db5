"""What was read from a file, checked, and ready to become landscapes of a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from talweg.export.metadata import Description
from talweg.landscape import TrainingPath, can_name_field
from talweg_compute.field import Patch
from talweg_compute.messages import (
    LANDMARKS,
    Block,
    Event,
    InputError,
    Job,
    Note,
    Origin,
    Points,
    Provenance,
    Ready,
    Trajectory,
)

Float = NDArray[np.float64]

LINE: Float = np.zeros(1)
"""The rows of a landscape along one direction, and the sheets of one along two: there is one, at 0."""

LINE.flags.writeable = False


@dataclass(frozen=True, eq=False)
class ImportedGrid:
    """What a file says about a landscape.

    Attributes:
        name: What the landscape is called.
        u: float64 [nu], ascending: the columns.
        v: float64 [nv], ascending: the rows.
        fields: float64 [nv, nu], or [nw, nv, nu], by name (``FIELDS``; "loss" always); NaN where not computed or not
            known.
        computed: bool, shaped like the fields, True where the file has a value, whatever it is.
        source: The file.
        notes: What the user should know about the reading.
        job: What was computed, where the file tells.
        provenance: What it was computed from, where the file tells.
        origin: The fields at the plane's exact origin, where the file tells.
        paths: The training runs on the plane, where the file tells.
        landmarks: The checkpoints that the plane was laid through, where the file tells.
        w: float64 [nw], ascending: the sheets of a volume; otherwise one number.
        regions: Finer grids inside, where the file has them, the coarser first.
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
    paths: tuple[TrainingPath, ...] = ()
    landmarks: TrainingPath | None = None
    w: Float = field(default_factory=lambda: LINE)
    regions: "tuple[ImportedRegion, ...]" = ()

    @property
    def path(self) -> TrainingPath | None:
        """The first training run on the plane."""
        return self.paths[0] if self.paths else None

    def events(self) -> tuple[Event, ...]:
        """Say the same as a worker would, for a document that holds an empty landscape with these u, v, w and job."""
        events: list[Event] = [] if self.provenance is None else [Ready("", self.provenance)]
        events.extend(self.point_events())
        if self.origin:
            events.append(Origin("", {name: Block.of(np.float64(value)) for name, value in self.origin.items()}))
        events.extend(event_of_path(path, run) for run, path in enumerate(self.paths))
        if self.landmarks is not None:
            events.append(event_of_path(self.landmarks, LANDMARKS))
        events.extend(Note("", text) for text in self.notes)
        return tuple(events)

    def point_events(self) -> tuple[Event, ...]:
        """Say what is known of the points alone."""
        index = np.flatnonzero(self.computed)
        fields = {name: Block.of(values.ravel()[index]) for name, values in self.fields.items()}
        return (Points("", Block.of(index.astype(np.int64)), fields),)


@dataclass(frozen=True, eq=False)
class ImportedRegion:
    """A finer grid inside an imported one.

    Attributes:
        patch: Where it lies.
        grid: Its points; all else is that of the grid around.
    """

    patch: Patch
    grid: ImportedGrid

    def events(self) -> tuple[Event, ...]:
        """Say the same as a worker would, for a document that holds an empty finer grid at this place."""
        return self.grid.point_events()


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


def event_of_path(path: TrainingPath, run: int = 0) -> Trajectory:
    """Say a training path, or the checkpoints that a plane was laid through, as a worker would."""
    coordinates = np.column_stack([path.coordinates, path.w]) if path.w.size else path.coordinates
    at_projection = Block.of(path.loss_at_projection) if path.loss_at_projection.size else None
    residual, loss, accuracy = Block.of(path.residual), Block.of(path.loss), Block.of(path.accuracy)
    return Trajectory(
        "",
        path.names,
        Block.of(coordinates),
        residual,
        loss,
        accuracy,
        path.explained_variance,
        loss_at_projection=at_projection,
        run=run,
        run_name=path.title,
        metrics={name: Block.of(values) for name, values in path.metrics.items()},
    )


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
    w: ArrayLike = LINE,
) -> ImportedGrid:
    """Check what was read and turn it into a grid.

    Args:
        path: The file, for errors, the name and the source.
        u: Coordinates of the columns.
        v: Coordinates of the rows; the one number 0 (``LINE``) for a landscape along one direction.
        fields: Values [nv, nu] by name; [nw, nv, nu] for a volume.
        computed: Which points have a value, shaped like the fields; None: all.
        notes: What the user should know.
        part: Which of the file's landscapes this is, where it has several.
        training: The training run on the plane.
        w: Coordinates of the sheets of a volume; otherwise ``LINE``.

    Returns:
        The grid; fields are NaN where not computed.

    Raises:
        InputError: Something is no number, coordinates do not ascend, or shapes do not fit.
    """
    columns = _axis(path, "u", u)
    rows = LINE if np.array_equal(v, LINE) else _axis(path, "v", v)
    sheets = LINE if np.array_equal(w, LINE) else _axis(path, "w", w)
    shape = (rows.size, columns.size) if sheets is LINE else (sheets.size, rows.size, columns.size)
    order = "[nv, nu]" if sheets is LINE else "[nw, nv, nu]"
    mask = np.ones(shape, dtype=np.bool_) if computed is None else np.asarray(computed)
    if mask.shape != shape or mask.dtype != np.bool_:
        raise InputError(
            f"{path}: computed: got {mask.dtype} of shape {list(mask.shape)}; "
            f"expected true or false at each point, shape {order} = {list(shape)}."
        )
    checked = {}
    for name, values in fields.items():
        array = _numbers(path, name, values)
        if array.shape != shape:
            hint = "; transpose it" if array.shape == shape[::-1] else ""
            raise InputError(
                f"{path}: {name}: got shape {list(array.shape)}; expected {order} = {list(shape)}, "
                f"a row for each v and a column for each u{hint}."
            )
        array = np.where(mask, array, np.nan)
        array.flags.writeable = False
        checked[name] = array
    if not mask.all():
        notes = (*notes, f"{mask.size - int(mask.sum())} of {mask.size} points of the file are not computed.")
    name, source = (f"{path.stem} ({part})", f"{path}:{part}") if part else (path.stem, str(path))
    paths = () if training is None else (training,)
    return ImportedGrid(name, columns, rows, checked, mask, source, notes, paths=paths, w=sheets)


def from_description(grid: ImportedGrid, description: Description) -> ImportedGrid:
    """Add what a description of Talweg says; its notes come before those of the reading."""
    return replace(
        grid,
        name=description.name,
        notes=(*description.notes, *grid.notes),
        job=description.job,
        provenance=description.provenance,
        origin={name: value for name, value in description.origin.items() if can_name_field(name)},
        paths=description.paths or grid.paths,
        landmarks=description.landmarks,
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
