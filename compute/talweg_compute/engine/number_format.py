"""Number formats of the forward pass: which there are, where the hardware has them, and how they are switched on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch

from talweg_compute.engine.device import cpu_capabilities

Precision = Literal["float32", "tf32", "float16", "bf16"]

TYPES: dict[Precision, torch.dtype] = {
    "float16": torch.float16,
    "bf16": torch.bfloat16,
    "tf32": torch.float32,
    "float32": torch.float32,
}
"""Type of weights and activations, in the order in which they are tried.

The two of 16 bits are as fast as each other; float16 has three bits more and ends at 65504, which a trial notices. tf32
is float32 whose products are rounded to ten bits.
"""

_Switches = tuple[Any, ...]


def faster_formats(device: torch.device) -> tuple[Precision, ...]:
    """List the formats below float32 that a device computes in hardware, the fastest first.

    Args:
        device: CPU, CUDA or MPS.

    Returns:
        Their names; nothing where float32 is all there is.
    """
    if device.type == "cuda":
        major, _ = torch.cuda.get_device_capability(device)
        if major >= 8:  # Ampere and later
            return "float16", "bf16", "tf32"
        return ("float16",) if major == 7 else ()  # Volta and Turing
    if device.type == "cpu" and _cpu_has_bf16():
        return ("bf16",)
    return ()


def lacks(precision: Precision, device: torch.device) -> bool:
    """Whether a device does not compute in a format: it would take float32, or be slower than that.

    A CPU without bf16 in hardware takes 4 to 200 times as long in it (measured on an AMD EPYC with AVX2).

    Args:
        precision: The format.
        device: CPU, CUDA or MPS.
    """
    if precision == "float32":
        return False
    if device.type == "mps":
        return precision == "tf32"
    return precision not in faster_formats(device)


@contextmanager
def switched_on(precision: Precision, device: torch.device) -> Iterator[None]:
    """Round products as the format says, inside the context: torch's switches are global.

    cuDNN's is on at first, and a user's file may have switched all of them on: after
    ``torch.set_float32_matmul_precision("medium")`` a CPU takes bf16 for float32, too. Algorithms are chosen by rule
    there, never by trial, so that a run that resumes gives the same bits.

    Args:
        precision: The format.
        device: MPS has no switches.
    """
    if device.type == "mps":
        yield
        return
    backends: Any = torch.backends  # modules to mypy, which misses what stands in for them
    cudnn, mkldnn = backends.cudnn, backends.mkldnn
    on_cpu: _Switches = (mkldnn.matmul, mkldnn.conv, mkldnn.rnn)
    switches = on_cpu if device.type == "cpu" else (backends.cuda.matmul, cudnn.conv, cudnn.rnn)
    before, tries = [switch.fp32_precision for switch in switches], cudnn.benchmark
    cudnn.benchmark = False
    for switch in switches:
        switch.fp32_precision = "tf32" if precision == "tf32" and device.type == "cuda" else "ieee"
    try:
        yield
    finally:
        for switch, value in zip(switches, before, strict=True):
            switch.fp32_precision = value
        cudnn.benchmark = tries


def _cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware (AMX or AVX512-BF16, or Arm's bf16)."""
    if capabilities := cpu_capabilities():
        return any(present and "bf16" in name for name, present in capabilities.items())
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # before torch 2.10
    return any(getattr(torch.cpu, check, bool)() for check in checks)
