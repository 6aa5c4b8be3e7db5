"""What goes with the numbers into every file: the job, where they came from, how the picture shows them.

One table of plain JSON values. Every format carries it in its own way, and reads it back.
"""

import datetime
import json
import math
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

import talweg
from talweg.landscape import Landscape, Region, TrainingPath, can_name_field
from talweg_compute.field import Patch
from talweg_compute.messages import InputError, Job, Provenance

KIND = "talweg landscape"
"""Value of the key ``kind`` in every table that Talweg wrote."""

VERSION = 1

_FACTORS = tuple(2**power for power in range(1, 13))  # of finer grids

_LINE = 180  # characters of a line of text that holds a part of the table; readers of PLY headers stop at 200 or 256

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Description:
    """What a table says about a landscape.

    Attributes:
        name: What the user called it.
        u: float64 [nu].
        v: float64 [nv].
        w: float64 [nw], of a volume; otherwise one number.
        job: What was computed, if it was.
        provenance: What it was computed from, if a worker said so.
        origin: The fields at the exact origin.
        paths: The training runs, where the table has them.
        landmarks: The checkpoints that the plane was laid through, where the table has them.
        created: When the file was written.
        notes: What the user should know.
        fields: Names of the fields beyond those of an evaluation that the file has.
        patches: Where the finer grids lie that the file has inside the grid, the coarser first.
    """

    name: str
    u: Float
    v: Float
    w: Float = field(default_factory=lambda: np.zeros(1))
    job: Job | None = None
    provenance: Provenance | None = None
    origin: dict[str, float] = field(default_factory=dict)
    paths: tuple[TrainingPath, ...] = ()
    landmarks: TrainingPath | None = None
    created: str = ""
    notes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    patches: tuple[Patch, ...] = ()


def describe(landscape: Landscape, *, path: bool = True) -> dict[str, Any]:
    """Describe a landscape in plain JSON values.

    Args:
        landscape: The numbers.
        path: Whether the training runs, and the checkpoints that the plane was laid through, are part of the table.

    Returns:
        A table with the keys ``kind``, ``version``, ``talweg``, ``created`` (UTC, ISO 8601), ``name``, ``grid``,
        ``shape`` [nv, nu] ([nw, nv, nu] for a volume), ``computed``, ``interpolated``, ``non_finite``, and where known
        ``measured``, ``job``, ``provenance``, ``origin``, ``trajectories`` (older files may have one ``trajectory``),
        ``plane_checkpoints``, ``fields`` (names of those beyond loss, accuracy and standard error), ``finer_grids``
        (where they lie, in cells of the grid, and how fine they are), ``source``, ``notes``.
        Numbers that JSON does not have are the strings "nan", "inf", "-inf".
    """
    table: dict[str, Any] = {
        "kind": KIND,
        "version": VERSION,
        "talweg": talweg.__version__,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "name": landscape.name,
        "grid": {name: _axis(axis) for name, axis in _axes(landscape).items()},
        "shape": list(landscape.computed.shape),
        "computed": landscape.done,
        "interpolated": landscape.interpolated_count,
        "non_finite": landscape.non_finite,
    }
    optional = {
        "job": None if landscape.job is None else msgspec.to_builtins(landscape.job),
        "provenance": None if landscape.provenance is None else msgspec.to_builtins(landscape.provenance),
        "origin": dict(landscape.origin),
        "trajectories": [_path_table(run) for run in landscape.paths] if path else None,
        "plane_checkpoints": _path_table(landscape.landmarks) if path and landscape.landmarks is not None else None,
        "measured": {topic: dict(values) for topic, values in landscape.measured.items()},
        "fields": list(landscape.further_fields()),
        "finer_grids": [_region_table(region) for region in landscape.regions],
        "source": landscape.source,
        "notes": list(landscape.notes),
    }
    table.update({key: value for key, value in optional.items() if value})
    plain: dict[str, Any] = _plain(table)
    return plain


def _axes(landscape: Landscape) -> dict[str, NDArray[np.float64]]:
    axes = {"u": landscape.u, "v": landscape.v}
    return axes | {"w": landscape.w} if landscape.dimensions == 3 else axes


