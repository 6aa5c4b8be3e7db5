"""How close evaluation comes to what the machine can do, how soon a surface stands, and in how much memory."""

import contextlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.cases import CASES, SHARED, Case, on_gpu
from bench.frame import Options, Row, compare, largest_difference, seconds
from bench.peers import PlainLoop, Points
from talweg_compute.engine import Cancelled, Evaluator, choose_device, compute_landscape
from talweg_compute.engine.resources import available_cores
from talweg_compute.field import Refinement, coarse_to_fine, refine_adaptively
from talweg_compute.messages import Compute, Event, Job
from talweg_compute.messages import Points as PointsEvent
from talweg_compute.plane.plane import open_plane
from talweg_compute.problem.problem import OpenProblem, open_problem

_PRECISIONS = {"float32": torch.float32, "bf16": torch.bfloat16}
_COARSE = 9


def measure(options: Options) -> Iterator[Row]:
    """Measure the convolutional networks on each device of this machine."""
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    chosen = ("ResNet-56",) if options.quick else ("ResNet-56", "VGG-11")
    with tempfile.TemporaryDirectory() as folder:
        for device in devices:
            for case in (case for case in CASES if case.name in chosen):
                placed = case if device == "cpu" else on_gpu(case)
                yield from _share_of_peak(placed, device, Path(folder), options)
            for name in ("digits net",) if options.quick else ("digits net", "ResNet-20"):
                small = next(case for case in CASES if case.name == name)
                yield _first_surface(small, device, Path(folder), options)
            if device == "cpu":
                yield _evaluations_saved()
            yield _memory(next(case for case in CASES if case.name == "ResNet-56"), device, Path(folder), options)


# share of the peak


def _share_of_peak(case: Case, device: str, folder: Path, options: Options) -> Iterator[Row]:
    job = case.job(folder, device)
    problem = open_problem(job.problem)
    plane = open_plane(job.plane, problem)
    operations = flops_of_an_image(problem)
    window = 1 if device == "cpu" else 16  # points that are read together
    for precision in ("float32", "bf16"):
        evaluator = Evaluator(problem, choose_device(device), precision=precision)

        def reached(evaluator: Evaluator = evaluator) -> float:
            torch.set_num_threads(1)
            done, start = 0, time.perf_counter()
            while (spent := time.perf_counter() - start) < 1.5:
                evaluator.at_many(plane, [(0.1 * (done % 7), 0.1)] * window, lambda: False)
                done += window
            return done * evaluator.samples * operations / spent / 1e9

        for name, shape in _PRODUCTS[device].items():
            peak = partial(_rate_of_product, shape, _PRECISIONS[precision], device)
            yield compare(
                f"{case.name}, {case.samples} images, {device}, {precision}, one process",
                (f"{operations / 1e6:.0f} MFLOP an image", reached),
                (f"{name} product", peak),
                options.repeats,
                "GFLOP/s",
                "higher",
                note="ratio: share of what the product reaches",
            )
    yield _ceiling(case, device, PlainLoop(problem, plane, choose_device(device)), operations, options)


_Shape = tuple[int, int, int]

_PRODUCTS: dict[str, dict[str, _Shape]] = {
    "cpu": {
        "square 2048": (2048, 2048, 2048),
        "convolution-shaped": (64 * 16 * 16, 9 * 32, 32),  # images × places, kernel × channels, channels
    },
    "cuda": {
        "square 8192": (8192, 8192, 8192),
        "convolution-shaped": (4096 * 16 * 16, 9 * 32, 32),
    },
}


def _ceiling(case: Case, device: str, plain: PlainLoop, operations: float, options: Options) -> Row:
    """Say how many times the plain loop any evaluation in bf16 could reach, were it nothing but matrix products."""
    name, shape = next(iter(_PRODUCTS[device].items()))
    processes = available_cores() if device == "cpu" else 1

    def most() -> float:
        return processes * _rate_of_product(shape, torch.bfloat16, device)

    def loop() -> float:
        rate, _ = plain.run(np.array([[0.1, 0.1], [0.2, 0.1]]), 2.0)
        return rate * case.samples * operations / 1e9

    return compare(
        f"{case.name}, {case.samples} images, {device}: the most that could be had",
        (f"{name} product, bf16, {processes} times", most),
        ("plain loop", loop),
        options.repeats,
        "GFLOP/s",
        "higher",
        note="what evaluation could reach if it were that product alone",
    )


def flops_of_an_image(problem: OpenProblem) -> float:
    """Count the floating-point operations of one image's forward pass, two a multiplication with addition."""
    batch = problem.samples.tensors()[0][:2]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        problem.model(batch)
    return float(counter.get_total_flops()) / len(batch)


def _rate_of_product(shape: _Shape, dtype: torch.dtype, device: str) -> float:
    """Multiply matrices for a while; returns GFLOP/s."""
    torch.set_num_threads(1)
    rows, inner, columns = shape
    left, right = torch.randn(rows, inner).to(device, dtype), torch.randn(inner, columns).to(device, dtype)
    product = left @ right
    at_a_time = 3 if device == "cpu" else 50  # before the host looks at the clock
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < 1.0:
        for _ in range(at_a_time):
            torch.matmul(left, right, out=product)
        done += at_a_time
        if device == "cuda":
            torch.cuda.synchronize()
    return 2 * rows * inner * columns * done / (time.perf_counter() - start) / 1e9


