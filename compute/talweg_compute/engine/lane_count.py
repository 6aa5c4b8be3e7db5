"""How many further processes evaluate points of a job, and where: as many as there are cores or GPUs, and memory."""

import torch

from talweg_compute.engine.open_job import OpenJob
from talweg_compute.engine.resources import available_cores, available_memory
from talweg_compute.problem.nested import tensors_of

SECONDS_THAT_PAY_FOR_LANES = 15.0
"""Where less is left to evaluate, a lane would be over its imports too late."""

_OF_A_PROCESS = 400 << 20  # bytes: the interpreter, torch, and activations of a small batch
_TIMES_DATA = 3  # as they were read, and laid out for float32 and for a shorter format
_TIMES_WEIGHTS = 8  # origin, the point, the model, its copies for two formats, what was read of the checkpoint
_SHARE_OF_MEMORY = 0.8  # of what is free; other programs want some


def memory_of_lane(opened: OpenJob) -> int:
    """Estimate the memory that one more process with this job needs on a CPU, in bytes."""
    samples, plane = opened.problem.samples, opened.plane
    data = sum(tensor.nbytes for part in (samples.inputs, samples.targets) for tensor in tensors_of(part))
    return _OF_A_PROCESS + _TIMES_DATA * data + plane.directions.nbytes + _TIMES_WEIGHTS * plane.origin.nbytes


def cores_with_memory(cores: int, needed: int, free: int | None) -> int:
    """Say how many single-threaded processes a machine has cores and memory for.

    Args:
        cores: How many there are.
        needed: Bytes that each process needs; the first one has its own already.
        free: Bytes that are free; None: nobody tells, so that only the cores count.

    Returns:
        At least 1, the first process.
    """
    return cores if free is None else min(cores, 1 + int(_SHARE_OF_MEMORY * free) // needed)


def further_devices(opened: OpenJob) -> tuple[list[str], str | None]:
    """List where lanes evaluate beside the process that opened a job: the other cores, or the other GPUs.

    Args:
        opened: The job; where it says how many processes there are to be, there are so many.

    Returns:
        The name of a device for each lane; and a sentence where memory does not suffice for all cores, or None.
    """
    device, processes = opened.device, opened.job.run.processes
    if device.type == "cpu":
        if processes:
            return ["cpu"] * (processes - 1), None
        cores, needed = available_cores(), memory_of_lane(opened)
        count = cores_with_memory(cores, needed, available_memory())
        note = (
            f"Of {cores} cores {count} evaluate points: each one more would take {needed / 1e9:.2g} GB of memory, and "
            "there is too little of it left. Close other programs, or set run.processes to have more all the same."
        )
        return ["cpu"] * (count - 1), note if count < cores else None
    if device.type == "cuda" and device.index is None:
        others = [f"cuda:{index}" for index in range(1, torch.cuda.device_count())]
        return others[: processes - 1] if processes else others, None
    return [], None
