"""At which points of a landscape the gradient along the plane is still to be computed, as a request for the worker."""

import numpy as np
from numpy.typing import NDArray

from talweg.document import Document
from talweg.landscape import Landscape
from talweg_compute.field import coarse_to_fine
from talweg_compute.messages import Block, Differentiate, InputError

GRADIENT_FIELDS = ("gradient_u", "gradient_v", "gradient_norm")
"""The partial derivatives of f, and the steepest slope along the plane per distance between weights."""


def missing_gradients(landscape: Landscape) -> NDArray[np.int64]:
    """List the points whose loss is finite and known and whose gradient is not.

    Args:
        landscape: Any; one that is no plane, or was imported without its job, has none.

    Returns:
        Flat indices iv * nu + iu, from coarse to fine, int64 [m].
    """
    if landscape.job is None or landscape.dimensions != 2 or landscape.loss.ndim != 2:
        return np.zeros(0, dtype=np.int64)
    norm = landscape.fields.get("gradient_norm")
    wanted = landscape.known & np.isfinite(landscape.loss)
    if norm is not None:
        wanted &= np.isnan(norm)
    order = coarse_to_fine(*landscape.loss.shape).order
    return np.asarray(order[wanted.ravel()[order]])


def count_gradients(landscape: Landscape) -> int:
    """Count the points whose gradient is known."""
    return int(np.isfinite(landscape.fields.get("gradient_norm", np.nan)).sum())


def request_gradients(request_id: str, document: Document, landscape: int) -> Differentiate:
    """Ask for the gradient along the plane at the points of a landscape that lack it.

    Args:
        request_id: Marks the answers.
        document: Where the landscape is.
        landscape: Its number.

    Returns:
        The request; it may hold no point.

    Raises:
        InputError: The landscape is no plane, has no point yet, or was imported and has no network behind it.
    """
    known = document.landscape(landscape)
    job = document.remaining_job(landscape)
    if known.dimensions != 2:
        raise InputError(
            f"{document.path}: this landscape has {known.dimensions} direction(s); gradients are computed on a plane."
        )
    if not known.known.any():
        raise InputError(f"{document.path}: no point of this landscape is computed yet; compute it first.")
    index = missing_gradients(known)
    row, column = np.divmod(index, known.u.size)
    coordinates = np.stack([known.u[column], known.v[row]], axis=-1)
    return Differentiate(
        request_id, job, index=Block.of(index), coordinates=Block.of(coordinates), expected=known.provenance
    )
