"""The derivatives along the plane of a landscape that was computed before, from the same source."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from talweg_compute.curvature import PlaneDerivatives
from talweg_compute.engine import Cancelled, OpenJob, open_job
from talweg_compute.engine.number_format import switched_on
from talweg_compute.engine.resources import available_cores
from talweg_compute.messages import Certify, Differentiate, Event, Grid, InputError, Note, Progress, Provenance

_DIFFERENTIABLE = ("frozen", "interpolated")
_SMALL = 200_000  # parameters: threads wait for one another longer than they compute


@contextmanager
def open_derivatives(
    request: Certify | Differentiate,
    total: int,
    purpose: str,
    emit: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> Iterator[PlaneDerivatives]:
    """Open what a request differentiates, and use as many threads as it takes meanwhile.

    Args:
        request: Its job, and what its landscape was computed from.
        total: How many points it has, for the progress.
        purpose: What cannot be done with another source, such as "its critical points cannot be certified".
        emit: Takes progress and notes.
        should_stop: Asked before each mini-batch.

    Yields:
        The derivatives along the plane; they raise ``Cancelled`` where they are asked to stop.

    Raises:
        InputError: The job's input is at fault, its landscape has no two directions or no derivatives along them, or
            was computed from something else.
    """

    def stop_if_asked() -> None:
        if should_stop():
            raise Cancelled

    job, name = request.job, "certify" if isinstance(request, Certify) else "gradient"
    threads = torch.get_num_threads()
    opened = open_job(
        job,
        begun_with=request.expected.trajectory if request.expected is not None else (),
        on_phase=lambda phase: emit(Progress(request.id, phase, 0, total)),
    )
    problem, plane = opened.problem, opened.plane
    if (count := plane.directions.shape[0]) != 2:
        raise InputError(f"{name}: this landscape has {count} direction(s); expected the two of a plane.")
    if opened.batch_norm not in _DIFFERENTIABLE:
        raise InputError(
            f"{name}: this landscape's buffers are {opened.batch_norm} at each point, along which the loss has no "
            f"derivative that could be taken; expected {' or '.join(_DIFFERENTIABLE)} ones."
        )
    if request.expected is not None:
        _check_source(request.expected, opened, purpose)
    torch.set_num_threads(1 if problem.layout.parameter_count < _SMALL else available_cores())
    try:
        with switched_on("float32", opened.device):
            yield PlaneDerivatives(
                problem,
                plane,
                opened.device,
                job.run.batch_size,
                _steps(job.grid),
                stop_if_asked,
                lambda text: emit(Note(request.id, text)),
            )
    finally:
        torch.set_num_threads(threads)


def _check_source(expected: Provenance, opened: OpenJob, purpose: str) -> None:
    """Compare all that makes a surface but the number format, which differs on purpose."""
    problem, plane = opened.problem, opened.plane
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
            f"so {purpose}; restore the files, or compute it again."
        )


def _steps(grid: Grid) -> tuple[float, float]:
    steps = [(axis.stop - axis.start) / (axis.count - 1) for axis in (grid.u, grid.v)]
    return steps[0], steps[1]
