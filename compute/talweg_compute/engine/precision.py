"""Which number format the points of a landscape are evaluated in: measured on the surface itself."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.evaluator import Evaluator, ShouldStop
from talweg_compute.engine.forward import UnsuitableFormatError
from talweg_compute.engine.number_format import Precision
from talweg_compute.engine.record import Record
from talweg_compute.field import default_threshold, fill, find_critical_points
from talweg_compute.plane import OpenPlane

PRECISION_TOPIC = "precision"
"""Of what is measured: how far a number format is off."""

TRIAL_POINTS = 12
"""Points of the surface that are evaluated in both formats."""

FLOORS_OF_RANGE = 50
"""Slopes are trusted where the loss varies by that many noise floors among neighbours."""

_FLOOR_POINTS = 2  # of lowest loss, beside the origin
_WORTHWHILE = 1.1  # times as fast as float32

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Deviation:
    """How the losses of a number format differ from float32's, on a random sample of one surface's points.

    Attributes:
        precision: The format.
        points: Size of the sample; its losses that are not finite in float32 are left out below.
        median: Median absolute deviation.
        relative: Median deviation as a share of the loss.
        largest: Largest absolute deviation; inf where a loss is finite in float32 alone.
        floor: Noise near the bottom: the largest deviation at the origin and at the lowest points of the sample.
        excess: Median of the deviations in units of what is allowed at each point: fit for use up to 1.
        speed: Points a second, in those of float32.
    """

    precision: Precision
    points: int
    median: float
    relative: float
    largest: float
    floor: float
    excess: float
    speed: float

    @property
    def is_tolerable(self) -> bool:
        """Whether the format keeps the tolerance, and no loss is infinite in it alone."""
        return self.excess <= 1 and math.isfinite(self.largest)

    def describe(self) -> str:
        """Say the deviations in a clause."""
        return (
            f"{self.precision} differs from float32 by {self.median:.2g} ({100 * self.relative:.2g} %) at the "
            f"median of {self.points} points and by {self.largest:.2g} at most, is {self.speed:.2g} times as fast, and "
            f"its noise near the bottom is {self.floor:.2g}"
        )


@dataclass(frozen=True)
class Trial:
    """What was found.

    Attributes:
        choice: The format to go on with.
        deviation: Of that format, or of the best one that was refused; None where none was tried.
        records: float32 records of the sample's points, in order.
    """

    choice: Precision
    deviation: Deviation | None
    records: list[Record]

    @property
    def values(self) -> dict[str, float | int | str | bool | None]:
        """The findings by name, as they are stored."""
        found = self.deviation
        if found is None:
            return {"chosen": self.choice}
        return {
            "chosen": self.choice,
            "tried": found.precision,
            "points": found.points,
            "median": found.median if math.isfinite(found.median) else "inf",
            "relative": found.relative if math.isfinite(found.relative) else "inf",
            "largest": found.largest if math.isfinite(found.largest) else "inf",
            "floor": found.floor if math.isfinite(found.floor) else "inf",
            "speed": found.speed,
        }


def try_formats(
    evaluator: Evaluator,
    plane: OpenPlane,
    sample: Sequence[Sequence[float]],
    candidates: Iterable[Precision],
    tolerance: float,
    should_stop: ShouldStop,
    on_note: Callable[[str], None],
    forced: bool = False,
) -> Trial:
    """Choose the fastest format that keeps the tolerance.

    Args:
        evaluator: Evaluates in any format.
        plane: The plane of the surface.
        sample: Coordinates of a random sample of its points.
        candidates: Formats below float32, the one that should be fastest first.
        tolerance: Share of the loss, or of 1 where the loss is smaller, that the median deviation may reach.
        should_stop: Asked before each mini-batch.
        on_note: Given a sentence for a format in which the model breaks.
        forced: The first format in which the model runs is taken, whatever its deviation.

    Returns:
        The choice with its deviations; float32 where no other is fit or faster.

    Raises:
        Cancelled: It was asked to stop.
    """
    points = [[0.0] * len(sample[0]), *sample]

    def evaluate(precision: Precision) -> tuple[list[Record], float]:
        first = evaluator.at_many(plane, points[:1], should_stop, precision=precision)  # kernels are chosen on the way
        start = time.perf_counter()
        return first + evaluator.at_many(
            plane, points[1:], should_stop, precision=precision
        ), time.perf_counter() - start

    exact, exact_seconds = evaluate("float32")
    refused = None
    for precision in candidates:
        try:
            evaluator.prepare(precision)
            found, seconds = evaluate(precision)
        except UnsuitableFormatError as error:
            on_note(f"The model does not run in {precision} ({error}); its points are evaluated in float32.")
            continue
        deviation = _compare(precision, found, exact, tolerance, exact_seconds / max(seconds, 1e-9))
        if forced or (deviation.is_tolerable and deviation.speed >= _WORTHWHILE):
            return Trial(precision, deviation, exact[1:])
        if not math.isfinite(deviation.largest):
            on_note(f"The model breaks in {precision}: losses that are finite in float32 are not; it is evaluated so.")
        refused = refused or deviation
        evaluator.release(precision)
    return Trial("float32", refused, exact[1:])


def _compare(
    precision: Precision, found: Sequence[Record], exact: Sequence[Record], tolerance: float, speed: float
) -> Deviation:
    losses, expected = (np.array([record.loss for record in records]) for records in (found, exact))
    usable = np.isfinite(expected)
    usable[1:] |= not usable[1:].any()  # nothing finite to compare: whatever the format does is NaN as well
    with np.errstate(invalid="ignore", divide="ignore"):
        deviations = np.abs(losses - expected)
    deviations[np.isnan(deviations)] = np.inf
    deviations[~np.isfinite(expected)] = 0.0
    deviations, expected = deviations[usable], np.abs(expected[usable])
    low = np.argsort(expected)[:_FLOOR_POINTS]
    return Deviation(
        precision=precision,
        points=len(found) - 1,
        median=float(np.median(deviations)),
        relative=float(np.median(deviations / np.maximum(expected, 1e-12))),
        largest=float(deviations.max()),
        floor=float(max(deviations[0], deviations[low].max())),
        excess=float(np.median(deviations / (tolerance * np.maximum(expected, 1.0)))),
        speed=speed,
    )


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