def read_description(table: Any, source: str) -> Description:
    """Read a table that ``describe`` made.

    Args:
        table: As JSON gives it.
        source: The file, for the error.

    Returns:
        What it says. A job or a provenance of another version of Talweg is left out, and a note says so.

    Raises:
        InputError: The table is not one of Talweg, or is damaged.
    """
    if not isinstance(table, dict) or table.get("kind") != KIND:
        raise InputError(f'{source}: the description in it is not one of Talweg; expected the key kind = "{KIND}".')
    if not isinstance(table.get("version"), int) or table["version"] > VERSION:
        raise InputError(
            f"{source}: its description has version {table.get('version')!r}, this Talweg reads up to {VERSION}; "
            "update Talweg."
        )
    notes = [str(note) for note in table.get("notes", ())]
    job = _convert(table.get("job"), Job, "job", notes)
    provenance = _convert(table.get("provenance"), Provenance, "provenance", notes)
    runs = table.get("trajectories", [table["trajectory"]] if "trajectory" in table else [])
    landmarks = table.get("plane_checkpoints")
    try:
        origin = {str(name): float(value) for name, value in table.get("origin", {}).items()}
        u, v = _coordinates(table["grid"]["u"]), _coordinates(table["grid"]["v"])
        return Description(
            name=str(table["name"]),
            u=u,
            v=v,
            w=_coordinates(table["grid"]["w"]) if "w" in table["grid"] else np.zeros(1),
            job=job,
            provenance=provenance,
            origin=origin,
            paths=tuple(map(_read_path, runs)),
            landmarks=None if landmarks is None else _read_path(landmarks),
            created=str(table.get("created", "")),
            notes=tuple(notes),
            fields=tuple(filter(can_name_field, map(str, table.get("fields", ())))),
            patches=tuple(_read_patch(entry, (v.size, u.size)) for entry in table.get("finer_grids", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{source}: the description in it is damaged ({error!r}); export the landscape again."
        ) from None


def to_json(table: dict[str, Any], *, indent: int | None = None) -> str:
    """Write a table as JSON in ASCII, on one line unless it is indented."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(_plain(table), ensure_ascii=True, allow_nan=False, indent=indent, separators=separators)


def from_json(text: str, source: str) -> Any:
    """Read JSON.

    Raises:
        InputError: It is not JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{source}: the description in it is damaged ({error}); export the landscape again.") from None


def split_lines(text: str) -> list[str]:
    """Cut a long text into lines of which none begins or ends with a space, so that joining them gives it back."""
    lines = []
    while text:
        end = min(_LINE, len(text))
        while 1 < end < len(text) and (text[end - 1] == " " or text[end] == " "):
            end -= 1
        lines.append(text[:end])
        text = text[end:]
    return lines


def _axis(values: Float) -> dict[str, Any]:
    """An evenly spaced axis as its ends and count, when that gives back every bit; otherwise its values."""
    if np.array_equal(np.linspace(values[0], values[-1], values.size), values):
        return {"from": float(values[0]), "to": float(values[-1]), "count": values.size}
    return {"values": values.tolist()}


def _coordinates(table: dict[str, Any]) -> Float:
    if "values" in table:
        return np.array(table["values"], dtype=np.float64)
    return np.linspace(float(table["from"]), float(table["to"]), int(table["count"]))


_PLACE = ("column", "row", "columns", "rows", "factor")


def _region_table(region: Region) -> dict[str, Any]:
    landscape = region.landscape
    ends = {name: [float(axis[0]), float(axis[-1])] for name, axis in (("u", landscape.u), ("v", landscape.v))}
    place = {name: int(getattr(region.patch, name)) for name in _PLACE}
    return {**place, "shape": list(region.patch.shape), **ends, "computed": landscape.done}


def _read_patch(table: dict[str, Any], shape: tuple[int, int]) -> Patch:
    patch = Patch(*(int(table[name]) for name in _PLACE))
    rows, columns = shape
    inside = 0 <= patch.column <= patch.column + patch.columns < columns
    inside &= 0 <= patch.row <= patch.row + patch.rows < rows
    if not inside or min(patch.columns, patch.rows) < 1 or patch.factor not in _FACTORS:
        raise ValueError("a finer grid is not inside the grid")
    return patch


_COLUMNS = ("u", "v", "residual", "loss", "accuracy")
_FURTHER_COLUMNS = ("w", "loss_at_projection")  # where they are known


def _path_table(path: TrainingPath) -> dict[str, Any]:
    columns = dict(zip("uv", path.coordinates.T, strict=True)) | {name: getattr(path, name) for name in _COLUMNS[2:]}
    columns |= {name: values for name in _FURTHER_COLUMNS if np.nan_to_num(values := getattr(path, name)).any()}
    return {
        **({"title": path.title} if path.title else {}),
        "names": list(path.names),
        **{name: values.tolist() for name, values in columns.items()},
        "explained_variance": list(path.explained_variance),
        **({"metrics": {name: values.tolist() for name, values in path.metrics.items()}} if path.metrics else {}),
    }


def _read_path(table: dict[str, Any]) -> TrainingPath:
    names = tuple(str(name) for name in table["names"])
    given = [*_COLUMNS, *(name for name in _FURTHER_COLUMNS if name in table)]
    columns = {name: np.array(table[name], dtype=np.float64) for name in given}
    metrics = {name: np.array(values, dtype=np.float64) for name, values in table.get("metrics", {}).items()}
    if any(column.shape != (len(names),) for column in (*columns.values(), *metrics.values())):
        raise ValueError("the columns of the trajectory differ in length")
    return TrainingPath(
        names=names,
        coordinates=np.stack([columns.pop("u"), columns.pop("v")], axis=1),
        explained_variance=tuple(float(share) for share in table["explained_variance"]),
        title=str(table.get("title", "")),
        metrics={name: values for name, values in metrics.items() if can_name_field(name)},
        **columns,
    )


def _convert(table: Any, kind: type[Any], name: str, notes: list[str]) -> Any:
    if table is None:
        return None
    try:
        return msgspec.convert(table, kind, strict=False)
    except msgspec.ValidationError as error:
        notes.append(f"The file's {name} was left out, since this Talweg does not read it: {error}.")
        return None


def _plain(value: Any) -> Any:
    """Replace what JSON does not have: NaN and infinities become strings that ``float`` reads."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case dict():
            return {str(key): _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    return str(value)
