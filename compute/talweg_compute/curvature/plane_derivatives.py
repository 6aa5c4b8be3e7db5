"""Value, gradient and Hessian of f(u, v) = L(θ + u δ + v η), on the network itself.

Measured in units of a forward pass (float64, one thread): the gradient, by one backward pass that yields the whole ∇L,
costs 2 to 4; the Hessian, by forward mode over reverse mode with both directions as one batch, 5 on ResNet-20, 14 on a
small perceptron, 20 on a small ResNet. Two reverse passes over a reverse pass cost 9, 7 and 20: less only where all
is cheap. Pure forward mode costs 20 to 70.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from talweg_compute.curvature.batched_loss import BatchedLoss, Sums, first_line
from talweg_compute.plane.inner_products import inner_products
from talweg_compute.plane.plane import OpenPlane
from talweg_compute.problem.memory import ran_out_of_memory
from talweg_compute.problem.problem import OpenProblem

Floats = npt.NDArray[np.float64]

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
        full_gradient_norm: Euclidean norm of ∇L over the trained parameters; NaN where there is no backward pass.
        out_of_plane_norm: Norm of what is left of ∇L without its orthogonal projection on the plane; NaN likewise.
    """

    value: float
    gradient: Floats
    hessian: Floats | None
    full_gradient_norm: float
    out_of_plane_norm: float


