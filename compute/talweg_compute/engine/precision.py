"""Which number format the points of a landscape are evaluated in: measured on the surface itself."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from talweg_compute.engine.evaluator import Evaluator, ShouldStop
from talweg_compute.engine.forward import UnsuitableFormatError
from talweg_compute.engine.number_format import Precision
from talweg_compute.engine.record import Record
from talweg_compute.plane import OpenPlane

PRECISION_TOPIC = "precision"
"""Of what is measured: how far a number format is off."""

TRIAL_POINTS = 12
"""Points of the surface that are evaluated in both formats."""

_FLOOR_POINTS = 2  # of lowest loss, beside the origin
_WORTHWHILE = 1.1  # times as fast as float32
_AS_FAST = 0.95  # of the fastest one's speed: which of two such is faster is chance

_RUNS = 4  # of consecutive samples, apart from each other
_RUN_ON_CPU, _RUN_ON_GPU = 64, 1024  # samples; a GPU's formats differ in speed only where it is busy

Floats = NDArray[np.float64]
Values = dict[str, float | int | str | bool | None]


@dataclass(frozen=True)
class Deviation:
    """How the losses of a number format differ from float32's, on a random sample of one surface's points.

    Attributes:
        precision: The format.
        samples: How many of the data's samples the losses are means of.
        points: Size of the sample; its losses that are not finite in float32 are left out below.
        median: Median absolute deviation.
        relative: Median deviation as a share of the loss.
        largest: Largest absolute deviation; inf where a loss is finite in float32 alone.
        floor: Noise near the bottom: the largest deviation at the origin and at the lowest points of the sample.
        excess: Median of the deviations in units of what is allowed at each point: fit for use up to 1.
        speed: Points a second, in those of float32.
    """

    precision: Precision
    samples: int
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

    @property
    def values(self) -> Values:
        """The numbers by name, as they are stored."""
        names = ("median", "relative", "largest", "floor", "speed")
        return {name: value if math.isfinite(value := getattr(self, name)) else "inf" for name in names}

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
        deviations: Of each format that the model runs in, in the order in which they were tried.
        records: float32 records of the sample's points, in order, where they saw all samples; otherwise nothing.
    """

    choice: Precision
    deviations: tuple[Deviation, ...]
    records: list[Record]

    @property
    def deviation(self) -> Deviation | None:
        """Of the chosen format, or of the best one that was refused; None where none was tried."""
        chosen = [each for each in self.deviations if each.precision == self.choice]
        return min(chosen or self.deviations, key=lambda each: each.excess, default=None)

    @property
    def values(self) -> Values:
        """The findings by name, as they are stored: of one format, then of the others with their names before."""
        found = self.deviation
        if found is None:
            return {"chosen": self.choice}
        values: Values = {"chosen": self.choice, "tried": found.precision, "points": found.points}
        values |= {"samples": found.samples, **found.values}
        for other in self.deviations:
            if other is not found:
                values |= {f"{other.precision}_{name}": value for name, value in other.values.items()}
        return values


