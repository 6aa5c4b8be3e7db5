"""Number formats of the forward pass: which there are, where the hardware has them, and how they are switched on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch

Precision = Literal["float32", "tf32", "bf16"]

TYPES: dict[Precision, torch.dtype] = {"bf16": torch.bfloat16, "tf32": torch.float32, "float32": torch.float32}
"""Type of weights and activations, the fastest first; tf32 is float32 whose products are rounded to ten bits."""


def faster_formats(device: torch.device) -> tuple[Precision, ...]:
    """List the formats below float32 that a device computes in hardware, the fastest first.

    Args:
        device: CPU, CUDA or MPS.

    Returns:
        Their names; nothing where float32 is all there is.
    """
    if device.type == "cuda":
        major, _ = torch.cuda.get_device_capability(device)
        return ("bf16", "tf32") if major >= 8 else ()  # Ampere and later have both
    if device.type == "cpu" and _cpu_has_bf16():
        return ("bf16",)
    return ()


@contextmanager
def switched_on(precision: Precision, device: torch.device) -> Iterator[None]:
    """Round products as the format says, inside the context: torch's switches are global, and cuDNN's is on at first.

    Args:
        precision: The format.
        device: Only CUDA has switches.
    """
    if device.type != "cuda":
        yield
        return
    matmul, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, convolutions.allow_tf32
    matmul.allow_tf32 = convolutions.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        matmul.allow_tf32, convolutions.allow_tf32 = before


def _cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware (AMX or AVX512-BF16, or Arm's bf16)."""
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    if capabilities:
        return any(present and "bf16" in name for name, present in capabilities.items())
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # before torch 2.10
    return any(getattr(torch.cpu, check, bool)() for check in checks)
