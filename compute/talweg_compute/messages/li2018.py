"""Settings of Li et al.'s ``plot_surface.py`` by their own names, in a job with ``compatibility = "li2018"``."""

import re
from typing import Any

from talweg_compute.messages.errors import InputError

_RANGE = re.compile(r"\s*([^:\s]+)\s*:\s*([^:\s]+)\s*:\s*([^:\s]+)\s*")
_LOSSES = {"crossentropy": "cross_entropy", "mse": "mse"}


def translate_settings(table: dict[str, Any], source: str) -> dict[str, Any]:
    """Put Li et al.'s names of a job's keys into Talweg's; a job without ``compatibility = "li2018"`` stays as it is.

    ``[problem]`` takes ``model_file`` and ``loss_name``; ``[plane]`` takes ``model_file2``, ``model_file3`` and
    ``dir_file``, beside ``dir_type``, ``xnorm``, ``xignore``, ``ynorm``, ``yignore`` and ``same_dir``; ``[grid]`` takes
    ``x`` and ``y`` such as ``"-1:1:51"``. Without ``y`` it is a line; without ``xnorm`` and ``xignore`` the directions
    are neither scaled nor ignored, as there.

    Args:
        table: A job as nested tables.
        source: Where it came from, for the error.

    Returns:
        A job as nested tables.

    Raises:
        InputError: A range is not ``from:to:count``, or ``model_file3`` stands without ``model_file2``.
    """
    plane = table.get("plane")
    if not isinstance(plane, dict) or plane.get("compatibility") != "li2018":
        return table
    job = {name: dict(part) if isinstance(part, dict) else part for name, part in table.items()}
    problem, plane, grid = job.get("problem", {}), job["plane"], job.setdefault("grid", {})
    if "model_file" in problem:
        problem["checkpoint"] = problem.pop("model_file")
    if "loss_name" in problem:
        name = problem.pop("loss_name")
        problem["loss"] = _LOSSES.get(name, name)
    if "model_file3" in plane and "model_file2" not in plane:
        raise InputError(
            f"{source}: plane.model_file3: given without model_file2; expected both, x then points at model_file2 and "
            "y at model_file3: name the checkpoint model_file2, or give a second one."
        )
    through = [plane.pop(key) for key in ("model_file2", "model_file3") if key in plane]
    if through:
        plane |= {"kind": "checkpoints", "through": through}
    if "dir_file" in plane:
        plane |= {"kind": "file", "file": plane.pop("dir_file")}
    if "x" in grid:  # their settings throughout, with their defaults
        plane.setdefault("directions", 2 if "y" in grid else 1)
        if plane.get("kind", "random") in ("random", "checkpoints"):
            axes = "xy"[: plane["directions"]] if isinstance(plane["directions"], int) else "xy"
            defaults = {f"{axis}{key}": "" for axis in axes for key in ("norm", "ignore")}
            job["plane"] = {"seed": 123, **defaults, **plane}
    for theirs, ours in (("x", "u"), ("y", "v")):
        if theirs in grid:
            grid[ours] = _axis(grid.pop(theirs), f"{source}: grid.{theirs}")
    return job


def _axis(value: Any, where: str) -> list[float | int]:
    if isinstance(value, str) and (match := _RANGE.fullmatch(value)):
        try:
            return [float(match[1]), float(match[2]), int(match[3])]
        except ValueError:
            pass
    raise InputError(f'{where}: got {value!r}; expected "from:to:count" such as "-1:1:51".')
