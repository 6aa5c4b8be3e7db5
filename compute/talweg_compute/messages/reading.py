"""Jobs from TOML, validated once at this edge, with errors that name the key, what it got and what it takes."""

import difflib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec

from talweg_compute.messages.errors import InputError
from talweg_compute.messages.fields import check_metrics
from talweg_compute.messages.job import PATH_ARGUMENTS, PATH_FIELDS, SPECIFICATION_FIELDS, Job, PlaneOrigin
from talweg_compute.messages.li2018 import translate_settings
from talweg_compute.messages.specifications import list_functions, split_specification
from talweg_compute.messages.training import Training

CHECKPOINT_SUFFIXES = (".bin", ".ckpt", ".pkl", ".pt", ".pth", ".safetensors", ".t7", ".tar", ".th")
"""Of the files in a folder, those with these suffixes are taken for checkpoints."""

_Struct = TypeVar("_Struct", Job, Training)


def read_job(path: Path) -> Job:
    """Read a job file.

    Args:
        path: A TOML file.

    Returns:
        The job, every path in it absolute.

    Raises:
        InputError: The file is missing, is not TOML, or does not describe a job; one sentence says what and where.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such job file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the job file cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: this is not TOML: {error}.") from None
    job = rebase_job(build_job(table, str(path)), path.resolve().parent)
    check_files(job, str(path))
    return job


def build_job(table: dict[str, Any], source: str) -> Job:
    """Validate a job given as nested tables.

    Args:
        table: As TOML or JSON gives it.
        source: Where it came from, for the error.

    Returns:
        The job, its paths as they were written.

    Raises:
        InputError: A key is unknown or missing, a value has the wrong type or is out of range.
    """
    return _build(translate_settings(table, source), Job, source)


def build_training(table: dict[str, Any], source: str) -> Training:
    """Validate the description of a training run, like ``build_job``."""
    return _build(table, Training, source)


def rebase_job(job: Job, folder: Path) -> Job:
    """Make the job's relative paths absolute.

    Args:
        job: A job.
        folder: What its relative paths are relative to.

    Returns:
        The same job with absolute paths.
    """
    return map_paths(job, lambda path: str(folder / Path(path).expanduser()))


def map_paths(job: Job, change: Callable[[str], str]) -> Job:
    """Apply a function to every path of a job; names of models, data sets and losses stay."""

    def mapped(part: msgspec.Struct) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for table, keys in PATH_ARGUMENTS.items():
            arguments = getattr(part, table, {})
            paths = {key: change(arguments[key]) for key in keys if isinstance(arguments.get(key), str)}
            if paths:
                changes[table] = arguments | paths
        for field in PATH_FIELDS:
            value = getattr(part, field, None)
            if isinstance(value, tuple):
                changes[field] = tuple(change(path) for path in value)
            elif value is not None:
                changes[field] = change(value)
        for field in SPECIFICATION_FIELDS:
            value = getattr(part, field, None)
            if isinstance(value, tuple):
                changes[field] = tuple(map(change_specification, value))
            elif value is not None:
                changes[field] = change_specification(value)
        return changes

    def change_specification(value: str) -> str:
        split = split_specification(value)
        return value if split is None else change(split[0]) + (f":{split[1]}" if split[1] else "")

    def origin_mapped(origin: PlaneOrigin | None) -> PlaneOrigin | None:
        if origin is None:
            return None
        plane = msgspec.structs.replace(origin.plane, **mapped(origin.plane))
        return msgspec.structs.replace(origin, plane=plane, origin=origin_mapped(origin.origin))

    return msgspec.structs.replace(
        job,
        problem=msgspec.structs.replace(job.problem, **mapped(job.problem)),
        plane=msgspec.structs.replace(job.plane, **mapped(job.plane)),
        worker=msgspec.structs.replace(job.worker, **mapped(job.worker)),
        origin=origin_mapped(job.origin),
    )


def code_files(job: Job) -> tuple[Path, ...]:
    """List what a job with absolute paths would execute: Python files, exported programs, another interpreter."""
    problem = job.problem
    split = map(split_specification, (problem.model, problem.data, problem.loss, *problem.metrics))
    named = [Path(parts[0]) for parts in split if parts and parts[0].endswith((".py", ".pt2"))]
    return (*named, *([] if job.worker.python is None else [Path(job.worker.python)]))


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """Key that sorts ``epoch_2`` before ``epoch_10``."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]


