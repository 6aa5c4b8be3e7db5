"""Landscapes are renamed, removed and copied whole, field by field."""

import sqlite3
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from talweg.certification import Certification
from talweg.document import Document
from talweg.document.schema import COMPUTED, REGION
from talweg.landscape import Region, TrainingPath
from talweg_compute.field import Patch
from talweg_compute.messages import (
    LANDMARKS,
    Block,
    Certified,
    InputError,
    Job,
    Measured,
    Note,
    Origin,
    Plane,
    PointFields,
    Points,
    Problem,
    Ready,
    Trajectory,
)
from tests.app.document.test_document import PROVENANCE, U, V


def path_of(count: int, run: int, name: str = "") -> Trajectory:
    columns = [np.arange(count) + shift for shift in (0.25, 0.5, 0.75)]
    return Trajectory(
        "1", tuple(f"epoch_{step}.pt" for step in range(count)), Block.of(np.ones((count, 3)) * 0.1),
        *map(Block.of, columns), (0.8, 0.1), loss_at_projection=Block.of(columns[0]), run=run, run_name=name,
        metrics={"brier_score": Block.of(columns[1])},
    )  # fmt: skip


def fill(document: Document, folder: Path) -> int:
    """Give a document a landscape of which everything is known that can be; returns its number."""
    job = Job(Problem("mlp", "digits", checkpoint=str(folder / "weights" / "w.pt")), Plane(seed=7))
    number = document.add_landscape("full", U, V, job=job, source="somewhere")
    index = np.array([0, 1, 2, 7])
    numbers = np.array([0.1 + 0.2, np.nan, np.inf, -0.0])
    known = {name: Block.of(numbers) for name in ("loss", "accuracy", "loss_standard_error", "my_metric")}
    more = {"samples": Block.of(np.array([4, 4, 2, 4])), "sums": Block.of(np.arange(20.0).reshape(4, 5))}
    precision = Block.of(np.array(["float16", "float32", "float32", "bf16"]))
    order = Block.of(np.array([2, 0, 3, 1]))
    word = dict.fromkeys(("u", "v", "loss", "gradient_norm", "gradient_scale", "full_gradient_norm"), Block.of(0.5))
    word |= {"out_of_plane_norm": Block.of(1.5), "eigenvalues": Block.of([0.1, 2.0])}
    for event in (
        Ready("1", PROVENANCE, sample_order=order),
        Points("1", Block.of(index), known, precision=precision, **more),
        Points("1", Block.of(np.array([5])), {"loss": Block.of([2.5])}, interpolated=True),
        PointFields("1", Block.of(index), {"gradient_u": Block.of(numbers)}),
        Measured("1", "precision", {"settled": True}),
        Origin("1", {"loss": Block.of(0.25), "my_metric": Block.of(3.0)}),
        path_of(3, 0, "sgd"),
        path_of(2, 1, "adam"),
        path_of(3, LANDMARKS),
        Certified("1", 1, 0, "moved", 1, 3, "float64", word),
        Note("1", "first"),
        Note("1", "second"),
    ):
        document.commit(number, event)
    return number


def check_same(one: object, other: object, *, but: tuple[str, ...] = ("id", "revision")) -> None:
    """Compare all fields of two frozen records, arrays bit for bit."""
    assert type(one) is type(other)
    for field in fields(one):  # type: ignore[arg-type]
        if field.name not in but:
            same(getattr(one, field.name), getattr(other, field.name), field.name)


def same(a: object, b: object, what: str) -> None:
    if isinstance(a, np.ndarray):
        assert isinstance(b, np.ndarray), what
        assert a.dtype == b.dtype, what
        np.testing.assert_array_equal(a, b, what)
    elif isinstance(a, dict):
        assert isinstance(b, dict), what
        assert a.keys() == b.keys(), what
        for key in a:
            same(a[key], b[key], f"{what}.{key}")
    elif isinstance(a, TrainingPath | Certification):
        check_same(a, b, but=())
    elif isinstance(a, tuple):
        assert isinstance(b, tuple), what
        assert len(a) == len(b), what
        for one, other in zip(a, b, strict=True):
            same(one, other, what)
    elif isinstance(a, Region):
        assert isinstance(b, Region), what
        assert a.patch == b.patch
        check_same(a.landscape, b.landscape)
    else:
        assert a == b or (a != a and b != b), what