# the first surface


def _first_surface(case: Case, device: str, folder: Path, options: Options) -> Row:
    job = case.job(folder, device, count=2 * _COARSE - 1)
    order = coarse_to_fine(job.grid.v.count, job.grid.u.count).order[: _COARSE**2]
    rows, columns = np.divmod(order, job.grid.u.count)
    points = np.stack([job.grid.u.coordinates()[columns], job.grid.v.coordinates()[rows]], axis=1)
    results: dict[str, list[float]] = {}

    def ours() -> None:
        results["ours"] = coarse_surface(job, order.tolist())

    def theirs() -> None:
        results["theirs"] = plain_surface(job, device, points)

    what = f"first complete {_COARSE}x{_COARSE} surface from the job's start"
    return compare(
        f"{what}, {case.name}, {case.samples} images, {device}",
        ("compute", seconds(ours)),
        ("plain loop", seconds(theirs)),
        options.repeats,
        "s",
        "lower",
        deviation=lambda: largest_difference(results["ours"], results["theirs"]),
    )


def coarse_surface(job: Job, order: list[int]) -> list[float]:
    """Compute a job as the worker does until the first level, given by flat indices, stands; returns its losses."""
    losses: dict[int, float] = {}
    missing = set(order)  # a trial of number formats may evaluate others before

    def emit(event: Event) -> None:
        if isinstance(event, PointsEvent):
            losses.update(zip(event.index.array().tolist(), event.fields["loss"].array().tolist(), strict=True))
            missing.difference_update(losses)

    with contextlib.suppress(Cancelled):
        compute_landscape(Compute("bench", job), emit, lambda: not missing)
    return [losses[index] for index in order]


def plain_surface(job: Job, device: str, points: Points) -> list[float]:
    """Open the job and evaluate points with the plain loop."""
    problem = open_problem(job.problem)
    loop = PlainLoop(problem, open_plane(job.plane, problem), choose_device(device))
    return [loop.loss(*point) for point in points]


# evaluations saved


def _evaluations_saved() -> Row:
    """Refine a surface that is known everywhere, as an adaptive run would, and compare with all of it."""
    published = SHARED / "surfaces" / "amosyou" / "resnet56.obj"
    if published.exists():
        name = "the ResNet-56 surface published by Li et al."
        lines = published.read_text(encoding="utf-8").splitlines()
        logs = np.array([float(line.split()[3]) for line in lines if line.startswith("v ")][: 51 * 51])
        surface = np.exp(logs.reshape(51, 51)) - 0.1
    else:
        name = "a dented bowl"
        u, v = np.meshgrid(np.linspace(-1, 1, 51), np.linspace(-1, 1, 51))
        surface = 0.1 + 3 * (u**2 + 2 * v**2) + 0.5 * np.sin(4 * u) * np.cos(3 * v)
    rows, columns = surface.shape
    steps = refine_adaptively(rows, columns, 0.01)
    next(steps)
    while True:
        try:
            steps.send(surface.ravel())
        except StopIteration as end:
            found: Refinement = end.value
            break
    evaluated = int(found.evaluated.sum())
    error = np.abs(found.values - surface) / np.maximum(np.abs(surface), 0.01 * np.median(np.abs(surface)))
    ratio = surface.size / evaluated
    return Row(
        f"evaluations for {name}, 51x51, tolerance 1 %",
        "adaptive",
        "every point",
        *(ratio, ratio, ratio, 1, evaluated, surface.size, "points", float(error.max()), 3.0),
        note=f"{100 * np.mean(error <= 0.01):.1f} % of the points within the tolerance",
    )


# memory


def _memory(case: Case, device: str, folder: Path, options: Options) -> Row:
    job = case.job(folder, device)
    return compare(
        f"peak resident memory of one process, {case.name}, {case.samples} images, {device}",
        ("evaluator", partial(_peak_memory, _evaluate_some, job, device)),
        ("plain loop", partial(_peak_memory, _loop_some, job, device)),
        2 if options.quick else 3,
        "MiB",
        "lower",
    )


def _evaluate_some(job: Job, device: str) -> None:
    torch.set_num_threads(1)
    problem = open_problem(job.problem)
    evaluator = Evaluator(problem, choose_device(device))
    evaluator.at_coordinates(open_plane(job.plane, problem), (0.1, 0.1), lambda: False)


def _loop_some(job: Job, device: str) -> None:
    plain_surface(job, device, np.array([[0.1, 0.1]]))


def _peak_memory(work: Callable[[Job, str], None], job: Job, device: str) -> float:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_report_memory, args=(theirs, work, job, device))
    process.start()
    theirs.close()
    peak: float = ours.recv()
    process.join()
    return peak


def _report_memory(connection: Connection, work: Callable[[Job, str], None], job: Job, device: str) -> None:
    work(job, device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    connection.send(peak / (2**20 if sys.platform == "darwin" else 2**10))
