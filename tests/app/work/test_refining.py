"""Finer grids inside a landscape: what the document knows of them, and how they join the picture."""

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.analysis.profile import near_computed, read_field
from talweg.document import Document
from talweg.landscape import Landscape
from talweg.picture import Picture, resolve
from talweg.view.state import ViewState
from talweg.work.jobs import add_job
from talweg.work.refining import FINEST, MOST_POINTS, check_refinable, next_patch, open_region, seen_cells
from talweg_compute.field import Patch, sample_on_triangles
from talweg_compute.messages import Axis, Block, Grid, InputError, Job, Plane, PointFields, Points, Problem, Run

Float = NDArray[np.float64]
JOB = Job(
    Problem(model="mlp", data="digits", checkpoint="/weights.pt"),
    Plane(kind="random"),
    grid=Grid(Axis(-5.0, 5.0, 11), Axis(-5.0, 5.0, 13)),
)
PLAIN = ViewState(height_scale="linear", colour_scale="linear")


def himmelblau(u: Float, v: Float) -> Float:
    return (u**2 + v - 11) ** 2 + (u + v**2 - 7) ** 2 + 0.1


def evaluate(document: Document, number: int, *, only: NDArray[np.int64] | None = None) -> int:
    """Do what a worker does: evaluate the points that are not known; returns how many these were."""
    state = document.landscape(number)
    missing = np.flatnonzero(~state.computed)
    missing = missing if only is None else np.intersect1d(missing, only)
    row, column = np.unravel_index(missing, state.computed.shape)
    loss = himmelblau(state.u[column], state.v[row])
    names = {"loss": loss, "accuracy": 0 * loss + 50, "loss_standard_error": 0 * loss}
    document.commit(number, Points("", Block.of(missing), {name: Block.of(each) for name, each in names.items()}))
    return int(missing.size)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    document = Document.create(tmp_path / "x.talweg")
    evaluate(document, add_job(document, JOB, "first"))
    return document


def refined(document: Document, *patches: Patch) -> Landscape:
    for patch in patches:
        evaluate(document, open_region(document, 1, patch))
    return document.landscape(1)


# where


def test_the_cells_are_the_smallest_rectangle_around_what_is_seen(document: Document) -> None:
    landscape = document.landscape(1)
    triangle = np.array([[-1.5, 0.2], [1.0, 0.2], [1.0, 1.3]])
    cells = seen_cells(landscape, triangle)
    assert cells == Patch(3, 6, 3, 2, 1)
    assert landscape.u[3] <= -1.5 < landscape.u[4]
    assert landscape.u[6] == 1.0  # a side on a line of the grid
    assert landscape.v[6] <= 0.2
    assert landscape.v[7] < 1.3 <= landscape.v[8]
    assert seen_cells(landscape, np.array([[-9, -9], [9, -9], [9, 9], [-9, 9.0]])) == Patch(0, 0, 10, 12, 1)
    assert seen_cells(landscape, np.array([[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]])) == Patch(5, 6, 1, 1, 1)
    assert seen_cells(landscape, np.array([[6, 6], [7, 6], [7, 7.0]])) is None
    assert seen_cells(landscape, np.zeros((0, 2))) is None


def test_each_grid_is_twice_as_fine_up_to_a_limit(document: Document) -> None:
    cells = Patch(3, 4, 1, 2, 1)
    factors = []
    while (patch := next_patch(document, 1, cells)) is not None:
        factors.append(patch.factor)
        refined(document, patch)
    assert factors == [2, 4, 8, 16, 32, 64]
    assert factors[-1] == FINEST
    assert next_patch(document, 1, Patch(3, 4, 1, 1, 1)) is None  # inside what is as fine already
    whole, patch = Patch(0, 0, 10, 12, 1), Patch(0, 0, 1, 1, 1)
    while (finer := next_patch(document, 1, whole)) is not None:
        patch = finer
        refined(document, patch)
    assert patch.shape[0] * patch.shape[1] <= MOST_POINTS < 4 * patch.shape[0] * patch.shape[1]


