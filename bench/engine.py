"""Points·images a second: Talweg's evaluation against a plain loop and against the package loss-landscapes."""

import contextlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch

from bench.cases import CASES, Case, on_gpu
from bench.frame import Options, Row, compare, largest_difference
from bench.peers import LossLandscapes, PlainLoop, Points
from talweg_compute.engine import Cancelled, Evaluator, choose_device, compute_landscape
from talweg_compute.field import coarse_to_fine
from talweg_compute.messages import Compute, Event, Job, Progress
from talweg_compute.messages import Points as PointsEvent
from talweg_compute.plane.plane import OpenPlane, open_plane
from talweg_compute.problem.problem import OpenProblem, open_problem

_GOALS = {("ResNet-56", "cpu"): 7.0, ("ResNet-56", "cuda"): 30.0}
_EVENTS = 8  # with points, before a rate is believed
_WARM_UP = 8.0  # seconds: until further processes have imported torch and opened the job


def measure(options: Options) -> Iterator[Row]:
    """Measure each network on each device of this machine."""
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    cases = [case for case in CASES if not options.quick or case.name in ("ResNet-56", "digits net")]
    with tempfile.TemporaryDirectory() as folder:
        for device in devices:
            for case in cases:
                yield from _measure(case if device == "cpu" else on_gpu(case), device, Path(folder), options)


def _measure(case: Case, device: str, folder: Path, options: Options) -> Iterator[Row]:
    job = case.job(folder, device)
    problem = open_problem(job.problem)
    plane = open_plane(job.plane, problem)
    span = 3.0 if options.quick else 5.0
    work = f"{case.name}, {case.samples} images, {device}"
    unit = "images/s"
    points = _grid_points(job)
    plain = PlainLoop(problem, plane, choose_device(device))
    known: dict[int, float] = {}

    def plain_rate() -> float:
        rate, losses = plain.run(points, span)
        known.update(enumerate(losses[: len(points)]))
        return rate * case.samples

    ours: dict[int, float] = {}

    def talweg_rate() -> float:
        rate, losses = run_job(job, _WARM_UP, span)
        ours.update(losses)
        return rate * case.samples

    order = _order(job)

    def deviation() -> float:
        common = [place for place in known if int(order[place]) in ours]
        return largest_difference([ours[int(order[place])] for place in common], [known[place] for place in common])

    yield compare(
        work,
        ("compute, as it comes", talweg_rate),
        ("plain loop", plain_rate),
        options.repeats,
        unit,
        "higher",
        deviation=deviation,
        goal=_GOALS.get((case.name, device), math.nan),
    )
    for name, evaluator in _choices(problem, device):
        losses: dict[int, float] = {}
        yield compare(
            work,
            (name, _rate(evaluator, plane, points, span, losses)),
            ("plain loop", plain_rate),
            options.repeats,
            unit,
            "higher",
            deviation=partial(_deviation, losses, known),
        )
    yield _against_package(case, work, problem, plane, device, options)


def _choices(problem: OpenProblem, device: str) -> Iterator[tuple[str, Evaluator]]:
    """Each choice of the evaluator alone, in one process with one thread."""
    on = choose_device(device)
    yield "one process, float32", Evaluator(problem, on, precision="float32")
    if device == "cuda":
        yield "one process, tf32", Evaluator(problem, on, precision="tf32")
    yield "one process, bf16", Evaluator(problem, on, precision="bf16")


def _rate(
    evaluator: Evaluator, plane: OpenPlane, points: Points, span: float, losses: dict[int, float]
) -> Callable[[], float]:
    def rate() -> float:
        torch.set_num_threads(1)
        done, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < span:
            place = done % len(points)
            losses[place] = _loss(evaluator, plane, points[place])
            done += 1
        return done * evaluator.samples / spent

    return rate


def _loss(evaluator: Evaluator, plane: OpenPlane, point: Points) -> float:
    return evaluator.at_coordinates(plane, point.tolist(), lambda: False).loss


def _against_package(
    case: Case, work: str, problem: OpenProblem, plane: OpenPlane, device: str, options: Options
) -> Row:
    name = "loss-landscapes"
    try:
        package = LossLandscapes(problem, plane, choose_device(device), steps=2, distance=0.25)
    except ModuleNotFoundError as error:
        return Row(work, "one process, float32", name, note=f"not available here: {error}")
    evaluator = Evaluator(problem, choose_device(device), precision="float32")
    results: dict[str, list[float]] = {}

    def ours() -> float:
        torch.set_num_threads(1)
        start = time.perf_counter()
        results["ours"] = [_loss(evaluator, plane, point) for point in package.points]
        return len(package.points) * case.samples / (time.perf_counter() - start)

    def theirs() -> float:
        start = time.perf_counter()
        results["theirs"] = package.run().tolist()
        return len(package.points) * case.samples / (time.perf_counter() - start)

    return compare(
        work,
        ("one process, float32", ours),
        (name, theirs),
        options.repeats,
        "images/s",
        "higher",
        deviation=lambda: largest_difference(results["ours"], results["theirs"]),
        note="compared where it really evaluates: every second row is shifted by a step",
    )


def run_job(job: Job, warm_up: float, span: float) -> tuple[float, dict[int, float]]:
    """Compute a landscape as the worker does, for a while.

    Args:
        job: More points than can be done meanwhile, or all of them are.
        warm_up: Seconds before the rate is taken, at least; what a run tries beforehand does not count either.
        span: Seconds over which it is taken, or more, until points have come often enough.

    Returns:
        Points a second, and the losses by flat index.
    """
    losses: dict[int, float] = {}
    history: list[tuple[float, int]] = []
    start = time.perf_counter()
    began = math.inf

    def emit(event: Event) -> None:
        nonlocal began
        now = time.perf_counter() - start
        if isinstance(event, Progress) and event.phase == "evaluating points":
            began = min(began, max(now, warm_up))
        if isinstance(event, PointsEvent):
            losses.update(zip(event.index.array().tolist(), event.fields["loss"].array().tolist(), strict=True))
            if now > began:
                history.append((now, len(losses)))

    def enough() -> bool:
        return len(history) >= _EVENTS and history[-1][0] - history[0][0] >= span

    with contextlib.suppress(Cancelled):
        compute_landscape(Compute("bench", job), emit, enough)
    if len(history) < 2:
        return math.nan, losses
    (first, before), (last, after) = history[0], history[-1]
    return (after - before) / (last - first), losses


def _order(job: Job) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return coarse_to_fine(job.grid.v.count, job.grid.u.count).order[:1000]


def _grid_points(job: Job) -> Points:
    """List the first points of a job in the order in which they are evaluated, [n, 2]."""
    rows, columns = np.divmod(_order(job), job.grid.u.count)
    return np.stack([job.grid.u.coordinates()[columns], job.grid.v.coordinates()[rows]], axis=1)


def _deviation(losses: dict[int, float], known: dict[int, float]) -> float:
    common = sorted(losses.keys() & known.keys())
    return largest_difference([losses[place] for place in common], [known[place] for place in common])