class PlaneDerivatives:
    """Differentiates one problem's loss along one plane: every sample counts, in eval mode, in float64.

    On devices without float64, and for models that fail in it, in float32. Where a model has no second derivatives the
    Hessian is a central difference of gradients; where a backward pass fails, or contradicts the loss, all derivatives
    are central differences of losses. A note says so each time.

    Args:
        problem: What is differentiated; neither its model nor its tensors are ever changed.
        plane: The directions δ and η through this problem's origin θ.
        device: Where.
        batch_size: Samples a mini-batch; 0: chosen for the device. Halved when memory runs out.
        cell: Lengths along u and v over which f is resolved, such as the steps of a grid; differences are parts of it.
        before_batch: Called before each mini-batch; what it raises ends the computation.
        on_note: Called with one sentence when something had to be changed on the way.

    Attributes:
        cell: As given, float64 [2].
        metric: Inner products of the directions, G, float64 [2, 2].
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
        self._on_note = on_note
        self._loss = BatchedLoss(problem, plane, device, batch_size, before_batch, on_note)
        self.cell: Floats = np.array(cell, dtype=np.float64)
        directions = plane.directions[:, : self._loss.size]
        self.metric: Floats = inner_products(directions, directions).numpy()
        trained = directions * self._loss.trained.cpu()
        self._projector = np.linalg.pinv(inner_products(trained, trained).numpy(), hermitian=True)
        self._has_gradient = True
        self._has_hessian: bool | None = None  # not tried yet
        self._try_gradient()

    @property
    def precision(self) -> str:
        """The number format: "float64" or "float32"."""
        return str(self._loss.dtype).removeprefix("torch.")

    @property
    def exact(self) -> bool:
        """Whether gradients come from a backward pass in float64."""
        return self._has_gradient and self._loss.dtype == torch.float64

    def at(self, u: float, v: float, *, hessian: bool = True) -> Derivatives:
        """Differentiate at a point.

        Args:
            u: Coordinate along the first direction.
            v: Coordinate along the second direction.
            hessian: Whether the second derivatives are wanted; without them it takes about a quarter of the time.

        Returns:
            The derivatives.
        """
        if not self._has_gradient:
            return self._from_values(u, v)
        if hessian and self._differentiates_twice():
            return self._assemble(self._loss.sum(self._loss.curve, u, v))
        found = self._assemble(self._loss.sum(self._loss.slope, u, v))
        return self._with_differences(found, u, v) if hessian else found

    def gradient_at(self, points: npt.ArrayLike) -> Floats:
        """Compute gradients alone.

        Args:
            points: Coordinates, [k, 2].

        Returns:
            (f_u, f_v) at each, float64 [k, 2].
        """
        rows = np.asarray(points, dtype=np.float64).reshape(-1, 2).tolist()
        return np.array([self.at(u, v, hessian=False).gradient for u, v in rows]).reshape(-1, 2)

    def gradient_fields(self, points: npt.ArrayLike) -> dict[str, Floats]:
        """Compute the gradient along the plane at any points, under the names of a landscape's fields.

        Args:
            points: Coordinates, [k, 2].

        Returns:
            float64 [k] by name: ``gradient_u`` and ``gradient_v``, the partial derivatives of f; ``gradient_norm``,
            ‖G^{-1/2} ∇f‖, the steepest slope along the plane per distance between weights.
        """
        along = self.gradient_at(points)
        norms = np.array([self.slope_norm(gradient) for gradient in along], dtype=np.float64)
        return {"gradient_u": along[:, 0], "gradient_v": along[:, 1], "gradient_norm": norms}

    def values_at(self, points: npt.ArrayLike) -> Floats:
        """Compute losses alone.

        Args:
            points: Coordinates, [k, 2].

        Returns:
            The mean loss at each, float64 [k].
        """
        rows = np.asarray(points, dtype=np.float64).reshape(-1, 2).tolist()
        sums = [self._loss.sum(self._loss.value, u, v) for u, v in rows]
        return np.array([float(part.loss) for part in sums]) / self._loss.samples

    def slope_norm(self, gradient: Floats) -> float:
        """Measure the steepest slope along the plane, per unit of distance between weights.

        Args:
            gradient: (f_u, f_v), float64 [2].

        Returns:
            ‖G^{-1/2} ∇f‖, the norm of the projection of ∇L on the plane.
        """
        return math.sqrt(max(float(gradient @ np.linalg.solve(self.metric, gradient)), 0.0))

    def curvatures(self, hessian: Floats) -> Floats:
        """Compute the curvatures along the plane, per squared unit of distance between weights.

        Args:
            hessian: Symmetric, float64 [2, 2].

        Returns:
            The eigenvalues of G^{-1} H, signed, ascending, float64 [2]. NaN where H is not finite.
        """
        if not np.isfinite(hessian).all():
            return np.full(2, np.nan)
        inverse = np.linalg.inv(np.linalg.cholesky(self.metric))
        return np.linalg.eigvalsh(inverse @ hessian @ inverse.T).astype(np.float64)

    def _assemble(self, sums: Sums) -> Derivatives:
        n, directions = self._loss.samples, self._loss.directions
        gradient = _given(sums.gradient) / n  # [moved]
        along: Floats = _to_numpy(directions @ gradient)
        trained = gradient * self._loss.trained
        shares = torch.from_numpy(self._projector @ _to_numpy(directions @ trained)).to(gradient)  # [2]
        rest = trained - (shares @ directions) * self._loss.trained
        hessian = None if sums.change is None else _symmetric(_to_numpy(sums.change @ directions.T) / n)
        value = float(sums.loss) / n
        return Derivatives(value, along, hessian, float(trained.norm()), float(rest.norm()))

    def _with_differences(self, found: Derivatives, u: float, v: float) -> Derivatives:
        step = _GRADIENT_STEP[self._loss.dtype] * self.cell
        at = self.gradient_at([(u + step[0], v), (u - step[0], v), (u, v + step[1]), (u, v - step[1])])
        hessian = _symmetric(np.stack([(at[0] - at[1]) / (2 * step[0]), (at[2] - at[3]) / (2 * step[1])]))
        return replace(found, hessian=hessian)

    def _from_values(self, u: float, v: float) -> Derivatives:
        step = _VALUE_STEP[self._loss.dtype] * self.cell
        moves = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)])
        f = self.values_at(np.array([u, v]) + step * moves)
        gradient = np.array([f[1] - f[2], f[3] - f[4]]) / (2 * step)
        mixed = (f[5] + f[6] - f[7] - f[8]) / 4
        hessian = np.array([[f[1] + f[2] - 2 * f[0], mixed], [mixed, f[3] + f[4] - 2 * f[0]]]) / np.outer(step, step)
        return Derivatives(float(f[0]), gradient, hessian, math.nan, math.nan)

    def _try_gradient(self) -> None:
        """Compare a backward pass with differences of the loss: a detached tensor makes it wrong without an error."""
        loss, batch = self._loss, self._loss.first_batch()
        place = self.cell * (0.5, -0.3)  # beside the origin, which is often a minimum itself
        try:
            slope = loss.slope(loss.weights(*place), *batch)
        except Exception as error:  # a user's model may raise anything
            if ran_out_of_memory(error):
                return  # the batch will be halved
            self._use_values(f"The model has no backward pass ({first_line(error)})")
            return
        exact = _to_numpy(loss.directions @ _given(slope.gradient))
        step = math.sqrt(_GRADIENT_STEP[loss.dtype] * _VALUE_STEP[loss.dtype]) * self.cell
        differences = np.empty(2)
        for axis, move in enumerate(np.diag(step)):
            up, down = (float(loss.value(loss.weights(*(place + sign * move)), *batch).loss) for sign in (1, -1))
            differences[axis] = (up - down) / (2 * step[axis])
        rounding = 100 * torch.finfo(loss.dtype).eps * abs(float(slope.loss)) / float(step.min())
        allowed = _WRONG * float(np.abs([exact, differences]).max()) + rounding
        if float(np.abs(exact - differences).max()) > allowed:
            self._use_values("The model's backward pass contradicts its loss (is something detached in it?)")

    def _differentiates_twice(self) -> bool:
        if self._has_hessian is None:
            self._has_hessian = True
            try:
                self._loss.try_curve()
            except Exception as error:  # a user's model may raise anything
                if ran_out_of_memory(error):
                    return True  # the batch will be halved
                self._has_hessian = False
                self._on_note(
                    f"The model has no second derivatives in forward mode ({first_line(error)}); Hessians are central "
                    "differences of gradients."
                )
        return self._has_hessian

    def _use_values(self, reason: str) -> None:
        self._has_gradient = False
        self._on_note(f"{reason}; derivatives are differences of losses, and the gradient off the plane is unknown.")


def _symmetric(matrix: Floats) -> Floats:
    """The mean of a matrix and its transpose, which rounding has made differ."""
    return (matrix + matrix.T) / 2


def _to_numpy(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().cpu().double().numpy()
    return array


def _given(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise ValueError("a sum without its gradient")
    return tensor