def test_what_was_cut_short_is_completed_first(document: Document) -> None:
    cells = Patch(3, 4, 2, 2, 1)
    patch = next_patch(document, 1, cells)
    assert patch is not None
    number = open_region(document, 1, patch)
    evaluate(document, number, only=np.arange(10))
    assert next_patch(document, 1, cells) == patch
    assert open_region(document, 1, patch) == number
    evaluate(document, number)
    assert next_patch(document, 1, cells) == Patch(3, 4, 2, 2, 4)


def test_only_what_a_job_computes_is_refined(document: Document) -> None:
    check_refinable(document.landscape(1))
    axis = np.linspace(0, 1, 3)
    imported = document.add_landscape("grid", axis, axis, fields={"loss": np.zeros((3, 3))}, source="grid.npz")
    with pytest.raises(InputError, match="imported without its job"):
        check_refinable(document.landscape(imported))
    line = add_job(document, msgspec.structs.replace(JOB, plane=Plane(directions=1)), "line")
    with pytest.raises(InputError, match="only a plane"):
        check_refinable(document.landscape(line))


# what is kept


def test_known_points_are_not_evaluated_again_and_none_is_lost(document: Document) -> None:
    patch = Patch(3, 4, 4, 3, 2)
    first = open_region(document, 1, patch)
    known = document.landscape(first)
    assert known.done == 5 * 4
    assert known.job is not None
    assert known.job.grid == Grid(Axis(-2.0, 2.0, 9), Axis(known.v[0], known.v[-1], 7))
    np.testing.assert_array_equal(known.u[::2], document.landscape(1).u[3:8])
    np.testing.assert_array_equal(known.loss[::2, ::2], document.landscape(1).loss[4:8, 3:8])
    assert evaluate(document, first) == 9 * 7 - 20
    overlapping = open_region(document, 1, Patch(5, 3, 3, 3, 4))
    assert evaluate(document, overlapping) == 13 * 13 - (4 * 4 + 5 * 5 - 3 * 3)
    second = open_region(document, 1, Patch(3, 4, 4, 3, 4))
    assert set(document.region_ids(1)) == {overlapping, second}  # all points of the first are in the second
    assert document.landscape(second).done == 9 * 7 + 9 * 9 - 5 * 5
    landscape = document.landscape(1)
    assert landscape.loss.shape == (13, 11)
    assert document.landscape_ids() == (1,)


def test_finer_grids_come_back_with_their_landscape(document: Document) -> None:
    refined(document, Patch(3, 4, 2, 2, 4))
    document.commit(1, PointFields("", Block.of(np.arange(143)), {"gradient_norm": Block.of(np.arange(143.0))}))
    number = open_region(document, 1, Patch(3, 4, 2, 2, 8))
    before = document.landscape(1)
    assert document.landscape(1) is before
    assert before.regions[0].landscape.fields["gradient_norm"][0, 0] == 4 * 11 + 3
    document.close()
    with Document.open(document.path) as again:
        after = again.landscape(1)
        assert [region.patch for region in after.regions] == [Patch(3, 4, 2, 2, 8)]
        np.testing.assert_array_equal(after.regions[0].landscape.loss, before.regions[0].landscape.loss)
        assert after.regions[0].landscape.id == number
        again.forget_points(1)
        assert again.landscape(1).regions == ()
        assert again.landscape(1).done == 0


def test_what_was_worked_out_of_the_coarse_grid_is_kept(document: Document) -> None:
    refined(document, Patch(3, 4, 2, 2, 2))
    before = document.landscape(1)
    topology = before.topology
    refined(document, Patch(0, 0, 2, 2, 2))
    after = document.landscape(1)
    assert after is not before
    assert after.revision > before.revision
    assert after.topology is topology


def test_a_document_made_before_there_were_finer_grids_gains_them(document: Document) -> None:
    document._connection.executescript("DROP TABLE region; PRAGMA user_version = 3;")
    document.close()
    with Document.open(document.path, read_only=True) as old:
        assert old.landscape(1).regions == ()
        assert old.landscape_ids() == (1,)
    with Document.open(document.path) as now:
        assert len(refined(now, Patch(1, 1, 2, 2, 2)).regions) == 1


