"""Leaves the checkpoints of one's own training where Talweg finds them; this file needs nothing but torch.

In a training loop::

    from talweg_compute.recorder import record

    record(model, "runs/sgd")          # before the first epoch
    for epoch in range(epochs):
        ...
        record(model, "runs/sgd")      # after each one

With Lightning::

    trainer = Trainer(callbacks=[lightning_recorder("runs/sgd")])

A job with ``trajectory = "runs/sgd"`` shows the run, ``talweg watch`` shows it while it goes on.
"""

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

_NAME = re.compile(r"step_(\d+)\.pt")


def record(model: nn.Module, folder: str | os.PathLike[str], step: int | None = None) -> Path:
    """Write a model's parameters and buffers as the next checkpoint of a run.

    The file appears under its name when it is whole: it is written beside it and then renamed.

    Args:
        model: The model; ``module.`` and ``_orig_mod.`` of its wrappers need not be stripped.
        folder: The run's folder, made where it is missing.
        step: Number of the checkpoint; None: the one after the last that is there. An existing one is replaced.

    Returns:
        The file.

    Raises:
        OSError: It cannot be written.
    """
    run = Path(folder)
    run.mkdir(parents=True, exist_ok=True)
    if step is None:
        found = [int(match[1]) for file in run.iterdir() if (match := _NAME.fullmatch(file.name))]
        step = max(found, default=-1) + 1
    state = {name: value.detach().cpu() for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    path = run / f"step_{step:06d}.pt"
    part = run / f".{path.name}.{os.getpid()}"
    try:
        torch.save({"state_dict": state, "step": step}, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def lightning_recorder(folder: str | os.PathLike[str], every: int = 1) -> Any:
    """Make a Lightning callback that records before the first epoch and after every so many epochs.

    Args:
        folder: The run's folder.
        every: Epochs between two checkpoints.

    Returns:
        A callback for ``Trainer(callbacks=[...])``.

    Raises:
        ImportError: Neither ``lightning`` nor ``pytorch_lightning`` is installed.
    """
    callback = _find_callback()

    def on_train_start(_: Any, trainer: Any, module: nn.Module) -> None:
        if trainer.current_epoch == 0 and trainer.is_global_zero:
            record(module, folder, 0)

    def on_train_epoch_end(_: Any, trainer: Any, module: nn.Module) -> None:
        epoch = trainer.current_epoch + 1
        if epoch % every == 0 and trainer.is_global_zero:
            record(module, folder, epoch)

    hooks = {"on_train_start": on_train_start, "on_train_epoch_end": on_train_epoch_end}
    return type("Recorder", (callback,), hooks)()


def _find_callback() -> Any:
    for name in ("lightning.pytorch", "pytorch_lightning"):
        try:
            return import_module(name).Callback
        except ModuleNotFoundError:
            continue
    raise ImportError("lightning_recorder: neither lightning nor pytorch_lightning is installed; call record instead.")
