"""What the worker answers: one JSON object a line. Every event carries the id of the request it belongs to."""

from typing import Any, Literal

import msgspec

from talweg_compute.messages.arrays import Block
from talweg_compute.messages.errors import InputError

LANDMARKS = -1
"""What a ``Trajectory`` has in place of a run's number where it brings the checkpoints that the plane goes through."""


class Provenance(msgspec.Struct, frozen=True):
    """What the numbers were computed from and with.

    Attributes:
        checkpoint: File name of the origin's checkpoint.
        checkpoint_sha256: Hash of that file.
        data_sha256: Hash of the inputs and targets that were used.
        directions_sha256: Hash of the directions, float32 in layout order, one after the other.
        direction_norms: Euclidean norm of each direction.
        cosine: Cosine of the angle between the first two directions; 0 for a line.
        parameters: Number of trainable parameters.
        samples: Number of samples every point sees.
        batch_norm: What the buffers do; "frozen": they stay as the checkpoint has them, "interpolated": they move with
            the plane, "recalibrated": the statistics are re-estimated at each point.
        device: The device that evaluates, in words.
        precision: The number format of the forward pass. Points may have another one.
        batch_size: Samples a mini-batch.
        versions: Version of each program that matters.
        cosines: Cosine of the angle of each pair of directions: u and v, u and w, v and w.
        explained_variance: Of a PCA plane, each axis's share of the variance of the parameters that the plane moves.
        random_walk: The shares that a random walk of as many checkpoints would have in very many dimensions.
        trajectory: Names of the checkpoints that were there when the plane was laid; later ones do not move it.
        moved_sha256: Hash of the plane and the point that the origin was moved to; nothing: it is the checkpoint.
    """

    checkpoint: str
    checkpoint_sha256: str
    data_sha256: str
    directions_sha256: str
    direction_norms: tuple[float, ...]
    cosine: float
    parameters: int
    samples: int
    batch_norm: str
    device: str
    precision: str
    batch_size: int
    versions: dict[str, str]
    cosines: tuple[float, ...] = ()
    explained_variance: tuple[float, ...] = ()
    random_walk: tuple[float, ...] = ()
    trajectory: tuple[str, ...] = ()
    moved_sha256: str = ""

    def same_source(self, other: "Provenance") -> bool:
        """Tell whether points of both may stand in one landscape."""
        return all(
            getattr(self, field) == getattr(other, field)
            for field in ("checkpoint_sha256", "data_sha256", "directions_sha256", "batch_norm", "moved_sha256")
        )


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


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far a request is.

    Attributes:
        id: The request.
        phase: What is being done, in words.
        done: Finished units, those committed before included.
        total: All units.
        rate: Units a second, lately.
        remaining: Estimated time left in seconds, or None while unknown.
    """

    id: str
    phase: str
    done: int
    total: int
    rate: float = 0.0
    remaining: float | None = None


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
        loss: float64 [T], true loss of each checkpoint (not of its projection).
        accuracy: float64 [T], in percent.
        explained_variance: For each axis the share of the path's variance along it (axes orthogonalised in order).
        loss_at_projection: float64 [T], the plane's loss at the coordinates, which is not the checkpoint's where the
            residual is not zero.
        run: Number of the run, where several lie on one plane; ``LANDMARKS``: no run, but the checkpoints that the
            plane was laid through, the origin first.
        run_name: What the run is called.
        first: How many checkpoints of the run stay as they are; these follow on them. The shares are then left out.
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


class ModelGuess(msgspec.Struct, frozen=True):
    """A model that a checkpoint fits exactly.

    Attributes:
        model: Its name in the zoo.
        arguments: Its arguments that are not their defaults.
        data: Name of a data set whose inputs it takes, or nothing.
        note: What the weights do not tell, or nothing.
    """

    model: str
    arguments: dict[str, Any] = {}
    data: str = ""
    note: str = ""


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """What is in a checkpoint.

    Attributes:
        id: The request.
        checkpoint: Its path.
        guesses: Models that it fits exactly, the likeliest first.
        tensors: How many tensors it holds.
        numbers: How many numbers they hold.
        names: The first few of them with their shapes, in words.
    """

    id: str
    checkpoint: str
    guesses: tuple[ModelGuess, ...]
    tensors: int
    numbers: int
    names: tuple[str, ...] = ()


class Estimated(msgspec.Struct, frozen=True, tag="estimated"):
    """What computing a job would take, from a trial on this machine.

    Attributes:
        id: The request.
        seconds: Of the whole job: opening it, then all that is evaluated, side by side where the run would have it so.
        opening: Seconds of it before the first point: loading the data, finding the plane.
        others: What is evaluated beside the grid: the origin, and twice each checkpoint of the trajectory and of those
            that the plane is laid through.
        seconds_a_point: Of one point on all samples.
        points: Number of points of the grid.
        processes: How many would evaluate side by side.
        memory: Bytes that all of them need at most, on the device that evaluates; 0 where the system does not tell.
        device: The device, in words.
        parameters: Number of trainable parameters.
        samples: Samples a point.
        loss: Loss at the origin, over the samples of the trial.
        extents: For each direction the first and last coordinate at which a checkpoint lies that the plane is laid
            through; nothing without one.
    """

    id: str
    seconds: float
    opening: float
    others: int
    seconds_a_point: float
    points: int
    processes: int
    memory: int
    device: str
    parameters: int
    samples: int
    loss: Block
    extents: tuple[tuple[float, float], ...] = ()


class Epoch(msgspec.Struct, frozen=True, tag="epoch"):
    """One epoch of a training run is over and its checkpoint is written; epoch 0 is the initialisation."""

    id: str
    epoch: int
    train_loss: float | None
    test_loss: float | None
    test_accuracy: float | None
    checkpoint: str


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


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The request ended without finishing.

    Attributes:
        id: The request.
        message: One sentence for the user.
        details: The traceback, or nothing when the input was at fault.
    """

    id: str
    message: str
    details: str = ""


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The request is over; ``cancelled`` when it was asked to stop before its end."""

    id: str
    seconds: float
    cancelled: bool = False


Event = (
    Ready
    | Progress
    | Points
    | PointFields
    | Measured
    | Origin
    | Trajectory
    | Certified
    | Inspected
    | Estimated
    | Epoch
    | Note
    | Failed
    | Finished
)

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """Encode an event as one line of JSON, with its line feed."""
    return msgspec.json.encode(event) + b"\n"


def decode_event(line: bytes) -> Event:
    """Decode one line of JSON.

    Raises:
        InputError: The line is not an event.
    """
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise InputError(f"The worker sent a line that is not an event: {error}.") from error
