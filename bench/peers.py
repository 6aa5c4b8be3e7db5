"""How others evaluate a landscape."""

import copy
import importlib
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from talweg_compute.engine.resources import available_cores
from talweg_compute.plane.plane import OpenPlane
from talweg_compute.problem.problem import OpenProblem

Points = NDArray[np.float64]
"""[n, 2]: coordinates (u, v)."""


class PlainLoop:
    """The loop of Li et al.'s code (evaluation.py, net_plotter.py), without its decoding of images at each point.

    For each point: new weight tensors, a DataLoader with batches of 128 over the normalized samples, the model as it
    is, float32, two numbers read back a batch, all threads of the machine.

    Args:
        problem: What is evaluated.
        plane: Where.
        device: On what.
    """

    def __init__(self, problem: OpenProblem, plane: OpenPlane, device: torch.device) -> None:
        self._device = device
        self._net = copy.deepcopy(problem.model).to(device).eval()
        self._weights = [parameter.data.clone() for parameter in self._net.parameters()]
        views = [problem.layout.views(direction) for direction in plane.directions]
        names = [name for name, _ in self._net.named_parameters()]
        self._directions = [[view[name] for name in names] for view in views]
        dataset = TensorDataset(*problem.samples.tensors())
        self._loader, self._samples = DataLoader(dataset, batch_size=128), len(dataset)
        self._criterion = nn.CrossEntropyLoss()

    def loss(self, u: float, v: float) -> float:
        """Evaluate one point."""
        torch.set_num_threads(available_cores())
        dx, dy = self._directions
        changes = [d0 * u + d1 * v for d0, d1 in zip(dx, dy, strict=True)]
        for parameter, weight, change in zip(self._net.parameters(), self._weights, changes, strict=True):
            parameter.data = weight + change.to(self._device)
        total, correct = 0.0, 0
        with torch.no_grad():
            for batch, labels in self._loader:
                inputs, targets = batch.to(self._device), labels.to(self._device)
                outputs = self._net(inputs)
                total += self._criterion(outputs, targets).item() * len(inputs)
                correct += int(outputs.max(1)[1].eq(targets).sum().item())
        return total / self._samples

    def run(self, points: Points, span: float) -> tuple[float, list[float]]:
        """Evaluate points one after the other for a while.

        Args:
            points: From the first on, again and again.
            span: Seconds.

        Returns:
            Points a second, and the losses.
        """
        losses: list[float] = []
        start = time.perf_counter()
        while (spent := time.perf_counter() - start) < span:
            losses.append(self.loss(*points[len(losses) % len(points)]))
        return len(losses) / spent, losses


class LossLandscapes:
    """The PyPI package loss-landscapes: ``planar_interpolation`` with its ``Loss`` of all samples in one batch.

    Args:
        problem: What is evaluated.
        plane: Where.
        device: On what.
        steps: Points along each side, from the origin on.
        distance: Between two points.

    Raises:
        ModuleNotFoundError: It cannot be had here.
    """

    def __init__(
        self, problem: OpenProblem, plane: OpenPlane, device: torch.device, steps: int, distance: float
    ) -> None:
        self._package = fetch_package("loss-landscapes", "loss_landscapes")
        self._steps = steps
        self._models = [
            _model_at(problem, weights).to(device)
            for weights in (
                problem.origin,
                problem.origin + steps * distance * plane.directions[0],
                problem.origin + steps * distance * plane.directions[1],
            )
        ]
        metrics = importlib.import_module("loss_landscapes.metrics")
        inputs, targets = (tensor.to(device) for tensor in problem.samples.tensors())
        self._metric = metrics.Loss(nn.CrossEntropyLoss(), inputs, targets)
        self.points = distance * _visited(steps)

    def run(self) -> NDArray[np.float64]:
        """Evaluate the plane; returns the losses [steps²] at ``points``."""
        torch.set_num_threads(available_cores())
        losses = self._package.planar_interpolation(*self._models, self._metric, self._steps, deepcopy_model=True)
        return np.ravel(losses)


def _model_at(problem: OpenProblem, weights: Tensor) -> nn.Module:
    model = copy.deepcopy(problem.model).eval()
    model.load_state_dict(problem.layout.views(weights), strict=False)
    return model


def _visited(steps: int) -> Points:
    """List where the package really evaluates: every second row is shifted by one step, since it moves first."""
    return np.array([(i, j + 1 if i % 2 == 0 else j) for i in range(steps) for j in range(steps)], dtype=np.float64)


def fetch_package(name: str, module: str) -> ModuleType:
    """Import a package that only the measurements need, from a folder of its own under build/.

    Args:
        name: On PyPI.
        module: What is imported.

    Raises:
        ModuleNotFoundError: It is not there and cannot be installed.
    """
    folder = Path("build/bench/packages").resolve()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        command = ["packaging/uv.sh", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
        subprocess.run([*command, "--python", sys.executable, name], check=False, capture_output=True, timeout=120)
        importlib.invalidate_caches()
        return importlib.import_module(module)
