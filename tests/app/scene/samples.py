"""Landscapes with known shapes, and a window to draw them in."""

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape, TrainingPath

Float = NDArray[np.float64]


def landscape(
    loss: Float,
    *,
    u: Float | None = None,
    v: Float | None = None,
    accuracy: Float | None = None,
    computed: NDArray[np.bool_] | None = None,
    path: Float | None = None,
) -> Landscape:
    rows, columns = loss.shape
    unknown = np.full(loss.shape, np.nan)
    return Landscape(
        id=1,
        revision=0,
        name="sample",
        u=np.linspace(-1, 1, columns) if u is None else u,
        v=np.linspace(-1, 1, rows) if v is None else v,
        fields={
            "loss": loss,
            "accuracy": unknown if accuracy is None else accuracy,
            "loss_standard_error": unknown,
        },
        computed=np.ones(loss.shape, dtype=bool) if computed is None else computed,
        paths=() if path is None else (training_path(path),),
    )


def training_path(coordinates: Float) -> TrainingPath:
    steps = len(coordinates)
    zeros = np.zeros(steps)
    names = tuple(f"epoch_{step}" for step in range(steps))
    return TrainingPath(names, coordinates, zeros, zeros + 0.5, zeros + 90, (0.7, 0.2))


def bowl(count: int = 21) -> Landscape:
    """One minimum in the middle, values from 1 to 3."""
    x = np.linspace(-1, 1, count)
    return landscape(1 + x[None, :] ** 2 + x[:, None] ** 2)


def himmelblau(count: int = 41) -> Landscape:
    """Four minima, four saddles, one maximum; with a path into the minimum at (3, 2)."""
    x = np.linspace(-5, 5, count)
    u, v = np.meshgrid(x, x)
    steps = np.linspace(0, 1, 15)[:, None]
    path = np.array([-1.0, 4.2]) * (1 - steps) + np.array([3.0, 2.0]) * steps
    return landscape((u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2 + 0.1, u=x, v=x, path=path)
