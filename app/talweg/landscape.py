"""One landscape as it is known at a moment: a frozen picture of the numbers, free of files, Qt and VTK."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.certification import Certification
from talweg_compute.field import CriticalPoints, Patch, Topology, fill, fill_halving
from talweg_compute.messages import COARSE_FIELDS, FIELDS, NO_FIELDS, Job, Provenance, can_name_field, name_metric

__all__ = ["FIELDS", "NO_FIELDS", "Landscape", "Region", "TrainingPath", "can_name_field"]

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainingPath:
    """The checkpoints of one training run on the plane, in order.

    Attributes:
        names: T checkpoints.
        coordinates: float64 [T, 2], least-squares coordinates (u, v).
        residual: float64 [T], Euclidean distance of each checkpoint from the plane.
        loss: float64 [T], the checkpoint's true loss, which is not the plane's where the residual is not zero.
        accuracy: float64 [T], in percent.
        explained_variance: Share of the path's variance along each axis.
        loss_at_projection: float64 [T], the plane's loss at the coordinates; NaN, or empty, where it is not known.
        w: float64 [T], the third coordinate; zero, or empty, without one.
        title: What the run is called, where there are several.
        metrics: float64 [T] each, what else is known of the checkpoints themselves, by the names of the points' fields.
    """

    names: tuple[str, ...]
    coordinates: Float
    residual: Float
    loss: Float
    accuracy: Float
    explained_variance: tuple[float, ...]
    loss_at_projection: Float = field(default_factory=lambda: np.zeros(0))
    w: Float = field(default_factory=lambda: np.zeros(0))
    title: str = ""
    metrics: Mapping[str, Float] = field(default_factory=dict)

    @property
    def evaluated(self) -> int:
        """How many checkpoints, from the first one on, have been evaluated; where that takes long, they stand before.

        A checkpoint whose weights are not finite has no losses, and waits for none.
        """
        at_projection = self.loss_at_projection if self.loss_at_projection.size else np.full(len(self.names), np.nan)
        waiting = np.isfinite(self.residual) & np.isnan(self.loss) & np.isnan(at_projection)
        return int(waiting.argmax()) if waiting.any() else len(self.names)

    def values(self, name: str) -> Float | None:
        """Return a quantity of the checkpoints themselves, float64 [T], or None where it is not known of any.

        Args:
            name: A field of the points, or "log_loss": NaN where the loss is not positive.
        """
        if name == "log_loss":
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(np.log10(np.where(self.loss > 0, self.loss, np.nan)))
        own = {"loss": self.loss, "accuracy": self.accuracy, **self.metrics}.get(name)
        return None if own is None or np.isnan(own).all() else own

    def only(self, kept: NDArray[np.bool_]) -> "TrainingPath":
        """Return the same path with some of its checkpoints.

        Args:
            kept: bool [T].
        """
        columns = ("coordinates", "residual", "loss", "accuracy", "loss_at_projection", "w")
        chosen = {name: values[kept] for name in columns if (values := getattr(self, name)).size}
        names = tuple(name for name, keep in zip(self.names, kept, strict=True) if keep)
        metrics = {name: values[kept] for name, values in self.metrics.items()}
        return replace(self, names=names, metrics=metrics, **chosen)


@dataclass(frozen=True, eq=False)
class Landscape:
    """One f with its job and points.

    Attributes:
        id: Its number in the document.
        revision: Grows with every change of the landscape; equal revisions mean equal numbers.
        name: What the user calls it.
        u: float64 [nu], coordinates along the first direction, ascending: the columns.
        v: float64 [nv], coordinates along the second direction, ascending: the rows; [0] for a line.
        fields: float64 [nv, nu] (a line: [1, nu], a volume: [nw, nv, nu]) by name (``FIELDS`` and more); NaN where not
            computed or not known.
        computed: bool [nv, nu], True where a point was evaluated, whatever came out.
        interpolated: bool [nv, nu], True where the job's tolerance let the neighbours stand for a point: its fields
            have a value though it was not evaluated. A shape [] stands for the same everywhere, here and below.
        samples: int64 [nv, nu], how many samples a point saw; 0 where not told.
        precision: Text [nv, nu], the number format a point was evaluated in; empty where not told.
        job: What is computed, with absolute paths; None for an imported grid.
        provenance: What it was computed from, once a worker said so.
        origin: The fields at the exact origin of the plane, which need not be a point of the grid.
        paths: The training runs on the plane; the first is the one whose plane it is.
        landmarks: The checkpoints that the plane was laid through, the origin first, as if they were a run; None where
            it was found otherwise.
        notes: What the user should know, oldest first.
        measured: What was measured about the landscape as a whole: names and values by topic.
        source: Where an imported grid came from.
        created: UTC time, ISO 8601.
        certifications: What the network said about critical points of the grid, by flat grid index row * nu + column.
        w: float64 [nw], coordinates along the third direction, ascending: the sheets; one number for lines and planes.
        regions: Finer grids inside this one, the coarser first; a later one hides those before it.
    """

    id: int
    revision: int
    name: str
    u: Float
    v: Float
    fields: Mapping[str, Float]
    computed: NDArray[np.bool_]
    interpolated: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((), dtype=np.bool_))
    samples: NDArray[np.int64] = field(default_factory=lambda: np.zeros((), dtype=np.int64))
    precision: NDArray[np.str_] = field(default_factory=lambda: np.array(""))
    job: Job | None = None
    provenance: Provenance | None = None
    origin: Mapping[str, float] = field(default_factory=dict)
    paths: tuple[TrainingPath, ...] = ()
    landmarks: TrainingPath | None = None
    notes: tuple[str, ...] = ()
    measured: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    source: str = ""
    created: str = ""
    certifications: Mapping[int, Certification] = field(default_factory=dict)
    w: Float = field(default_factory=lambda: np.zeros(1))
    regions: "tuple[Region, ...]" = ()

    @property
    def path(self) -> TrainingPath | None:
        """The first training run on the plane."""
        return self.paths[0] if self.paths else None

    @property
    def dimensions(self) -> int:
        """1 for a line, 2 for a plane (a sheet of a volume too), 3 for a volume."""
        return 3 if self.w.size > 1 else 2 if self.v.size > 1 else 1

    def at(self, w: float) -> "Landscape":
        """Cut a volume at the sheet that is nearest to a w; lines and planes stay as they are."""
        return self.sheet(int(np.abs(self.w - w).argmin())) if self.dimensions == 3 else self

    def sheet(self, index: int) -> "Landscape":
        """Cut a volume at one of its w.

        Args:
            index: Place in ``w``.

        Returns:
            A plane with the coordinates u and v; its paths are those of the volume, and their residuals are; of the
            landmarks it has those that lie nearer to it than to the other sheets.
        """

        def cut(values: NDArray[Any]) -> Any:
            return values[index] if values.ndim == 3 else values

        landmarks = self.landmarks
        if landmarks is not None and landmarks.w.size:
            nearest = np.abs(landmarks.w[:, None] - self.w).argmin(axis=1)
            landmarks = landmarks.only(nearest == index)
        return replace(
            self,
            landmarks=landmarks,
            fields={name: cut(values) for name, values in self.fields.items()},
            computed=cut(self.computed),
            interpolated=cut(self.interpolated),
            samples=cut(self.samples),
            precision=cut(self.precision),
            w=self.w[index : index + 1],
        )

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the fields that are evaluated beside the loss, since the job asks for them."""
        return () if self.job is None else tuple(map(name_metric, self.job.problem.metrics))

    @property
    def loss(self) -> Float:
        """Mean loss [nv, nu]."""
        return self.fields["loss"]

    @property
    def done(self) -> int:
        """Number of evaluated points."""
        return int(self.computed.sum())

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Where a point was evaluated, or its neighbours may stand for it [nv, nu]."""
        return np.asarray(self.computed | self.interpolated)

    @property
    def interpolated_count(self) -> int:
        """Number of points that were not evaluated, their neighbours standing for them."""
        return int((self.known & ~self.computed).sum())

    @cached_property
    def partial(self) -> NDArray[np.bool_]:
        """Where a point has not seen all samples yet [nv, nu]."""
        if self.provenance is None:
            return np.zeros(self.computed.shape, dtype=np.bool_)
        return np.asarray(self.computed & (self.samples > 0) & (self.samples < self.provenance.samples))

    @property
    def has_work(self) -> bool:
        """Whether computing the landscape's job would add anything: points, samples, or the training path."""
        if self.job is None:
            return False
        known = self.known if self.job.run.adaptive else self.computed
        wants_path = self.job.problem.trajectory is not None and (
            self.path is None or any(path.evaluated < len(path.names) for path in self.paths)
        )
        return not known.all() or bool(self.partial.any()) or wants_path or self._is_unsettled

    @property
    def _is_unsettled(self) -> bool:
        """Whether a coarse number format may still stand where float32 must: the run ended before it saw to that."""
        if self.job is None or not self.precision.ndim:
            return False
        coarse = (self.precision != "") & (self.precision != "float32")
        if self.job.run.precision != "auto":  # then only what is not finite in the coarse format
            return bool((coarse & ~np.isfinite(self.loss)).any())
        return bool(coarse.any()) and not self.measured.get("precision", {}).get("settled", False)

    @property
    def complete(self) -> bool:
        """Whether every point of the grid is known."""
        return bool(self.known.all())

    @cached_property
    def settled(self) -> bool:
        """Whether every point is known, and from the same samples: while more join, some are ahead of others."""
        seen = self.samples[self.computed] if self.samples.ndim else self.samples
        return self.complete and (seen.size == 0 or bool(seen.min() == seen.max()))

    @property
    def non_finite(self) -> int:
        """Number of evaluated points whose loss is NaN or infinite: they diverged."""
        return int((self.computed & ~np.isfinite(self.loss)).sum())

    @cached_property
    def topology(self) -> Topology | None:
        """Topology of the loss on the plane, worked out part by part; None until all points are known, evenly."""
        return Topology(self.loss, self.u, self.v) if self.dimensions == 2 and self.settled else None

    @cached_property
    def log_topology(self) -> Topology | None:
        """The same with persistence in decades of the loss; None also where a loss is not positive."""
        if self.dimensions != 2 or not self.settled or (self.loss[np.isfinite(self.loss)] <= 0).any():
            return None
        return Topology(self.loss, self.u, self.v, logarithmic=True)

    @property
    def critical_points(self) -> CriticalPoints | None:
        """Critical points of the loss on the plane; None until all points are known, evenly."""
        return self.topology.points if self.topology is not None else None

    def certifications_of(self, points: CriticalPoints) -> tuple[Certification | None, ...]:
        """List what the network said about critical points of this landscape's grid.

        Args:
            points: Such as ``critical_points``, or those of them over a threshold.

        Returns:
            For each its word, or None where it was not asked, or was asked about another type at this place.
        """
        places = zip((points.row * self.u.size + points.column).tolist(), points.kind.tolist(), strict=True)
        found = ((self.certifications.get(place), kind) for place, kind in places)
        return tuple(word if word is not None and word.sought == kind else None for word, kind in found)

    def with_certifications(self, certifications: Mapping[int, Certification], revision: int) -> "Landscape":
        """Return this landscape with other certifications; what was worked out of its numbers is kept."""
        return self._keeping(replace(self, certifications=certifications, revision=revision))

    def with_name(self, name: str, revision: int) -> "Landscape":
        """Return this landscape under another name; what was worked out of its numbers is kept."""
        return self._keeping(replace(self, name=name, revision=revision))

    def with_further_fields(self, fields: Mapping[str, Float], revision: int) -> "Landscape":
        """Return this landscape with these fields beside its own; what was worked out of its loss is kept."""
        return self._keeping(replace(self, fields={**self.fields, **fields}, revision=revision))

    def with_regions(self, regions: "tuple[Region, ...]", revision: int, last: "Landscape | None") -> "Landscape":
        """Return this landscape with finer grids inside.

        Args:
            regions: The coarser first.
            revision: Of what is returned.
            last: The same landscape with other regions, from which what was worked out is kept.
        """
        changed = self._keeping(replace(self, regions=regions, revision=revision))
        same = last is not None and last.loss is self.loss and last.computed is self.computed
        return last._keeping(changed) if last is not None and same else changed

    def filled(self, name: str) -> Float:
        """Return a field [nv, nu] in which neighbours stand for points that are not known yet."""
        return fill(self.fields[name], self.known)[0]

    def further_fields(self) -> dict[str, Float]:
        """Return the fields beyond those of an evaluation of which a value is known, such as gradients, by name."""
        known = {name: values for name, values in self.fields.items() if name not in (*FIELDS, *COARSE_FIELDS)}
        return {name: values for name, values in known.items() if not np.isnan(values).all()}

    def _keeping(self, changed: "Landscape") -> "Landscape":
        """Hand on what was worked out of the numbers that both have."""
        own = {field.name for field in fields(self)}
        known = dict(self.__dict__)  # another thread may be adding to it
        changed.__dict__.update({name: value for name, value in known.items() if name not in own})
        return changed


@dataclass(frozen=True, eq=False)
class Region:
    """A finer grid inside a landscape.

    Attributes:
        landscape: Its numbers; its points include those of the grid around.
        patch: Where it lies.
    """

    landscape: Landscape
    patch: Patch

    def holds(self, places: Float) -> NDArray[np.bool_]:
        """Tell which places (u, v) [n, 2] lie in it, the border included, bool [n]."""
        u, v = self.landscape.u, self.landscape.v
        return np.asarray(
            (places[:, 0] >= u[0]) & (places[:, 0] <= u[-1]) & (places[:, 1] >= v[0]) & (places[:, 1] <= v[-1])
        )

    def filled(self, name: str) -> Float:
        """Return a field [nv, nu] in which the grid around stands for points that are not known yet."""
        return fill_halving(self.landscape.fields[name], self.landscape.known, self.patch.factor)
