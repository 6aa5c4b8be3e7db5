"""A smooth surface through a field: the bicubic spline, of f or of log f, whichever is smoother."""

import numpy as np
import numpy.typing as npt
from scipy.interpolate import RectBivariateSpline
from scipy.ndimage import distance_transform_edt

from talweg_compute.field.arrays import Floats, as_field, check_coordinates


class SplineSurface:
    """The interpolating bicubic spline g of a field, with its derivatives.

    g is f / scale, or log(f / scale) where f is positive and its logarithm is smoother: both have the critical points
    of f, of the same types, and its lines of steepest descent. Masked values are replaced by the nearest finite one, so
    the surface means nothing in a masked area and little at its rim.

    Attributes:
        u: column coordinates [nu].
        v: row coordinates [nv].
        scale: the largest |f|, so that no product of huge or tiny values overflows.
        logarithmic: whether g is log(f / scale).
        range: largest minus smallest value of g on the grid.
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
        field = _without_holes(field)
        self.scale = float(np.abs(field).max()) or 1.0
        field = field / self.scale
        self.logarithmic = _logarithm_is_smoother(field)
        values = np.log(field) if self.logarithmic else field
        self.range = float(np.ptp(values))
        degrees = [min(3, count - 1) for count in field.shape]
        self._spline = RectBivariateSpline(self.v, self.u, values, kx=degrees[0], ky=degrees[1])

    def value(self, points: Floats) -> Floats:
        """Evaluate f.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            Heights [k], in units of f.
        """
        g = self._spline.ev(points[:, 1], points[:, 0])
        return np.asarray(np.exp(g) if self.logarithmic else g) * self.scale

    def gradient(self, points: Floats) -> Floats:
        """Evaluate the gradient of g.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            (dg/du, dg/dv) [k, 2].
        """
        u, v = points[:, 0], points[:, 1]
        return np.stack([self._spline.ev(v, u, dy=1), self._spline.ev(v, u, dx=1)], axis=-1)

    def hessian(self, points: Floats) -> Floats:
        """Evaluate the Hessian of g.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            Symmetric matrices in (u, v) [k, 2, 2].
        """
        u, v = points[:, 0], points[:, 1]
        mixed = self._spline.ev(v, u, dx=1, dy=1)
        entries = [self._spline.ev(v, u, dy=2), mixed, mixed, self._spline.ev(v, u, dx=2)]
        return np.stack(entries, axis=-1).reshape(-1, 2, 2)


def _without_holes(field: Floats) -> Floats:
    finite = np.isfinite(field)
    if finite.all():
        return field
    if not finite.any():
        raise ValueError("f: a spline takes at least one finite value, got none")
    nearest = distance_transform_edt(~finite, return_distances=False, return_indices=True)
    return np.asarray(field[tuple(nearest)])


def _logarithm_is_smoother(field: Floats) -> bool:
    if not (field > 0).all():
        return False
    return _roughness(np.log(field)) < _roughness(field)


def _roughness(values: Floats) -> float:
    """Root mean square of fourth differences, which bound the spline's error, in units of the standard deviation."""
    scaled = values - values.mean()
    peak = np.abs(scaled).max()
    if peak == 0:
        return 0.0
    scaled = scaled / peak
    squares = [np.square(np.diff(scaled, n=4, axis=axis)).ravel() for axis in (0, 1)]
    fourth = np.concatenate(squares)
    return float(np.sqrt(fourth.mean() / np.square(scaled).mean())) if fourth.size else 0.0
