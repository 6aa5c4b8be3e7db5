"""What the worker found about a draft, in words. Free of Qt."""

from collections.abc import Sequence
from pathlib import Path

from talweg.window.words import count, duration, number
from talweg.work.draft import ALONG_TRAJECTORY, QUICK_POINTS, Draft
from talweg.work.job_text import write_arguments
from talweg_compute.messages import MODELS, Estimated, Inspected, ModelGuess, split_specification

_PLANES = {
    "random": "The shape of the loss around the model, whatever way one goes (Li et al. 2018).",
    "pca": "The two directions in which the checkpoints differ most (Li et al. 2018, section 7).",
    "checkpoints": "The models lie on the plane, and so does all that is between them (Garipov et al. 2018).",
    "initial_to_final": "Straight from the first to the last checkpoint, across at random (Goodfellow et al. 2015).",
    "gradient": "Down the slope where the model stands, and across at random.",
    "loss_fitting": "The plane on which the path's own losses are met best (Ding et al. 2023).",
    "file": "The directions that another program saved, such as the .h5 files of Li et al. 2018.",
}
_LINES = {
    "random": "The loss along one random direction (Li et al. 2018).",
    "pca": "The direction in which the checkpoints differ most (Li et al. 2018, section 7).",
    "checkpoints": "Straight from one model to the other (Goodfellow et al. 2015).",
    "initial_to_final": "Straight from the first to the last checkpoint (Goodfellow et al. 2015).",
    "gradient": "Down the slope where the model stands.",
}
_HIGH_LOSS, _GOOD_ACCURACY = 1.0, 75.0  # beyond which a trained network that sees its own inputs seldom is


def describe_inspection(draft: Draft, found: Inspected | None, beside: Sequence[str] = ()) -> dict[str, str]:
    """Say what is in the checkpoint, and what else it might be.

    Args:
        draft: What was typed.
        found: What is in its checkpoint, or None while that is not known.
        beside: Networks of the user's own beside it.

    Returns:
        Sentences by the name of a field.
    """
    if found is None:
        return {}
    content = f"{count(found.tensors, 'tensor')}, {_spaced(found.numbers)} numbers"
    notes = {"weights": content}
    if draft.is_trajectory:
        notes["weights"] = (
            f"{count(len(draft.checkpoints), 'checkpoint')}; the last, {Path(found.checkpoint).name}, has {content}"
        )
    if not found.guesses:
        if draft.model in beside:
            notes["model"] = "No model of the zoo fits this checkpoint; this one lies beside it."
        elif split_specification(draft.model) is None:
            notes["model"] = f"No known model fits this checkpoint; it begins with {', '.join(found.names[:2])}."
            if beside:
                notes["model"] += f" Beside it lies {', or '.join(beside)}."
    elif here := [guess for guess in found.guesses if guess.model == draft.model]:
        others = [_title(guess) for guess in found.guesses if write_arguments(guess.arguments) != draft.model_args]
        parts = [
            "It fits the checkpoint exactly",
            here[0].note,
            f"{' and '.join(others)} would fit too" if others else "",
        ]
        notes["model"] = "; ".join(part for part in parts if part) + "."
    else:
        notes["model"] = f"The checkpoint fits {' and '.join(map(_title, found.guesses))}."
    return notes


def describe_origin(draft: Draft, found: Estimated | None) -> dict[str, str]:
    """Say what a high loss at the origin often comes from: a network that sees other inputs than it was trained on.

    Args:
        draft: What was typed.
        found: The answer of the trial, or None.

    Returns:
        Sentences by the name of a field.
    """
    known = draft.model in MODELS or draft.model.startswith("torchvision:")
    if found is None or not known or draft.model == "mlp" or draft.normalize.strip() or found.accuracy is None:
        return {}
    loss = float(found.loss.array())
    if loss < _HIGH_LOSS or found.accuracy > _GOOD_ACCURACY:
        return {}
    return {
        "normalize": f"The loss at the origin is {loss:.3g}, the accuracy {found.accuracy:.3g} %: if this network was "
        "trained on inputs with a mean taken off, give that mean and deviation here."
    }


def describe_plane(draft: Draft) -> dict[str, str]:
    """Say what the chosen kind of plane is, and whose idea.

    Args:
        draft: What was typed.

    Returns:
        A sentence for the field of the plane.
    """
    line = draft.directions == "1"
    words = _LINES.get(draft.plane, "") if line else ""
    return {"plane": words or _PLANES[draft.plane]}


