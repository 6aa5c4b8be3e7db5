"""The command that trains a model."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from talweg_compute.messages import PRESETS


def train(
    model: str | None = None,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    preset: Literal[tuple(PRESETS)] | None = None,  # type: ignore[valid-type]  # one table has them
    shortcut: str | None = None,
    width: int | None = None,
    data: str | None = None,
    data_root: Path | None = None,
    download: bool = False,
    augmentation: Literal["none", "crop_flip"] | None = None,
    loss: str | None = None,
    epochs: int | None = None,
    save_every: int | None = None,
    optimizer: Literal["sgd", "momentum", "nesterov", "adam", "adamw"] | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    momentum: float | None = None,
    weight_decay: float | None = None,
    schedule: Literal["cosine", "drops", "constant"] | None = None,
    drops: Annotated[list[int] | None, Parameter(consume_multiple=True, negative="")] = None,
    precision: Literal["float32", "bf16"] | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    seed: int | None = None,
    device: str | None = None,
) -> int:
    """Train a model; leaves a checkpoint at initialisation and after each epoch, and a log.

    Without further options: the small ResNet on the embedded digits, 20 epochs of SGD with Nesterov momentum 0.9,
    batches of 64, a learning rate that falls from 0.05 along a cosine, weight decay 5e-4.

    Args:
        model: Name of a model of the zoo.
        output: The folder for the checkpoints.
        preset: A recipe of Li et al. 2018 for CIFAR-10; further options change it.
        shortcut: Of a ResNet: "A", "B" or "none".
        width: Of a ResNet: its channels are multiplied by this.
        data: Name of a data set, or a .npz file with images and labels.
        data_root: The folder that holds the data set.
        download: Download the data set where it is missing.
        augmentation: crop_flip shifts images by up to four pixels and mirrors half of them.
        loss: "cross_entropy", "mse" or "multi_margin".
        epochs: Passes over the data.
        save_every: Epochs between checkpoints.
        optimizer: What follows the gradient.
        batch_size: Samples a step.
        learning_rate: At the start.
        momentum: Of SGD.
        weight_decay: L2 penalty on every parameter.
        schedule: cosine lets the learning rate fall to a hundredth, drops divides it by ten at some epochs.
        drops: These epochs.
        precision: Of the forward and backward pass; weights stay in float32.
        resume: Go on with a run that was stopped.
        seed: Of initialisation and order; the same seed gives the same checkpoints.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
    """
    from talweg.terminal.headless import train_and_report
    from talweg_compute.messages import build_training

    model_args = {name: value for name, value in (("shortcut", shortcut), ("width", width)) if value is not None}
    data_args = {"root": str(data_root.resolve())} if data_root is not None else {}
    given = {
        "model": model,
        "model_args": model_args or None,
        "data": str(Path(data).resolve()) if data is not None and data.endswith(".npz") else data,
        "data_args": data_args | ({"download": True} if download else {}) or None,
        "augmentation": augmentation,
        "loss": loss,
        "folder": str(output.resolve()),
        "epochs": epochs,
        "save_every": save_every,
        "optimizer": optimizer,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "schedule": schedule,
        "drops": drops,
        "precision": precision,
        "resume": resume,
        "seed": seed,
        "device": device,
    }
    table = msgspec.to_builtins(PRESETS[preset]) if preset else {}
    return train_and_report(
        build_training(table | {name: value for name, value in given.items() if value is not None}, "talweg train")
    )
