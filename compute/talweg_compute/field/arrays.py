"""Names for the kinds of arrays a field is made of."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def as_field(f: npt.ArrayLike) -> Floats:
    """Return a scalar field as a float64 matrix.

    Args:
        f: values [nv, nu] of a field on a grid; row = v, column = u; NaN and infinity are allowed.

    Returns:
        The same values as float64 [nv, nu], not copied where they are that already.

    Raises:
        ValueError: the array is no matrix, or has fewer than two rows or columns.
    """
    field = np.asarray(f, dtype=np.float64)
    if field.ndim != 2 or min(field.shape) < 2:
        raise ValueError(f"f: a field takes shape [nv, nu] with at least 2 rows and 2 columns, got {list(field.shape)}")
    return field


def check_coordinates(name: str, coordinates: npt.ArrayLike, count: int) -> Floats:
    """Return grid coordinates as float64 after checking that they fit the field.

    Args:
        name: the name used in the error.
        coordinates: coordinates [n], strictly ascending.
        count: n, the number of grid lines of the field along this axis.

    Returns:
        The coordinates as float64 [n].

    Raises:
        ValueError: wrong length, not finite, or not strictly ascending.
    """
    values = np.asarray(coordinates, dtype=np.float64)
    if values.shape != (count,):
        raise ValueError(f"{name}: takes one coordinate for each of {count} grid lines, got shape {list(values.shape)}")
    if not np.isfinite(values).all() or not (np.diff(values) > 0).all():
        raise ValueError(f"{name}: takes finite, strictly ascending coordinates")
    return values