def test_every_point_of_a_finer_grid_is_evaluated_even_where_the_job_leaves_some_out(document: Document) -> None:
    job = msgspec.structs.replace(JOB, run=Run(adaptive=True))
    landscape = add_job(document, job, "adaptive")
    evaluate(document, landscape)
    index = np.array([4 * 11 + 3])
    document.commit(landscape, Points("", Block.of(index), {"loss": Block.of([1.0])}, interpolated=True))
    region = document.landscape(open_region(document, landscape, Patch(3, 4, 2, 2, 2)))
    assert region.job is not None
    assert not region.job.run.adaptive


# how it looks


def surface_of(picture: Picture) -> Counter[tuple[bytes, bytes]]:
    """How many triangles each edge has, by the places of its ends."""
    points = picture.surface.points
    names = [point.tobytes() for point in points]
    return Counter(
        (min(names[a], names[b]), max(names[a], names[b]))
        for corners in picture.surface.triangles.tolist()
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    )


def test_the_surface_has_the_fine_heights_inside_and_no_crack(document: Document) -> None:
    patch = Patch(3, 4, 4, 3, 4)
    landscape = refined(document, patch, Patch(5, 5, 4, 4, 8), Patch(0, 0, 2, 2, 2))
    picture = resolve(landscape, PLAIN)
    surface = picture.surface
    assert surface.grid == (13, 11)
    assert sorted(surface.patches) == [(5, 5), (13, 17), (33, 33)]
    assert len(surface.points) == len(surface.scalars) == len(surface.normals) == len(surface.interpolated)
    counts = surface_of(picture)
    frame = [(surface.points[:, axis].min(), surface.points[:, axis].max()) for axis in (0, 1)]
    for (start, end), count in counts.items():
        assert count <= 2
        if count == 1:
            both = np.frombuffer(start + end, dtype=np.float32).reshape(2, 3)
            assert any(both[0, axis] == both[1, axis] and both[0, axis] in frame[axis] for axis in (0, 1))
    number = [region.patch for region in landscape.regions].index(patch)
    region = landscape.regions[number].landscape
    z = surface.heights[1 + number]
    inside = region.u < landscape.u[5] - 1e-9
    inside[0] = False
    np.testing.assert_allclose(picture.frame.z_to_height(z[1:-1, inside]), region.loss[1:-1, inside], rtol=1e-4)
    assert not surface.interpolated.any()


def test_an_unfinished_finer_grid_lies_on_what_is_known(document: Document) -> None:
    before = resolve(document.landscape(1), PLAIN)
    patch = Patch(3, 4, 4, 3, 4)
    open_region(document, 1, patch)
    landscape = document.landscape(1)
    picture = resolve(landscape, PLAIN)
    region = landscape.regions[0].landscape
    u, v = np.meshgrid(region.u, region.v)
    coarse = sample_on_triangles(before.surface.heights[0], landscape.u, landscape.v, np.column_stack([u.flat, v.flat]))
    np.testing.assert_allclose(picture.surface.heights[1].ravel(), coarse, atol=1e-6)
    assert not picture.surface.interpolated.any()


def test_a_valley_that_only_the_finer_grid_sees_deepens_the_box(document: Document) -> None:
    number = open_region(document, 1, Patch(3, 4, 4, 3, 2))
    before = resolve(document.landscape(1), PLAIN)
    deep = {"loss": Block.of([-50.0]), "accuracy": Block.of([1.0]), "loss_standard_error": Block.of([0.0])}
    document.commit(number, Points("", Block.of(np.array([2 * 9 + 3])), deep))
    evaluate(document, number)
    after = resolve(document.landscape(1), PLAIN)
    assert before.frame.height_range[0] > 0
    assert after.frame.height_range[0] == -50
    assert after.surface.scalar_range[0] == -50
    assert after.surface.points[:, 2].min() == pytest.approx(0.0)


