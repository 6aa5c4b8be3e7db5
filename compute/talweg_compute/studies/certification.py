"""Certification: the critical points of a landscape, looked for again on the network that it came from."""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from talweg_compute.curvature import Certifier, Floats, Verdict
from talweg_compute.field import CriticalKind
from talweg_compute.messages import Block, Certified, Certify, Event, InputError, Progress
from talweg_compute.studies.derivatives import open_derivatives


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
    grid = request.job.grid
    index, coordinates, kinds = _points(request)
    taken = () if request.taken is None else request.taken.array()
    purpose = "its critical points cannot be certified"
    with open_derivatives(request, len(kinds), purpose, emit, should_stop) as f:
        certifier = Certifier(f, (grid.u.start, grid.v.start), (grid.u.stop, grid.v.stop))
        done: set[int] = set()
        start = time.monotonic()
        emit(Progress(request.id, "certifying critical points", 0, len(kinds)))
        for place, verdict in certifier.examine_all(coordinates, kinds, taken):
            done.add(place)
            emit(_event(request.id, int(index[place]), CriticalKind(int(kinds[place])), verdict, f.precision))
            left = (time.monotonic() - start) * (len(kinds) - len(done)) / len(done)
            emit(Progress(request.id, "certifying critical points", len(done), len(kinds), remaining=left))


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
