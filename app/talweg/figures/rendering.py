"""A process that renders one figure or movie beside the window: ``python -m talweg.figures.rendering``.

An ``Order`` comes in on stdin, what happens goes out on stdout, one JSON object a line: ``done`` and ``of`` for each
frame, then ``written``, or ``error`` with ``details``. When stdin is closed, it stops and leaves nothing.
"""

import json
import os
import pickle
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from talweg.figures.movie import Movie, Stopped, save_movie
from talweg.figures.render import FigureOptions
from talweg.figures.shots import Shot
from talweg.figures.side_by_side import save_figure
from talweg_compute.messages import InputError

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Order:
    """What is to be rendered.

    Attributes:
        path: Where it goes.
        shots: What is seen: one view, or several side by side.
        options: Size, colours, background.
        movie: How it moves; None: it is a figure.
        linked: Whether all views look from the same place.
        columns: How many of them stand side by side; 0: as is usual.
    """

    path: Path
    shots: tuple[Shot, ...]
    options: FigureOptions
    movie: Movie | None = None
    linked: bool = True
    columns: int = 0

    def encode(self) -> bytes:
        """Write the order as the process reads it."""
        text = pickle.dumps(self, protocol=pickle.HIGHEST_PROTOCOL)
        return _LENGTH.pack(len(text)) + text


def carry_out(order: Order, on_frame: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Render what was ordered.

    Args:
        order: What, and where it goes.
        on_frame: Told of each frame of a movie; what it raises ends the work.

    Raises:
        InputError: Something cannot be, or the file cannot be written.
    """
    first, options, linked, columns = order.shots[0], order.options, order.linked, order.columns
    if order.movie is not None:
        save_movie(order.path, order.shots, order.movie, options, on_frame, linked=linked, columns=columns)
    elif len(order.shots) == 1 and first.landscape.dimensions == 1:
        from talweg.figures.curves import save_curves

        save_curves(order.path, first.landscapes, first.view, options)
    else:
        save_figure(order.path, order.shots, options, linked=linked, columns=columns)


def main(source: BinaryIO, say: Callable[..., None]) -> int:
    """Read an order and carry it out.

    Args:
        source: Where the order comes from; its end before ours is the wish to stop.
        say: Tells what happens, by keyword.

    Returns:
        Exit status.
    """
    (length,) = _LENGTH.unpack(source.read(_LENGTH.size))
    order: Order = pickle.loads(source.read(length))  # noqa: S301 (only our own window writes to this pipe)
    unwanted = threading.Event()

    def watch() -> None:
        source.read(1)
        unwanted.set()

    def tell(done: int, total: int) -> None:
        say(done=done, of=total)
        if unwanted.is_set():
            raise Stopped

    threading.Thread(target=watch, daemon=True).start()
    try:
        carry_out(order, tell)
    except Stopped:
        return 130
    except InputError as error:
        say(error=str(error), details="")
        return 2
    except Exception as error:
        say(error=f"{order.path.name} could not be rendered: {error}", details=traceback.format_exc())
        return 1
    say(written=str(order.path))
    return 0


def _start() -> int:
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints does not break the stream

    def say(**words: object) -> None:
        stream.write(json.dumps(words) + "\n")
        stream.flush()

    return main(sys.stdin.buffer, say)


if __name__ == "__main__":
    os._exit(_start())  # the thread that waits for stdin would hold the interpreter up
