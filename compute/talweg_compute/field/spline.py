"""A smooth surface through a field: the bicubic spline, of f or of log f, whichever is smoother."""

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, as_field, check_coordinates
from talweg_compute.field.hermite import cells, corner_data, jets
from talweg_compute.field.interpolation import fill

_LARGEST = np.finfo(np.float64).max


class SplineSurface:
    """The interpolating bicubic spline g of a field, with its derivatives.

    g is f / scale, or log(f / scale) where f is positive and its logarithm is smoother: both have the critical points
    of f, of the same types, and its lines of steepest descent. Masked values are interpolated from those around, so the
    surface means nothing in a masked area and little at its rim.

    Attributes:
        u: column coordinates [nu].
        v: row coordinates [nv].
        scale: the largest |f|, so that no product of huge or tiny values overflows.
        logarithmic: whether g is log(f / scale).
    """

    def __init__(self, f: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike) -> None:
        """Fit the spline.

        Args:
            f: values [nv, nu], at least one of them finite.
            u: column coordinates [nu], ascending.
            v: row coordinates [nv], ascending.

        Raises:
            ValueError: shapes do not fit, or no value is finite.
        """
        field = as_field(f)
        self.u = check_coordinates("u", u, field.shape[1])
        self.v = check_coordinates("v", v, field.shape[0])
        values, scale, logarithmic = smoother(_without_holes(field)[..., None])
        self.scale = float(scale[0])
        self.logarithmic = bool(logarithmic[0])
        self._corners = corner_data(self.u, self.v, values[..., 0])

    def value(self, points: Floats) -> Floats:
        """Evaluate f.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            Heights [k], in units of f, at most the largest finite number.
        """
        return heights(self.jet(points)[:, 0, 0], self.scale, self.logarithmic)

    def gradient(self, points: Floats) -> Floats:
        """Evaluate the gradient of g.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            (dg/du, dg/dv) [k, 2].
        """
        jet = self.jet(points)
        return np.stack([jet[:, 0, 1], jet[:, 1, 0]], axis=-1)

    def hessian(self, points: Floats) -> Floats:
        """Evaluate the Hessian of g.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            Symmetric matrices in (u, v) [k, 2, 2].
        """
        jet = self.jet(points)
        entries = [jet[:, 0, 2], jet[:, 1, 1], jet[:, 1, 1], jet[:, 2, 0]]
        return np.stack(entries, axis=-1).reshape(-1, 2, 2)

    def jet(self, points: Floats) -> Floats:
        """Evaluate g and its derivatives.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            [k, 3, 3]: the derivatives of order (dv, du), each 0, 1 or 2.
        """
        column, row = cells(self.u, points[:, 0]), cells(self.v, points[:, 1])
        width, height = self.u[column + 1] - self.u[column], self.v[row + 1] - self.v[row]
        s, t = (points[:, 0] - self.u[column]) / width, (points[:, 1] - self.v[row]) / height
        pair = np.arange(2)
        corners = self._corners[(row[:, None] + pair)[:, :, None], (column[:, None] + pair)[:, None, :]]
        return jets(corners, s, t, width, height)


def smoother(f: Floats) -> tuple[Floats, Floats, Flags]:
    """Scale fields, and take the logarithm of those that are smoother so.

    Args:
        f: finite values [n, m, k] of k fields.

    Returns:
        g [n, m, k], which is f / scale or log(f / scale); scale [k], the largest |f|, 1 for a field of zeros; and which
        of them are logarithms [k].
    """
    scale = np.abs(f).max(axis=(0, 1))
    scale[scale == 0] = 1.0
    values = f / scale
    positive = np.flatnonzero((f > 0).all(axis=(0, 1)))
    logarithms = np.log(f[..., positive]) - np.log(scale[positive])
    better = _roughness(logarithms) < _roughness(values[..., positive])
    chosen = np.zeros(f.shape[-1], dtype=np.bool_)
    chosen[positive[better]] = True
    values[..., chosen] = logarithms[..., better]
    return values, scale, chosen


def heights(g: Floats, scale: Floats | float, logarithmic: Flags | bool) -> Floats:
    """Return f from g, which is f / scale or log(f / scale), at most the largest finite number."""
    with np.errstate(over="ignore"):
        f = np.where(logarithmic, np.exp(np.where(logarithmic, g, 0.0)), g) * scale
    return np.clip(f, -_LARGEST, _LARGEST)


def _without_holes(field: Floats) -> Floats:
    finite = np.isfinite(field)
    if finite.all():
        return field
    if not finite.any():
        raise ValueError("f: a spline takes at least one finite value, got none")
    peak = float(np.abs(field[finite]).max()) or 1.0
    around, _ = fill(np.where(finite, field / peak, 0.0), finite)
    return np.where(finite, field, around * peak)


def _roughness(values: Floats) -> Floats:
    """Root mean square of fourth differences, which bound the spline's error, in standard deviations [k]."""
    scaled = values - values.mean(axis=(0, 1))
    peak = np.abs(scaled).max(axis=(0, 1), initial=0.0)
    scaled = np.divide(scaled, peak, out=np.zeros_like(scaled), where=peak > 0)
    squares = [np.square(np.diff(scaled, n=4, axis=axis)) for axis in (0, 1)]
    count = squares[0][..., 0].size + squares[1][..., 0].size if values.shape[-1] else 0
    if count == 0:
        return np.zeros(values.shape[-1])
    fourth = (squares[0].sum(axis=(0, 1)) + squares[1].sum(axis=(0, 1))) / count
    spread = np.square(scaled).mean(axis=(0, 1))
    return np.asarray(np.sqrt(np.divide(fourth, spread, out=np.zeros_like(fourth), where=spread > 0)))
