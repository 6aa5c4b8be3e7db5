"""A training run that leaves its checkpoints, seeded completely."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError, Training
from talweg_compute.problem.data import Samples, read_data
from talweg_compute.problem.data_sets import DATA_SETS
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.models import build_model
from talweg_compute.problem.problem import check_forward, check_labels, keys_of
from talweg_compute.problem.recipe import build_optimizer, build_schedule, crop_and_flip
from talweg_compute.problem.user_code import fixed_randomness

LOG = "log.csv"
"""The file beside the checkpoints with a row an epoch."""

_STATE = ".training_state.pt"  # hidden, so that no pattern takes it for a checkpoint
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
    """Train a model and leave ``epoch_000.pt``, ``epoch_001.pt``, … and ``log.csv`` in a folder.

    An epoch's mini-batches differ in size by one at most. The same ``Training`` on the same machine leaves the same
    checkpoints, whether it ran in one go or was stopped and resumed. Files of the same names are overwritten, others
    stay.

    Args:
        training: What to train; its paths are absolute or relative to the current folder.
        on_epoch: Called after each epoch, resumed ones excepted.
        should_stop: Asked before each mini-batch.

    Returns:
        Whether it ran to its end; False when it was stopped, which leaves the finished epochs.

    Raises:
        InputError: Model, data or device cannot be used, the folder cannot be written, or what is to be resumed is
            another run.
    """
    with fixed_randomness(training.seed):
        run = _Run(training)
        with _deterministic(run.model):
            if training.resume and (folder_state := run.folder / _STATE).is_file():
                run.restore(folder_state)
            else:
                on_epoch(run.finish_epoch(None))
            while run.epoch < training.epochs:
                total = run.train_epoch(should_stop)
                if total is None:
                    return False
                on_epoch(run.finish_epoch(total))
    return True


class _Run:
    """A training run between two epochs."""

    def __init__(self, training: Training) -> None:
        self.training, self.folder, self.epoch = training, Path(training.folder), 0
        with keys_of("training"):
            data = read_data(training.data, 0, training.normalize, training.data_args)
            inputs, targets = data.tensors()
            if targets.is_floating_point():
                raise InputError(f"data: {training.data} holds floating-point targets; expected class labels.")
            if training.augmentation != "none" and inputs.ndim != 4:
                raise InputError(
                    f'augmentation: got "{training.augmentation}", but {training.data} holds no images; take "none".'
                )
            self.loss = build_loss(training.loss, training.loss_args)
            self.model = _initial_model(training, data, self.loss)
        self.test = _read_test(training)
        device = find_device(training.device)
        self.model.to(device)
        self.inputs, self.targets, self.device = inputs.to(device), targets.to(device), device
        self.batches = math.ceil(len(data) / training.batch_size)
        self.optimizer = build_optimizer(training, self.model)
        self.schedule = build_schedule(training, self.optimizer, self.batches)
        self.generator = torch.Generator().manual_seed(training.seed)

    def train_epoch(self, should_stop: Callable[[], bool]) -> float | None:
        """Train one epoch; returns the mean loss of its mini-batches, or None when it was stopped."""
        self.model.train()
        total, count = 0.0, len(self.targets)
        for batch in torch.randperm(count, generator=self.generator).tensor_split(self.batches):
            if should_stop():
                return None
            chosen = batch.to(self.device)
            inputs, targets = self.inputs[chosen], self.targets[chosen]
            if self.training.augmentation == "crop_flip":
                inputs = crop_and_flip(inputs, self.training.normalize, self.generator)
            with torch.autocast(self.device.type, torch.bfloat16, self.training.precision == "bf16"):
                loss = self.loss(self.model(inputs), targets).float().mean()
            self.optimizer.zero_grad()
            torch.autograd.backward(loss)
            self.optimizer.step()
            self.schedule.step()
            total += loss.item() * len(batch)
        self.epoch += 1
        return total / count

    def finish_epoch(self, train_loss: float | None) -> EpochResult:
        """Evaluate, and write what the epoch leaves."""
        test_loss, test_accuracy = _evaluate(self.model, self.test, self.loss) if self.test else (None, None)
        path = self.folder / f"epoch_{self.epoch:03d}.pt"
        numbers = {
            "epoch": self.epoch,
            "train_loss": train_loss,
            "test_loss": test_loss,
            "test_accuracy": test_accuracy,
        }
        state = {
            "training": _description(self.training),
            "epoch": self.epoch,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "random": torch.get_rng_state(),
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.epoch % self.training.save_every == 0 or self.epoch in (0, self.training.epochs):
                _write(path, {"state_dict": _one_storage(self.model)} | numbers)
            self._write_log(numbers)
            _write(self.folder / _STATE, state)
        except OSError as error:
            raise InputError(
                f'training.folder: got "{self.folder}", where {path.name} cannot be written: '
                f"{error.strerror or error}; expected a folder that is writable: choose another."
            ) from None
        return EpochResult(self.epoch, train_loss, test_loss, test_accuracy, path)

    def restore(self, path: Path) -> None:
        """Go on from where a run of the same description was."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["training"] != _description(self.training):
            raise InputError(
                f"training.resume: {self.folder} holds a run with other settings; expected the same ones (epochs and "
                "device may differ): choose another folder, or leave resume out to begin anew."
            )
        self.epoch = state["epoch"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])
        torch.set_rng_state(state["random"])

    def _write_log(self, numbers: dict[str, float | None]) -> None:
        rate = self.schedule.get_last_lr()[0]
        row = ",".join("" if value is None else f"{value:.10g}" for value in (*numbers.values(), rate))
        log = self.folder / LOG
        lines = log.read_text().splitlines()[1 : self.epoch + 1] if self.epoch and log.is_file() else []
        log.write_text("\n".join([",".join([*numbers, "next_learning_rate"]), *lines, row, ""]))


