"""Where a surface is more than the noise of a number format: its flat parts, critical points, and their order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from talweg_compute.field import default_threshold, fill, find_critical_points

FLOORS_OF_RANGE = 50
"""Slopes are trusted where the loss varies by that many noise floors among neighbours."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def within_noise(loss: Floats, known: Flags, floor: float, relative: float = 0.0) -> Flags:
    """Find where a surface varies too little among neighbours for a coarse number format.

    Args:
        loss: float64 [nu], [nv, nu] or [nw, nv, nu].
        known: bool of that shape, which of them are evaluated; the others are interpolated, sheet by sheet.
        floor: Noise of the format near the bottom.
        relative: Its median deviation as a share of the loss, which counts where it is more than the floor.

    Returns:
        bool of that shape, where the range of a point and its neighbours is under ``FLOORS_OF_RANGE`` times the noise.
    """
    if not known.any():
        return np.zeros(loss.shape, dtype=np.bool_)
    sheet = loss.shape[-2:] if loss.ndim > 1 else (1, *loss.shape)
    pairs = zip(loss.reshape(-1, *sheet), known.reshape(-1, *sheet), strict=True)
    values = np.stack([fill(each, seen & np.isfinite(each))[0] for each, seen in pairs]).reshape(loss.shape)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, 1, mode="edge"), (3,) * loss.ndim)
    spread = np.ptp(windows, axis=tuple(range(loss.ndim, 2 * loss.ndim)))
    noise = np.maximum(floor, relative * np.abs(values))
    return np.asarray(spread < FLOORS_OF_RANGE * noise)


def critical_vertices(loss: Floats, standard_error: Floats) -> tuple[NDArray[np.int64], Flags]:
    """Find the persistent critical points of a surface that is known everywhere.

    Args:
        loss: float64 [nv, nu].
        standard_error: float64 [nv, nu], which says what is persistent.

    Returns:
        Their flat indices, and bool [nv, nu]: they and their neighbours.
    """
    points = find_critical_points(loss).above(default_threshold(loss, standard_error))
    around = np.zeros(tuple(size + 2 for size in loss.shape), dtype=np.bool_)
    for row, column in zip(points.row, points.column, strict=True):
        around[row : row + 3, column : column + 3] = True
    return np.ravel_multi_index((points.row, points.column), loss.shape).astype(np.int64), around[1:-1, 1:-1]


def order_flips(losses: Sequence[float], exact: Sequence[float]) -> bool:
    """Tell whether two points stand in another order than exact losses put them."""
    order = np.argsort(exact, kind="stable")
    ordered = np.asarray(losses)[order]
    distinct = np.diff(np.asarray(exact)[order]) > 0
    return bool((distinct & (np.diff(ordered) < 0)).any())