def check_files(job: Job, source: str) -> None:
    """Check that every file of a job with absolute paths exists, and that its metrics are known.

    Raises:
        InputError: One is missing, a trajectory has fewer than two checkpoints, or there is no such metric.
    """
    for table, part in (
        ("problem", job.problem),
        ("plane", job.plane),
        ("worker", job.worker),
        *_planes_of_origin(job.origin),
    ):
        for field in PATH_FIELDS + SPECIFICATION_FIELDS:
            value = getattr(part, field, None)
            if value is None:
                continue
            if field == "trajectory":
                found = len(find_checkpoints(value))
                if found < 2 and job.problem.checkpoint is None:
                    raise InputError(
                        f'{source}: {table}.trajectory: got "{value}", which matches '
                        f"{'no file' if found == 0 else 'one file'}; expected a pattern of at least two checkpoints."
                    )
                continue
            if field == "other_trajectories":
                for pattern in value:
                    if not find_checkpoints(pattern):
                        raise InputError(
                            f'{source}: {table}.{field}: got "{pattern}", which matches no file; expected a pattern of '
                            "checkpoints."
                        )
                continue
            paths = value if isinstance(value, tuple) else (value,)
            if field in SPECIFICATION_FIELDS:
                split = [parts for parts in map(split_specification, paths) if parts is not None]
                paths = tuple(file for file, _ in split)
                for file, function in split:
                    if file.endswith(".py") and not function:
                        names = list_functions(Path(file))
                        which = f"one of {', '.join(names)}" if names else "the name of the function"
                        raise InputError(
                            f'{source}: {table}.{field}: got "{file}"; expected "path/to/file.py:function": '
                            f"add a colon and {which}."
                        )
            for path in paths:
                if not Path(path).is_file():
                    raise InputError(f'{source}: {table}.{field}: got "{path}"; there is no such file.')
    try:
        check_metrics(job.problem.metrics)
    except InputError as error:
        raise InputError(f"{source}: problem.{error}") from None


def _planes_of_origin(origin: PlaneOrigin | None, table: str = "origin") -> list[tuple[str, msgspec.Struct]]:
    """The planes that a job's origin lies on, by the name of their tables."""
    if origin is None:
        return []
    return [(f"{table}.plane", origin.plane), *_planes_of_origin(origin.origin, f"{table}.origin")]


def find_checkpoints(pattern: str) -> list[Path]:
    """List the checkpoints of a trajectory.

    Args:
        pattern: An absolute path whose last component is a pattern such as ``*.pt``, or a folder, in which every file
            with a suffix of ``CHECKPOINT_SUFFIXES`` counts.

    Returns:
        Files in natural order of their names; the last one is the centre.
    """
    path = Path(pattern)
    try:
        if path.is_dir():
            found = [file for file in path.iterdir() if file.suffix.lower() in CHECKPOINT_SUFFIXES]
        else:
            found = list(path.parent.glob(path.name))
    except OSError:
        return []
    files = [file for file in found if file.is_file() and not file.name.startswith(".")]
    return sorted(files, key=lambda file: natural_order(file.name))


def _build(table: dict[str, Any], kind: type[_Struct], source: str) -> _Struct:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{source}: {_sentence(str(error), table, kind)}") from None


def _sentence(message: str, table: dict[str, Any], kind: type[msgspec.Struct]) -> str:
    reason, _, where = message.partition(" - at `$")
    path = [part for part in re.split(r"[.`]|\[[^\]]*\]", where) if part]
    if match := re.match(r"Object contains unknown field `(.*)`", reason):
        owner = _struct_at(kind, path)
        known = [field.name for field in msgspec.structs.fields(owner)]
        close = difflib.get_close_matches(match[1], known, 1)
        hint = f'did you mean "{close[0]}"?' if close else f"it takes {', '.join(known)}."
        return f"{'.'.join([*path, match[1]])}: unknown key; {hint}"
    if match := re.match(r"Object missing required field `(.*)`", reason):
        path.append(match[1])
        return f"{'.'.join(path)}: missing; expected {_description(kind, path)}."
    value: Any = table
    for part in path:
        value = value[part] if isinstance(value, dict) and part in value else value
    expected = _description(kind, path) or reason[0].lower() + reason[1:]
    if isinstance(value, dict) and not reason.startswith("Expected"):
        expected = reason  # a check of the whole table: its sentence says more than the table's description
    return f"{'.'.join(path)}: got {msgspec.json.encode(value).decode()}; expected {expected}."


def _struct_at(kind: type[msgspec.Struct], path: list[str]) -> type[msgspec.Struct]:
    for part in path:
        hint = get_type_hints(kind)[part]
        options = [hint, *getattr(hint, "__args__", ())]
        kind = next(option for option in options if isinstance(option, type) and issubclass(option, msgspec.Struct))
    return kind


def _description(kind: type[msgspec.Struct], path: list[str]) -> str:
    if not path:
        return ""
    owner = _struct_at(kind, path[:-1])
    hint = get_type_hints(owner, include_extras=True).get(path[-1])
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""