def sum_up_problem(draft: Draft) -> str:
    """Say in a few words what of network and plane is not as it is at first; nothing where all is."""
    metrics = sum(bool(part.strip()) for part in draft.metrics.split(","))
    parts = (
        count(metrics, "metric") if metrics else "",
        f"BatchNorm {draft.batch_norm}" if draft.batch_norm else "",
        "all parameters move" if draft.moves_parameters and draft.ignore == "none" else "",
    )
    return ", ".join(filter(None, parts))


def sum_up_run(draft: Draft) -> str:
    """Say in a few words how it is run, where that is not as it is at first."""
    steps = {"auto": "first on few samples", "given": f"first on {draft.ladder.strip() or '…'}", "adaptive": "adaptive"}
    parts = (
        steps.get(draft.refine, ""),
        f"tolerance {draft.tolerance.strip()}" if draft.tolerance.strip() not in ("", "0.01") else "",
        draft.device.strip() if draft.device.strip() != "auto" else "",
        f"{draft.processes.strip()} processes" if draft.processes.strip() not in ("", "0") else "",
        draft.precision if draft.precision != "auto" else "",
    )
    return ", ".join(filter(None, parts))


def describe_path(draft: Draft, found: Estimated | None) -> dict[str, str]:
    """Say where the checkpoints lie on a plane that was laid through them.

    Args:
        draft: What was typed.
        found: The answer of the trial, or None.

    Returns:
        Sentences by the name of a field.
    """
    if found is None or draft.plane not in (*ALONG_TRAJECTORY, "checkpoints"):
        return {}
    what = "The path runs" if draft.plane in ALONG_TRAJECTORY else "The models lie"
    pairs = zip("uvw", found.extents, strict=False)
    rounded = {
        axis: [0.0 if abs(end) < 1e-6 * (high - low) else end for end in (low, high)] for axis, (low, high) in pairs
    }
    return {axis: f"{what} from {number(low, 3)} to {number(high, 3)}." for axis, (low, high) in rounded.items()}


def describe_estimate(draft: Draft, found: Estimated) -> str:
    """Say what computing would take.

    Args:
        draft: What was typed.
        found: The answer of the trial.

    Returns:
        A sentence a line.
    """
    side = f", {found.processes} processes side by side" if found.processes > 1 else ""
    loss = float(found.loss.array())
    few = QUICK_POINTS ** int(draft.directions)
    share = min(1.0, int(draft.quick().samples) / found.samples)
    quick = found.opening + (found.others + few) * share * found.seconds_a_point
    seeds = max(1, len(draft.seeds) if draft.draws else 1)
    at_most = draft.refine == "adaptive"
    begin = "At most" if at_most else "About"
    each = f" for {seeds} seeds, a landscape each" if seeds > 1 else ""
    lines = [
        f"{begin} {duration(max(1.0, seeds * found.seconds))} on {found.device}{side}{each}.",
        f"{begin + ' ' if at_most else ''}{count(found.points, 'point')}, {_brief(found.seconds_a_point)} each"
        f"{'; those that the surface does not need are interpolated' if at_most else ''}.",
        _describe_ladder(draft, found),
        f"Memory: {_bytes(found.memory)} at most." if found.memory else "",
        f"{_spaced(found.parameters)} parameters, {_spaced(found.samples)} samples a point, "
        f"loss {loss:.4g}{'' if found.accuracy is None else f', accuracy {found.accuracy:.3g} %'} at the origin.",
        f"A quick look takes about {duration(max(1.0, quick))}.",
    ]
    return "\n".join(line for line in lines if line)


def _describe_ladder(draft: Draft, found: Estimated) -> str:
    """Say when a ladder shows the whole landscape for the first time."""
    if draft.refine not in ("auto", "given"):
        return ""
    first, *others = draft.job().run.rungs(found.samples)
    if not others:
        return "There are too few samples to begin on fewer: it is computed on all of them at once."
    work = found.seconds - found.opening
    seconds = found.opening + work * len(first) / found.samples
    return f"Its shape shows after about {duration(max(1.0, seconds))}, on {_spaced(len(first))} samples."


def _title(guess: ModelGuess) -> str:
    arguments = write_arguments(guess.arguments)
    return f"{guess.model} ({arguments})" if arguments else guess.model


def _spaced(many: int) -> str:
    return f"{many:,}".replace(",", "\u202f")


def _brief(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _bytes(many: int) -> str:
    return f"{many / 2**20:.0f} MB" if many < 2**30 else f"{many / 2**30:.1f} GB"
