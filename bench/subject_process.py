"""A subject of the measurements in a process of its own, so that none disturbs the next."""

import importlib
import multiprocessing
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection

from bench.frame import Options, Row


def run_subject(subject: str, options: Options) -> Iterator[Row | str]:
    """Run a subject.

    Args:
        subject: A module of this package.
        options: For its ``measure``.

    Yields:
        Its rows as they come, and a text with the reason where it failed.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(subject, options, theirs), name=f"bench-{subject}")
    process.start()
    theirs.close()
    ended = False
    while not ended:
        try:
            item = ours.recv()
        except EOFError:
            break
        ended = item is None
        if not ended:
            yield item
    process.join()
    if not ended:
        yield f"its process ended with status {process.exitcode}"


def _measure(subject: str, options: Options, connection: Connection) -> None:
    try:
        for row in importlib.import_module(f"bench.{subject}").measure(options):
            connection.send(row)
    except Exception:
        connection.send(traceback.format_exc())
    connection.send(None)
