"""What is known of a landscape and its job, as named facts. Free of Qt."""

import math
from collections import Counter
from pathlib import Path

import numpy as np

from talweg.analysis.plane_words import describe_plane, list_axis_facts
from talweg.analysis.precision import precision_deviation
from talweg.certification import OF_THE_SLICE, STATUS_WORDS, sum_up
from talweg.landscape import Landscape, Region
from talweg.view.quantities import title_of
from talweg.window.words import coordinate, count, number, percent
from talweg_compute.messages import Job

Fact = tuple[str, str, str]


def job_facts(landscape: Landscape) -> list[Fact]:
    """Say what is computed: model, weights, data, plane and grid."""
    facts: list[Fact] = [_fact("Landscape", landscape.name)]
    job = landscape.job
    if job is None:
        facts.append(("Source", Path(landscape.source).name or "imported", landscape.source))
    else:
        facts += _problem_facts(job)
        facts.append(_fact("Plane", describe_plane(job.plane)))
        if job.origin is not None:
            at = ", ".join(coordinate(value) for value in job.origin.at)
            facts.append(_fact("Origin", f"({at}) of another plane"))
    sizes = (landscape.u.size, landscape.v.size)[: landscape.dimensions]
    shape = f"{' × '.join(map(str, sizes))} points"
    ends = [coordinate_range(axis) for axis in (landscape.u, landscape.v)]
    spans = f"u, v {ends[0]}" if ends[0] == ends[1] else f"u {ends[0]}, v {ends[1]}"
    if landscape.dimensions == 1:
        spans = f"u {ends[0]}"
    facts.append(_fact("Grid", f"{shape}, {spans}"))
    facts += [_region_fact(region) for region in landscape.regions]
    source = landscape.provenance
    if source is not None:
        facts.append(_fact("Device", f"{source.device}, {source.precision}"))
        if (deviation := precision_deviation(landscape)) is not None:
            facts.append(("Off from float32", f"{percent(deviation.relative, 2)} at the median", deviation.sentence))
    return facts


def _region_fact(region: Region) -> Fact:
    """Say where a finer grid is, and how far it is computed."""
    inside = region.landscape
    ends = ", ".join(f"{name} {coordinate_range(axis)}" for name, axis in (("u", inside.u), ("v", inside.v)))
    done = "" if inside.complete else f", {inside.done} computed"
    words = f"{inside.u.size} × {inside.v.size} points{done}, {ends}"
    return (f"{region.patch.factor} times finer", words, "A finer grid inside, computed where the camera looked")


def number_facts(landscape: Landscape) -> list[Fact]:
    """Say what came out: range of the loss, the origin, what diverged, and how the axes stand."""
    loss = np.where(landscape.computed & np.isfinite(landscape.loss), landscape.loss, np.nan)
    facts: list[Fact] = []
    if np.isfinite(loss).any():
        row, column = np.unravel_index(np.nanargmin(loss), loss.shape)
        where = f"({coordinate(landscape.u[column])}, {coordinate(landscape.v[row])})"
        facts.append(_fact("Minimum", f"{number(float(loss[row, column]))} at {where}"))
        facts.append(_fact("Maximum", number(float(np.nanmax(loss)))))
    if landscape.origin:
        origin, accuracy = landscape.origin.get("loss", math.nan), landscape.origin.get("accuracy", math.nan)
        facts.append(_fact("Loss at the origin", number(origin) if math.isfinite(origin) else "not finite"))
        if math.isfinite(accuracy):
            facts.append(_fact("Accuracy there", f"{accuracy:.2f} %"))
        for name in landscape.metrics:
            title, value = title_of(landscape, name), landscape.origin.get(name, math.nan)
            if math.isfinite(value):
                facts.append((f"{title[0].upper()}{title[1:]}", number(value), "At the origin of the plane"))
    facts += _interpolation_facts(landscape)
    if landscape.done:
        facts.append(_fact("Not finite", count(landscape.non_finite, "point")))
    facts += _gradient_facts(landscape)
    facts += _certification_facts(landscape)
    facts += _axis_facts(landscape)
    return facts


