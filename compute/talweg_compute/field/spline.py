"""A smooth surface through a field: the bicubic spline, of f or of log f, whichever is smoother."""

import numpy as np
import numpy.typing as npt

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
        from scipy.interpolate import RectBivariateSpline  # takes a second to import, which no start should wait for

        field = as_field(f)
        self.u = check_coordinates("u", u, field.shape[1])
        self.v = check_coordinates("v", v, field.shape[0])
        field = _without_holes(field)
        self.scale = float(np.abs(field).max()) or 1.0
        field = field / self.scale
        self.logarithmic = _logarithm_is_smoother(field)
        values = np.log(field) if self.logarithmic else field
        self.range = float(np.ptp(values))
        rows, values = _at_least_four(self.v, values)
        columns, values = _at_least_four(self.u, values.T)
        self._spline = RectBivariateSpline(rows, columns, values.T)
        self._derivatives = {(0, 0): self._spline}

    def value(self, points: Floats) -> Floats:
        """Evaluate f.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            Heights [k], in units of f.
        """
        g = self._derivative(points, 0, 0)
        return np.asarray(np.exp(g) if self.logarithmic else g) * self.scale

    def gradient(self, points: Floats) -> Floats:
        """Evaluate the gradient of g.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            (dg/du, dg/dv) [k, 2].
        """
        return np.stack([self._derivative(points, 1, 0), self._derivative(points, 0, 1)], axis=-1)

    def hessian(self, points: Floats) -> Floats:
        """Evaluate the Hessian of g.

        Args:
            points: positions (u, v) [k, 2].

        Returns:
            Symmetric matrices in (u, v) [k, 2, 2].
        """
        mixed = self._derivative(points, 1, 1)
        entries = [self._derivative(points, 2, 0), mixed, mixed, self._derivative(points, 0, 2)]
        return np.stack(entries, axis=-1).reshape(-1, 2, 2)

    def _derivative(self, points: Floats, du: int, dv: int) -> Floats:
        """A partial derivative of g; its spline is kept, since making it costs as much as the grid is large."""
        if (du, dv) not in self._derivatives:
            self._derivatives[du, dv] = self._spline.partial_derivative(dv, du)
        return np.asarray(self._derivatives[du, dv](points[:, 1], points[:, 0], grid=False))


def _at_least_four(coordinates: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Grid lines along the first axis, with two linear ones in each gap if they are too few for a cubic spline."""
    if coordinates.size >= 4:
        return coordinates, values
    known = np.arange(coordinates.size)
    position = np.linspace(0, coordinates.size - 1, 3 * coordinates.size - 2)
    finer = np.stack([np.interp(position, known, column) for column in values.T], axis=-1)
    return np.interp(position, known, coordinates), finer


def _without_holes(field: Floats) -> Floats:
    finite = np.isfinite(field)
    if finite.all():
        return field
    if not finite.any():
        raise ValueError("f: a spline takes at least one finite value, got none")
    from scipy.ndimage import distance_transform_edt

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
