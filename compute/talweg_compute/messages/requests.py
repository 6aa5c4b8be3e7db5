"""What the application asks of the worker: one JSON object a line on the worker's stdin."""

import msgspec

from talweg_compute.messages.arrays import Block
from talweg_compute.messages.errors import InputError
from talweg_compute.messages.job import Job
from talweg_compute.messages.provenance import Provenance
from talweg_compute.messages.training import Training


class Known(msgspec.Struct, frozen=True):
    """Points that are committed already.

    Attributes:
        index: int64 [n], flat indices (iw * nv + iv) * nu + iu.
        samples: int64 [n], how many samples each saw; 0: all of them.
        fields: float64 [n] by name.
        sums: float64 [n, 3 + blocks + metrics], what ``Points`` said of those that have not seen all samples, which
            evaluation goes on from; rows that are shorter or not needed end in NaN.
        precision: Text [n], the number format each was evaluated in; None: not told.
    """

    index: Block
    samples: Block
    fields: dict[str, Block]
    sums: Block
    precision: Block | None = None


class Compute(msgspec.Struct, frozen=True, tag="compute"):
    """Evaluate a job's points, except those that are done.

    Attributes:
        id: Marks the answers.
        job: What to compute; its paths are absolute.
        known: The points that are committed already, or None.
        sample_order: int64 [N], the order in which samples join, where some points have not seen all; or None.
        expected: What the committed points were computed from; the worker refuses to mix other sources with them.
        placed: For each run the names of its checkpoints that are committed already with their losses, in order.
        follow: Go on when everything is done, and place the checkpoints that a running training writes, until it is
            cancelled.
    """

    id: str
    job: Job
    known: Known | None = None
    sample_order: Block | None = None
    expected: Provenance | None = None
    placed: tuple[tuple[str, ...], ...] = ()
    follow: bool = False


class Train(msgspec.Struct, frozen=True, tag="train"):
    """Train a model and leave its checkpoints in a folder."""

    id: str
    training: Training


class Certify(msgspec.Struct, frozen=True, tag="certify"):
    """Look for critical points of a landscape on the network itself, near those that its grid has.

    Attributes:
        id: Marks the answers.
        job: What the landscape was computed from; its paths are absolute.
        index: int64 [m], flat grid index iv * nu + iu of each point, by which answers name it.
        coordinates: float64 [m, 2], (u, v) where the search begins, the most important point first.
        kinds: int8 [m], what the grid takes each for: 0 minimum, 1 saddle, 2 maximum.
        taken: float64 [t, 2], places that belong to points certified before, or None.
        expected: What the landscape was computed from; the worker refuses to certify it on another source.
    """

    id: str
    job: Job
    index: Block
    coordinates: Block
    kinds: Block
    taken: Block | None = None
    expected: Provenance | None = None


class Differentiate(msgspec.Struct, frozen=True, tag="differentiate"):
    """Compute the gradient along the plane at points of a landscape, on the network itself.

    Attributes:
        id: Marks the answers.
        job: What the landscape was computed from; its paths are absolute.
        index: int64 [m], flat grid index iv * nu + iu of each point, by which answers name it.
        coordinates: float64 [m, 2], (u, v) of each, in the order in which they are wanted.
        expected: What the landscape was computed from; the worker refuses to differentiate another source.
    """

    id: str
    job: Job
    index: Block
    coordinates: Block
    expected: Provenance | None = None


class Inspect(msgspec.Struct, frozen=True, tag="inspect"):
    """Look what is in a checkpoint, and which models it fits; nothing of it is run."""

    id: str
    checkpoint: str


class Estimate(msgspec.Struct, frozen=True, tag="estimate"):
    """Open a job, evaluate a little of it, and say what all of it would take."""

    id: str
    job: Job


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Stop the request of this id at the next mini-batch; it ends with Finished(cancelled=True)."""

    id: str


Request = Compute | Certify | Differentiate | Train | Inspect | Estimate | Cancel

_decoder: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)


def encode_request(request: Request) -> bytes:
    """Encode a request as one line of JSON, with its line feed."""
    return msgspec.json.encode(request) + b"\n"


def decode_request(line: bytes) -> Request:
    """Decode one line of JSON.

    Raises:
        InputError: The line is not a request.
    """
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise InputError(f"The worker was sent a line that is not a request: {error}.") from error
