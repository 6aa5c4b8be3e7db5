"""What the worker answers: one JSON object a line. Every event carries the id of the request it belongs to.

Those that are stored with a landscape are in ``results``; the others tell how a request goes, or answer a question.
"""

from typing import Any

import msgspec

from talweg_compute.messages.arrays import Block
from talweg_compute.messages.errors import InputError
from talweg_compute.messages.results import Result


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
        accuracy: The same in percent; None where the data have no classes.
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
    accuracy: float | None = None
    extents: tuple[tuple[float, float], ...] = ()


class Epoch(msgspec.Struct, frozen=True, tag="epoch"):
    """One epoch of a training run is over and its checkpoint is written; epoch 0 is the initialisation."""

    id: str
    epoch: int
    train_loss: float | None
    test_loss: float | None
    test_accuracy: float | None
    checkpoint: str


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


Event = Result | Progress | Inspected | Estimated | Epoch | Failed | Finished

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
