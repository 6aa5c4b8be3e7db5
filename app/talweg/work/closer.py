"""Jobs for a closer look at a point of a landscape: a finer grid around it, or a new plane through it. Free of Qt."""

import msgspec

from talweg_compute.messages import Axis, Grid, Job, Plane, PlaneOrigin

CLOSER = 4.0
"""So many times smaller are the sides of the rectangle that gets a finer grid, with as many points as before."""


def finer_job(job: Job, u: float, v: float) -> Job:
    """Return the job of a finer grid on the same plane.

    Args:
        job: That of the landscape.
        u: Middle of the new rectangle, along the first direction.
        v: Along the second.
    """
    axes = (_around(axis, middle) for axis, middle in ((job.grid.u, u), (job.grid.v, v)))
    return msgspec.structs.replace(job, grid=Grid(*axes))


def centred_job(job: Job, u: float, v: float) -> Job:
    """Return the job of a plane of new random directions whose origin is a point of the landscape.

    Its directions are filter-normalized at the weights there; its seed is the next one.

    Args:
        job: That of the landscape.
        u: The point, along the first direction.
        v: Along the second.
    """
    plane = Plane(kind="random", seed=job.plane.seed + 1, normalization="filter", ignore=job.plane.ignore)
    axes = (Axis(-1.0, 1.0, axis.count) for axis in (job.grid.u, job.grid.v))
    origin = PlaneOrigin(at=(u, v), plane=job.plane, origin=job.origin)
    return msgspec.structs.replace(job, plane=plane, origin=origin, grid=Grid(*axes))


def _around(axis: Axis, middle: float) -> Axis:
    half = (axis.stop - axis.start) / CLOSER / 2
    return Axis(middle - half, middle + half, axis.count)
