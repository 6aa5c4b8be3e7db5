"""What a document holds, printed: as text with tables, or as JSON."""

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from talweg.analysis.families import list_seeds
from talweg.analysis.noise import Noise, measure_noise
from talweg.analysis.plane_words import describe_plane, list_axis_facts
from talweg.analysis.precision import precision_deviation
from talweg.analysis.seeds import SeedComparison, compare_seeds
from talweg.certification import OF_THE_SLICE
from talweg.document import Document
from talweg.landscape import Landscape
from talweg.terminal.summary import summarise
from talweg.terminal.wanted_views import choose_landscape
from talweg.view.quantities import title_of
from talweg.work.certifying import LeastPersistence
from talweg_compute.field import CriticalKind


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


def _print_text(path: Path, landscape: Landscape, seeds: SeedComparison | None, noise: Noise | None) -> None:
    console = Console(soft_wrap=True, highlight=False)
    summary = summarise(landscape, seeds, noise)
    loss, grid = summary["loss"], summary["grid"]
    facts = Table.grid(padding=(0, 2))
    rows = [("landscape", f"{landscape.name} in {path}")]
    if landscape.created:
        rows.append(("created", f"{datetime.fromisoformat(landscape.created):%Y-%m-%d %H:%M} UTC"))
    rows += _job_rows(landscape)
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
        table.add_row(CriticalKind(kind).title, found, *place, norms[0], curvatures, norms[1])
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
