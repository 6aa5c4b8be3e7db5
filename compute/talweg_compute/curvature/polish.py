"""From a point near a critical point of f(u, v) to the critical point: Newton's method in a trust region.

Nocedal and Wright, "Numerical optimization" (2006), chapters 4 and 11: saddles are wanted too, so that steps are judged
by the slope, not by the height.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from talweg_compute.curvature.plane_derivatives import Derivatives, Floats, PlaneDerivatives

TOLERANCE = {"float64": 1e-6, "float32": 1e-4}
"""Slope that counts as zero, as a share of the slope one cell away; in float32 rounding leaves more."""

_TARGET = {"float64": 1e-10, "float32": 1e-6}  # where there is nothing to gain any more
_STEP = 1.5  # cells that a Newton step may take
_ITERATIONS = 30
_HALVINGS = 6


@dataclass(frozen=True, slots=True)
class Polished:
    """Where Newton's method ended.

    Attributes:
        position: Coordinates, float64 [2].
        derivatives: There, with the Hessian.
        slope: ‖G^{-1/2} ∇f‖ there, the norm of ∇L's projection on the plane.
        scale: What the slope is compared with.
        iterations: Newton steps that were taken.
        converged: The slope is at most ``TOLERANCE`` times its scale.
    """

    position: Floats
    derivatives: Derivatives
    slope: float
    scale: float
    iterations: int
    converged: bool


def slope_scale(f: PlaneDerivatives, start: npt.ArrayLike) -> float:
    """Measure what slope is usual around a point.

    Args:
        f: The loss along the plane.
        start: Coordinates [2].

    Returns:
        The median of ‖G^{-1/2} ∇f‖ at the four points one cell away along the axes, those where it is finite; 0 where
        none is.
    """
    around = np.asarray(start) + np.array([(1, 0), (-1, 0), (0, 1), (0, -1)]) * f.cell
    slopes = [f.slope_norm(gradient) for gradient in f.gradient_at(around) if np.isfinite(gradient).all()]
    return float(np.median(slopes)) if slopes else 0.0


def polish(f: PlaneDerivatives, start: npt.ArrayLike, scale: float, reach: float) -> Polished:
    """Solve ∇f = 0 near a point, whatever the type of the solution.

    x ← x - t s with H s = ∇f (least squares), s no longer than 1.5 cells, t halved until ‖G^{-1/2} ∇f‖ falls; at most
    30 steps. It goes on below the tolerance as long as that helps: at a simple point one more step is exact to
    rounding, and at a degenerate one, where steps merely halve the distance, the curvature has to shrink to be told
    apart from a small one.

    Args:
        f: The loss along the plane.
        start: Coordinates [2].
        scale: Of the slope, see ``slope_scale``.
        reach: Cells along an axis beyond which it stops.

    Returns:
        The end, also where it is no solution.
    """
    begin = np.asarray(start, dtype=np.float64)
    position, found = begin, f.at(*begin.tolist())
    slope = f.slope_norm(found.gradient)
    iterations = 0
    while iterations < _ITERATIONS and slope > _TARGET[f.precision] * scale:
        better = _step(f, position, found, slope)
        if better is None:
            break
        position, found, slope = better
        iterations += 1
        if (np.abs(position - begin) > reach * f.cell).any():
            break
    converged = bool(slope <= TOLERANCE[f.precision] * scale)
    return Polished(position, found, slope, scale, iterations, converged)


def _step(
    f: PlaneDerivatives, position: Floats, found: Derivatives, slope: float
) -> tuple[Floats, Derivatives, float] | None:
    """Take the longest of the halved Newton steps that makes the slope fall, or none."""
    if found.hessian is None or not (np.isfinite(found.hessian).all() and np.isfinite(found.gradient).all()):
        return None
    hessian = found.hessian * np.outer(f.cell, f.cell)
    step = -np.linalg.lstsq(hessian, found.gradient * f.cell, rcond=1e-12)[0]  # cells
    length = float(np.linalg.norm(step))
    if length == 0:
        return None
    step *= min(1.0, _STEP / length)
    for halving in range(_HALVINGS + 1):
        trial = position + step / 2**halving * f.cell
        there = f.at(*trial.tolist(), hessian=halving == 0)  # the first is nearly always taken
        at_trial = f.slope_norm(there.gradient)
        if at_trial < (1 - 1e-4) * slope:
            return trial, there if there.hessian is not None else f.at(*trial.tolist()), at_trial
    return None
