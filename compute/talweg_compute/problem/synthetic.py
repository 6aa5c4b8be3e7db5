"""Two-dimensional data that are drawn, for networks whose decisions can be looked at."""

import numpy as np
from numpy.typing import NDArray

from talweg_compute.messages import InputError

Drawn = tuple[NDArray[np.float32], NDArray[np.int64]]


def two_moons(count: int = 1000, noise: float = 0.1, seed: int = 0) -> Drawn:
    """Draw two interleaving half circles of radius 1, classes 0 and 1 in turn.

    Args:
        count: Number of points.
        noise: Standard deviation of the Gaussian noise on both coordinates.
        seed: Of the random numbers.

    Returns:
        Points float32 [count, 2], classes int64 [count].
    """
    generator, labels = _begin(count, 2, seed)
    angle = np.pi * generator.random(count)
    x = np.where(labels == 0, np.cos(angle), 1 - np.cos(angle))
    y = np.where(labels == 0, np.sin(angle), 0.5 - np.sin(angle))
    return _noisy(x, y, noise, generator), labels


def spirals(count: int = 1000, noise: float = 0.02, seed: int = 0, classes: int = 3, turns: float = 0.75) -> Drawn:
    """Draw one Archimedean spiral a class, each turned against the last, out to radius 1; the classes come in turn.

    Args:
        count: Number of points.
        noise: Standard deviation of the Gaussian noise on both coordinates.
        seed: Of the random numbers.
        classes: Number of spirals.
        turns: How often each winds around the centre.

    Returns:
        Points float32 [count, 2], classes int64 [count].

    Raises:
        InputError: There are fewer than two classes.
    """
    if not isinstance(classes, int) or classes < 2:
        raise InputError(f"data_args.classes: got {classes!r}; expected an integer of at least 2.")
    generator, labels = _begin(count, classes, seed)
    radius = generator.random(count)
    angle = 2 * np.pi * (turns * radius + labels / classes)
    return _noisy(radius * np.cos(angle), radius * np.sin(angle), noise, generator), labels


def swiss_roll(count: int = 400, noise: float = 0.5, seed: int = 0) -> Drawn:
    """Draw the two spirals of Huang et al. 2020 ("Understanding Generalization Through Visualizations").

    With n = √U · 600 · 2π/360 a point of class 0 is (-1.5 n cos n, 1.5 n sin n) with noise on both, and class 1 its
    negation; the classes come in turn.

    Args:
        count: Number of points.
        noise: Standard deviation of the Gaussian noise on both coordinates.
        seed: Of the random numbers.

    Returns:
        Points float32 [count, 2], classes int64 [count].
    """
    generator, labels = _begin(count, 2, seed)
    n = np.sqrt(generator.random(count)) * 600 * 2 * np.pi / 360
    sign = np.where(labels == 0, 1.0, -1.0)
    return _noisy(-1.5 * sign * np.cos(n) * n, 1.5 * sign * np.sin(n) * n, noise, generator), labels


def _begin(count: int, classes: int, seed: int) -> tuple[np.random.Generator, NDArray[np.int64]]:
    if not isinstance(count, int) or count < classes:
        raise InputError(f"data_args.count: got {count!r}; expected an integer of at least {classes}.")
    return np.random.default_rng(seed), np.arange(count) % classes


def _noisy(
    x: NDArray[np.float64], y: NDArray[np.float64], noise: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    if not isinstance(noise, int | float) or noise < 0:
        raise InputError(f"data_args.noise: got {noise!r}; expected a number of at least 0.")
    points = np.stack([x, y], 1)
    return (points + noise * generator.standard_normal(points.shape)).astype(np.float32)
