"""Points·images a second: Talweg's evaluation against a plain loop and against the package loss-landscapes."""

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
from bench.steady_run import SteadyRun
from talweg_compute.engine import Evaluator, choose_device
from talweg_compute.engine.number_format import faster_formats
from talweg_compute.field import coarse_to_fine
from talweg_compute.messages import Job
from talweg_compute.plane.plane import OpenPlane, open_plane
from talweg_compute.problem.problem import OpenProblem, open_problem

_GOALS = {("ResNet-56", "cpu"): 7.0, ("ResNet-56", "cuda"): 30.0}
_WARM_UP = 8.0  # seconds: until further processes have imported torch and opened the job
_AS_IT_COMES = "compute, as it comes"


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
    span = 2.0 if options.quick else 3.0
    work = f"{case.name}, {case.samples} images, {device}"
    points = _grid_points(job)
    plain = PlainLoop(problem, plane, choose_device(device))
    known: dict[int, float] = {}

    def plain_rate() -> float:
        rate, losses = plain.run(points, span)
        known.update(enumerate(losses[: len(points)]))
        return rate * case.samples

    order = _order(job).tolist()
    with SteadyRun(job, _WARM_UP) as run:

        def talweg_rate() -> float:
            return run.rate(span) * case.samples

        def losses_by_place() -> dict[int, float]:
            return {place: run.losses[index] for place, index in enumerate(order) if index in run.losses}

        yield compare(
            work,
            (_AS_IT_COMES, talweg_rate),
            ("plain loop", plain_rate),
            options.repeats,
            "images/s",
            "higher",
            deviation=lambda: _deviation(losses_by_place(), known),
            goal=_GOALS.get((case.name, device), math.nan),
        )
        yield _against_package(case, work, talweg_rate, problem, plane, device, options)
    if not case.name.startswith("ResNet"):  # what each format brings is shown once
        return
    for precision in ("float32", *reversed(faster_formats(choose_device(device)))):
        losses: dict[int, float] = {}
        evaluator = Evaluator(problem, choose_device(device), precision=precision)
        yield compare(
            work,
            (f"one process, {precision}", _rate(evaluator, plane, points, span, losses)),
            ("plain loop", plain_rate),
            options.repeats,
            "images/s",
            "higher",
            deviation=partial(_deviation, losses, known),
        )


def _rate(
    evaluator: Evaluator, plane: OpenPlane, points: Points, span: float, losses: dict[int, float]
) -> Callable[[], float]:
    window = 1 if evaluator.device.type == "cpu" else 16  # points that are read together

    def rate() -> float:
        torch.set_num_threads(1)
        done, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < span:
            places = [place % len(points) for place in range(done, done + window)]
            losses.update(zip(places, _losses(evaluator, plane, points[places]), strict=True))
            done += window
        return done * evaluator.samples / spent

    return rate


def _losses(evaluator: Evaluator, plane: OpenPlane, points: Points) -> list[float]:
    return [record.loss for record in evaluator.at_many(plane, points.tolist(), lambda: False)]


def _against_package(
    case: Case,
    work: str,
    rate: Callable[[], float],
    problem: OpenProblem,
    plane: OpenPlane,
    device: str,
    options: Options,
) -> Row:
    name = "loss-landscapes"
    try:
        package = LossLandscapes(problem, plane, choose_device(device), steps=2, distance=0.25)
    except ModuleNotFoundError as error:
        return Row(work, _AS_IT_COMES, name, note=f"not available here: {error}")
    theirs: list[float] = []

    def package_rate() -> float:
        start = time.perf_counter()
        theirs[:] = package.run().tolist()
        return len(package.points) * case.samples / (time.perf_counter() - start)

    def deviation() -> float:
        exact = Evaluator(problem, choose_device(device), precision="float32")
        return largest_difference(_losses(exact, plane, package.points), theirs)

    return compare(
        work,
        (_AS_IT_COMES, rate),
        (name, package_rate),
        options.repeats,
        "images/s",
        "higher",
        deviation=deviation,
        note="deviation: in float32, where it really evaluates: every second row is shifted by a step",
    )


def _order(job: Job) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return coarse_to_fine(job.grid.v.count, job.grid.u.count).order[:1000]


def _grid_points(job: Job) -> Points:
    """List the first points of a job in the order in which they are evaluated, [n, 2]."""
    rows, columns = np.divmod(_order(job), job.grid.u.count)
    return np.stack([job.grid.u.coordinates()[columns], job.grid.v.coordinates()[rows]], axis=1)


def _deviation(losses: dict[int, float], known: dict[int, float]) -> float:
    common = sorted(losses.keys() & known.keys())
    return largest_difference([losses[place] for place in common], [known[place] for place in common])
