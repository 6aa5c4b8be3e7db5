"""A job as somebody is typing it: what is missing, what does not fit, and the job file it becomes. Free of Qt."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from talweg.work.job_text import parse_arguments
from talweg.work.typed_paths import find_specification, find_typed
from talweg_compute.messages import LOCAL_DATA, Job, build_job, find_checkpoints, rebase_job

ALONG_TRAJECTORY = ("pca", "initial_to_final", "loss_fitting")
"""Kinds of planes that need a trajectory."""

QUICK_POINTS, QUICK_SAMPLES = 9, 200

SOURCE = "job"
"""What a sentence about a draft names as its source."""

Table = dict[str, dict[str, Any]]
"""Keys of a job by their tables."""


class Further(msgspec.Struct, frozen=True):
    """Keys of a job that a draft was filled with, and that it has no field for.

    Attributes:
        plane: Kind of that job's plane; keys of the plane belong to it.
        tables: The keys with their values, by table.
    """

    plane: str = ""
    tables: Table = {}

    def of(self, plane: str) -> Table:
        """Return the keys that belong into a job whose plane is of this kind."""
        return {name: keys for name, keys in self.tables.items() if name != "plane" or plane == self.plane}


NOTHING_FURTHER = Further()


@dataclass(frozen=True)
class Draft:
    """What the fields hold, as they were typed.

    Attributes:
        weights: A checkpoint, or a folder or pattern of a trajectory's checkpoints.
        model: As a job's.
        model_args: TOML: ``sizes = [64, 16, 10], bias = false``.
        data: As a job's.
        normalize: TOML: ``mean = [0.13], std = [0.31]``, a number a channel.
        data_root: Folder of the data, for those data sets that lie in one.
        samples: How many, 0 for all.
        subset: Which ones, as a job's.
        loss: As a job's.
        metrics: As a job's, separated by commas.
        batch_norm: As a job's; nothing where the directions say it.
        plane: Its kind.
        directions: "1" for a line, "2" for a plane, "3" for a volume.
        other: Further checkpoints to go through, separated by semicolons; or the direction file.
        normalization: Of random directions.
        ignore: Which parameters stay put, as a job's.
        seed: Of random directions; several, separated by commas, give a landscape each.
        u: First and last coordinate and number of points along the first direction.
        v: The same along the second one.
        w: The same along the third one; as along the second where nothing is said.
        refine: In which steps the landscape becomes exact: "all" points at once, "adaptive", or first on fewer samples:
            "auto" chosen, or "given".
        ladder: The numbers of samples that are "given", separated by commas.
        tolerance: Error that is allowed of what is not evaluated exactly, as a share of the loss.
        device: As a job's.
        processes: As a job's; nothing for as many as fit.
        precision: The number format, "auto" to leave it to the run.
        further: What a job that is repeated says beyond these.
    """

    weights: str = ""
    model: str = ""
    model_args: str = ""
    data: str = ""
    data_root: str = ""
    normalize: str = ""
    samples: str = "0"
    subset: str = "first"
    loss: str = "cross_entropy"
    metrics: str = ""
    batch_norm: str = ""
    plane: str = "random"
    directions: str = "2"
    other: str = ""
    normalization: str = "filter"
    ignore: str = "bias_norm"
    seed: str = "1"
    u: tuple[str, str, str] = ("-1", "1", "51")
    v: tuple[str, str, str] = ("-1", "1", "51")
    w: tuple[str, str, str] = ("", "", "")
    refine: str = "all"
    ladder: str = ""
    tolerance: str = "0.01"
    device: str = "auto"
    processes: str = ""
    precision: str = "auto"
    further: Further = NOTHING_FURTHER

    @cached_property
    def is_trajectory(self) -> bool:
        """Whether the weights are several checkpoints."""
        typed = self.weights.strip()
        return "*" in typed or (bool(typed) and Path(typed).expanduser().is_dir())

    @cached_property
    def checkpoints(self) -> tuple[Path, ...]:
        """The checkpoints that are there, in order; the last one is the origin."""
        path = Path(self.weights.strip()).expanduser().absolute()
        if self.is_trajectory:
            return tuple(find_checkpoints(str(path)))
        return (path,) if self.weights.strip() and path.is_file() else ()

    @cached_property
    def folder(self) -> Path | None:
        """Where the weights lie; None while none are named."""
        if not self.weights.strip():
            return None
        path = Path(self.weights.strip()).expanduser().absolute()
        return path if path.is_dir() else path.parent

    @property
    def others(self) -> tuple[str, ...]:
        """The further checkpoints, each as it was typed."""
        return tuple(part.strip() for part in self.other.split(";") if part.strip())

    @property
    def draws(self) -> bool:
        """Whether any direction is random: of some kinds those that nothing else gives."""
        given = {"random": 0, "gradient": 1, "checkpoints": len(self.others), "pca": 3, "file": 3}
        return given.get(self.plane, 2) < int(self.directions)

    @property
    def seeds(self) -> tuple[str, ...]:
        """The seeds, each as it was typed."""
        return _parts(self.seed)

    @property
    def moves_parameters(self) -> bool:
        """Whether a job of this plane says which parameters stay put."""
        return self.plane != "file"

    def quick(self) -> "Draft":
        """The same, coarse, on few samples, and of the first seed only."""
        few = str(min(int(self.samples) or QUICK_SAMPLES, QUICK_SAMPLES)) if self.samples.isdigit() else self.samples
        u, v = ((axis[0], axis[1], str(QUICK_POINTS)) for axis in (self.u, self.v))
        w = (*self.w[:2], str(QUICK_POINTS)) if any(self.w) else self.w
        return replace(self, u=u, v=v, w=w, samples=few, seed=next(iter(self.seeds), self.seed), refine="all")

    def table(self) -> Table:
        """Write the draft as a job file has it, without what is a default.

        Returns:
            Tables of keys, every path in them whole; what is no number stays text, so that the check says so.

        Raises:
            InputError: The model's arguments are not TOML.
        """
        job: Table = {"problem": {}, "plane": {}, "grid": {}, "run": {}}
        for piece in self.pieces().values():
            for name, keys in piece().items():
                job[name] |= keys
        for name, keys in self.further.of(self.plane).items():
            job[name] = _joined(keys, job.get(name, {}))
        return {name: keys for name, keys in job.items() if keys}

    def job(self) -> Job:
        """Make the job of a draft in which ``find_faults`` found none, every path in it absolute.

        Raises:
            InputError: It is none.
        """
        return rebase_job(build_job(self.table(), SOURCE), Path.cwd())

    def pieces(self) -> dict[str, Callable[[], Table]]:
        """Return for each field what gives the keys that it writes into the job."""
        return {
            "weights": lambda: {"problem": {"trajectory" if self.is_trajectory else "checkpoint": self._origin()}},
            "model": lambda: {"problem": {"model": self._specification(self.model)}},
            "model_args": lambda: _problem("model_args", parse_arguments(self.model_args), {}),
            "data": lambda: {"problem": {"data": self._specification(self.data)}},
            "data_root": lambda: _problem("data_args", self._data_args(), {}),
            "normalize": lambda: _problem("normalize", parse_arguments(self.normalize, "normalize"), {}),
            "samples": lambda: _problem("samples", _number(self.samples), 0),
            "subset": lambda: _problem("subset", self.subset, "first"),
            "loss": lambda: _problem("loss", self._specification(self.loss), "cross_entropy"),
            "metrics": lambda: _problem("metrics", self._metrics(), []),
            "batch_norm": lambda: _problem("batch_norm", self.batch_norm, ""),
            "plane": lambda: {"plane": self._plane_keys()},
            "seed": self._seed_keys,
            "normalization": lambda: self._random("normalization", self.normalization, "filter"),
            "ignore": lambda: {
                "plane": {"ignore": self.ignore} if self.moves_parameters and self.ignore != "bias_norm" else {}
            },
            "u": lambda: {"grid": {"u": [_number(part) for part in self.u]}},
            "v": lambda: {"grid": {} if self.directions == "1" else {"v": [_number(part) for part in self.v]}},
            "w": self._third_axis,
            "refine": lambda: _run("adaptive", self.refine == "adaptive", False),
            "ladder": lambda: _run("ladder", self._ladder(), "off"),
            "tolerance": lambda: _run("tolerance", _number(self.tolerance), 0.01),
            "device": lambda: _run("device", self.device.strip(), "auto"),
            "processes": lambda: _run("processes", _number(self.processes) if self.processes.strip() else 0, 0),
            "precision": lambda: _run("precision", self.precision, "auto"),
        }

    def _data_args(self) -> dict[str, str]:
        return {"root": self.data_root.strip()} if self.data in LOCAL_DATA and self.data_root.strip() else {}

    def _origin(self) -> str:
        return str(Path(self.weights.strip()).expanduser().absolute()) if self.weights.strip() else ""

    def _specification(self, typed: str) -> str:
        return find_specification(typed.strip(), self.folder)

    def _metrics(self) -> list[str]:
        return [self._specification(part) for part in self.metrics.split(",") if part.strip()]

    def _plane_keys(self) -> dict[str, Any]:
        keys: dict[str, Any] = {"kind": self.plane}
        if self.directions != "2":
            keys["directions"] = _number(self.directions)
        if self.plane == "checkpoints":
            keys["through"] = [find_typed(other, self.folder) for other in self.others]
        elif self.plane == "file":
            keys["file"] = find_typed(self.other.strip(), self.folder) if self.other.strip() else ""
        return keys

    def _seed_keys(self) -> Table:
        if len(self.seeds) > 1:
            return self._random("seeds", [_number(seed) for seed in self.seeds], None)
        return self._random("seed", _number(next(iter(self.seeds), "")), 1)

    def _third_axis(self) -> Table:
        if self.directions != "3" or not any(self.w):
            return {}
        return {"plane": {"directions": 3}, "grid": {"w": [_number(part) for part in self.w]}}

    def _ladder(self) -> object:
        given = [_number(step) for step in _parts(self.ladder)]
        return {"auto": "auto", "given": given}.get(self.refine, "off")

    def _random(self, key: str, value: object, default: object) -> Table:
        return {"plane": {key: value} if self.draws and value != default else {}}


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Join two tables and the tables in them; of two values the second counts."""
    both = {key: first[key] | second[key] for key in first.keys() & second.keys() if isinstance(first[key], dict)}
    return first | second | both


def _problem(key: str, value: object, default: object) -> Table:
    return {"problem": {} if value == default else {key: value}}


def _run(key: str, value: object, default: object) -> Table:
    return {"run": {} if value == default else {key: value}}


def _parts(text: str) -> tuple[str, ...]:
    """What was typed between commas, semicolons or spaces."""
    return tuple(part for part in re.split(r"[,;\s]+", text) if part)


def _number(text: str) -> float | int | str:
    """The number that was typed, in people's notation; the text itself where it is none."""
    plain = text.strip().replace("−", "-").replace(",", ".")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text.strip()
