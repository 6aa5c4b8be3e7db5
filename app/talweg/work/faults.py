"""What is wrong with a draft, and beside which of its fields to say it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from talweg_compute.messages import InputError, build_job, rebase_job
from talweg_compute.messages.reading import check_files

SOURCE = "job"
"""What a sentence about a draft names as its source; ``place`` takes it off again."""

_FIELDS = {
    "problem.checkpoint": "weights", "problem.trajectory": "weights", "problem.model": "model",
    "problem.model_args": "model_args", "problem.data": "data", "problem.data_args": "data_root",
    "problem.normalize": "normalize",
    "problem.samples": "samples", "problem.loss": "loss", "problem.metrics": "metrics",
    "plane.kind": "plane", "plane.through": "other",
    "plane.file": "other", "plane.seed": "seed", "plane.normalization": "normalization", "plane.directions": "plane",
    "plane.steps": "plane", "plane": "plane", "grid.u": "u", "grid.v": "v", "run.precision": "precision",
}  # fmt: skip
"""Beside which field of a draft a sentence about a key of a job belongs."""


def place(sentence: str, weights: str = "") -> tuple[str, str]:
    """Tell beside which field a sentence about a job belongs.

    Args:
        sentence: Of an InputError.
        weights: What the draft names as its weights; sentences that begin with that path belong beside it.

    Returns:
        The field, or nothing where none is meant; and the sentence without what its place says.
    """
    sentence = sentence.removeprefix(f"{SOURCE}: ")
    match = re.match(r"(?:problem|plane|grid|run)(?:\.\w+)*: ", sentence)
    if match:
        key = match[0][:-2]
        while key not in _FIELDS and "." in key:
            key = key.rpartition(".")[0]
        rest = sentence[match.end() :]
        return _FIELDS.get(key, ""), rest[0].upper() + rest[1:]
    if "does not fit the model" in sentence:
        return "model", sentence
    if weights and sentence.startswith(str(Path(weights).expanduser().absolute())):
        return "weights", sentence
    return "", sentence


def find_fault(piece: Callable[[], dict[str, dict[str, Any]]]) -> tuple[str, str] | None:
    """Say what is wrong with one field of a draft, all others taken for good.

    Args:
        piece: Gives what the field writes into the job, by table.

    Returns:
        Beside which field to say it, or nothing where none is meant, and the sentence; None where nothing is wrong.
    """
    job: dict[str, dict[str, Any]] = {"problem": {"model": "mlp", "data": "digits", "checkpoint": __file__}}
    try:
        for name, keys in piece().items():
            job[name] = job.get(name, {}) | keys
        check_files(rebase_job(build_job(job, SOURCE), Path.cwd()), SOURCE)
    except InputError as error:
        return place(str(error))
    return None
