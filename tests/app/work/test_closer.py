from talweg.work.closer import CLOSER, centred_job, finer_job
from talweg_compute.messages import Axis, Grid, Job, Plane, PlaneOrigin, Problem

JOB = Job(
    Problem(model="mlp", data="digits", checkpoint="/weights.pt"),
    Plane(kind="pca", ignore="none"),
    grid=Grid(Axis(-2.0, 2.0, 21), Axis(0.0, 1.0, 11)),
)


def test_a_finer_grid_lies_around_the_point_on_the_same_plane() -> None:
    finer = finer_job(JOB, 0.5, 0.25)
    assert (finer.problem, finer.plane, finer.origin) == (JOB.problem, JOB.plane, None)
    for axis, before, middle in ((finer.grid.u, JOB.grid.u, 0.5), (finer.grid.v, JOB.grid.v, 0.25)):
        assert (axis.start + axis.stop) / 2 == middle
        assert axis.stop - axis.start == (before.stop - before.start) / CLOSER
        assert axis.count == before.count


def test_a_new_plane_goes_through_the_point_of_the_one_before() -> None:
    first = centred_job(JOB, 0.5, 0.25)
    assert first.origin == PlaneOrigin(at=(0.5, 0.25), plane=JOB.plane)
    assert (first.plane.kind, first.plane.seed, first.plane.ignore) == ("random", 2, "none")
    assert first.grid == Grid(Axis(-1.0, 1.0, 21), Axis(-1.0, 1.0, 11))
    second = centred_job(first, 0.0, 0.125)
    assert second.origin == PlaneOrigin(at=(0.0, 0.125), plane=first.plane, origin=first.origin)
    assert finer_job(second, 0.0, 0.0).origin == second.origin
