"""A function of tensors recorded once as a CUDA graph and replayed: one launch instead of one for each kernel."""

from collections.abc import Callable
from typing import Generic, TypeVar

import torch

from talweg_compute.problem.nested import Nested, map_tensors, tensors_of

Result = TypeVar("Result")

_WARM_UPS = 3  # the first runs choose algorithms and allocate, which a graph must not record


class CapturedCall(Generic[Result]):
    """A recorded call. Its arguments and results lie at fixed addresses; each replay overwrites the last results.

    Args:
        function: Runs on one CUDA device without waiting for it.
        arguments: With the shapes, types and layouts of every later call.

    Raises:
        RuntimeError: The function does something that cannot be recorded, such as reading a number back.
    """

    def __init__(self, function: Callable[[Nested], Result], arguments: Nested) -> None:
        self._arguments = map_tensors(torch.clone, arguments)
        device = next(tensors_of(arguments)).device
        with torch.cuda.device(device):
            beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch has no types here
            beside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(beside):
                for _ in range(_WARM_UPS):
                    function(self._arguments)
            torch.cuda.current_stream().wait_stream(beside)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._results = function(self._arguments)

    def __call__(self, arguments: Nested) -> Result:
        """Replay with other arguments; the results are good until the next call."""
        for place, tensor in zip(tensors_of(self._arguments), tensors_of(arguments), strict=True):
            place.copy_(tensor, non_blocking=True)
        self._graph.replay()
        return self._results


Signature = tuple[tuple[tuple[int, ...], torch.dtype], ...]


def signature_of(arguments: Nested) -> Signature:
    """Return what calls must share to share a graph."""
    return tuple((tuple(tensor.shape), tensor.dtype) for tensor in tensors_of(arguments))


class CapturedFunction(Generic[Result]):
    """A function that is recorded for each shape of its arguments on CUDA, and called as it is where that fails.

    Args:
        function: Of one nested argument.
        on_note: Given a sentence when a recording failed; the function is called plainly from then on.
        record: Makes the recorded call.
    """

    def __init__(
        self,
        function: Callable[[Nested], Result],
        on_note: Callable[[str], None],
        record: Callable[[Callable[[Nested], Result], Nested], Callable[[Nested], Result]] = CapturedCall,
    ) -> None:
        self._function, self._on_note, self._record = function, on_note, record
        self._calls: dict[Signature, Callable[[Nested], Result]] = {}
        self._fails = False

    def __call__(self, arguments: Nested) -> Result:
        """Call the function, recorded where that is possible."""
        if self._fails:
            return self._function(arguments)
        key = signature_of(arguments)
        if key not in self._calls:
            try:
                self._calls[key] = self._record(self._function, arguments)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:
                self._fails = True
                self._calls.clear()
                reason = str(error).strip().split("\n")[0].rstrip(".")
                self._on_note(f"The forward pass cannot be recorded as a CUDA graph and is launched anew: {reason}.")
                return self._function(arguments)
        return self._calls[key](arguments)

    def forget(self) -> None:
        """Give up the recordings and their memory, such as when batches get another size."""
        self._calls.clear()
