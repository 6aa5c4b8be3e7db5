"""A job that was computed as a draft again, to be changed and computed anew. Free of Qt."""

from typing import Any

import msgspec

from talweg.work.draft import Draft, Further
from talweg.work.job_text import write_arguments
from talweg_compute.messages import Job


def draft_of(job: Job) -> Draft:
    """Fill a draft with a job; what it has no field for is kept in it and written again.

    Args:
        job: With absolute paths.

    Returns:
        A draft whose ``job`` is this one, as long as nothing is changed.
    """
    table = _written(job)
    problem, plane, grid, run = (table.setdefault(name, {}) for name in ("problem", "plane", "grid", "run"))
    weights = problem.pop("trajectory", None) or problem.pop("checkpoint", "")
    arguments = problem.pop("data_args", {})
    root = arguments.pop("root", "")
    if arguments:
        problem["data_args"] = arguments
    axes = [_texts(grid.pop(axis, None)) for axis in ("u", "v")]
    third = grid.pop("w", None)
    kind = plane.pop("kind", "random")
    refine, ladder = _steps(run.pop("adaptive", False), run.pop("ladder", "off"))
    seed, seeds = plane.pop("seed", 1), plane.pop("seeds", ())
    if seeds and seed != 1:
        plane["seed"] = seed  # nothing is drawn from it, but the job says it
    return Draft(
        weights=weights,
        model=problem.pop("model"),
        model_args=write_arguments(problem.pop("model_args", {})),
        data=problem.pop("data"),
        data_root=root,
        normalize=write_arguments(problem.pop("normalize", {})),
        samples=str(problem.pop("samples", 0)),
        subset=problem.pop("subset", "first"),
        loss=problem.pop("loss", "cross_entropy"),
        metrics=", ".join(problem.pop("metrics", ())),
        batch_norm=problem.pop("batch_norm", ""),
        plane=kind,
        directions=str(plane.pop("directions", 2)),
        other="; ".join(plane.pop("through", ())) or plane.pop("file", ""),
        normalization=plane.pop("normalization", "filter"),
        ignore=plane.pop("ignore", "bias_norm"),
        seed=", ".join(map(str, seeds)) or str(seed),
        u=axes[0],
        v=axes[1],
        w=("", "", "") if third is None else _texts(third),
        refine=refine,
        ladder=ladder,
        tolerance=f"{run.pop('tolerance', 0.01):.12g}",
        device=run.pop("device", "auto"),
        processes=str(run.pop("processes", "")),
        precision=run.pop("precision", "auto"),
        further=Further(kind, {name: keys for name, keys in table.items() if keys}),
    )


def _written(job: Job) -> dict[str, dict[str, Any]]:
    """Write a job as a job file has it, without what is a default."""
    written: dict[str, dict[str, Any]] = {}
    for name in job.__struct_fields__:
        part = getattr(job, name)
        if part is not None:
            fields = {key.name: (getattr(part, key.name), key.default) for key in msgspec.structs.fields(part)}
            chosen = {key: value for key, (value, default) in fields.items() if value not in (default, None, {})}
            if chosen:
                written[name] = _without_nothing(msgspec.to_builtins(chosen))
    return written


def _without_nothing(value: Any) -> Any:
    """Leave out what is None, which TOML has no word for."""
    if isinstance(value, dict):
        return {key: _without_nothing(part) for key, part in value.items() if part is not None}
    return value


def _steps(adaptive: bool, ladder: Any) -> tuple[str, str]:
    """In which steps a run becomes exact, and on how many samples it begins, as a draft has them."""
    if adaptive:
        return "adaptive", ""
    if isinstance(ladder, str):
        return ("all" if ladder == "off" else ladder), ""
    return "given", ", ".join(map(str, ladder))


def _texts(axis: Any) -> tuple[str, str, str]:
    start, stop, count = axis or (-1.0, 1.0, 51)
    return f"{start:.12g}", f"{stop:.12g}", str(count)
