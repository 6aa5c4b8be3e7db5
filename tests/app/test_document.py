import sqlite3
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg_compute.messages import (
    Block,
    InputError,
    Job,
    Note,
    Origin,
    Plane,
    Points,
    Problem,
    Provenance,
    Ready,
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
    )
    with Document.create(path) as document:
        landscape = document.add_landscape("first", U, V, job=job)
        document.commit(landscape, Ready("1", PROVENANCE))
        document.commit(landscape, Origin("1", {"loss": Block.of(0.25), "accuracy": Block.of(99.0)}))
        document.commit(landscape, trajectory)
        document.commit(landscape, Note("1", "batches now have 8 samples"))
        document.set_view('{"height":"loss"}')
    with Document.open(path) as document:
        found = document.landscape(landscape)
        assert document.view() == '{"height":"loss"}'
    assert found.job == job
    assert found.provenance == PROVENANCE
    assert found.origin["loss"] == 0.25
    assert found.notes == ("batches now have 8 samples",)
    assert found.path is not None
    assert found.path.names == ("a.pt", "b.pt")
    np.testing.assert_array_equal(found.path.coordinates, numbers["coordinates"])
    np.testing.assert_array_equal(found.path.loss, [3, np.inf])
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
    with pytest.raises(InputError, match="cannot be opened"):
        Document.create(tmp_path / "no folder" / "x.talweg")


def test_an_empty_document_says_so(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document, pytest.raises(InputError, match="holds no landscape"):
        document.newest_landscape()
