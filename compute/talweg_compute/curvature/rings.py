"""Losses on small rings around a point: what a function without useful derivatives is like there.

A ring of eight points sees what a gradient at one point cannot: kinks, where one-sided derivatives differ, and the
curvature that is concentrated in them. Radii are in cells: a ring is an ellipse where the axes have different steps.
A method of our own.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from talweg_compute.curvature.plane_derivatives import Floats, PlaneDerivatives
from talweg_compute.field import CriticalKind

_POINTS = 8
_TURN = 0.2  # rad: keeps ring points off the axes and diagonals, along which kinks of simple functions lie
_SETTLED = {"float64": 9, "float32": 4}  # radii of 1, 1/4, 1/16, … cells: to far below those that are checked
_STEPS = 3  # on each radius
_REST = {"float64": 1e-7, "float32": 1e-3}  # cells, size of the simplex that has come to rest
_EVALUATIONS = 250  # for each simplex
_CHECKED = {"float64": (1e-3, 1 / 64, 1 / 16, 1 / 4), "float32": (1 / 16, 1 / 4)}  # cells

_angle = _TURN + 2 * np.pi * np.arange(_POINTS) / _POINTS
_CIRCLE = np.stack([np.cos(_angle), np.sin(_angle)], axis=-1)  # [8, 2]
_BASIS = np.column_stack(  # of g_u, g_v, h_uu, h_uv, h_vv on the unit circle
    [_CIRCLE, _CIRCLE[:, 0] ** 2 / 2, _CIRCLE[:, 0] * _CIRCLE[:, 1], _CIRCLE[:, 1] ** 2 / 2]
)
_FIT = np.linalg.pinv(_BASIS)  # [5, 8]


@dataclass(frozen=True, slots=True)
class Ring:
    """The loss on a ring, and the quadratic through the centre's value that fits it best.

    Attributes:
        value: At the centre.
        rise: Of the eight points over the centre, float64 [8], counter-clockwise.
        gradient: Of the fit at the centre, (f_u, f_v), float64 [2].
        hessian: Of the fit, symmetric, float64 [2, 2].
    """

    value: float
    rise: Floats
    gradient: Floats
    hessian: Floats

    @property
    def kind(self) -> CriticalKind | None:
        """The type of a point with such a ring: all higher, all lower, or at least four changes; None otherwise."""
        signs = np.sign(self.rise)
        if not np.isfinite(self.rise).all() or not signs.all():
            return None
        changes = int(np.count_nonzero(signs != np.roll(signs, 1)))
        if changes == 0:
            return CriticalKind.MINIMUM if signs[0] > 0 else CriticalKind.MAXIMUM
        return CriticalKind.SADDLE if changes >= 4 else None


def measure_ring(f: PlaneDerivatives, center: npt.ArrayLike, radius: float) -> Ring:
    """Evaluate the loss at a point and on a ring around it.

    Args:
        f: The loss along the plane.
        center: Coordinates [2].
        radius: In cells.

    Returns:
        The ring.
    """
    middle = np.asarray(center, dtype=np.float64)
    value, *around = f.values_at(np.concatenate([middle[None], middle + radius * _CIRCLE * f.cell]))
    rise = np.array(around) - value
    slope_u, slope_v, uu, uv, vv = _FIT @ rise / np.array([radius, radius, *[radius**2] * 3])
    gradient = np.array([slope_u, slope_v]) / f.cell
    hessian = np.array([[uu, uv], [uv, vv]]) / np.outer(f.cell, f.cell)
    return Ring(float(value), rise, gradient, hessian)


def settle(f: PlaneDerivatives, start: npt.ArrayLike, reach: float) -> Floats:
    """Move a point to the critical point of a function with kinks, where the quadratics of shrinking rings lead.

    On each ring, from one cell down to 1.5e-5, up to three Newton steps on the fitted quadratic, none longer than twice
    the radius. From a ring that is wide enough a kink looks like curvature, so these steps find minima, saddles and
    maxima alike; where the slopes on both sides of it differ, they end beside it by a part of the radius.

    Args:
        f: The loss along the plane.
        start: Coordinates [2].
        reach: Cells that the point may move along an axis.

    Returns:
        Where it came to rest, float64 [2].
    """
    begin = np.asarray(start, dtype=np.float64)
    offset = np.zeros(2)  # cells
    for radius in 0.25 ** np.arange(_SETTLED[f.precision]):
        for _ in range(_STEPS):
            ring = measure_ring(f, begin + offset * f.cell, radius)
            if not np.isfinite(ring.rise).all():
                return begin + offset * f.cell
            hessian = ring.hessian * np.outer(f.cell, f.cell)
            step = -np.linalg.lstsq(hessian, ring.gradient * f.cell, rcond=1e-6)[0]
            length = float(np.linalg.norm(step))
            step *= min(1.0, 2 * radius / max(length, 1e-300))
            offset = np.clip(offset + step, -reach, reach)
            if length < 0.05 * radius:
                break
    return begin + offset * f.cell


def find_extremum(f: PlaneDerivatives, start: npt.ArrayLike, kind: CriticalKind, reach: float) -> Floats:
    """Walk to the minimum or maximum below or above a point by losses alone, whatever kinks there are on the way.

    The simplex of Nelder and Mead (1965), twice: the second one, from where the first stopped, finds out whether that
    had only collapsed on a kink.

    Args:
        f: The loss along the plane.
        start: Coordinates [2].
        kind: A minimum or a maximum.
        reach: Cells that the point may move along an axis.

    Returns:
        Where it came to rest, float64 [2].
    """
    from scipy.optimize import minimize  # takes a tenth of a worker's start, and few requests come here

    begin = np.asarray(start, dtype=np.float64)
    sign = -1.0 if kind is CriticalKind.MAXIMUM else 1.0

    def height(offset: Floats) -> float:
        value = sign * float(f.values_at(begin + offset * f.cell)[0])
        return value if np.isfinite(value) else np.inf

    offset = np.zeros(2)
    for size in (0.5, 0.05):
        corner = np.clip(offset + size * _CIRCLE[[0, 3]], -reach, reach)
        options = {
            "initial_simplex": np.concatenate([offset[None], corner]),
            "xatol": _REST[f.precision],
            "fatol": 0.0,
            "maxfev": _EVALUATIONS,
        }
        found = minimize(height, offset, method="Nelder-Mead", bounds=[(-reach, reach)] * 2, options=options)
        offset = np.asarray(found.x)
    return begin + offset * f.cell


def kind_of_rings(f: PlaneDerivatives, center: npt.ArrayLike) -> CriticalKind | None:
    """Tell the type that rings of a thousandth to a quarter of a cell agree on (in float32, from a sixteenth).

    Args:
        f: The loss along the plane.
        center: Coordinates [2].

    Returns:
        The type, or None where a ring is that of no critical point or two disagree.
    """
    agreed: CriticalKind | None = None
    for radius in _CHECKED[f.precision]:
        kind = measure_ring(f, center, radius).kind
        if kind is None or agreed not in (None, kind):
            return None
        agreed = kind
    return agreed