def _description(training: Training) -> str:
    """What must be the same for a run to be resumed; a schedule over all epochs depends on their number."""
    fixed = msgspec.structs.replace(training, folder="", resume=False, device="auto", save_every=1)
    if training.schedule != "cosine":
        fixed = msgspec.structs.replace(fixed, epochs=1)
    return msgspec.json.encode(fixed).decode()


def _read_test(training: Training) -> Samples | None:
    name = training.test_data or f"{training.data}_test"
    if not training.test_data and name not in DATA_SETS:
        return None
    with keys_of("training"):
        return read_data(name, 0, training.normalize, training.data_args)


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


def _initial_model(training: Training, data: Samples, loss: LossFunction) -> nn.Module:
    model = build_model(training.model, training.model_args, training.seed).float()
    if callable(reset := getattr(model, "reset_parameters", None)):
        with fixed_randomness(training.seed):
            reset()
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


def _one_storage(model: nn.Module) -> dict[str, Tensor]:
    """Gather the state in one storage, which makes a smaller file than one a tensor."""
    layout = Layout.of(model)
    views = layout.views(layout.flatten(named_tensors(model)))
    return {name: views.get(name, tensor.cpu()) for name, tensor in model.state_dict().items()}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file so that nobody ever reads half of it."""
    buffer = BytesIO()
    torch.save(content, buffer)  # a file of its own would carry its temporary name inside
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(buffer.getvalue())
    temporary.replace(path)


@torch.no_grad()
def _evaluate(model: nn.Module, samples: Samples, function: LossFunction) -> tuple[float, float]:
    """Return loss and accuracy in percent, in eval mode."""
    model.eval()
    device = next(model.parameters()).device
    loss, correct = 0.0, 0
    parts = math.ceil(len(samples) / 500)
    all_inputs, all_targets = samples.tensors()
    for inputs, targets in zip(all_inputs.tensor_split(parts), all_targets.tensor_split(parts), strict=True):
        outputs: Tensor = model(inputs.to(device)).cpu()
        loss += float(function(outputs.double(), targets).sum())
        correct += int((outputs.argmax(1) == targets).sum())
    return loss / len(samples), 100.0 * correct / len(samples)