@pytest.fixture
def full(tmp_path: Path) -> tuple[Document, int]:
    (tmp_path / "from").mkdir()
    document = Document.create(tmp_path / "from" / "full.talweg")
    number = fill(document, tmp_path / "from")
    job = document.landscape(number).job
    assert job is not None
    region = document.add_region(number, Patch(0, 1, 1, 2, 2), job)
    document.commit(region, Points("1", Block.of(np.array([3])), {"loss": Block.of([9.0])}))
    return document, number


def tables(path: Path) -> dict[str, list[int]]:
    """The landscapes that each table has rows of."""
    with sqlite3.connect(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for name in names:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            if "landscape" in columns:
                found[name] = [row[0] for row in connection.execute(f"SELECT DISTINCT landscape FROM {name}")]  # noqa: S608
    connection.close()
    return found


def test_no_table_is_forgotten(full: tuple[Document, int]) -> None:
    document, _ = full
    assert {*COMPUTED, REGION} == set(tables(document.path))
    document.close()


def test_a_copy_is_exact_and_its_job_finds_its_files(full: tuple[Document, int], tmp_path: Path) -> None:
    source, number = full
    (tmp_path / "to").mkdir()
    with source, Document.create(tmp_path / "to" / "both.talweg") as target:
        target.add_landscape("first", U, V, fields={"loss": np.ones((5, 3))})
        copied = target.copy_landscape(source, number)
        named = target.copy_landscape(source, number, "again")
        original = source.landscape(number)
        for copy in (copied, named):
            found = target.landscape(copy)
            check_same(original, found, but=("id", "revision", "name"))
            for one, other in zip(source.sums(number, np.arange(15)), target.sums(copy, np.arange(15)), strict=True):
                np.testing.assert_array_equal(one, other)
            assert source.sample_order(number) == target.sample_order(copy)
        assert target.landscape_ids() == (1, copied, named)
        assert (target.landscape(copied).name, target.landscape(named).name) == ("full", "again")
    with Document.open(tmp_path / "to" / "both.talweg") as target:  # as another process reads it
        check_same(original, target.landscape(copied))
        assert set(target.landscape(1).further_fields()) == set()


def test_what_another_landscape_lacks_stays_missing(full: tuple[Document, int], tmp_path: Path) -> None:
    source, number = full
    with source, Document.create(tmp_path / "both.talweg") as target:
        target.copy_landscape(source, number)
        bare = target.add_landscape("bare", U, V, fields={"loss": np.ones((5, 3))})
        copied = target.copy_landscape(target, bare, "bare 2")
        check_same(target.landscape(bare), target.landscape(copied), but=("id", "revision", "name"))


def test_removing_takes_all_rows_and_no_others(full: tuple[Document, int]) -> None:
    document, number = full
    with document:
        other = document.copy_landscape(document, number, "other")
        kept = document.landscape(other)
        document.remove_landscape(number)
        assert document.landscape_ids() == (other,)
        check_same(kept, document.landscape(other))
        with pytest.raises(InputError, match="no landscape 1"):
            document.landscape(number)
        with pytest.raises(InputError, match="no landscape 1"):
            document.remove_landscape(number)
        left = {other, *document.region_ids(other)}
    assert all(set(found) <= left for found in tables(document.path).values())


def test_a_number_that_is_used_again_is_another_landscape(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        document.add_landscape("first", U, V, fields={"loss": np.ones((5, 3))})
        number = document.add_landscape("second", U, V, fields={"loss": np.full((5, 3), 2.0)})
        before = document.landscape(number)
        document.remove_landscape(number)
        again = document.add_landscape("third", U[:2], V, fields={"loss": np.full((5, 2), 3.0)})
        assert again == number
        after = document.landscape(again)
        assert (after.name, after.loss.shape) == ("third", (5, 2))
        assert (after.loss == 3.0).all()
        assert after.revision != before.revision


def test_a_new_name_changes_nothing_else(full: tuple[Document, int]) -> None:
    document, number = full
    with document:
        before = document.landscape(number)
        document.rename_landscape(number, "  better ")
        after = document.landscape(number)
        assert after.name == "better"
        assert after.loss is before.loss
        check_same(before, after, but=("revision", "name"))
        for name in ("", "  "):
            with pytest.raises(InputError, match="name is empty"):
                document.rename_landscape(number, name)
        with pytest.raises(InputError, match="no landscape 77"):
            document.rename_landscape(77, "x")
    with Document.open(document.path) as again:
        assert again.landscape(number).name == "better"


def test_what_was_worked_out_is_kept_under_a_new_name(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        number = document.add_landscape("x", U, V, fields={"loss": np.add.outer(V**2, U**2)})
        topology = document.landscape(number).topology
        document.rename_landscape(number, "y")
        assert document.landscape(number).topology is topology


def test_a_document_that_cannot_be_written_says_so(full: tuple[Document, int]) -> None:
    document, number = full
    document.close()
    with Document.open(document.path, read_only=True) as looked_at:
        for act in (
            lambda: looked_at.rename_landscape(number, "x"),
            lambda: looked_at.remove_landscape(number),
            lambda: looked_at.copy_landscape(looked_at, number),
        ):
            with pytest.raises(InputError, match=r"cannot be written, so no landscape can be .*; save a copy"):
                act()


def test_an_older_document_can_be_copied_from(tmp_path: Path) -> None:
    old = Path(__file__).parents[2] / "data" / "version_1.talweg"
    with Document.open(old, read_only=True) as source, Document.create(tmp_path / "x.talweg") as target:
        number = source.landscape_ids()[0]
        check_same(source.landscape(number), target.landscape(target.copy_landscape(source, number)))


def test_a_landscape_comes_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        document.add_landscape("first", U, V)

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("disk full")

        monkeypatch.setattr("talweg.document.document.store_event", fail)
        events = (Points("", Block.of(np.array([0])), {"loss": Block.of([1.0])}), Note("", "x"))
        with pytest.raises(InputError, match="disk full"):
            document.add_landscape("second", U, V, events=events)
        assert document.landscape_ids() == (1,)
        monkeypatch.undo()
        number = document.add_landscape("third", U[:2], V, events=events)
        found = document.landscape(number)
        assert (found.done, found.notes, found.loss.shape) == (1, ("x",), (5, 2))


def test_other_points_take_the_place_of_those_before(tmp_path: Path) -> None:
    with Document.create(tmp_path / "x.talweg") as document:
        number = document.add_landscape("x", U, V, fields={"loss": np.ones((5, 3))}, events=(Note("", "old"),))
        index = Block.of(np.array([4]))
        document.replace_points(number, (Points("", index, {"loss": Block.of([7.0])}), Note("", "new")))
        found = document.landscape(number)
        assert (found.done, found.loss[1, 1], found.notes) == (1, 7.0, ("new",))


def test_points_and_finer_grids_are_forgotten_together_or_not_at_all(
    full: tuple[Document, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    document, number = full
    before = document.landscape(number)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    for part in ("remove", "remove_computed"):
        with monkeypatch.context() as context:
            context.setattr(f"talweg.document.rows.{part}", fail)
            with pytest.raises(InputError, match="disk full"):
                document.forget_points(number)
        after = document.landscape(number)
        assert len(after.regions) == len(before.regions) == 1
        np.testing.assert_array_equal(after.loss, before.loss)
    document.forget_points(number)
    assert document.landscape(number).regions == ()
    assert document.landscape(number).done == 0
    document.close()
