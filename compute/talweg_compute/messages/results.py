"""The events whose content belongs to a landscape and is stored with it."""

from typing import Literal

import msgspec

from talweg_compute.messages.arrays import Block
from talweg_compute.messages.provenance import Provenance

LANDMARKS = -1
"""What a ``Trajectory`` has in place of a run's number where it brings the checkpoints that the plane goes through."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The problem is loaded, the plane stands, evaluation begins.

    Attributes:
        id: The request.
        provenance: What the numbers come from.
        sample_order: int64 [N], the order in which samples join, where points are not evaluated on all of them at once;
            or None.
    """

    id: str
    provenance: Provenance
    sample_order: Block | None = None


class Points(msgspec.Struct, frozen=True, tag="points"):
    """Points of the grid, evaluated or interpolated.

    Attributes:
        id: The request.
        index: int64 [n], flat indices (iw * nv + iv) * nu + iu.
        fields: float64 [n] by name: ``loss``, ``accuracy`` (percent), ``loss_standard_error``, the job's metrics, and
            whatever else is known of a point. NaN and inf are values.
        samples: int64 [n], how many samples each saw; None: not told.
        precision: Text [n], the number format each was evaluated in; None: that of the provenance.
        sums: float64 [n, 3 + blocks + metrics], the sums that evaluation goes on from when more samples are added: of
            the losses, their squares, the correct samples, of the losses of each block, then of the metrics.
        interpolated: The points were not evaluated: the job's tolerance lets their neighbours stand for them.
    """

    id: str
    index: Block
    fields: dict[str, Block]
    samples: Block | None = None
    precision: Block | None = None
    sums: Block | None = None
    interpolated: bool = False


class PointFields(msgspec.Struct, frozen=True, tag="point_fields"):
    """Further fields of points that are known already; what is known of them stays.

    Attributes:
        id: The request.
        index: int64 [n], flat indices (iw * nv + iv) * nu + iu.
        fields: float64 [n] by name, such as ``gradient_u``, ``gradient_v``, ``gradient_norm``.
    """

    id: str
    index: Block
    fields: dict[str, Block]


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """Something measured about a landscape as a whole, such as how far interpolated points are off; stored with it.

    Attributes:
        id: The request.
        topic: What it is about; a later event of the same topic replaces it.
        values: Numbers (NaN and inf are written as text) and words by name.
    """

    id: str
    topic: str
    values: dict[str, float | int | str | bool | None]


class Origin(msgspec.Struct, frozen=True, tag="origin"):
    """The exact origin of the plane, which need not be a point of the grid. Arrays, since NaN is a value."""

    id: str
    fields: dict[str, Block]


class Trajectory(msgspec.Struct, frozen=True, tag="trajectory"):
    """A training run on the plane.

    Attributes:
        id: The request.
        names: The checkpoints in order, T of them.
        coordinates: float64 [T, d], least-squares coordinates on the plane.
        residual: float64 [T], Euclidean distance from the plane.
        loss: float64 [T], true loss of each checkpoint (not of its projection). Where losses take long they come later,
            in an event that has the same checkpoints again; NaN until then, like the three numbers below.
        accuracy: float64 [T], in percent.
        explained_variance: For each axis the share of the path's variance along it (axes orthogonalised in order).
        loss_at_projection: float64 [T], the plane's loss at the coordinates, which is not the checkpoint's where the
            residual is not zero.
        run: Number of the run, where several lie on one plane; ``LANDMARKS``: no run, but the checkpoints that the
            plane was laid through, the origin first.
        run_name: What the run is called.
        first: How many checkpoints of the run stay as they are; these follow on them. The shares are then left out, and
            hold no longer, unless these checkpoints were there before.
        metrics: float64 [T] each, what the job asks for besides, of each checkpoint itself, by name.
    """

    id: str
    names: tuple[str, ...]
    coordinates: Block
    residual: Block
    loss: Block
    accuracy: Block
    explained_variance: tuple[float, ...]
    loss_at_projection: Block | None = None
    run: int = 0
    run_name: str = ""
    first: int = 0
    metrics: dict[str, Block] = {}


Status = Literal["certified", "moved", "kink", "degenerate", "dissolved"]
"""What the network says of a critical point of the grid; ``Certified`` has the words."""


class Certified(msgspec.Struct, frozen=True, tag="certified"):
    """What the network says about one critical point of the grid.

    A later event of the same index replaces an earlier one: a point that led to another one's place gives it up when
    that one comes.

    Attributes:
        id: The request.
        index: Flat grid index iv * nu + iu of the point.
        sought: What the grid takes it for: 0 minimum, 1 saddle, 2 maximum.
        status: "certified": a critical point of the same type within 3 cells. "moved": of another type, or up to 6
            cells away. "kink": a minimum, saddle or maximum at which the gradient does not vanish, as in ReLU networks.
            "degenerate": the gradient vanishes, but so does a curvature: a valley, a ring, a monkey saddle.
            "dissolved": an artefact of the sampling: none is near, or another point's.
        kind: 0 minimum, 1 saddle, 2 maximum of the loss along the plane; -1 where dissolved or degenerate.
        iterations: Newton steps that were taken.
        precision: The number format of the derivatives, "float64" or "float32".
        fields: float64 by name, of the place where the search ended, also where it was in vain. ``u``, ``v``; ``loss``;
            ``gradient_norm``, ‖G^{-1/2} ∇f‖: that of ∇L's projection on the plane, where G holds the directions' inner
            products; ``gradient_scale``: the median of that norm one cell from the grid's point, below a millionth of
            which a gradient counts as zero; ``eigenvalues`` [2]: of G^{-1} H, ascending, so curvatures per squared
            distance between weights, for a kink those of the quadratic that fits a ring of a quarter of a cell;
            ``full_gradient_norm``: ‖∇L‖ over all trained parameters; ``out_of_plane_norm``: of ∇L without its
            projection. The last two are NaN where the model has no backward pass.
    """

    id: str
    index: int
    sought: int
    status: Status
    kind: int
    iterations: int
    precision: str
    fields: dict[str, Block]


class Note(msgspec.Struct, frozen=True, tag="note"):
    """Something the user should know about the result; stored with it.

    Attributes:
        id: The request.
        text: A sentence.
        warning: The result may not be what was meant; otherwise it is only told how it was found.
    """

    id: str
    text: str
    warning: bool = True


Result = Ready | Points | PointFields | Measured | Origin | Trajectory | Note | Certified
"""Events that are stored."""
