"""A function of tensors recorded once as a CUDA graph and replayed: one launch instead of one for each kernel."""

import functools
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import torch

from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.nested import Nested, map_tensors, tensors_of

Result = TypeVar("Result")

_WARM_UPS = 3  # the first runs choose algorithms and allocate, which a graph must not record


class CapturedCall(Generic[Result]):
    """A recorded call. Its arguments and results lie at fixed addresses; each replay overwrites the last results.

    Args:
        function: Runs on one CUDA device without waiting for it.
        arguments: With the shapes, types and layouts of every later call.
        pool: Of memory, shared with recordings that are never replayed before the results of this one have been used;
            None: its own.

    Raises:
        RuntimeError: The function does something that cannot be recorded, such as reading a number back.
    """

    def __init__(self, function: Callable[[Nested], Result], arguments: Nested, pool: Any = None) -> None:
        self._arguments = map_tensors(torch.clone, arguments)
        stream = _side_stream(next(tensors_of(arguments)).device)
        stream.wait_stream(torch.cuda.current_stream(stream.device))
        # cuBLAS keeps a workspace for each stream, so that all recordings are made on the same one. The context is
        # entered here, too, since before torch 2.12 a recording that failed left its stream the current one.
        try:
            with torch.cuda.stream(stream):
                for warm_up in range(_WARM_UPS):
                    with _refusing_to_wait() if warm_up == 1 else _as_it_is():
                        function(self._arguments)
                self._graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(self._graph, pool=pool, stream=stream):
                    self._results = function(self._arguments)
        finally:  # also where it failed: the function has written into memory that the next call writes into
            torch.cuda.current_stream(stream.device).wait_stream(stream)

    def __call__(self, arguments: Nested) -> Result:
        """Replay with other arguments; the results are good until the next call."""
        for place, tensor in zip(tensors_of(self._arguments), tensors_of(arguments), strict=True):
            place.copy_(tensor, non_blocking=True)
        self._graph.replay()
        return self._results


@functools.cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # torch has no types here


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _refusing_to_wait() -> Iterator[None]:
    """Raise where the host would wait for the device, before a recording is begun: one that breaks off leaks memory."""
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the mode does not see everything, as torch says
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode(before)


Signature = tuple[tuple[tuple[int, ...], torch.dtype], ...]


def signature_of(arguments: Nested) -> Signature:
    """Return what calls must share to share a graph."""
    return tuple((tuple(tensor.shape), tensor.dtype) for tensor in tensors_of(arguments))


class CapturedFunction(Generic[Result]):
    """A function that is recorded for each shape of its arguments on CUDA, and called as it is where that fails.

    Args:
        function: Of one nested argument.
        on_note: Given a sentence when a recording failed; the function is called plainly from then on.
        record: Makes the recorded call of a function, arguments and a pool of memory.
        new_pool: Makes that pool, for the recordings of all shapes: each result is used before the next call.
    """

    def __init__(
        self,
        function: Callable[[Nested], Result],
        on_note: Callable[[str], None],
        record: Callable[[Callable[[Nested], Result], Nested, Any], Callable[[Nested], Result]] = CapturedCall,
        new_pool: Callable[[], Any] = torch.cuda.graph_pool_handle,
    ) -> None:
        self._function, self._on_note, self._record, self._new_pool = function, on_note, record, new_pool
        self._calls: dict[Signature, Callable[[Nested], Result]] = {}
        self._pool: Any = None
        self._fails = False

    def __call__(self, arguments: Nested) -> Result:
        """Call the function, recorded where that is possible.

        Raises:
            Exception: There is not enough memory for the recording, or the function itself fails.
        """
        if self._fails:
            return self._function(arguments)
        key = signature_of(arguments)
        if key not in self._calls:
            if self._pool is None:
                self._pool = self._new_pool()
            try:
                self._calls[key] = self._record(self._function, arguments, self._pool)
            except Exception as error:
                if ran_out_of_memory(error):
                    raise
                self._fails = True
                self.forget()
                reason = str(error).strip().split("\n")[0].rstrip(".")
                self._on_note(f"The forward pass cannot be recorded as a CUDA graph and is launched anew: {reason}.")
            if self._fails:
                return self._function(arguments)
        return self._calls[key](arguments)

    def forget(self) -> None:
        """Give up the recordings and their memory, such as when batches get another size."""
        self._calls.clear()
        self._pool = None  # a pool that lost its last recording cannot be used again
