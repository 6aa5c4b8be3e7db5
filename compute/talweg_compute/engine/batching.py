"""The size of a mini-batch, from a short trial."""

import time

from talweg_compute.engine.evaluator import Evaluator, ShouldStop
from talweg_compute.plane import OpenPlane

_SIZES = {"cpu": (32, 64, 128), "mps": (256, 1024), "cuda": (512, 1024, 2048, 4096, 8192, 16384)}
_GAIN = 1.03  # a larger batch must be that much faster: it costs memory
_ROUNDS = 2  # the faster one counts; another program may have disturbed the slower


def tune_batch_size(evaluator: Evaluator, plane: OpenPlane, should_stop: ShouldStop) -> int:
    """Choose the size of a mini-batch that evaluates most samples a second.

    Args:
        evaluator: It is left with the chosen size.
        plane: Any plane through its origin.
        should_stop: Asked before each mini-batch.

    Returns:
        The chosen size.

    Raises:
        Cancelled: It was asked to stop.
    """
    sizes = [size for size in _SIZES[evaluator.device.type] if size < evaluator.samples] or [evaluator.samples]
    part = range(min(evaluator.samples, max(sizes[-1], 2 * sizes[0])))
    best, best_seconds = evaluator.batch_size, float("inf")
    origin = [[0.0] * len(plane.directions)]
    for size in sizes:
        evaluator.set_batch_size(size)
        seconds = float("inf")
        for _ in range(1 + _ROUNDS):  # the first one chooses kernels and allocates
            start = time.perf_counter()
            evaluator.at_many(plane, origin, should_stop, part)
            seconds = min(seconds, time.perf_counter() - start)
        if evaluator.batch_size < size:  # it ran out of memory
            best = min(best, evaluator.batch_size)
            break
        if seconds * _GAIN < best_seconds:
            best, best_seconds = size, seconds
        elif size > 2 * best:
            break
    evaluator.set_batch_size(best)
    return best
