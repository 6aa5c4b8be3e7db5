"""Running out of memory, which each device says in its own way."""

import torch

_SENTENCES = (
    "out of memory",  # CUDA outside of torch's allocator, such as where a graph is made; Metal
    "invalid buffer size",  # Metal
    "can't allocate memory",  # the CPU
    "not enough memory",  # the CPU on Windows
    "status_alloc_failed",  # cuBLAS
)
# cuDNN's sentence is the same where no workspace can be had and for what it does not support (torch 2.9 to 2.15)
_AMBIGUOUS = ("unable to find an engine",)


def ran_out_of_memory(error: BaseException, *, surely: bool = False) -> bool:
    """Tell whether a device refused memory, also where that was only the cause of an error.

    Args:
        error: What was raised.
        surely: Sentences that may mean something else do not count: right where little memory was asked for.
    """
    sentences = _SENTENCES if surely else _SENTENCES + _AMBIGUOUS
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, torch.OutOfMemoryError | MemoryError):
            return True
        if isinstance(cause, RuntimeError) and any(part in str(cause).lower() for part in sentences):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def describe_shortage(error: BaseException, size: int) -> str | None:
    """Say what a device has too little of for a batch, which a smaller one may want less of.

    Args:
        error: What was raised.
        size: Samples in the batch.

    Returns:
        A clause; None where the error is of another kind.
    """
    if ran_out_of_memory(error, surely=True):
        return "The device ran out of memory"
    if ran_out_of_memory(error):
        return f"cuDNN has no operation for {size} samples at a time, or no memory for it"
    return None


def free_cached_memory(device: torch.device) -> None:
    """Give the device what torch keeps for later."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
