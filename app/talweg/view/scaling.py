"""How values become places on an axis or in a colour map: evenly, by their logarithm, or by both. NumPy only."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from talweg.view.state import Scale

Float = NDArray[np.float64]

_SMALLEST_QUANTILE = 0.05  # of the magnitudes
_MOST_DECADES = 4
_LN10 = math.log(10.0)


@dataclass(frozen=True)
class Scaling:
    """A map from values to t, which is shown evenly, and back.

    Attributes:
        kind: "linear": t is the value. "log": t is its decimal logarithm, -inf where there is none. "symlog":
            t = asinh(x / 2c) / ln 10, which is smooth, odd, linear around 0 and sign(x) log10(|x| / c) far from it
            (Lupton, Gunn and Szalay 1999, equation 3).
        threshold: c of "symlog": up to about this value the scale is linear.
    """

    kind: Scale = "linear"
    threshold: float = 1.0

    def forward(self, values: ArrayLike) -> Float:
        """Return t of values."""
        array = np.asarray(values, dtype=np.float64)
        if self.kind == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(np.where(array <= 0, -np.inf, np.log10(array)))
        if self.kind == "symlog":
            return np.asarray(np.arcsinh(array / (2.0 * self.threshold)) / _LN10)
        return array

    def back(self, t: ArrayLike) -> Float:
        """Return the values at t."""
        array = np.asarray(t, dtype=np.float64)
        with np.errstate(over="ignore"):
            if self.kind == "log":
                return np.asarray(np.power(10.0, array))
            if self.kind == "symlog":
                return np.asarray(2.0 * self.threshold * np.sinh(_LN10 * array))
        return array

    def formula(self, name: str) -> str:
        """Write t of a value called so."""
        if self.kind == "log":
            return f"log10({name})"
        return f"asinh({name}/{2.0 * self.threshold!r})/ln(10)" if self.kind == "symlog" else name


LINEAR, LOG = Scaling("linear"), Scaling("log")


def choose_threshold(values: ArrayLike) -> float:
    """Choose up to which value a symlog scale is linear: all but the smallest magnitudes stand beyond it.

    Args:
        values: What is shown.

    Returns:
        The magnitude that one in twenty of those that are finite and not zero stays below, but not more than four
        decades below the largest, with one significant digit; 1 where there is none.
    """
    magnitudes = np.abs(np.asarray(values, dtype=np.float64))
    magnitudes = magnitudes[np.isfinite(magnitudes) & (magnitudes > 0)]
    if not magnitudes.size:
        return 1.0
    least = float(magnitudes.max()) / 10.0**_MOST_DECADES
    chosen = max(float(np.quantile(magnitudes, _SMALLEST_QUANTILE)), least, 1e-300)
    return float(f"{chosen:.0e}")
