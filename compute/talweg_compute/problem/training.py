"""A training run that leaves its checkpoints: SGD with Nesterov momentum, seeded completely."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from talweg_compute.messages import InputError, Training
from talweg_compute.problem.data import Samples, read_data
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import build_loss
from talweg_compute.problem.models import build_model
from talweg_compute.problem.problem import check_forward, check_labels, keys_of
from talweg_compute.problem.user_code import fixed_randomness

TEST_SETS = {"digits": "digits_test"}
"""For each data set that has one, its test set."""

_FINAL_RATE = 0.01  # of the learning rate, at the end of the cosine
_SMALL = 200_000  # parameters


@dataclass(frozen=True, slots=True)
class EpochResult:
    """One epoch is over and its checkpoint is written; epoch 0 is the initialisation.

    Attributes:
        epoch: Its number.
        train_loss: Mean loss of the epoch's mini-batches as they were trained on; None at epoch 0.
        test_loss: Mean loss on the test set, None without one.
        test_accuracy: In percent, None without a test set.
        checkpoint: The file.
    """

    epoch: int
    train_loss: float | None
    test_loss: float | None
    test_accuracy: float | None
    checkpoint: Path


def train(
    training: Training, on_epoch: Callable[[EpochResult], None], should_stop: Callable[[], bool] = lambda: False
) -> bool:
    """Train a model and leave ``epoch_000.pt``, ``epoch_001.pt``, … in a folder.

    Cross-entropy; the learning rate falls on a cosine to a hundredth, step by step; an epoch's mini-batches differ in
    size by one at most. The same ``Training`` on the same machine leaves the same bytes. Files of the same names are
    overwritten, others stay.

    Args:
        training: What to train; its paths are absolute or relative to the current folder.
        on_epoch: Called after each checkpoint.
        should_stop: Asked before each mini-batch.

    Returns:
        Whether it ran to its end; False when it was stopped, which leaves the finished epochs.

    Raises:
        InputError: Model, data or device cannot be used, or the folder cannot be written.
    """
    with keys_of("training"):
        data = read_data(training.data)
        inputs, targets = data.tensors()
        if targets.is_floating_point():
            raise InputError(f"data: {training.data} holds floating-point targets; expected class labels.")
        model = _initial_model(training, data)
    test = read_data(TEST_SETS[training.data]) if training.data in TEST_SETS else None
    device = find_device(training.device)
    folder = Path(training.folder)
    model.to(device)
    inputs, targets = inputs.to(device), targets.to(device)
    batches = math.ceil(len(data) / training.batch_size)
    optimizer = torch.optim.SGD(
        model.parameters(),
        training.learning_rate,
        training.momentum,
        weight_decay=training.weight_decay,
        nesterov=training.momentum > 0,
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, training.epochs * batches, training.learning_rate * _FINAL_RATE
    )
    generator = torch.Generator().manual_seed(training.seed)
    with fixed_randomness(training.seed), _deterministic(model):
        on_epoch(_finish_epoch(model, 0, None, test, folder))
        for epoch in range(1, training.epochs + 1):
            model.train()
            total = 0.0
            for batch in torch.randperm(len(data), generator=generator).tensor_split(batches):
                if should_stop():
                    return False
                chosen = batch.to(device)
                loss = functional.cross_entropy(model(inputs[chosen]), targets[chosen])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
                schedule.step()
                total += loss.item() * len(batch)
            on_epoch(_finish_epoch(model, epoch, total / len(data), test, folder))
    return True


def find_device(name: str) -> torch.device:
    """Choose the device to train on.

    Args:
        name: "auto", "cpu", "cuda", "cuda:1" or "mps"; "auto" takes CUDA where there is one, otherwise the CPU.

    Returns:
        The device.

    Raises:
        InputError: This machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    found = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}[device.type]
    if (device.index or 0) >= found:
        raise InputError(
            f'training.device: got "{name}"; this machine has {found} devices of that type: use "auto" or "cpu".'
        )
    return device


def _initial_model(training: Training, data: Samples) -> nn.Module:
    model = build_model(training.model, training.model_args, training.seed).float()
    if callable(reset := getattr(model, "reset_parameters", None)):
        with fixed_randomness(training.seed):
            reset()
    loss = build_loss("cross_entropy")
    check_labels(check_forward(model.eval(), data, loss), data, loss)
    return model


@contextmanager
def _deterministic(model: nn.Module) -> Iterator[None]:
    """Fix the order of sums; a small network gets one thread, as threads wait longer than it computes."""
    threads = torch.get_num_threads()
    if sum(parameter.numel() for parameter in model.parameters()) < _SMALL:
        torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(deterministic=True, benchmark=False):
            yield
    finally:
        torch.set_num_threads(threads)


def _finish_epoch(
    model: nn.Module, epoch: int, train_loss: float | None, test: Samples | None, folder: Path
) -> EpochResult:
    test_loss, test_accuracy = _evaluate(model, test) if test is not None else (None, None)
    path = folder / f"epoch_{epoch:03d}.pt"
    layout = Layout.of(model)
    views = layout.views(layout.flatten(named_tensors(model)))  # one storage makes a smaller file than one a tensor
    content = {
        "state_dict": {name: views.get(name, tensor.cpu()) for name, tensor in model.state_dict().items()},
        "epoch": epoch,
        "train_loss": train_loss,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
    }
    buffer = BytesIO()
    torch.save(content, buffer)  # a file of its own would carry its temporary name inside
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{path.name}.{os.getpid()}"
        temporary.write_bytes(buffer.getvalue())
        temporary.replace(path)
    except OSError as error:
        raise InputError(
            f'training.folder: got "{folder}", where {path.name} cannot be written: {error.strerror or error}; '
            "expected a folder that is writable: choose another."
        ) from None
    return EpochResult(epoch, train_loss, test_loss, test_accuracy, path)


@torch.no_grad()
def _evaluate(model: nn.Module, samples: Samples) -> tuple[float, float]:
    """Return loss and accuracy in percent, in eval mode."""
    model.eval()
    device = next(model.parameters()).device
    loss, correct = 0.0, 0
    parts = math.ceil(len(samples) / 500)
    all_inputs, all_targets = samples.tensors()
    for inputs, targets in zip(all_inputs.tensor_split(parts), all_targets.tensor_split(parts), strict=True):
        outputs: Tensor = model(inputs.to(device)).cpu()
        loss += float(functional.cross_entropy(outputs.double(), targets, reduction="sum"))
        correct += int((outputs.argmax(1) == targets).sum())
    return loss / len(samples), 100.0 * correct / len(samples)
