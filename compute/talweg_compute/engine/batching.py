"""The size of a mini-batch, from a short trial.

Large networks are fastest where their activations stay in the cache; small ones where few calls are made: measured in
thread time on an AMD EPYC with AVX2, a small ResNet on 1000 digits takes 64 ms a point in batches of 64 and 26 ms in
batches of 512, a perceptron 11 and 5 ms; ResNet-20 is as fast in batches of 32 as of 256.
"""

import time

import torch

from talweg_compute.engine.evaluator import Evaluator, ShouldStop
from talweg_compute.engine.format_choice import SECONDS_THAT_PAY_FOR_TRIALS
from talweg_compute.plane import OpenPlane

_SIZES = {"cpu": (32, 64, 128, 256, 512), "mps": (256, 1024), "cuda": (512, 1024, 2048, 4096, 8192, 16384)}
_GAIN = 1.03  # a larger batch must be that much faster: it costs memory
_ROUNDS = 3  # the fastest one counts; another program may have disturbed the others


_SECONDS_ON_CPU, _SHARE = 10.0, 0.02  # from when on a trial pays there, and of the samples that are left it may take


def trial_pays(evaluator: Evaluator, samples_left: float, seconds_left: float) -> bool:
    """Tell whether a trial of sizes saves more than it takes.

    Args:
        evaluator: Where a kernel is chosen for each size, as on GPUs, a trial takes seconds however small the work is.
        samples_left: Evaluations of a sample that are to come.
        seconds_left: How long one process would take for them.
    """
    if evaluator.device.type != "cpu":
        return seconds_left >= SECONDS_THAT_PAY_FOR_TRIALS
    at_most = (1 + _ROUNDS) * sum(len(_part(evaluator, size)) for size in _sizes(evaluator))
    return seconds_left >= _SECONDS_ON_CPU and at_most <= _SHARE * samples_left


def _sizes(evaluator: Evaluator) -> list[int]:
    return [size for size in _SIZES[evaluator.device.type] if size < evaluator.samples] or [evaluator.samples]


def _part(evaluator: Evaluator, size: int) -> range:
    """Choose the samples on which a size is tried: as few as hold a batch of it, and several of the smallest one."""
    return range(min(evaluator.samples, max(size, 2 * _sizes(evaluator)[0])))


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
    # of a single thread its own time counts, which stands still while another program has the core
    on_one_thread = evaluator.device.type == "cpu" and torch.get_num_threads() == 1
    clock = time.thread_time if on_one_thread else time.perf_counter
    best, best_seconds = evaluator.batch_size, float("inf")
    origin = [[0.0] * len(plane.directions)]
    for size in _sizes(evaluator):
        evaluator.set_batch_size(size)
        part, seconds = _part(evaluator, size), float("inf")  # a sample
        for _ in range(1 + _ROUNDS):  # the first one chooses kernels and allocates
            start = clock()
            evaluator.at_many(plane, origin, should_stop, part)
            seconds = min(seconds, (clock() - start) / len(part))
        if evaluator.batch_size < size:  # it ran out of memory
            best = min(best, evaluator.batch_size)
            break
        if seconds * _GAIN < best_seconds:
            best, best_seconds = size, seconds
        elif size > 2 * best:
            break
    evaluator.set_batch_size(best)
    return best