def test_a_value_is_read_from_the_finest_grid(document: Document) -> None:
    patch = Patch(3, 4, 4, 3, 8)
    number = open_region(document, 1, patch)
    place = np.array([[0.125, -0.3125], [-4.3, -4.3]])
    coarse = sample_on_triangles(document.landscape(1).loss, document.landscape(1).u, document.landscape(1).v, place)
    np.testing.assert_allclose(read_field(document.landscape(1), "loss", place), coarse)
    np.testing.assert_array_equal(near_computed(document.landscape(1), place), [False, True])
    evaluate(document, number)
    landscape = document.landscape(1)
    found = read_field(landscape, "loss", place)
    exact = himmelblau(*place.T)
    assert abs(found[0] - exact[0]) < 0.05 * abs(coarse[0] - exact[0])
    assert found[1] == coarse[1]
    np.testing.assert_array_equal(near_computed(landscape, place), [True, True])


def test_critical_points_move_to_where_the_finer_grid_has_them(document: Document) -> None:
    before = resolve(document.landscape(1), PLAIN).critical_points
    minimum = np.array([3.0, 2.0])
    nearest = int(np.argmin(np.abs(before.coordinates - minimum).max(axis=1) + (before.kind != 0)))
    landscape = refined(document, Patch(6, 7, 4, 4, 16))
    picture = resolve(landscape, PLAIN)
    after = picture.critical_points
    assert after.kind[nearest] == 0
    off = np.abs(after.coordinates[nearest] - minimum).max()
    assert off < 0.01
    assert off < np.abs(before.coordinates[nearest] - minimum).max()
    assert after.loss[nearest] == pytest.approx(0.1, abs=0.01)
    assert after.own == before.kind.size
    np.testing.assert_array_equal(after.persistence[: after.own], before.persistence)
    minima = after.kind == 0
    drawn = np.isfinite(after.positions).all(axis=1)
    assert np.count_nonzero(np.abs(after.coordinates[minima & drawn] - minimum).max(axis=1) < 0.5) == 1


def test_critical_points_join_and_go_with_the_finer_grid(document: Document) -> None:
    plain = document.landscape(1)
    coarse = resolve(plain, PLAIN).critical_points
    patch = Patch(6, 7, 4, 4, 8)
    number = open_region(document, 1, patch)
    state = document.landscape(number)
    # a function of its own, equal to the coarse one at its points: one minimum between them, none where there was one
    u, v = np.meshgrid(state.u, state.v)
    loss = 40.0 + u - 60 * np.exp(-8 * ((u - 2.5) ** 2 + (v - 2.9) ** 2))
    names = {"loss": loss.ravel(), "accuracy": 0 * loss.ravel(), "loss_standard_error": 0 * loss.ravel()}
    missing = np.flatnonzero(~state.computed)
    document.commit(number, Points("", Block.of(missing), {n: Block.of(each[missing]) for n, each in names.items()}))
    part = resolve(document.landscape(1), msgspec.structs.replace(PLAIN, persistence_threshold=5.0)).critical_points
    others = np.arange(part.kind.size) >= part.own
    joined = others & (part.kind == 0)
    assert np.abs(part.coordinates[joined] - [2.5, 2.9]).max(axis=1).min() < 0.2
    assert part.certifications == (None,) * part.kind.size
    assert part.total == part.kind.size
    assert coarse.own == coarse.kind.size


def test_basins_colour_the_finer_grid_too(document: Document) -> None:
    landscape = refined(document, Patch(3, 4, 4, 3, 4))
    surface = resolve(landscape, msgspec.structs.replace(PLAIN, colour="basin")).surface
    assert surface.basins is not None
    assert surface.basins.rank.shape == (len(surface.points),)
    assert (surface.basins.rank[143:] >= 0).all()


def test_the_grid_alone_is_what_it_was(document: Document) -> None:
    before = resolve(document.landscape(1), PLAIN).surface
    alone = resolve(refined(document, Patch(3, 4, 4, 3, 2)), PLAIN).surface.grid_alone()
    np.testing.assert_array_equal(alone.triangles, before.triangles)
    np.testing.assert_allclose(alone.points, before.points, atol=1e-6)
    inside = np.zeros((13, 11), dtype=bool)
    inside[4:8, 3:8] = True
    np.testing.assert_allclose(alone.normals[~inside.ravel()], before.normals[~inside.ravel()], atol=1e-6)
    hidden = np.zeros((13, 11), dtype=bool)
    hidden[5:7, 4:7] = True
    np.testing.assert_allclose(alone.normals[hidden.ravel()], before.normals[hidden.ravel()], atol=1e-6)
