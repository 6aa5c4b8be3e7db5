"""A plane's origin at a point of another plane."""

from dataclasses import replace
from hashlib import sha256

from talweg_compute.messages import InputError, PlaneOrigin
from talweg_compute.plane.plane import open_plane
from talweg_compute.problem.problem import OpenProblem


def move_origin(origin: PlaneOrigin | None, problem: OpenProblem) -> OpenProblem:
    """Put a problem's origin where its job says; all that is found or normalized from it follows.

    Args:
        origin: Of the job; None leaves the checkpoint as the origin.
        problem: As its files have it.

    Returns:
        The same problem with the weights θ + u δ + v η of the other plane as its origin; the model keeps those of the
        checkpoint.

    Raises:
        InputError: The other plane cannot be found, or the weights there are not finite.
    """
    if origin is None:
        return problem
    plane = open_plane(origin.plane, move_origin(origin.origin, problem))
    weights = plane.point(*origin.at)
    if not bool(weights.isfinite().all()):
        raise InputError(f"origin.at: the weights at {list(origin.at)} are not finite; choose a point nearer to 0.")
    where = f"{problem.moved_sha256} {plane.sha256} {origin.at}"
    return replace(problem, origin=weights, moved_sha256=sha256(where.encode()).hexdigest())
