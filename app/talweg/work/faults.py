"""What is wrong with a draft, and beside which of its fields to say it."""

import difflib
import re
from collections.abc import Callable
from pathlib import Path

from talweg.work.draft import ALONG_TRAJECTORY, SOURCE, Draft, Table
from talweg.work.typed_paths import explain_missing
from talweg_compute.messages import DATA, LOCAL_DATA, MODELS, InputError, build_job, rebase_job, split_specification
from talweg_compute.messages.reading import check_files

_FIELDS = {
    "problem.checkpoint": "weights", "problem.trajectory": "weights", "problem.model": "model",
    "problem.model_args": "model_args", "problem.data": "data", "problem.data_args": "data_root",
    "problem.normalize": "normalize",
    "problem.samples": "samples", "problem.subset": "subset", "problem.loss": "loss", "problem.metrics": "metrics",
    "problem.batch_norm": "batch_norm",
    "plane.kind": "plane", "plane.through": "other",
    "plane.file": "other", "plane.seed": "seed", "plane.seeds": "seed", "plane.normalization": "normalization",
    "plane.ignore": "ignore", "plane.directions": "plane", "plane.steps": "plane", "plane": "plane",
    "grid.u": "u", "grid.v": "v", "grid.w": "w", "run.adaptive": "refine", "run.ladder": "ladder",
    "run.tolerance": "tolerance", "run.device": "device", "run.processes": "processes", "run.precision": "precision",
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


def find_faults(draft: Draft) -> dict[str, str]:
    """Say what is missing of a draft or does not fit, as far as no model is needed for that.

    Args:
        draft: What was typed.

    Returns:
        A sentence by the name of a field; nothing where the draft is a job.
    """
    faults = _missing(draft)
    pieces = draft.pieces()
    if draft.is_trajectory:
        del pieces["weights"]  # whose files were looked for already
    for field, piece in pieces.items():
        covered = field in faults or (field == "plane" and "other" in faults)
        if not covered and (fault := _find_fault(piece)) is not None:
            where, sentence = fault
            faults.setdefault(where if where not in ("", "plane") else field, sentence)
    if not faults and draft.further.tables and (fault := _find_fault(draft.table)) is not None:
        faults[fault[0]] = fault[1]
    return faults


def _missing(draft: Draft) -> dict[str, str]:
    """What no job file would say in these words, since here it stands beside its field."""
    faults: dict[str, str] = {}
    if not draft.weights.strip():
        faults["weights"] = "Drop a checkpoint here, or a folder of them for a training path."
    elif draft.is_trajectory and len(draft.checkpoints) < 2:
        faults["weights"] = "There are fewer than two checkpoints in this folder; choose another one, or one file."
    elif draft.plane in ALONG_TRAJECTORY and not draft.is_trajectory:
        faults["plane"] = "This plane needs a training path: choose a folder of checkpoints above."
    for field, names, sentence in (
        ("model", MODELS, "Pick the model that this checkpoint belongs to, or a file.py:function that builds it."),
        ("data", DATA, "Pick what the loss is taken over: a data set, an .npz file, or a file.py:function."),
    ):
        value = getattr(draft, field).strip()
        if not value:
            faults[field] = sentence
        elif split_specification(value) is None and value not in names and not value.startswith("torchvision:"):
            close = difflib.get_close_matches(value, names, 1)
            hint = f'; did you mean "{close[0]}"?' if close else ": pick one, or name a file."
            faults[field] = f'There is no "{value}"{hint}'
    if draft.data in LOCAL_DATA and draft.data_root.strip() and not Path(draft.data_root).expanduser().is_dir():
        faults["data_root"] = "There is no such folder."
    if draft.refine == "adaptive" and draft.directions != "2":
        faults["refine"] = "Only a surface is refined adaptively: let every point be evaluated, or choose a surface."
    elif draft.refine == "given" and not draft.ladder.strip():
        faults["ladder"] = "Say on how many samples to begin, such as 500, 2000."
    if draft.plane == "checkpoints" and not draft.others:
        faults["other"] = "Choose the other checkpoint; for a plane through three models, two of them."
    elif draft.plane == "file" and not draft.other.strip():
        faults["other"] = "Choose the file of directions."
    for field, files in _files(draft).items():
        sentences = (explain_missing(file, draft.folder) for file in files)
        if field not in faults and (sentence := next(filter(None, sentences), "")):
            faults[field] = sentence
    return faults


def _files(draft: Draft) -> dict[str, tuple[str, ...]]:
    """The files that each field names."""
    lists = {
        "model": (draft.model,), "data": (draft.data,), "loss": (draft.loss,), "metrics": draft.metrics.split(","),
    }  # fmt: skip
    found = {
        field: tuple(value.strip() for value in values if split_specification(value.strip()) is not None)
        for field, values in lists.items()
    }
    others = {"checkpoints": draft.others, "file": (draft.other.strip(),)}
    return {**found, "other": others.get(draft.plane, ())}


def _find_fault(piece: Callable[[], Table]) -> tuple[str, str] | None:
    """Say what is wrong with one field of a draft, all others taken for good.

    Args:
        piece: Gives what the field writes into the job, by table.

    Returns:
        Beside which field to say it, or nothing where none is meant, and the sentence; None where nothing is wrong.
    """
    job: Table = {"problem": {"model": "mlp", "data": "digits", "checkpoint": __file__}}
    try:
        for name, keys in piece().items():
            job[name] = job.get(name, {}) | keys
        check_files(rebase_job(build_job(job, SOURCE), Path.cwd()), SOURCE)
    except InputError as error:
        return place(str(error))
    return None
