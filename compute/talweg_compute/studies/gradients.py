"""The gradient along the plane at points of a landscape, taken on the network that it came from."""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from talweg_compute.curvature import Floats
from talweg_compute.messages import Block, Differentiate, Event, InputError, PointFields, Progress
from talweg_compute.studies.derivatives import open_derivatives

_EVERY = 0.25  # seconds between answers: each is a transaction of the document


def differentiate(request: Differentiate, emit: Callable[[Event], None], should_stop: Callable[[], bool]) -> None:
    """Compute the gradient along the plane at the points of a request, in its order, and emit them as they come.

    Each point takes one backward pass over all samples, in float64 where the device has it.

    Args:
        request: The job and its points.
        emit: Takes each event.
        should_stop: Asked before each mini-batch.

    Raises:
        InputError: The request's input is at fault, or its landscape was computed from something else.
        Cancelled: It was asked to stop; what was finished is emitted before.
    """
    index, coordinates = _points(request)
    total, done = index.size, 0
    found: list[dict[str, Floats]] = []

    def pass_on() -> None:
        nonlocal done
        if found:
            fields = {name: np.concatenate([entry[name] for entry in found]) for name in found[0]}
            place = Block.of(index[done : done + len(found)])
            emit(PointFields(request.id, place, {name: Block.of(values) for name, values in fields.items()}))
            done += len(found)
            found.clear()
        rate = done / (time.monotonic() - start)
        left = (total - done) / rate if done else None
        emit(Progress(request.id, "computing gradients", done, total, rate, left))

    with open_derivatives(request, total, "its gradients cannot be computed", emit, should_stop) as f:
        start = last = time.monotonic()
        try:
            for place in coordinates:
                found.append(f.gradient_fields(place))
                if time.monotonic() - last >= _EVERY:
                    pass_on()
                    last = time.monotonic()
        finally:
            pass_on()


def _points(request: Differentiate) -> tuple[npt.NDArray[np.int64], Floats]:
    index, coordinates = request.index.array(), request.coordinates.array()
    if index.ndim != 1 or coordinates.shape != (index.size, 2):
        raise InputError(
            f"gradient: got index of shape {list(index.shape)} and coordinates of shape {list(coordinates.shape)}; "
            "expected [m] and [m, 2]."
        )
    return index.astype(np.int64), coordinates.astype(np.float64)
