import pytest
import torch

from talweg_compute.problem.memory import describe_shortage, ran_out_of_memory

SENTENCES = [
    "CUDA error: out of memory",
    "MPS backend out of memory (MPS allocated: 5.56 GB, other allocations: 1.10 GB, max allowed: 6.80 GB).",
    "Invalid buffer size: 12.50 GiB",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "GET was unable to find an engine to execute this computation",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_devices_say(sentence: str) -> None:
    assert ran_out_of_memory(RuntimeError(sentence))
    assert not ran_out_of_memory(ValueError(sentence))


def test_what_may_also_mean_that_something_is_not_supported() -> None:
    error = RuntimeError(SENTENCES[-1])
    assert [ran_out_of_memory(error, surely=surely) for surely in (False, True)] == [True, False]
    assert ran_out_of_memory(RuntimeError(SENTENCES[0]), surely=True)
    assert describe_shortage(error, 37) == "cuDNN has no operation for 37 samples at a time, or no memory for it"


@pytest.mark.parametrize("error", [torch.OutOfMemoryError(), *map(RuntimeError, SENTENCES[:-1])])
def test_a_shortage_of_memory_is_told_as_such(error: Exception) -> None:
    assert describe_shortage(error, 37) == "The device ran out of memory"
    assert describe_shortage(KeyError("weight"), 37) is None


def test_what_the_cpu_says() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**60, dtype=torch.uint8)
    assert ran_out_of_memory(raised.value)


def fail_twice() -> None:
    try:
        raise torch.OutOfMemoryError("CUDA out of memory.")
    finally:
        raise RuntimeError("CUDA error: operation failed due to a previous error during capture")


def test_an_error_that_memory_caused() -> None:
    with pytest.raises(RuntimeError, match="during capture") as raised:
        fail_twice()
    assert ran_out_of_memory(raised.value)
    assert not ran_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied (4x3 and 4x3)"))
    assert not ran_out_of_memory(KeyError("weight"))
