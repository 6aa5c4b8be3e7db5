"""Value, gradient and Hessian of f(u, v) = L(θ + u δ + v η), on the network itself.

Measured against a forward pass (float64, one thread): the gradient, by one backward pass that yields the whole ∇L, costs
2 to 4; the Hessian, by forward mode over reverse mode with both directions as one batch, 5 on ResNet-20, 14 on a small
perceptron, 20 on a small ResNet. Two reverse passes over the reverse pass cost 9, 7 and 20: better only where everything
is cheap.
"""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from talweg_compute.curvature.moving_statistics import DifferentiableStatistics
from talweg_compute.plane.inner_products import inner_products
from talweg_compute.plane.plane import OpenPlane
from talweg_compute.problem.problem import OpenProblem

Floats = npt.NDArray[np.float64]

_CPU_BATCH = 128
_GPU_BATCH = 512
_GRADIENT_STEP = {torch.float64: 1e-4, torch.float32: 5e-2}  # of differences of gradients, in units of the cell
_VALUE_STEP = {torch.float64: 2e-3, torch.float32: 0.25}  # of differences of values
_WRONG = 1e-2  # share of a gradient that may differ from differences of the loss


@dataclass(frozen=True, slots=True)
class Derivatives:
    """What is known of f at one point.

    Attributes:
        value: Mean loss over the samples; NaN and inf are values.
        gradient: (f_u, f_v), float64 [2].
        hessian: Symmetric, float64 [2, 2], or None where it was not asked for.
        asymmetry: |f_uv - f_vu| before both became their mean: what rounding does. NaN without a Hessian.
        full_gradient_norm: Euclidean norm of ∇L over the trained parameters; NaN where there is no backward pass.
        out_of_plane_norm: Norm of what is left of ∇L without its orthogonal projection on the plane; NaN likewise.
    """

    value: float
    gradient: Floats
    hessian: Floats | None
    asymmetry: float
    full_gradient_norm: float
    out_of_plane_norm: float


@dataclass(slots=True)
class _Sums:
    """Sums over the samples: the loss, its gradient [moved] and, for each direction, the gradient's change [2, moved]."""

    loss: Tensor
    gradient: Tensor | None = None
    change: Tensor | None = None


