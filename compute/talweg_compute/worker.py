"""The worker's loop: requests come in, one is worked on at a time, events go out."""

import os
import queue
import threading
import time
import traceback
from typing import BinaryIO

from talweg_compute.messages import (
    Cancel,
    Certify,
    Compute,
    Differentiate,
    Epoch,
    Estimate,
    Event,
    Failed,
    Finished,
    InputError,
    Inspect,
    Train,
    decode_request,
    encode_event,
)

Work = Compute | Certify | Differentiate | Train | Inspect | Estimate


class Worker:
    """Reads requests from one stream and writes events to another.

    Args:
        requests: One JSON object a line; its end ends the process, since nobody is left to answer.
        events: One JSON object a line.
    """

    def __init__(self, requests: BinaryIO, events: BinaryIO) -> None:
        self._requests, self._events = requests, events
        self._queue: queue.Queue[Work] = queue.Queue()
        self._cancelled: set[str] = set()
        self._write_lock = threading.Lock()

    def run(self) -> None:
        """Work until the stream of requests ends."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        _import_ahead()
        while True:
            self._work(self._queue.get())

    def _read(self) -> None:
        for line in self._requests:
            request = decode_request(line)
            if isinstance(request, Cancel):
                self._cancelled.add(request.id)
            else:
                self._queue.put(request)
        os._exit(0)  # the application is gone; a forward pass in the main thread cannot be interrupted otherwise

    def _emit(self, event: Event) -> None:
        with self._write_lock:
            self._events.write(encode_event(event))
            self._events.flush()

    def _work(self, request: Work) -> None:
        from talweg_compute.engine import Cancelled

        start = time.monotonic()
        try:
            self._dispatch(request)
        except Cancelled:
            self._emit(Finished(request.id, time.monotonic() - start, cancelled=True))
        except InputError as error:
            self._emit(Failed(request.id, str(error)))
        except Exception as error:  # user code may raise anything; the worker lives on
            first_line = str(error).strip().split("\n")[0]
            message = f"The computation failed: {type(error).__name__}: {first_line}"
            self._emit(Failed(request.id, message, traceback.format_exc()))
        else:
            self._emit(Finished(request.id, time.monotonic() - start))

    def _dispatch(self, request: Work) -> None:
        from talweg_compute.engine import Cancelled, compute_landscape
        from talweg_compute.problem.training import EpochResult, train
        from talweg_compute.studies import certify, differentiate, estimate, inspect

        def should_stop() -> bool:
            return request.id in self._cancelled

        if isinstance(request, Compute):
            compute_landscape(request, self._emit, should_stop)
            return
        if isinstance(request, Certify):
            certify(request, self._emit, should_stop)
            return
        if isinstance(request, Differentiate):
            differentiate(request, self._emit, should_stop)
            return

        if isinstance(request, Inspect):
            inspect(request, self._emit)
            return
        if isinstance(request, Estimate):
            estimate(request, self._emit, should_stop)
            return

        def on_epoch(result: EpochResult) -> None:
            self._emit(
                Epoch(
                    request.id,
                    epoch=result.epoch,
                    train_loss=result.train_loss,
                    test_loss=result.test_loss,
                    test_accuracy=result.test_accuracy,
                    checkpoint=str(result.checkpoint),
                )
            )

        if not train(request.training, on_epoch, should_stop):
            raise Cancelled


def _import_ahead() -> None:
    """Import what every request needs while the first one is still being made."""
    import talweg_compute.engine
    import talweg_compute.problem.training
    import talweg_compute.studies  # noqa: F401
