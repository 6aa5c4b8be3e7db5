import sqlite3
from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg.document import Document
from talweg_compute.messages import (
    Block,
    InputError,
    Job,
    Measured,
    Note,
    Origin,
    Plane,
    Points,
    Problem,
    Provenance,
    Ready,
    Run,
    Trajectory,
)

U, V = np.linspace(-1, 1, 3), np.linspace(0, 4, 5)

PROVENANCE = Provenance(
    checkpoint="w.pt",
    checkpoint_sha256="a",
    data_sha256="b",
    directions_sha256="c",
    direction_norms=(1.0, 2.0),
    cosine=0.1,
    parameters=3,
    samples=4,
    batch_norm="frozen",
    device="cpu",
    precision="float32",
    batch_size=8,
    versions={"torch": "2"},
)


def points(index: list[int], loss: list[float]) -> Points:
    fields = {"loss": loss, "accuracy": [50.0] * len(loss), "loss_standard_error": [np.nan] * len(loss)}
    return Points("1", Block.of(np.array(index)), {name: Block.of(values) for name, values in fields.items()})


def test_points_come_back_bit_for_bit_and_nan_is_a_value(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    with Document.create(path) as document:
        landscape = document.add_landscape("first", U, V)
        document.commit(landscape, points([0, 4, 14], [0.1 + 0.2, np.nan, np.inf]))
    with Document.open(path) as document:
        found = document.landscape(landscape)
    assert found.loss.shape == (5, 3)
    assert found.loss[0, 0] == 0.1 + 0.2
    assert np.isnan(found.loss[1, 1])
    assert found.loss[4, 2] == np.inf
    assert found.done == 3
    assert found.non_finite == 2
    assert not found.complete
    assert found.critical_points is None
    np.testing.assert_array_equal(found.u, U)
    np.testing.assert_array_equal(np.argwhere(found.computed), [[0, 0], [1, 1], [4, 2]])


def test_repeating_an_event_changes_nothing(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V)
        document.commit(landscape, points([1], [2.0]))
        document.commit(landscape, points([1], [3.0]))
        assert document.landscape(landscape).loss[0, 1] == 2.0


def test_a_snapshot_stays_the_same_object_until_a_change(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V)
        before = document.landscape(landscape)
        assert document.landscape(landscape) is before
        document.commit(landscape, points([1], [2.0]))
        after = document.landscape(landscape)
        assert after is not before
        assert after.revision > before.revision
        assert np.isnan(before.loss[0, 1])
        assert not after.loss.flags.writeable


def test_everything_else_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    job = Job(Problem("mlp", "digits", checkpoint=str(tmp_path / "weights" / "w.pt")), Plane(seed=7))
    numbers = {"coordinates": [[1.0, 2.0], [0.0, 0.0]], "residual": [0.5, 0], "loss": [3, np.inf], "accuracy": [9, 90]}
    trajectory = Trajectory(
        "1",
        ("a.pt", "b.pt"),
        **{name: Block.of(value) for name, value in numbers.items()},
        explained_variance=(0.9, 0.1),
        metrics={"name": Block.of([0.5, np.nan]), "m" * 63: Block.of([1.0, 2.0])},  # such names as users have
    )
    with Document.create(path) as document:
        landscape = document.add_landscape("first", U, V, job=job)
        document.commit(landscape, Ready("1", PROVENANCE))
        document.commit(landscape, Origin("1", {"loss": Block.of(0.25), "accuracy": Block.of(99.0)}))
        document.commit(landscape, trajectory)
        other = document.add_landscape("second", U, V)
        document.commit(other, Trajectory("1", ("c.pt",), *map(Block.of, ([[0.0, 0.0]], [0.0], [1.0], [2.0])), ()))
        document.commit(landscape, Note("1", "batches now have 8 samples"))
        document.set_view('{"height":"loss"}')
    with Document.open(path) as document:
        found = document.landscape(landscape)
        second = document.landscape(other).path
        assert document.view() == '{"height":"loss"}'
    assert found.job == job
    assert found.provenance == PROVENANCE
    assert found.origin["loss"] == 0.25
    assert found.notes == ("batches now have 8 samples",)
    assert found.path is not None
    assert found.path.names == ("a.pt", "b.pt")
    np.testing.assert_array_equal(found.path.coordinates, numbers["coordinates"])
    np.testing.assert_array_equal(found.path.loss, [3, np.inf])
    np.testing.assert_array_equal(found.path.metrics["name"], [0.5, np.nan])
    np.testing.assert_array_equal(found.path.metrics["m" * 63], [1.0, 2.0])
    assert second is not None
    assert not second.metrics
    assert found.path.explained_variance == (0.9, 0.1)


def test_a_document_and_the_files_beside_it_move_together(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    inside, outside = Problem("mlp", "digits", checkpoint=str(old / "w.pt")), "/data/x.npz"
    with Document.create(old / "x.talweg") as document:
        document.add_landscape("first", U, V, job=Job(Problem("mlp", outside, checkpoint=inside.checkpoint)))
    old.rename(new)
    with Document.open(new / "x.talweg") as document:
        job = document.newest_landscape().job
    assert job is not None
    assert job.problem.checkpoint == str(new / "w.pt")
    assert job.problem.data == outside


def test_an_imported_grid_is_complete(tmp_path: Path) -> None:
    loss = np.add.outer(V**2, U**2)
    with Document.create(tmp_path / "x.talweg") as document:
        document.add_landscape("grid", U, V, source="grid.npz", fields={"loss": loss})
        found = document.newest_landscape()
        np.testing.assert_array_equal(found.loss, loss)
        assert found.complete
        assert np.isnan(found.fields["accuracy"]).all()
        with pytest.raises(InputError, match="was imported"):
            document.remaining_job(found.id)


def test_one_file_is_left(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        document.add_landscape("first", U, V)
    assert [path.name for path in tmp_path.iterdir()] == ["x.talweg"]


def test_read_only_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    with Document.create(path) as document:
        document.add_landscape("first", U, V)
    before = path.read_bytes()
    with Document.open(path, read_only=True) as document:
        assert document.newest_landscape().name == "first"
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_bad_files_get_one_sentence(tmp_path: Path) -> None:
    text, other, newer = tmp_path / "text.talweg", tmp_path / "other.talweg", tmp_path / "newer.talweg"
    text.write_text("not a database, but long enough to look like a file with something in it" * 20)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    Document.create(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for path, sentence in [
        (tmp_path / "lost.talweg", "no such file"),
        (text, "not a .talweg file"),
        (other, "not a .talweg file"),
        (newer, "update Talweg"),
    ]:
        with pytest.raises(InputError, match=sentence):
            Document.open(path)
    with pytest.raises(InputError, match="exists already"):
        Document.create(newer)
    with pytest.raises(InputError, match="cannot be created"):
        Document.create(tmp_path / "no folder" / "x.talweg")


def test_an_empty_document_says_so(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document, pytest.raises(InputError, match="holds no landscape"):
        document.newest_landscape()


def more(index: list[int], loss: list[float], **others: object) -> Points:
    blocks = {name: Block.of(value) for name, value in others.items() if name != "interpolated"}
    interpolated = bool(others.get("interpolated"))
    return Points("1", Block.of(np.array(index)), {"loss": Block.of(loss)}, **blocks, interpolated=interpolated)


def test_what_says_more_of_a_point_replaces_what_says_less(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    sums = np.arange(10.0).reshape(2, 5)
    with Document.create(path) as document:
        landscape = document.add_landscape("first", U, V)
        document.commit(landscape, more([0, 1, 2], [9.0, 9.0, 9.0], interpolated=True))
        document.commit(landscape, more([0, 1], [1.0, 2.0], samples=[50, 50], sums=sums))
        document.commit(landscape, more([0, 1], [7.0, 7.0], samples=[20, 20]))  # a late answer
        document.commit(landscape, more([1, 2], [8.0, 8.5], interpolated=True))
        document.commit(landscape, more([1], [2.5], samples=[100], sums=sums[:1], precision=["bf16"]))
        document.commit(landscape, more([1], [2.75], samples=[100], precision=["float32"]))
        now = document.landscape(landscape)
        stored = document.sums(landscape, np.array([0, 1, 5]))
    with Document.open(path) as document:
        again = document.landscape(landscape)
    for found in (now, again):
        assert found.loss.flat[:3].tolist() == [1.0, 2.75, 8.5]
        assert found.computed.flat[:4].tolist() == [True, True, False, False]
        assert found.interpolated.flat[:4].tolist() == [False, False, True, False]
        assert found.samples.flat[:4].tolist() == [50, 100, 0, 0]
        assert found.precision.flat[:4].tolist() == ["", "float32", "", ""]
        assert (found.done, int(found.known.sum())) == (2, 3)
    assert [values.tolist() for values in stored] == [sums[0].tolist(), sums[0].tolist(), []]


def test_any_field_can_be_stored(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    with Document.create(path) as document:
        first, second = (document.add_landscape(name, U, V) for name in ("first", "second"))
        fields = {"loss": Block.of([1.0, 2.0]), "gradient_u": Block.of([0.5, np.nan])}
        document.commit(first, Points("1", Block.of([3, 4]), fields))
        document.commit(second, points([3], [4.0]))
        with pytest.raises(ValueError, match="cannot be the name"):
            document.commit(first, Points("1", Block.of([5]), {"a; DROP TABLE point": Block.of([1.0])}))
    with Document.open(path) as document:
        assert document.landscape(first).fields["gradient_u"].flat[3] == 0.5
        assert np.isnan(document.landscape(first).fields["gradient_u"].flat[4])
        assert "gradient_u" not in document.landscape(second).fields


def test_what_was_measured_comes_back(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V)
        document.commit(landscape, Measured("1", "interpolation", {"largest": 0.5}))
        document.commit(landscape, Measured("1", "interpolation", {"largest": 0.25, "points": 32, "of": "loss"}))
        assert document.landscape(landscape).measured == {
            "interpolation": {"largest": 0.25, "points": 32, "of": "loss"}
        }
        document.forget_points(landscape)
        assert document.landscape(landscape).measured == {}


def test_reading_follows_the_events_without_reading_points_again(tmp_path: Path) -> None:
    """What is in memory equals what the file holds, whatever the order of events."""
    random = np.random.default_rng(3)
    path = tmp_path / "x.talweg"
    with Document.create(path) as document:
        landscape = document.add_landscape("first", U, V)
        for _ in range(60):
            index = random.permutation(15)[:4].tolist()
            loss = random.normal(size=4).tolist()
            if random.random() < 0.3:
                document.commit(landscape, more(index, loss, interpolated=True))
            else:
                document.commit(landscape, more(index, loss, samples=random.integers(1, 90, 4)))
        statements: list[str] = []
        document._connection.set_trace_callback(statements.append)
        document.commit(landscape, more([0], [5.0], samples=[100]))
        kept = document.landscape(landscape)
        assert not [statement for statement in statements if "FROM point" in statement]
    with Document.open(path) as document:
        read = document.landscape(landscape)
    np.testing.assert_array_equal(kept.loss, read.loss)
    np.testing.assert_array_equal(kept.samples, read.samples)
    np.testing.assert_array_equal(kept.interpolated, read.interpolated)
    np.testing.assert_array_equal(kept.computed, read.computed)


def test_a_failed_commit_leaves_the_numbers_as_they_were(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", np.arange(300.0), np.arange(300.0))
        document.commit(landscape, points([1], [2.0]))
        pages = document._connection.execute("PRAGMA page_count").fetchone()[0]
        document._connection.execute(f"PRAGMA max_page_count={pages + 1}")
        with pytest.raises(InputError, match="cannot be written"):
            document.commit(landscape, points(list(range(5000)), [3.0] * 5000))
        assert document.landscape(landscape).done == 1
        document._connection.execute("PRAGMA max_page_count=100000")
        document.commit(landscape, points([0, 1], [3.0, 3.0]))
        assert document.landscape(landscape).loss[0, :2].tolist() == [3.0, 2.0]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_document_of_version_1_opens(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "old.talweg"
    path.write_bytes((Path(__file__).parents[2] / "data" / "version_1.talweg").read_bytes())
    before = path.read_bytes()
    with Document.open(path, read_only=read_only) as document:
        found = document.newest_landscape()
        copy = tmp_path / "copy.talweg"
        document.copy_to(copy)
    assert found.done == 99
    assert found.complete
    assert found.loss[5, 4] == pytest.approx(found.origin["loss"], rel=1e-6)
    assert (found.samples == 100).all()
    assert (found.precision == "float32").all()
    assert found.path is not None
    assert (path.read_bytes() == before) == read_only
    for again in (path, copy):
        with Document.open(again) as document:
            np.testing.assert_array_equal(document.newest_landscape().loss, found.loss)


def test_a_copy_is_whole_and_leaves_what_was_there_until_then(tmp_path: Path) -> None:
    copy = tmp_path / "copy.talweg"
    copy.write_text("older")
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V)
        document.commit(landscape, points([1], [2.0]))
        document.copy_to(copy)
        with pytest.raises(InputError, match="the document itself"):
            document.copy_to(document.path)
        with pytest.raises(InputError, match="cannot be written"):
            document.copy_to(tmp_path / "no folder" / "copy.talweg")
    with Document.open(copy) as document:
        assert document.landscape(landscape).loss[0, 1] == 2.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.talweg", "x.talweg"]


def test_a_job_goes_on_the_way_it_is_run_now(tmp_path: Path) -> None:
    job = Job(Problem("mlp", "digits", checkpoint=str(tmp_path / "w.pt")))
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V, job=job)
        before = document.landscape(landscape)
        document.set_job(landscape, job)
        assert document.landscape(landscape) is before
        document.set_job(landscape, msgspec.structs.replace(job, run=Run(device="cpu", ladder=(10,))))
        found = document.landscape(landscape).job
    assert found == Job(job.problem, run=Run(device="cpu", ladder=(10,)))


def test_there_is_work_until_all_points_have_seen_all_samples(tmp_path: Path) -> None:
    job = Job(Problem("mlp", "digits", checkpoint=str(tmp_path / "w.pt")))
    everything = list(range(15))
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V, job=job)
        document.commit(landscape, Ready("1", PROVENANCE, Block.of(np.array([2, 0, 3, 1]))))
        document.commit(landscape, more(everything, [1.0 * k for k in everything], samples=[2] * 15))
        on_two = document.landscape(landscape)
        document.commit(landscape, more([4], [4.5], samples=[4]))
        mixed = document.landscape(landscape)
        document.commit(landscape, more(everything, [2.0 * k for k in everything], samples=[4] * 15))
        on_all = document.landscape(landscape)
        assert document.sample_order(landscape) == Block.of(np.array([2, 0, 3, 1]))
    assert on_two.complete
    assert on_two.has_work
    assert on_two.partial.all()
    assert on_two.critical_points is not None
    assert mixed.complete
    assert not mixed.settled
    assert mixed.critical_points is None  # some points are ahead of others
    assert not on_all.partial.any()
    assert not on_all.has_work
    assert on_all.critical_points is not None


def test_interpolated_points_are_enough_for_an_adaptive_job_only(tmp_path: Path) -> None:
    job = Job(Problem("mlp", "digits", checkpoint=str(tmp_path / "w.pt")), run=Run(adaptive=True))
    with Document.create(tmp_path / "x.talweg") as document:
        landscape = document.add_landscape("first", U, V, job=job)
        document.commit(landscape, more([0, 2, 4, 6, 8, 10, 12, 14], [1.0] * 8, samples=[4] * 8))
        document.commit(landscape, more([1, 3, 5, 7, 9, 11, 13], [1.0] * 7, interpolated=True))
        found = document.landscape(landscape)
        assert found.complete
        assert not found.has_work
        assert (found.done, found.interpolated_count) == (8, 7)
        document.set_job(landscape, msgspec.structs.replace(job, run=Run()))
        assert document.landscape(landscape).has_work


def test_outlines_say_what_there_is_without_reading_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        document.add_landscape("line", U, source="a")
        document.add_landscape("plane", U, V)
        document.add_landscape("volume", U, V, V)
        monkeypatch.setattr("talweg.document.points.PointTable._read", None)  # nobody reads them
        assert [tuple(outline) for outline in document.outlines().values()] == [
            ("line", "a", 1), ("plane", "", 2), ("volume", "", 3),
        ]  # fmt: skip
        assert tuple(document.outlines()) == document.landscape_ids()