def trial_parts(samples: int, device: torch.device) -> list[range]:
    """Choose the samples on which number formats are compared: the same ones of the same data, few of many.

    They are runs of samples spread evenly over all of them, since data may come sorted. Fewer samples than a point sees
    are enough: roundings differ from sample to sample, so that a mean over fewer of them deviates by more, not by less
    (by Jensen's inequality E |mean of some| ≥ |mean of all| where the some are drawn at random). So the median, which
    the tolerance is for, and the noise floor err on the side of float32 on average. What a format breaks on one sample
    alone may be missed here; such points are not finite, and found by that.

    Args:
        samples: Number of all samples.
        device: Which evaluates.

    Returns:
        Ranges, ascending; a single one of all samples where these are few.
    """
    length = _RUN_ON_CPU if device.type == "cpu" else _RUN_ON_GPU
    if samples <= _RUNS * length:
        return [range(samples)]
    starts = [(samples - length) * run // (_RUNS - 1) for run in range(_RUNS)]
    return [range(start, start + length) for start in starts]


def try_formats(
    evaluator: Evaluator,
    plane: OpenPlane,
    sample: Sequence[Sequence[float]],
    candidates: Iterable[Precision],
    tolerance: float,
    should_stop: ShouldStop,
    on_note: Callable[[str], None],
    forced: Precision | None = None,
) -> Trial:
    """Choose the fastest format that keeps the tolerance; of several as fast as each other the most exact.

    Args:
        evaluator: Evaluates in any format.
        plane: The plane of the surface.
        sample: Coordinates of a random sample of its points.
        candidates: Formats below float32, all of which are tried.
        tolerance: Share of the loss, or of 1 where the loss is smaller, that the median deviation may reach.
        should_stop: Asked before each mini-batch.
        on_note: Given a sentence for a format in which the model breaks.
        forced: The format that is taken where the model runs in it, whatever its deviation.

    Returns:
        The choice with all deviations; float32 where no other is fit or faster.

    Raises:
        Cancelled: It was asked to stop.
    """
    points = [[0.0] * len(sample[0]), *sample]
    parts = trial_parts(evaluator.samples, evaluator.device)

    def evaluate(precision: Precision) -> tuple[list[list[Record]], float]:
        """Records of each part at the points, and seconds without the first point, at which kernels are chosen."""
        first = [evaluator.at_many(plane, points[:1], should_stop, part, precision) for part in parts]
        start = time.perf_counter()
        rest = [evaluator.at_many(plane, points[1:], should_stop, part, precision) for part in parts]
        seconds = time.perf_counter() - start
        return [one + others for one, others in zip(first, rest, strict=True)], seconds

    exact, exact_seconds = evaluate("float32")
    deviations: list[Deviation] = []
    for precision in candidates:
        try:
            evaluator.prepare(precision)
            found, seconds = evaluate(precision)
        except UnsuitableFormatError as error:
            on_note(f"The model does not run in {precision} ({error}); its points are evaluated in float32.")
            continue
        deviation = _compare(precision, found, exact, tolerance, exact_seconds / max(seconds, 1e-9))
        deviations.append(deviation)
        if forced is None and not math.isfinite(deviation.largest):
            on_note(
                f"The model breaks in {precision}: losses that are finite in float32 are not, so that it is not used."
            )
        kept = forced or _choose(deviations)
        for tried in deviations:
            if tried.precision != kept:  # each format has samples of its own on the device
                evaluator.release(tried.precision)
    if len(parts) > 1:
        evaluator.set_batch_size(evaluator.batch_size)  # what was kept for batches as long as the runs is not needed
    choice: Precision = "float32"
    if forced is None:
        choice = _choose(deviations)
    elif any(each.precision == forced for each in deviations):
        choice = forced
    return Trial(choice, tuple(deviations), exact[0][1:] if len(parts) == 1 else [])


def _choose(deviations: Sequence[Deviation]) -> Precision:
    fit = [each for each in deviations if each.is_tolerable and each.speed >= _WORTHWHILE]
    if not fit:
        return "float32"
    fastest = max(each.speed for each in fit)
    return min((each for each in fit if each.speed >= _AS_FAST * fastest), key=lambda each: each.excess).precision


def _losses(parts: Sequence[Sequence[Record]]) -> Floats:
    """Mean loss of each point over all parts."""
    with np.errstate(invalid="ignore"):
        sums = np.array([[record.loss_sum for record in records] for records in parts]).sum(axis=0)
    return np.asarray(sums / sum(records[0].samples for records in parts))


def _compare(
    precision: Precision,
    found: Sequence[Sequence[Record]],
    exact: Sequence[Sequence[Record]],
    tolerance: float,
    speed: float,
) -> Deviation:
    losses, expected = _losses(found), _losses(exact)
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
        samples=sum(records[0].samples for records in found),
        points=len(losses) - 1,
        median=float(np.median(deviations)),
        relative=float(np.median(deviations / np.maximum(expected, 1e-12))),
        largest=float(deviations.max()),
        floor=float(max(deviations[0], deviations[low].max())),
        excess=float(np.median(deviations / (tolerance * np.maximum(expected, 1.0)))),
        speed=speed,
    )
