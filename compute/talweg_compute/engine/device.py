"""The device that evaluates."""

import platform
from typing import Any

import torch

from talweg_compute.messages import InputError


def choose_device(name: str) -> torch.device:
    """Choose the device.

    Args:
        name: "auto" (CUDA, then MPS, then the CPU), "cpu", "cuda", "cuda:1" or "mps".

    Returns:
        The device.

    Raises:
        InputError: The machine does not have it.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda":
        count = torch.cuda.device_count()
        if count == 0:
            raise InputError(f'run.device: got "{name}", but torch finds no CUDA GPU here; use "auto" or "cpu".')
        if (device.index or 0) >= count:
            raise InputError(f'run.device: got "{name}", but this machine has {count} CUDA GPU(s); count from cuda:0.')
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise InputError('run.device: got "mps", but torch finds no Metal GPU here; use "auto" or "cpu".')
    return device


def describe_device(device: torch.device) -> str:
    """Name the device for people."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device.type == "cpu":
        return f"cpu ({platform.machine()})"
    return str(device)


def cpu_capabilities() -> dict[str, Any]:
    """Return what torch finds out of the CPU, by name, on any system; nothing before torch 2.10."""
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return capabilities


def wants_channels_last(device: torch.device) -> bool:
    """Whether images are faster with their channels innermost.

    On MPS they are not, and batch normalization and pooling of a slice of such images are wrong there without a word
    (pytorch/pytorch#174345, open in torch 2.15).
    """
    return device.type != "mps"


def describes(description: str, device: torch.device) -> bool:
    """Tell whether a description, as ``describe_device`` gives it, is of such a device, whichever of several it is.

    Args:
        description: Of the device that was evaluated on before.
        device: The device now.
    """
    return _without_index(description) == _without_index(describe_device(device))


def _without_index(description: str) -> str:
    kind, _, name = description.partition(" ")
    return f"{kind.partition(':')[0]} {name}"


def make_current(device: torch.device) -> None:
    """Let "cuda" mean this device from now on, also to user code; without a number it is the first GPU.

    A process works on one job after another, each of which may name another GPU.
    """
    if device.type == "cuda":
        torch.cuda.set_device(device.index or 0)
