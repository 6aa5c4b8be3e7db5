"""What is evaluated in the measurements: networks with weights, data and a plane, as jobs."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from talweg_compute.assets import asset
from talweg_compute.messages import Job, build_job
from talweg_compute.problem.models import build_model

SHARED = Path(os.environ.get("TALWEG_SHARED_DATA", Path(__file__).resolve().parents[1].parent / "shared" / "data"))
"""Real data and checkpoints; where it is missing, random ones of the same shapes take their place."""

_CIFAR = {"mean": [0.4914, 0.4822, 0.4465], "std": [0.2023, 0.1994, 0.2010]}
_IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
_LI2018 = {"mean": [125.3 / 255, 123.0 / 255, 113.9 / 255], "std": [63.0 / 255, 62.1 / 255, 66.7 / 255]}


@dataclass(frozen=True)
class Case:
    """A network on data.

    Attributes:
        name: For people.
        model: Of the zoo.
        model_args: For it.
        data: "cifar10", "mnist" or "digits".
        samples: Images a point.
        checkpoint: Under the shared data, or None: random weights.
        normalize: Of the images.
    """

    name: str
    model: str
    model_args: dict[str, Any]
    data: str
    samples: int
    checkpoint: str | None = None
    normalize: dict[str, list[float]] | None = None

    def job(self, folder: Path, device: str, half_width: float = 1.0, count: int = 501, **run: Any) -> Job:
        """Write what the job needs and build it.

        Args:
            folder: For random data and weights.
            device: Where it runs.
            half_width: The plane is shown from -half_width to half_width.
            count: Points along each side.
            run: Further keys of [run].
        """
        axis = [-half_width, half_width, count]
        problem: dict[str, Any] = {
            "model": self.model,
            "model_args": self.model_args,
            "data": self._data(folder),
            "samples": self.samples,
            "checkpoint": str(self._checkpoint(folder)),
        }
        if self.normalize:
            problem["normalize"] = self.normalize
        table = {"problem": problem, "grid": {"u": axis, "v": axis}, "run": {"device": device, **run}}
        return build_job(table, self.name)

    def _data(self, folder: Path) -> str:
        if self.data == "digits":
            return self.data
        shape = {"cifar10": (32, 32, 3), "mnist": (28, 28)}[self.data]
        real = SHARED / "images" / f"{self.data}_test.npz"
        if real.exists():
            return str(real)
        random = folder / f"{self.data}.npz"
        generator = np.random.default_rng(1)
        images = generator.integers(0, 256, (self.samples, *shape), dtype=np.uint8)
        np.savez(random, images=images, labels=generator.integers(0, 10, self.samples))
        return str(random)

    def _checkpoint(self, folder: Path) -> Path:
        if self.data == "digits" and self.model == "digits_resnet":
            return asset("example/digits_resnet/epoch_020.pt")
        if self.checkpoint is not None and (SHARED / "checkpoints" / self.checkpoint).exists():
            return SHARED / "checkpoints" / self.checkpoint
        path = folder / f"{self.model}.pt"
        torch.save(_as_if_trained(build_model(self.model, self.model_args)).state_dict(), path)
        return path


def _as_if_trained(model: nn.Module) -> nn.Module:
    """Give batch normalization the statistics of some noise, so that activations have a usual size."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(1)
        if any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
            model.train()
            model(torch.randn(64, 3, 32, 32))
    return model.eval()


CASES = (
    Case("ResNet-20", "resnet20", {"shortcut": "A"}, "cifar10", 256, "akamaster/resnet20-12fca82f.th", _IMAGENET),
    Case(
        "ResNet-56",
        "resnet56",
        {},
        "cifar10",
        256,
        "li2018/resnet56_sgd_lr=0.1_bs=128_wd=0.0005/model_300.t7",
        _LI2018,
    ),
    Case("VGG-11", "vgg11", {}, "cifar10", 256, None, _CIFAR),
    Case("digits net", "digits_resnet", {}, "digits", 1000),
    Case("MLP 784-128-10", "mlp", {"sizes": [784, 128, 10]}, "mnist", 1000),
)


def on_gpu(case: Case) -> Case:
    """Give a case the number of images that a GPU is asked for."""
    return replace(case, samples=case.samples if case.data == "digits" else 10_000)
