"""Which samples of a data set are used: fixed for all points of a landscape."""

import numpy as np
from numpy.typing import NDArray


def balanced_order(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order samples so that the classes take turns; a prefix then has equally many of each, as far as there are.

    Args:
        labels: Classes, int64 [N].

    Returns:
        A permutation of 0 … N - 1, int64 [N]; the samples of a class keep their order.
    """
    by_class = np.argsort(labels, kind="stable")
    grouped = labels[by_class]
    starts = np.flatnonzero(np.r_[True, grouped[1:] != grouped[:-1]])
    turn = np.arange(len(labels)) - np.repeat(starts, np.diff(np.r_[starts, len(labels)]))
    return by_class[np.argsort(turn, kind="stable")]
