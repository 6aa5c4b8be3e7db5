"""What can be said before a job is run: which models a checkpoint fits, and what the job would take on this machine."""

import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from talweg_compute.engine import open_job
from talweg_compute.engine.device import describe_device
from talweg_compute.engine.lane_count import SECONDS_THAT_PAY_FOR_LANES, further_devices
from talweg_compute.messages import Block, Estimate, Estimated, Event, Inspect, Inspected, Progress
from talweg_compute.plane import OpenPlane
from talweg_compute.plane.projection import project
from talweg_compute.problem.checkpoint import read_checkpoint
from talweg_compute.problem.guess import guess_models
from talweg_compute.problem.problem import OpenProblem

_ENOUGH_SECONDS = 0.4
_SHOWN_NAMES = 6


def inspect(request: Inspect, emit: Callable[[Event], None]) -> None:
    """Say what is in a checkpoint.

    Args:
        request: Names it.
        emit: Takes the answer.

    Raises:
        InputError: It is none, or cannot be read.
    """
    state = read_checkpoint(Path(request.checkpoint))
    emit(
        Inspected(
            request.id,
            request.checkpoint,
            guess_models(state),
            tensors=len(state),
            numbers=sum(tensor.numel() for tensor in state.values()),
            names=tuple(f"{name} {list(tensor.shape)}" for name, tensor in list(state.items())[:_SHOWN_NAMES]),
        )
    )


def estimate(request: Estimate, emit: Callable[[Event], None], should_stop: Callable[[], bool]) -> None:
    """Open a job as a run would, evaluate its origin on ever more samples for half a second, and extrapolate.

    A point's time is taken as proportional to its samples, of which only the first are evaluated where all take long.

    Args:
        request: The job.
        emit: Takes the answer.
        should_stop: Asked before each mini-batch.

    Raises:
        InputError: A part of the job is missing or wrong, or the parts do not fit each other.
        Cancelled: It was asked to stop.
    """
    job = request.job
    begun = time.perf_counter()
    opened = open_job(job, on_phase=lambda phase: emit(Progress(request.id, phase, 0, 0)))
    problem, plane, device = opened.problem, opened.plane, opened.device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    opening = time.perf_counter() - begun
    emit(Progress(request.id, "evaluating some samples", 0, 0))
    evaluator = opened.evaluator()
    where = [0.0] * len(plane.norms)
    count = min(evaluator.batch_size, evaluator.samples)
    evaluator.at_coordinates(plane, where, should_stop, range(count))  # the first pass chooses kernels and allocates
    while True:
        start = time.perf_counter()
        record = evaluator.at_coordinates(plane, where, should_stop, range(count))
        seconds = time.perf_counter() - start
        if seconds >= _ENOUGH_SECONDS or count == evaluator.samples:
            break
        count = min(evaluator.samples, math.ceil(count * min(8.0, 1.5 * _ENOUGH_SECONDS / max(seconds, 1e-3))))
    a_point = seconds * evaluator.samples / count
    points = math.prod(axis.count for axis in job.axes)
    alone = a_point * points
    landmarks = 1 + len(job.plane.through) if job.plane.through else 0
    others = 1 + 2 * (len(problem.trajectory) + landmarks)
    others_at_work = len(further_devices(opened)[0])
    processes = 1 + others_at_work if alone >= SECONDS_THAT_PAY_FOR_LANES else 1
    emit(
        Estimated(
            request.id,
            seconds=opening + a_point + (others - 1 + points) * a_point / processes,
            opening=opening,
            others=others,
            seconds_a_point=a_point,
            points=points,
            processes=processes,
            memory=_peak_memory(device) * (processes if device.type == "cpu" else 1),
            device=describe_device(device),
            parameters=problem.layout.parameter_count,
            samples=evaluator.samples,
            loss=Block.of(record.fields["loss"]),
            accuracy=_finite(record.fields.get("accuracy")),
            extents=_extents(problem, plane, job.plane.through),
        )
    )


def _finite(number: float | None) -> float | None:
    return float(number) if number is not None and math.isfinite(number) else None


def _extents(problem: OpenProblem, plane: OpenPlane, through: Sequence[str]) -> tuple[tuple[float, float], ...]:
    """Say between which coordinates the checkpoints lie that the plane is laid through, those that are finite."""
    paths = (*problem.trajectory, *map(Path, through))
    if not paths:
        return ()
    size = problem.layout.parameter_size
    projection = project(plane.directions, plane.origin, lambda step: problem.read_flat(paths[step]), len(paths), size)
    coordinates = np.vstack([projection.coordinates, np.zeros((0 if problem.trajectory else 1, len(plane.norms)))])
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    return tuple((float(axis.min()), float(axis.max())) for axis in finite.T) if len(finite) else ()


def _peak_memory(device: torch.device) -> int:
    """The most memory that was needed so far, in bytes: of the GPU, or of this process; 0 where nobody tells."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