def _interpolation_facts(landscape: Landscape) -> list[Fact]:
    """Say how many points their neighbours stand for, and how far those that were tested are off."""
    measured = landscape.measured.get("interpolation")
    if measured is None or not landscape.interpolated_count:
        return []
    share = landscape.interpolated_count / landscape.computed.size
    facts: list[Fact] = [_fact("Interpolated", f"{count(landscape.interpolated_count, 'point')} ({percent(share)})")]
    largest, median = measured["largest_deviation"], measured["median_deviation"]
    explanation = (
        f"{measured['held_out']} points drawn at random from those not evaluated, and evaluated as a test, were off by "
        f"{percent(largest, 2)} of the loss at most, by {percent(median, 2)} at the median; "
        f"allowed are {percent(measured['tolerance'])}"
    )
    facts.append(("Off by at most", f"{percent(largest, 2)} of the loss", explanation))
    return facts


def _gradient_facts(landscape: Landscape) -> list[Fact]:
    """How steep the loss is along the plane at most, where gradients are computed."""
    norm = landscape.fields.get("gradient_norm", np.zeros(0))
    norm = norm[np.isfinite(norm)]
    if not norm.size:
        return []
    explanation = (
        f"The largest gradient norm of {count(norm.size, 'point')}: how much the loss changes per distance between "
        "weights, along the plane"
    )
    return [("Steepest slope", number(float(norm.max())), explanation)]


def _certification_facts(landscape: Landscape) -> list[Fact]:
    """What the network said about the critical points, with the gradient that is left at the lowest one."""
    words = landscape.certifications.values()
    if not words:
        return []
    counts = Counter(word.status for word in words)
    text = ", ".join(f"{counts[status]} {status}" for status in STATUS_WORDS if counts[status])
    facts: list[Fact] = [("On the network", text, sum_up(words))]
    found = [word for word in words if word.kind >= 0 and math.isfinite(word.full_gradient_norm)]
    if found:
        lowest = min(found, key=lambda word: word.loss)
        facts.append(("‖∇L‖ at the lowest", number(lowest.full_gradient_norm), OF_THE_SLICE))
    return facts


def coordinate_range(axis: np.ndarray) -> str:
    """Write the ends of an axis."""
    return f"{number(float(axis[0]))} … {number(float(axis[-1]))}"


def _problem_facts(job: Job) -> list[Fact]:
    problem = job.problem
    arguments = ", ".join(f"{key} {value}" for key, value in problem.model_args.items())
    model = _short(problem.model)
    weights = problem.checkpoint or problem.trajectory or ""
    title = "Trajectory" if problem.trajectory else "Checkpoint"
    samples = f"first {problem.samples} samples" if problem.samples else "all samples"
    return [
        ("Model", f"{model} ({arguments})" if arguments else model, problem.model),
        (title, _short(weights), weights),
        ("Data", f"{_short(problem.data)}, {samples}", problem.data),
        ("Loss", _short(problem.loss).replace("_", " "), problem.loss),
    ]


def _axis_facts(landscape: Landscape) -> list[Fact]:
    facts = [_fact(name, value) for name, value in list_axis_facts(landscape)]
    source = landscape.provenance
    if source is not None:
        facts.append(_fact("Parameters", f"{source.parameters:,}".replace(",", " ")))
        samples = f"{source.samples:,}".replace(",", " ")
        if landscape.partial.any():
            samples = f"{landscape.samples[landscape.computed].min()} so far, of {samples}"
        facts.append(_fact("Samples a point", samples))
    return facts


def _short(path: str) -> str:
    """The last component of a path, with its folder where the name alone says little."""
    if "/" not in path and "\\" not in path:
        return path
    whole = Path(path)
    return f"{whole.parent.name}/{whole.name}" if "*" in whole.name else whole.name


def _fact(name: str, value: str) -> Fact:
    return name, value, value
