"""Certification: the critical points of a landscape, looked for again on the network that it came from."""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from talweg_compute.curvature import Certifier, Floats, PlaneDerivatives, Verdict
from talweg_compute.engine import Cancelled, choose_device
from talweg_compute.engine.device import available_cores
from talweg_compute.field import CriticalKind
from talweg_compute.messages import Block, Certified, Certify, Event, Grid, InputError, Note, Progress, Provenance
from talweg_compute.plane import OpenPlane, move_origin, open_plane
from talweg_compute.problem.problem import OpenProblem, open_problem

_DIFFERENTIABLE = ("frozen", "interpolated")
_SMALL = 200_000  # parameters: threads wait for one another longer than they compute


def certify(request: Certify, emit: Callable[[Event], None], should_stop: Callable[[], bool]) -> None:
    """Certify the critical points of a request and emit each as it is finished.

    Args:
        request: The job, its points and what the grid takes them for.
        emit: Takes each event.
        should_stop: Asked before each mini-batch.

    Raises:
        InputError: The request's input is at fault, or its landscape was computed from something else.
        Cancelled: It was asked to stop; what was emitted stays.
    """

    def stop_if_asked() -> None:
        if should_stop():
            raise Cancelled

    job = request.job
    index, coordinates, kinds = _points(request)
    taken = () if request.taken is None else request.taken.array()
    device = choose_device(job.run.device)
    emit(Progress(request.id, "loading model and data", 0, len(kinds)))
    problem = open_problem(job.problem, request.expected.trajectory if request.expected is not None else ())
    emit(Progress(request.id, "finding the plane", 0, len(kinds)))
    problem = move_origin(job.origin, problem)
    plane = open_plane(job.plane, problem, device)
    if (count := plane.directions.shape[0]) != 2:
        raise InputError(f"certify: this landscape has {count} direction(s); expected the two of a plane.")
    treatment = "recalibrated" if job.problem.batch_norm == "recalibrated" else plane.batch_norm
    if treatment not in _DIFFERENTIABLE:
        raise InputError(
            f"certify: this landscape's buffers are {treatment} at each point, along which the loss has no "
            f"derivative that could be taken; expected {' or '.join(_DIFFERENTIABLE)} ones."
        )
    if request.expected is not None:
        _check_source(request.expected, problem, plane)
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if problem.layout.parameter_count < _SMALL else available_cores())
    try:
        f = PlaneDerivatives(
            problem,
            plane,
            device,
            job.run.batch_size,
            _steps(job.grid),
            stop_if_asked,
            lambda text: emit(Note(request.id, text)),
        )
        certifier = Certifier(f, (job.grid.u.start, job.grid.v.start), (job.grid.u.stop, job.grid.v.stop))
        done: set[int] = set()
        start = time.monotonic()
        emit(Progress(request.id, "certifying critical points", 0, len(kinds)))
        for place, verdict in certifier.examine_all(coordinates, kinds, taken):
            done.add(place)
            emit(_event(request.id, int(index[place]), CriticalKind(int(kinds[place])), verdict, f.precision))
            left = (time.monotonic() - start) * (len(kinds) - len(done)) / len(done)
            emit(Progress(request.id, "certifying critical points", len(done), len(kinds), remaining=left))
    finally:
        torch.set_num_threads(threads)


def _points(request: Certify) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.int8]]:
    index, coordinates, kinds = request.index.array(), request.coordinates.array(), request.kinds.array()
    if kinds.ndim != 1 or coordinates.shape != (kinds.size, 2) or index.shape != kinds.shape:
        raise InputError(
            f"certify: got index of shape {list(index.shape)}, coordinates of shape {list(coordinates.shape)} and "
            f"kinds of shape {list(kinds.shape)}; expected [m], [m, 2] and [m]."
        )
    if not np.isin(kinds, [int(kind) for kind in CriticalKind]).all():
        raise InputError("certify: got an unknown kind; expected 0 (minimum), 1 (saddle) or 2 (maximum) for each.")
    return index.astype(np.int64), coordinates.astype(np.float64), kinds.astype(np.int8)


def _check_source(expected: Provenance, problem: OpenProblem, plane: OpenPlane) -> None:
    """Compare all that makes a surface but the number format, which differs on purpose."""
    found = (problem.checkpoint_sha256, problem.moved_sha256, problem.samples.sha256, plane.sha256, plane.batch_norm)
    wanted = (
        expected.checkpoint_sha256,
        expected.moved_sha256,
        expected.data_sha256,
        expected.directions_sha256,
        expected.batch_norm,
    )
    if found != wanted:
        raise InputError(
            f"{problem.checkpoint}: the landscape came from another checkpoint, data or plane than the job names now, "
            "so its critical points cannot be certified; restore the files, or compute it again."
        )


def _steps(grid: Grid) -> tuple[float, float]:
    steps = [(axis.stop - axis.start) / (axis.count - 1) for axis in (grid.u, grid.v)]
    return steps[0], steps[1]


def _event(request_id: str, index: int, sought: CriticalKind, verdict: Verdict, precision: str) -> Certified:
    fields = {
        "u": verdict.position[0],
        "v": verdict.position[1],
        "loss": verdict.loss,
        "gradient_norm": verdict.slope,
        "gradient_scale": verdict.scale,
        "eigenvalues": verdict.curvatures,
        "full_gradient_norm": verdict.full_gradient_norm,
        "out_of_plane_norm": verdict.out_of_plane_norm,
    }
    return Certified(
        request_id,
        index=index,
        sought=int(sought),
        status=verdict.status,
        kind=-1 if verdict.kind is None else int(verdict.kind),
        iterations=verdict.iterations,
        precision=precision,
        fields={name: Block.of(np.asarray(value, dtype=np.float64)) for name, value in fields.items()},
    )
