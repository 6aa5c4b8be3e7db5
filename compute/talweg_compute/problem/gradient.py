"""The gradient of the landscape's loss with respect to all tensors of the layout."""

import math

import torch
from torch import Tensor

from talweg_compute.problem.nested import map_tensors, take
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.stateless import call_at, ready_for_calls

_BATCH = 256


class LossGradient:
    """Computes L(θ), the mean over the samples in eval mode, and ∇L(θ).

    Args:
        problem: What is evaluated; never changed.
        device: Where; the gradient comes back to the CPU.
    """

    def __init__(self, problem: OpenProblem, device: torch.device) -> None:
        self._device = device
        self._layout = problem.layout
        self._model = ready_for_calls(problem.model, device, torch.float32)
        self._loss = problem.loss
        self._samples = problem.samples
        self._count = len(problem.samples)
        self._parameters = [entry for entry in problem.layout.entries if entry.is_parameter]
        self._sizes = [entry.stop - entry.start for entry in self._parameters]

    def __call__(self, weights: Tensor) -> tuple[float, Tensor]:
        """Evaluate.

        Args:
            weights: float32 [size].

        Returns:
            The loss, and its gradient, float32 [size] on the CPU; zero at buffers.
        """
        size = self._layout.parameter_size
        parameters = weights[:size].detach().to(self._device, copy=True).requires_grad_()
        buffers = self._layout.views(weights.detach().to(self._device))
        total, gradient = 0.0, torch.zeros_like(parameters)
        for indices in torch.arange(self._count).tensor_split(math.ceil(self._count / _BATCH)):
            chosen = slice(int(indices[0]), int(indices[-1]) + 1)
            # split, not slices: the gradient of each slice would be a vector of full length
            parts = zip(self._parameters, torch.split(parameters, self._sizes), strict=True)
            state = buffers | {entry.name: part.view(entry.shape) for entry, part in parts}
            inputs, targets = (
                map_tensors(lambda tensor: tensor.to(self._device), take(nested, chosen))
                for nested in (self._samples.inputs, self._samples.targets)
            )
            loss = self._loss(call_at(self._model, state, inputs), targets).sum()
            gradient += torch.autograd.grad(loss, parameters)[0]
            total += float(loss.detach())
        whole = torch.zeros(self._layout.size)
        whole[:size] = gradient.cpu() / self._count
        return total / self._count, whole
