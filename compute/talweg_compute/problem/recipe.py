"""The parts of a training run that the papers vary: optimizer, schedule, augmentation."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LRScheduler, MultiStepLR

from talweg_compute.messages import Normalize, Training

_FINAL_RATE = 0.01  # of the learning rate, at the end of the cosine
_SHIFT = 4  # pixels, at most


def build_optimizer(training: Training, model: nn.Module) -> torch.optim.Optimizer:
    """Build the optimizer of a run over a model's parameters."""
    parameters, rate, decay = model.parameters(), training.learning_rate, training.weight_decay
    if training.optimizer == "adam":
        return torch.optim.Adam(parameters, rate, weight_decay=decay)
    if training.optimizer == "adamw":
        return torch.optim.AdamW(parameters, rate, weight_decay=decay)
    momentum = 0.0 if training.optimizer == "sgd" else training.momentum
    nesterov = training.optimizer == "nesterov" and momentum > 0
    return torch.optim.SGD(parameters, rate, momentum, weight_decay=decay, nesterov=nesterov)


def build_schedule(training: Training, optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """Build the schedule of the learning rate.

    Args:
        training: The run.
        optimizer: Its optimizer.
        steps: Mini-batches an epoch.

    Returns:
        A schedule to be stepped after each mini-batch.
    """
    if training.schedule == "cosine":
        return CosineAnnealingLR(optimizer, training.epochs * steps, training.learning_rate * _FINAL_RATE)
    if training.schedule == "drops":
        return MultiStepLR(optimizer, [epoch * steps for epoch in sorted(training.drops)], gamma=0.1)
    return ConstantLR(optimizer, factor=1.0)


def crop_and_flip(images: Tensor, normalize: Normalize | None, generator: torch.Generator) -> Tensor:
    """Shift each image by up to four pixels, filling with black, and mirror it half of the time.

    Args:
        images: [N, C, H, W], normalized.
        normalize: What they were normalized by; black is (0 - mean) / std.
        generator: On the CPU.

    Returns:
        [N, C, H, W].
    """
    count, channels, height, width = images.shape
    black = torch.zeros(channels, device=images.device)
    if normalize is not None:
        mean, std = torch.tensor(normalize.mean), torch.tensor(normalize.std)
        black = (-mean / std).to(images.device)
    shifted = images - black.view(1, -1, 1, 1)  # so that padding with zeros pads with black
    padded = functional.pad(shifted, (_SHIFT, _SHIFT, _SHIFT, _SHIFT))
    offsets = torch.randint(0, 2 * _SHIFT + 1, (2, count), generator=generator).to(images.device)
    mirrored = (torch.rand(count, generator=generator) < 0.5).to(images.device)
    rows = offsets[0, :, None] + torch.arange(height, device=images.device)  # [N, H]
    columns = torch.arange(width, device=images.device).expand(count, -1)
    columns = offsets[1, :, None] + torch.where(mirrored[:, None], columns.flip(1), columns)  # [N, W]
    which = torch.arange(count, device=images.device)[:, None, None]
    cropped = padded[which, :, rows[:, :, None], columns[:, None, :]]  # [N, H, W, C]
    return cropped.permute(0, 3, 1, 2) + black.view(1, -1, 1, 1)
