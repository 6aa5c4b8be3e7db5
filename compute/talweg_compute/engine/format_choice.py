"""The number format of a landscape: chosen, checked on the coarse picture, and left where it shows only noise."""

from collections.abc import Callable
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from talweg_compute.engine.evaluator import Evaluator, ShouldStop
from talweg_compute.engine.grid_points import GridPoints
from talweg_compute.engine.noise import order_flips
from talweg_compute.engine.number_format import TYPES, Precision, faster_formats, lacks
from talweg_compute.engine.point_formats import PointFormats
from talweg_compute.engine.precision import PRECISION_TOPIC, TRIAL_POINTS, Values, try_formats
from talweg_compute.field import first_lines
from talweg_compute.messages import Compute, Event, Measured, Progress
from talweg_compute.plane import OpenPlane

SECONDS_THAT_PAY_FOR_TRIALS = 40.0
"""Where less is left to evaluate, a trial of formats or of sizes of a batch takes longer than it saves."""

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


class FormatChoice:
    """Chooses the format of a job's points, and has those evaluated anew that it is not fit for.

    Args:
        request: The job, and what is done of it.
        evaluator: Of this process.
        plane: The job's.
        points: Of its grid.
        emit: Takes each event.
        note: Takes a sentence for the user.
        on_choice: Called when the format has changed, before points in it are committed.
        should_stop: Asked before each mini-batch.
    """

    def __init__(
        self,
        request: Compute,
        evaluator: Evaluator,
        plane: OpenPlane,
        points: GridPoints,
        *,
        emit: Callable[[Event], None],
        note: Callable[[str], None],
        on_choice: Callable[[], None],
        should_stop: ShouldStop,
    ) -> None:
        self._id, self._run = request.id, request.job.run
        self._evaluator, self._plane, self._points = evaluator, plane, points
        self._emit, self._note, self._on_choice, self._should_stop = emit, note, on_choice, should_stop
        self._is_free = self._run.precision == "auto"
        self._measured: Values = {}
        self._choice: Precision | Literal["auto"] = self._run.precision
        if request.expected is not None and request.known is not None:
            self._choice = cast("Precision", request.expected.precision)
        if self._is_free and self._choice == "float32":  # it was given up before
            points.formats.give_up()

    @property
    def choice(self) -> Precision:
        """The format of most points."""
        return "float32" if self._choice == "auto" else self._choice

    def choose(self) -> None:
        """Measure coarser number formats on some points of this surface, where that pays for itself or is asked for.

        The points keep their float32 numbers where those are of all samples. A run that resumes stays with its first
        choice.
        """
        points, device, missing = self._points, self._evaluator.device, self._points.missing
        wanted, in_hardware = self._choice, faster_formats(device)
        if wanted == "auto":
            pays = points.seconds_left >= SECONDS_THAT_PAY_FOR_TRIALS and missing.size >= 10 * TRIAL_POINTS
            candidates: tuple[Precision, ...] = in_hardware if pays else ()
        else:
            unfit = wanted not in ("float32", *in_hardware) if self._is_free else lacks(wanted, device)
            if unfit:
                self._note(
                    f"This device has no {wanted} in hardware, so that float32 is faster; the rest is evaluated in it."
                )
                wanted = self._choice = "float32"
                self._on_choice()
            others = in_hardware if self._is_free and wanted != "float32" else ()
            candidates = (wanted, *others)  # measured again, with those that were not chosen
        candidates = tuple(each for each in TYPES if each in candidates and each != "float32")
        if not candidates:
            self._choice = "float32"
        if self._choice == "float32" or not (missing.size or points.formats.has_coarse):
            return
        self._emit(Progress(self._id, "trying number formats", 0, 0))
        everything = points.known.seen.size
        sample = np.sort(np.random.default_rng(0).choice(everything, min(TRIAL_POINTS, everything), replace=False))
        trial = try_formats(
            self._evaluator,
            self._plane,
            points.coordinates(sample),
            candidates,
            self._run.tolerance,
            self._should_stop,
            self._note,
            forced=None if wanted == "auto" else wanted,
        )
        self._choice, found = trial.choice, trial.deviation
        points.formats = PointFormats(points.known, points.shape, trial.choice, found)
        self._measured = trial.values
        self._emit(Measured(self._id, PRECISION_TOPIC, self._measured))
        self._on_choice()
        if trial.records:
            points.begin("trying number formats", missing.size, None)
            points.take(sample, trial.records)
        if found is None or trial.choice == "float32":
            return
        points.seconds_a_point /= max(found.speed, 1.0)
        if not found.is_tolerable:
            self._note(f"{trial.choice} is off by more than the tolerance: {found.describe()}.")

    def check_order(self, samples: int) -> None:
        """Fall back to float32 where the coarse format changes the order of the coarse picture's critical points.

        They are evaluated in float32, and those that come to light by that, until there is no other among them. Each
        time the points are committed together, so that a run that is killed here goes on as if it had not been.
        """
        points = self._points
        formats = points.formats
        if not self._is_free or formats.choice == "float32":
            return
        lattice = tuple(first_lines(size) for size in points.shape)
        shown = np.zeros(points.shape, dtype=np.bool_)
        shown[np.ix_(*lattice)] = True
        if formats.is_beyond(shown.ravel(), samples):  # a run before this one has checked them, on these samples
            return
        while True:
            index, coarse = formats.persistent(lattice)
            anew = index[coarse]
            if not anew.size:
                break
            points.begin("evaluating critical points in float32", anew.size, None)
            before, records = formats.heights[index], points.evaluate_apart(anew, samples)
            exact = before.copy()
            exact[coarse] = [record.loss for record in records]
            if flips := order_flips(before.tolist(), exact.tolist()):
                self._note(
                    f"In {self._choice} the critical points stand in another order than in float32, so all points "
                    "are evaluated in float32."
                )
                self._choice = "float32"
                formats.give_up()
                self._on_choice()
            formats.demand(anew)
            points.take(anew, records)
            if flips:
                return
        formats.foresee(shown.ravel())

    def settle(self, samples: int, among: Flags, surface: Callable[[], Floats] | None = None) -> None:
        """Evaluate anew in float32 what a coarser format broke, and with "auto" what it shows only as noise.

        What is evaluated anew can make its neighbours look flat, so that this goes on until nothing is left.

        Args:
            samples: How many samples the points have seen.
            among: bool [points], the evaluated ones that show the surface.
            surface: Gives the heights everywhere as they are now, float64 [nv, nu], whose critical points are settled,
                too; None: they are not looked at.
        """
        formats = self._points.formats
        broken = formats.broken(among)
        if (anew := formats.settle(broken)).size:
            kind = self._points.known.precision[anew[0]]
            self._note(f"{anew.size} points are not finite in {kind}; they are evaluated in float32.")
            self._evaluate_anew(anew, samples, "evaluating what broke in float32")
        while self._is_free:
            index = formats.unsettled(among, None if surface is None else surface())
            if not index.size:
                break
            self._evaluate_anew(formats.settle(index), samples, "evaluating the flat parts in float32")

    def _evaluate_anew(self, index: Indices, samples: int, what: str) -> None:
        """Evaluate points in float32 that are in a coarse format, whose losses there are kept."""
        if index.size:
            self._points.keep_coarse(index)
            self._points.known.forget(index)
            self._points.begin(what, index.size, None)
            self._points.evaluate(index, samples)

    def tell_settled(self) -> None:
        """Say that every point is in the format in which it will stay."""
        if self._measured and self._is_free:
            self._emit(Measured(self._id, PRECISION_TOPIC, {**self._measured, "settled": True}))
