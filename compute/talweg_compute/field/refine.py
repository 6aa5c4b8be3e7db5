"""From the grid vertex of a critical point to its position between the grid points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from talweg_compute.field.arrays import Flags, Floats, as_field, check_coordinates
from talweg_compute.field.critical_points import CriticalKind, CriticalPoints
from talweg_compute.field.spline import SplineSurface

_REACH = 3.0  # cells a point may move
_STEP = 1.5  # cells a Newton step may take
_SAME = 0.5  # cells within which two points of one kind are one
_FLAT = 1e-6  # gradient per cell and curvature per cell squared that count as zero, relative to the range of the patch
_ITERATIONS = 30
_NEGATIVE_EIGENVALUES = {CriticalKind.MINIMUM: 0, CriticalKind.SADDLE: 1, CriticalKind.MAXIMUM: 2}


@dataclass(frozen=True, slots=True, eq=False)
class RefinedPositions:
    """Positions of critical points between the grid points; read-only arrays of length k.

    Attributes:
        u: column coordinate, float64.
        v: row coordinate, float64.
        value: f there, from the spline; where not refined, at the vertex. float64.
        refined: the position is a zero of the spline's gradient whose Hessian has the point's type; otherwise the
            position is that of the grid vertex.
    """

    u: Floats
    v: Floats
    value: Floats
    refined: Flags

    def first(self, count: int) -> "RefinedPositions":
        """Return the positions of the first points only; copies nothing."""
        return RefinedPositions(self.u[:count], self.v[:count], self.value[:count], self.refined[:count])


def refine_positions(points: CriticalPoints, f: npt.ArrayLike, u: npt.ArrayLike, v: npt.ArrayLike) -> RefinedPositions:
    """Move critical points from their grid vertices to where a bicubic spline has them.

    Newton's method on the spline of the finite neighbourhood of each vertex. The result is taken only if it stays in
    the grid and within 3 cells, its gradient vanishes, its Hessian has the right number of negative eigenvalues, and no
    more persistent point of its kind went to the same place.

    Args:
        points: critical points of f.
        f: values [nv, nu] that the points were found in.
        u: column coordinates [nu], ascending.
        v: row coordinates [nv], ascending.

    Returns:
        One position for each point.

    Raises:
        ValueError: shapes do not fit.
    """
    field = as_field(f)
    columns = check_coordinates("u", u, field.shape[1])
    rows = check_coordinates("v", v, field.shape[0])
    position = np.stack([columns[points.column], rows[points.row]], axis=-1)
    value = points.value.copy()
    refined = np.zeros(len(points), dtype=np.bool_)
    cell = np.stack([_spacing(columns)[points.column], _spacing(rows)[points.row]], axis=-1)
    for index in range(len(points)):
        surface = _patch(field, columns, rows, int(points.row[index]), int(points.column[index]))
        if surface is None:
            continue
        found = _newton(surface, position[index], cell[index])
        if found is None or not _has_type(surface, found, cell[index], CriticalKind(points.kind[index])):
            continue
        rivals = refined[:index] & (points.kind[:index] == points.kind[index])
        if (np.abs(position[:index][rivals] - found) < _SAME * cell[index]).all(axis=-1).any():
            continue
        position[index] = found
        value[index] = surface.value(found[None])[0]
        refined[index] = True
    result = RefinedPositions(position[:, 0].copy(), position[:, 1].copy(), value, refined)
    for array in (result.u, result.v, result.value, result.refined):
        array.flags.writeable = False
    return result


def _spacing(coordinates: Floats) -> Floats:
    """Mean width of the cells beside each grid line."""
    return np.gradient(coordinates)


def _patch(field: Floats, u: Floats, v: Floats, row: int, column: int) -> SplineSurface | None:
    """The spline of the vertex's neighbourhood, 6 cells wide if all values there are finite, else 3, else none."""
    for reach in (6, 3):
        rows = slice(max(0, row - reach), row + reach + 1)
        columns = slice(max(0, column - reach), column + reach + 1)
        values = field[rows, columns]
        if np.isfinite(values).all() and min(values.shape) >= 4:
            return SplineSurface(values, u[columns], v[rows])
    return None


def _newton(surface: SplineSurface, start: Floats, cell: Floats) -> Floats | None:
    """The zero of the gradient that Newton's method finds from a vertex, or None; lengths are in cells."""
    low = np.maximum(start - _REACH * cell, (surface.u[0], surface.v[0]))
    high = np.minimum(start + _REACH * cell, (surface.u[-1], surface.v[-1]))
    if not np.isfinite(surface.range) or surface.range == 0:
        return None
    position = start
    gradient = surface.gradient(position[None])[0] * cell
    for _ in range(_ITERATIONS):
        hessian = surface.hessian(position[None])[0] * np.outer(cell, cell)
        step = -np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        step *= min(1.0, _STEP / max(float(np.abs(step).max()), 1e-300))
        for _ in range(6):  # backtracking on the length of the gradient
            trial = np.clip(position + step * cell, low, high)
            at_trial = surface.gradient(trial[None])[0] * cell
            if np.linalg.norm(at_trial) <= np.linalg.norm(gradient):
                break
            step = step / 2
        moved = float(np.abs((trial - position) / cell).max())
        position, gradient = trial, at_trial
        if moved < 1e-12:
            break
    return position if float(np.linalg.norm(gradient)) <= _FLAT * surface.range else None


def _has_type(surface: SplineSurface, position: Floats, cell: Floats, kind: CriticalKind) -> bool:
    eigenvalues = np.linalg.eigvalsh(surface.hessian(position[None])[0] * np.outer(cell, cell))
    if np.abs(eigenvalues).min() <= _FLAT * surface.range:
        return False  # degenerate: a valley, a ring, a monkey saddle
    return int((eigenvalues < 0).sum()) == _NEGATIVE_EIGENVALUES[kind]
