"""What a document holds, as text and as JSON."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from talweg.analysis.families import list_seeds
from talweg.analysis.noise import Noise, measure_noise
from talweg.analysis.plane_words import describe_plane, list_axis_facts
from talweg.analysis.precision import precision_deviation
from talweg.analysis.seeds import SeedComparison, compare_seeds
from talweg.certification import OF_THE_SLICE, Certification
from talweg.document import Document
from talweg.landscape import Landscape, TrainingPath
from talweg.terminal.wanted_views import choose_landscape
from talweg.view.quantities import title_of
from talweg.work.certifying import LeastPersistence
from talweg_compute.field import CriticalKind, default_threshold


def print_summary(path: Path, name: str | None = None, *, as_json: bool) -> int:
    """Print a document's landscape, and which others it has.

    Args:
        path: A .talweg file.
        name: Name or number of the landscape; None: the newest.
        as_json: JSON instead of text.

    Returns:
        Exit status 0.

    Raises:
        InputError: The document cannot be read or holds no landscape.
    """
    with Document.open(path) as document:
        landscape = choose_landscape(document, name)
        listed = {number: outline.name for number, outline in document.outlines().items()}
        noise = measure_noise(document, landscape)
        family = [document.landscape(number) for number in list_seeds(document, landscape.id)]
    seeds = compare_seeds(family) if len(family) > 1 else None
    if as_json:
        summary = summarise(landscape, seeds, noise) | {"landscapes": list(listed.values())}
        print(json.dumps(summary, indent=2, allow_nan=False))  # noqa: T201 (the answer)
    else:
        _print_text(path, landscape, seeds, noise)
        if len(listed) > 1:
            _print_landscapes(listed, landscape.id)
    return 0


def summarise(landscape: Landscape, seeds: SeedComparison | None = None, noise: Noise | None = None) -> dict[str, Any]:
    """Summarise a landscape in values that JSON has; what is not finite is null.

    Args:
        landscape: Any.
        seeds: How it compares with other seeds' landscapes, where there are some.
        noise: What other samples would change, where that is known.

    Returns:
        ``shape`` [nv, nu] ([1, nu] for a line, [nw, nv, nu] for a volume); ``grid``;
        ``points`` {computed, interpolated, total}; ``measured`` by topic;
        ``loss`` {min, min_at, max, origin}; ``metrics`` {min, max, origin} by name;
        ``gradient_norm`` {points, min, max} along the plane, or null;
        ``non_finite``; ``noise`` {standard_error, of_differences, blocks} or null;
        ``critical_points`` [{type, u, v, loss, persistence, on_boundary, confirmed}], those over
        ``persistence_threshold``;
        ``trajectory`` {explained_variance, points [{name, u, v, loss, residual, loss_at_projection}]} or null;
        ``other_trajectories``; ``plane_checkpoints``, the same of those that the plane was laid through, or null;
        ``seeds`` {seeds, spread, minima} or null; ``provenance``; ``job``; ``notes``.
    """
    axes = dict(list({"u": landscape.u, "v": landscape.v, "w": landscape.w}.items())[: landscape.dimensions])
    loss = landscape.loss
    finite = np.isfinite(loss)
    lowest: dict[str, Any] = {"min": None, "min_at": None, "max": None}
    if finite.any():
        place = np.unravel_index(np.argmin(np.where(finite, loss, np.inf)), loss.shape)
        lowest = {
            "min": float(loss[place]),
            "min_at": [float(axis[k]) for axis, k in zip(axes.values(), reversed(place), strict=False)],
            "max": float(loss[finite].max()),
        }
    origin = landscape.origin.get("loss", math.nan)
    return {
        "name": landscape.name,
        "shape": list(loss.shape),
        "grid": {name: [float(axis[0]), float(axis[-1])] for name, axis in axes.items()},
        "points": {
            "computed": landscape.done,
            "interpolated": landscape.interpolated_count,
            "total": landscape.computed.size,
        },
        "measured": {topic: dict(values) for topic, values in landscape.measured.items()},
        "loss": {**lowest, "origin": _number(origin)},
        "accuracy": {"origin": _number(landscape.origin.get("accuracy", math.nan))},
        "metrics": {name: _metric(landscape, name) for name in landscape.metrics},
        "non_finite": landscape.non_finite,
        "gradient_norm": _gradient_norm(landscape),
        "noise": None if noise is None else {name: _number(value) for name, value in asdict(noise).items()},
        **_critical_points(landscape),
        "trajectory": None if landscape.path is None else _trajectory(landscape.path),
        "other_trajectories": [_trajectory(path) for path in landscape.paths[1:]],
        "plane_checkpoints": None if landscape.landmarks is None else _trajectory(landscape.landmarks)["points"],
        "seeds": None if seeds is None else _seeds(seeds),
        "provenance": None if landscape.provenance is None else msgspec.to_builtins(landscape.provenance),
        "job": None if landscape.job is None else msgspec.to_builtins(landscape.job),
        "source": landscape.source,
        "notes": list(landscape.notes),
    }


def _metric(landscape: Landscape, name: str) -> dict[str, float | None]:
    """The range of a metric where it is finite, and its value at the origin."""
    values = landscape.fields.get(name, np.zeros(0))
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
    return {"min": low, "max": high, "origin": _number(landscape.origin.get(name, math.nan))}


def _gradient_norm(landscape: Landscape) -> dict[str, Any] | None:
    """How many points have a gradient along the plane, and the range of its norm; None where none has."""
    norm = landscape.fields.get("gradient_norm", np.zeros(0))
    norm = norm[np.isfinite(norm)]
    return {"points": norm.size, "min": float(norm.min()), "max": float(norm.max())} if norm.size else None


def _critical_points(landscape: Landscape) -> dict[str, Any]:
    if landscape.topology is None:
        return {"persistence_threshold": None, "critical_points": []}
    threshold = default_threshold(landscape.loss, landscape.fields["loss_standard_error"])
    points = landscape.topology.points.above(threshold)
    where = landscape.topology.positions(points)
    columns = (points.kind, where.u, where.v, where.value, points.persistence, points.on_boundary, points.confirmed)
    found = [
        {
            "type": CriticalKind(kind).name.lower(),
            "u": float(u),
            "v": float(v),
            "loss": float(value),
            "persistence": _number(persistence),
            "on_boundary": bool(boundary),
            "confirmed": bool(confirmed),
            "network": None if word is None else _certification(word),
        }
        for kind, u, v, value, persistence, boundary, confirmed, word in zip(
            *columns, landscape.certifications_of(points), strict=True
        )
    ]
    return {"persistence_threshold": float(threshold), "critical_points": found}


def _certification(word: Certification) -> dict[str, Any]:
    """What the network said, in values that JSON has."""
    return {
        "status": word.status,
        "type": word.kind_name or None,
        "u": _number(word.u),
        "v": _number(word.v),
        "loss": _number(word.loss),
        "gradient_norm": _number(word.gradient_norm),
        "gradient_scale": _number(word.gradient_scale),
        "eigenvalues": [_number(value) for value in word.eigenvalues],
        "full_gradient_norm": _number(word.full_gradient_norm),
        "out_of_plane_norm": _number(word.out_of_plane_norm),
        "precision": word.precision,
    }


def _seeds(seeds: SeedComparison) -> dict[str, Any]:
    return {"seeds": list(seeds.seeds), "spread": _number(seeds.spread), "minima": list(seeds.minima)}


def _trajectory(path: TrainingPath) -> dict[str, Any]:
    nothing = np.full(len(path.names), np.nan)
    at_projection = path.loss_at_projection if path.loss_at_projection.size else nothing
    columns = zip(path.names, path.coordinates, path.loss, path.accuracy, path.residual, at_projection, strict=True)
    return {
        "name": path.title,
        "explained_variance": list(path.explained_variance),
        "points": [
            {
                "name": name,
                "u": _number(u),
                "v": _number(v),
                "loss": _number(loss),
                "accuracy": _number(accuracy),
                "residual": _number(residual),
                "loss_at_projection": _number(projected),
                **{metric: _number(values[step]) for metric, values in path.metrics.items()},
            }
            for step, (name, (u, v), loss, accuracy, residual, projected) in enumerate(columns)
        ],
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _print_text(path: Path, landscape: Landscape, seeds: SeedComparison | None, noise: Noise | None) -> None:
    console = Console(soft_wrap=True, highlight=False)
    summary = summarise(landscape, seeds, noise)
    loss, grid = summary["loss"], summary["grid"]
    facts = Table.grid(padding=(0, 2))
    rows = [("landscape", f"{landscape.name} in {path}"), *_job_rows(landscape)]
    spans = zip(grid.items(), reversed(summary["shape"]), strict=False)
    rows.append(("grid", ", ".join(f"{name} {_span(ends)} in {count} points" for (name, ends), count in spans)))
    interpolated = f", {landscape.interpolated_count} interpolated" if landscape.interpolated_count else ""
    partial = int(landscape.partial.sum())
    waiting = f", {partial} of them not on all samples yet" if partial else ""
    points = f"{landscape.done} of {landscape.computed.size} computed{waiting}{interpolated}"
    rows.append(("points", f"{points}, {landscape.non_finite} not finite"))
    if loss["min"] is not None:
        at = ", ".join(f"{value:.4g}" for value in loss["min_at"])
        rows.append(("loss", f"{loss['min']:.6g} to {loss['max']:.6g}, minimum at ({at})"))
    if noise is not None:
        words = f"{noise.standard_error:.3g} a point, {noise.of_differences:.3g} between neighbours"
        rows.append(("noise", f"{words}, by other samples (standard errors at the median)"))
    if loss["origin"] is not None:
        accuracy = summary["accuracy"]["origin"]
        tail = "" if accuracy is None else f", accuracy {accuracy:.2f} %"
        rows.append(("origin", f"loss {loss['origin']:.6g}{tail}"))
    for name, metric in summary["metrics"].items():
        if metric["min"] is not None:
            at = "" if metric["origin"] is None else f", {metric['origin']:.6g} at the origin"
            rows.append((title_of(landscape, name), f"{metric['min']:.6g} to {metric['max']:.6g}{at}"))
    if (slope := summary["gradient_norm"]) is not None:
        rows.append(
            ("gradient", f"norm {slope['min']:.4g} to {slope['max']:.4g} per distance, {slope['points']} points")
        )
    for key, value in rows:
        facts.add_row(f"[bold]{key}[/bold]", value)
    console.print(facts)
    if landscape.critical_points is not None:
        _print_critical_points(console, summary)
        _print_certifications(console, landscape)
    if seeds is not None:
        _print_seeds(console, seeds)
    if summary["plane_checkpoints"]:
        _print_checkpoints(console, "checkpoints that the plane was laid through", summary["plane_checkpoints"])
    for trajectory in filter(None, (summary["trajectory"], *summary["other_trajectories"])):
        _print_trajectory(console, trajectory)
    for note in landscape.notes:
        console.print(f"note: {note}", markup=False)


def _print_landscapes(names: dict[int, str], shown: int) -> None:
    """List the landscapes of a document by their numbers, where there are several."""
    words = "; ".join(f"{number} {name}" for number, name in names.items() if number != shown)
    Console(soft_wrap=True, highlight=False).print(f"other landscapes, see --landscape: {words}", markup=False)


def _job_rows(landscape: Landscape) -> list[tuple[str, str]]:
    job, source = landscape.job, landscape.provenance
    if job is None:
        return [("imported from", landscape.source)] if landscape.source else []
    weights = job.problem.checkpoint or job.problem.trajectory
    samples = f"first {job.problem.samples}" if job.problem.samples else "all samples"
    rows = [
        ("model", f"{job.problem.model}, weights {weights}"),
        ("data", f"{job.problem.data} ({samples}), loss {job.problem.loss}"),
        ("plane", describe_plane(job.plane)),
        *((name.lower(), value) for name, value in list_axis_facts(landscape)),
    ]
    if job.origin is not None:
        at = ", ".join(f"{value:.4g}" for value in job.origin.at)
        rows.append(("through", f"({at}) of another plane, kind {job.origin.plane.kind}"))
    if source is not None:
        versions = ", ".join(f"{name} {version}" for name, version in source.versions.items())
        rows.append(("computed", f"{source.precision} on {source.device}, {versions}"))
        if (deviation := precision_deviation(landscape)) is not None:
            rows.append(("precision", deviation.sentence))
        rows.append(("hashes", f"checkpoint {source.checkpoint_sha256[:12]}, data {source.data_sha256[:12]}"))
    return rows


def _print_critical_points(console: Console, summary: dict[str, Any]) -> None:
    threshold = summary["persistence_threshold"]
    table = Table(title=f"critical points of the plane, persistence over {threshold:.3g}", title_justify="left")
    for name in ("type", "u", "v", "loss", "persistence"):
        table.add_column(name, justify="left" if name == "type" else "right")
    for point in summary["critical_points"]:
        persistence = "global" if point["persistence"] is None else f"{point['persistence']:.4g}"
        kind = point["type"] + (" (on the frame)" if point["on_boundary"] else "")
        kind += "" if point["confirmed"] else " (not resolved by the grid)"
        table.add_row(kind, f"{point['u']:.4g}", f"{point['v']:.4g}", f"{point['loss']:.6g}", persistence)
    console.print(table)


def print_certifications(landscape: Landscape, least: LeastPersistence | None = None) -> None:
    """Print what the network said about the critical points over a threshold, on the standard output."""
    _print_certifications(Console(soft_wrap=True, highlight=False), landscape, least)


def _print_certifications(console: Console, landscape: Landscape, least: LeastPersistence | None = None) -> None:
    selected = (least or LeastPersistence()).select(landscape)
    if selected is None or not landscape.certifications:
        return
    _, points = selected
    table = Table(title="critical points on the network itself", title_justify="left", box=SIMPLE_HEAD, padding=(0, 0))
    table.show_edge = False
    for name in ("grid", "network", "u", "v", "loss", "‖∇f‖", "curvatures", "‖∇L‖"):
        table.add_column(name, justify="left" if name in ("grid", "network") else "right", no_wrap=name != "network")
    for kind, word in zip(points.kind.tolist(), landscape.certifications_of(points), strict=True):
        if word is None:
            continue
        found = word.status if word.kind in (-1, word.sought) else f"{word.status}, a {word.kind_name}"
        place = [f"{value:.4g}" for value in (word.u, word.v, word.loss)] if word.kind >= 0 else ["", "", ""]
        curvatures = ", ".join(f"{value:.3g}" for value in word.eigenvalues)
        norms = f"{word.gradient_norm:.2g}", f"{word.full_gradient_norm:.3g}"
        table.add_row(CriticalKind(kind).name.lower(), found, *place, norms[0], curvatures, norms[1])
    console.print(table)
    console.print(OF_THE_SLICE)


def _print_seeds(console: Console, seeds: SeedComparison) -> None:
    spread = f"{100 * seeds.spread:.2g} %" if math.isfinite(seeds.spread) else "not known yet"
    minima = ", ".join("?" if count is None else str(count) for count in seeds.minima)
    tail = f"; persistent minima {minima}" if any(count is not None for count in seeds.minima) else ""
    names = ", ".join(map(str, seeds.seeds))
    console.print(f"seeds {names}: the losses spread by {spread} of their mean at the median point{tail}", markup=False)


def _print_trajectory(console: Console, trajectory: dict[str, Any]) -> None:
    shares = " + ".join(f"{100 * share:.2f} %" for share in trajectory["explained_variance"])
    whose = f"trajectory {trajectory['name']}".rstrip()
    title = f"{whose}, explained variance {shares}" if shares else whose
    _print_checkpoints(console, title, trajectory["points"])


def _print_checkpoints(console: Console, title: str, points: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("checkpoint", overflow="fold")
    columns = {"u": "u", "v": "v", "loss": "loss", "loss on the plane": "loss_at_projection", "residual": "residual"}
    for name in columns:
        table.add_column(name, justify="right")
    for point in points:
        told = ("u", "v") if point["residual"] is None else columns.values()  # a residual cannot diverge
        table.add_row(point["name"], *(_cell(point[key]) for key in told))
    console.print(table)


def _cell(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.5g}"


def _span(ends: list[float]) -> str:
    return f"{ends[0]:g} to {ends[1]:g}"
