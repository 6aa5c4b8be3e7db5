"""One landscape as it is known at a moment: a frozen picture of the numbers, free of files, Qt and VTK."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from talweg_compute.field import CriticalPoints, Topology
from talweg_compute.messages import Job, Provenance

FIELDS = ("loss", "accuracy", "loss_standard_error")
"""What is stored of each point: the mean loss, the accuracy in percent, the standard error of the mean loss."""

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
    """

    names: tuple[str, ...]
    coordinates: Float
    residual: Float
    loss: Float
    accuracy: Float
    explained_variance: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Landscape:
    """One f with its job and points.

    Attributes:
        id: Its number in the document.
        revision: Grows with every change of the landscape; equal revisions mean equal numbers.
        name: What the user calls it.
        u: float64 [nu], coordinates along the first direction, ascending: the columns.
        v: float64 [nv], coordinates along the second direction, ascending: the rows.
        fields: float64 [nv, nu] by name (``FIELDS``); NaN where not computed or not known.
        computed: bool [nv, nu], True where a point was evaluated, whatever came out.
        job: What is computed, with absolute paths; None for an imported grid.
        provenance: What it was computed from, once a worker said so.
        origin: The fields at the exact origin of the plane, which need not be a point of the grid.
        path: The training run on the plane.
        notes: What the user should know, oldest first.
        source: Where an imported grid came from.
        created: UTC time, ISO 8601.
    """

    id: int
    revision: int
    name: str
    u: Float
    v: Float
    fields: Mapping[str, Float]
    computed: NDArray[np.bool_]
    job: Job | None = None
    provenance: Provenance | None = None
    origin: Mapping[str, float] = field(default_factory=dict)
    path: TrainingPath | None = None
    notes: tuple[str, ...] = ()
    source: str = ""
    created: str = ""

    @property
    def loss(self) -> Float:
        """Mean loss [nv, nu]."""
        return self.fields["loss"]

    @property
    def done(self) -> int:
        """Number of evaluated points."""
        return int(self.computed.sum())

    @property
    def complete(self) -> bool:
        """Whether every point of the grid was evaluated."""
        return bool(self.computed.all())

    @property
    def non_finite(self) -> int:
        """Number of evaluated points whose loss is NaN or infinite: they diverged."""
        return int((self.computed & ~np.isfinite(self.loss)).sum())

    @cached_property
    def topology(self) -> Topology | None:
        """Topology of the loss on the plane, worked out part by part; None until every point was evaluated."""
        return Topology(self.loss, self.u, self.v) if self.complete else None

    @property
    def critical_points(self) -> CriticalPoints | None:
        """Critical points of the loss on the plane; None until every point was evaluated."""
        return self.topology.points if self.topology is not None else None
