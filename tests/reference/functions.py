"""Analytic functions with known critical points, and the grids they are sampled on."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HIMMELBLAU_MINIMA = ((3.0, 2.0), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127))
HIMMELBLAU_SADDLES = (
    (-3.073026, -0.081353, 104.015163),
    (-0.127961, -1.953715, 178.337239),
    (0.086678, 2.884255, 67.719150),
    (3.385154, 0.073852, 13.311926),
)
HIMMELBLAU_MAXIMUM = (-0.270845, -0.923039, 181.616522)


def himmelblau(u: Array, v: Array) -> Array:
    return (u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2


def double_well(u: Array, v: Array) -> Array:
    return (u**2 - 1) ** 2 + v**2


def bottle(u: Array, v: Array) -> Array:
    return (u**2 + v**2 - 1) ** 2


def hyperbolic(u: Array, v: Array) -> Array:
    return u**2 - v**2


def monkey_saddle(u: Array, v: Array) -> Array:
    return u**3 - 3 * u * v**2


def oblique_bowl(u: Array, v: Array) -> Array:
    return u**2 + 3 * v**2 + 0.3 * u * v


def egg_crate(u: Array, v: Array) -> Array:
    return np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v)


def sampled(
    function: Callable[[Array, Array], Array], radius: float, nv: int, nu: int | None = None
) -> tuple[Array, Array, Array]:
    """Return f [nv, nu], u [nu] and v [nv] on the square [-radius, radius]^2."""
    u = np.linspace(-radius, radius, nu or nv)
    v = np.linspace(-radius, radius, nv)
    return function(u[None, :], v[:, None]), u, v