class PlaneDerivatives:
    """Differentiates one problem's loss along one plane, exactly: every sample counts, in eval mode, in float64.

    Devices without float64, and models that break in it, are differentiated in float32. Where a model has no second
    derivatives the Hessian is a central difference of gradients, and where a backward pass fails or contradicts the
    loss, all derivatives are differences of losses. A note says so each time.

    Args:
        problem: What is differentiated; neither its model nor its tensors are ever changed.
        plane: The directions δ and η through this problem's origin θ.
        device: Where.
        batch_size: Samples a mini-batch; 0: chosen for the device. Halved when memory runs out.
        cell: Lengths along u and v over which f is resolved, such as the steps of a grid; differences are parts of it.
        before_batch: Called before each mini-batch; what it raises ends the computation.
        on_note: Called with one sentence when something had to be changed on the way.
    """

    def __init__(
        self,
        problem: OpenProblem,
        plane: OpenPlane,
        device: torch.device,
        batch_size: int = 0,
        cell: tuple[float, float] = (1.0, 1.0),
        before_batch: Callable[[], None] = lambda: None,
        on_note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.cell = np.array(cell, dtype=np.float64)
        self.samples = len(problem.samples)
        self.batch_size = min(batch_size or (_CPU_BATCH if device.type == "cpu" else _GPU_BATCH), self.samples)
        self.dtype = torch.float32 if device.type == "mps" else torch.float64  # Metal has no float64
        self._problem, self._plane, self._device = problem, plane, device
        self._before_batch, self._on_note = before_batch, on_note
        self._has_gradient = self._has_hessian = True
        size = problem.layout.size if plane.moves_buffers else problem.layout.parameter_size
        self._moved = [entry for entry in problem.layout.entries if entry.stop <= size]
        self._trained = torch.zeros(size, dtype=torch.bool)
        for entry in self._moved:
            self._trained[entry.start : entry.stop] = entry.trainable
        directions = plane.directions[:, :size]
        self.metric: Floats = inner_products(directions, directions).numpy()
        trained = directions * self._trained
        self._projector = np.linalg.pinv(inner_products(trained, trained).numpy(), hermitian=True)
        self._load()
        self._try_precision()
        self._try_gradient()

    @property
    def precision(self) -> str:
        """The number format: "float64" or "float32"."""
        return str(self.dtype).removeprefix("torch.")

    def at(self, u: float, v: float, *, hessian: bool = True) -> Derivatives:
        """Differentiate at a point.

        Args:
            u: Coordinate along the first direction.
            v: Coordinate along the second direction.
            hessian: Whether the second derivatives are wanted; without them it takes a fifth of the time.

        Returns:
            The derivatives.
        """
        point = np.array([u, v], dtype=np.float64)
        if not self._has_gradient:
            return self._from_values(point)
        if hessian and self._has_hessian:
            try:
                return self._assemble(self._sum(point, self._curve))
            except RuntimeError as error:
                self._has_hessian = False
                self._on_note(
                    "The model has no second derivatives in forward mode "
                    f"({_first_line(error)}); Hessians are central differences of gradients."
                )
        found = self._assemble(self._sum(point, self._slope))
        return self._with_differences(found, point) if hessian else found

    def gradient_at(self, points: npt.ArrayLike) -> Floats:
        """Compute gradients alone.

        Args:
            points: Coordinates, [k, 2].

        Returns:
            (f_u, f_v) at each, float64 [k, 2].
        """
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        found = [self.at(u, v, hessian=False).gradient for u, v in array.tolist()]
        return np.array(found, dtype=np.float64).reshape(-1, 2)

    def values_at(self, points: npt.ArrayLike) -> Floats:
        """Compute losses alone.

        Args:
            points: Coordinates, [k, 2].

        Returns:
            The mean loss at each, float64 [k].
        """
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        return np.array([self._mean(self._sum(point, self._height)) for point in array], dtype=np.float64)

    # one mini-batch

    def _losses(self, weights: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        """Sum the losses of a mini-batch at weights [moved]."""
        views = {entry.name: weights[entry.start : entry.stop].view(entry.shape) for entry in self._moved}
        with self._statistics():
            outputs = torch.func.functional_call(self._model, {**self._fixed, **views}, (inputs,))
            return self._problem.loss(outputs, targets).sum()

    def _statistics(self) -> AbstractContextManager[object]:
        return DifferentiableStatistics() if self._plane.moves_buffers else nullcontext()

    @torch.no_grad()
    def _height(self, weights: Tensor, inputs: Tensor, targets: Tensor) -> _Sums:
        return _Sums(self._losses(weights, inputs, targets))

    def _slope(self, weights: Tensor, inputs: Tensor, targets: Tensor) -> _Sums:
        leaf = weights.detach().requires_grad_()
        loss = self._losses(leaf, inputs, targets)
        (gradient,) = torch.autograd.grad(loss, leaf)
        return _Sums(loss.detach(), gradient)

    def _curve(self, weights: Tensor, inputs: Tensor, targets: Tensor) -> _Sums:
        def change(direction: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            differentiate = torch.func.grad_and_value(lambda point: self._losses(point, inputs, targets))
            (gradient, loss), (moved, _) = torch.func.jvp(differentiate, (weights,), (direction,))
            return loss, gradient, moved

        loss, gradient, moved = torch.func.vmap(change, out_dims=(None, None, 0))(self._directions)
        return _Sums(loss.detach(), gradient.detach(), moved.detach())

    # all mini-batches

    def _sum(self, point: Floats, differentiate: Callable[[Tensor, Tensor, Tensor], _Sums]) -> _Sums:
        weights = self._origin + point[0] * self._directions[0] + point[1] * self._directions[1]  # [moved]
        while True:
            try:
                total: _Sums | None = None
                for inputs, targets in self._batches():
                    self._before_batch()
                    part = differentiate(weights, inputs, targets)
                    total = part if total is None else _add(total, part)
                if total is None:
                    raise ValueError("there are no samples")
                return total
            except torch.OutOfMemoryError:
                if self.batch_size == 1:
                    raise
                self.batch_size = math.ceil(self.batch_size / 2)
                self._on_note(f"The device ran out of memory; batches now have {self.batch_size} samples.")
            torch.cuda.empty_cache()

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in range(0, self.samples, self.batch_size):
            part = slice(start, start + self.batch_size)
            yield self._inputs[part], self._targets[part]

    def _mean(self, sums: _Sums) -> float:
        return float(sums.loss) / self.samples

    def _assemble(self, sums: _Sums) -> Derivatives:
        if sums.gradient is None:
            raise ValueError("a gradient is needed")
        n = self.samples
        gradient = sums.gradient / n  # [moved]
        along: Floats = (self._directions @ gradient).double().cpu().numpy()
        trained = gradient * self._trained
        shares = self._projector @ (self._directions @ trained).double().cpu().numpy()  # [2]
        rest = trained - torch.from_numpy(shares).to(gradient) @ (self._directions * self._trained)
        hessian, asymmetry = None, math.nan
        if sums.change is not None:
            whole: Floats = (sums.change @ self._directions.T / n).double().cpu().numpy()
            hessian, asymmetry = (whole + whole.T) / 2, abs(float(whole[0, 1] - whole[1, 0]))
        return Derivatives(self._mean(sums), along, hessian, asymmetry, float(trained.norm()), float(rest.norm()))

    # differences

    def _with_differences(self, found: Derivatives, point: Floats) -> Derivatives:
        step = _GRADIENT_STEP[self.dtype] * self.cell
        offsets = [*np.diag(step), *-np.diag(step)]
        plus_u, plus_v, minus_u, minus_v = self.gradient_at([point + offset for offset in offsets])
        whole = np.stack([(plus_u - minus_u) / (2 * step[0]), (plus_v - minus_v) / (2 * step[1])])
        hessian, asymmetry = (whole + whole.T) / 2, abs(float(whole[0, 1] - whole[1, 0]))
        return Derivatives(
            found.value, found.gradient, hessian, asymmetry, found.full_gradient_norm, found.out_of_plane_norm
        )

    def _from_values(self, point: Floats) -> Derivatives:
        step = _VALUE_STEP[self.dtype] * self.cell
        moves = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)]
        f = self.values_at([point + step * move for move in moves])
        gradient = np.array([f[1] - f[2], f[3] - f[4]]) / (2 * step)
        mixed = (f[5] + f[6] - f[7] - f[8]) / 4
        hessian = np.array([[f[1] + f[2] - 2 * f[0], mixed], [mixed, f[3] + f[4] - 2 * f[0]]]) / np.outer(step, step)
        return Derivatives(float(f[0]), gradient, hessian, 0.0, math.nan, math.nan)

    # what works is found out once, on one mini-batch

    def _load(self) -> None:
        problem, device, dtype = self._problem, self._device, self.dtype
        size = len(self._trained)
        self._model = copy.deepcopy(problem.model).to(device, dtype).eval().requires_grad_(False)
        origin = problem.origin.to(device, dtype)
        self._origin = origin[:size]
        views = problem.layout.views(origin)
        self._fixed = {entry.name: views[entry.name] for entry in problem.layout.entries if entry.start >= size}
        self._directions = self._plane.directions[:, :size].to(device, dtype)  # [2, moved]
        self._trained = self._trained.to(device)
        self._inputs, self._targets = (
            tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)
            for tensor in (problem.samples.inputs, problem.samples.targets)
        )

    def _try_precision(self) -> None:
        first = next(self._batches())
        try:
            found = self._height(self._origin, *first).loss.dtype
        except RuntimeError as error:
            if self.dtype == torch.float32:
                raise
            self._use_float32(f"The model fails in float64 ({_first_line(error)})")
            return
        if found != self.dtype:
            self._use_float32("The model computes in float32 whatever its weights are")
        elif self.dtype == torch.float32:
            self._on_note("This device has no float64; derivatives are in float32, and fewer points can be certified.")

    def _use_float32(self, reason: str) -> None:
        self.dtype = torch.float32
        self._on_note(f"{reason}; derivatives are in float32, and fewer points can be certified.")
        self._load()

    def _try_gradient(self) -> None:
        """Compare the backward pass with differences of the loss: a detached tensor makes it wrong without an error."""
        batch = next(self._batches())
        try:
            slope = self._slope(self._origin, *batch)
        except RuntimeError as error:
            self._use_values(f"The model has no backward pass ({_first_line(error)})")
            return
        exact = (self._directions @ _known(slope.gradient)).double().cpu().numpy()
        step = math.sqrt(_GRADIENT_STEP[self.dtype] * _VALUE_STEP[self.dtype]) * self.cell
        differences = []
        for axis in range(2):
            both = [
                float(self._height(self._origin + sign * step[axis] * self._directions[axis], *batch).loss)
                for sign in (1, -1)
            ]
            differences.append((both[0] - both[1]) / (2 * step[axis]))
        rounding = 100 * torch.finfo(self.dtype).eps * abs(float(slope.loss)) / float(step.min())
        allowed = _WRONG * max(float(np.abs(exact).max()), float(np.abs(differences).max())) + rounding
        if float(np.abs(exact - differences).max()) > allowed:
            self._use_values("The model's backward pass contradicts its loss (is something detached in it?)")

    def _use_values(self, reason: str) -> None:
        self._has_gradient = False
        self._on_note(f"{reason}; derivatives are differences of losses, and the gradient off the plane is unknown.")


def _add(total: _Sums, part: _Sums) -> _Sums:
    total.loss = total.loss + part.loss
    if total.gradient is not None:
        total.gradient += _known(part.gradient)
    if total.change is not None:
        total.change += _known(part.change)
    return total


def _known(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise ValueError("this sum was not made")
    return tensor


def _first_line(error: Exception) -> str:
    lines: Sequence[str] = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
