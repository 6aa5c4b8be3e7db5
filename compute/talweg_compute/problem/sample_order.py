"""In which order samples join, where a landscape is computed on few of them first."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from talweg_compute.messages import InputError, Problem
from talweg_compute.problem.data import Samples
from talweg_compute.problem.nested import map_tensors, tensors_of
from talweg_compute.problem.problem import OpenProblem, open_problem

_SEED = 0x54616C7765670001

Order = NDArray[np.int64]


def fair_order(samples: Samples) -> Order:
    """Choose a random permutation of the samples, of which every prefix is a fair subset.

    Where the targets are class labels, each prefix holds every class in the proportion of the whole, to within a sample
    or two. The same targets give the same order with every version of every library.

    Args:
        samples: At least one.

    Returns:
        Indices of the samples in their new order, int64 [N].
    """
    random = _hash(np.arange(2 * len(samples), dtype=np.uint64) + np.uint64(_SEED))
    shuffled = np.argsort(random[: len(samples)], kind="stable")
    targets = list(tensors_of(samples.targets))
    if len(targets) != 1 or targets[0].ndim != 1 or targets[0].is_floating_point():
        return shuffled
    labels = targets[0].numpy()[shuffled]
    classes, position_of_class = np.unique(labels, return_inverse=True)
    # the i-th of a class's n samples stands about (i + s) / n of the way along, s random for each class
    grouped = np.argsort(position_of_class, kind="stable")
    counts = np.bincount(position_of_class)
    rank = np.empty(len(labels))
    rank[grouped] = np.concatenate([np.arange(count) for count in counts])
    start = random[len(samples) : len(samples) + classes.size].astype(np.float64) / 2.0**64
    place = (rank + start[position_of_class]) / counts[position_of_class]
    return np.asarray(shuffled[np.argsort(place, kind="stable")], dtype=np.int64)


def reorder(samples: Samples, order: Order) -> Samples:
    """Put samples in another order; their hash stays that of the data as they came.

    Args:
        samples: Any.
        order: A permutation of their indices, int64 [N].

    Returns:
        The samples.
    """
    index = torch.from_numpy(np.array(order, dtype=np.int64))
    inputs, targets = (map_tensors(lambda tensor: tensor[index], part) for part in (samples.inputs, samples.targets))
    return replace(samples, inputs=inputs, targets=targets)


def open_ordered(specification: Problem, order: Order | None, begun_with: Collection[str] = ()) -> OpenProblem:
    """Open a problem whose samples are in another order.

    Args:
        specification: The job's problem, its paths absolute.
        order: A permutation of the samples, int64 [N]; None: they stay as they are.
        begun_with: See ``open_problem``.

    Returns:
        The opened problem.

    Raises:
        InputError: See ``open_problem``; or the order is of another number of samples.
    """
    problem = open_problem(specification, begun_with)
    if order is None:
        return problem
    if len(order) != len(problem.samples):
        raise InputError(
            f"problem.samples: the points already computed saw samples out of {len(order)}, the job has "
            f"{len(problem.samples)} now; compute into a new document, or restore the data."
        )
    return replace(problem, samples=reorder(problem.samples, order))


def _hash(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's output function (Steele, Lea and Flood 2014), whose numbers nobody will ever change."""
    with np.errstate(over="ignore"):
        z = numbers * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
