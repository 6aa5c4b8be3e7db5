"""Landscapes of several jobs and documents in one document."""

from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.work.jobs import find_job, open_for_job
from talweg.work.joining import add_document, merge_documents, names_of, unique_name
from talweg_compute.messages import InputError, Job, Plane, Problem


def job_of(seed: int, seeds: tuple[int, ...] = ()) -> Job:
    return Job(Problem("mlp", "digits", checkpoint="/x/w.pt"), Plane(seed=seed, seeds=seeds))


def write(path: Path, *names: str) -> Path:
    axis = np.linspace(0.0, 1.0, 3)
    with Document.create(path) as document:
        for place, name in enumerate(names):
            document.add_landscape(name, axis, axis, fields={"loss": np.full((3, 3), float(place))})
    return path


def test_a_name_is_made_unique_by_a_hint_then_by_a_number() -> None:
    assert unique_name((), "a", "b") == "a"
    assert unique_name(("a",), "a", "b") == "a (b)"
    assert unique_name(("a",), "a") == "a 2"
    assert unique_name(("a", "a (b)", "a (b) 2"), "a", "b") == "a (b) 3"


def test_a_job_joins_a_document_of_others_only_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    first, _ = open_for_job(job_of(1), path, "job")
    first.close()
    with pytest.raises(InputError, match=r"--into x\.talweg"):
        open_for_job(job_of(2), path, "job")
    document, number = open_for_job(job_of(2), path, "job", add=True)
    with document:
        assert names_of(document) == ("job", "job 2")
        assert document.landscape(number).name == "job 2"
        assert find_job(document, job_of(1)) == 1
        assert find_job(document, job_of(3)) is None
    for add in (True, False):  # now it is one of the document's own
        again, same = open_for_job(job_of(2), path, "job", add=add)
        assert same == number
        again.close()


def test_each_seed_of_a_job_joins_once(tmp_path: Path) -> None:
    path = tmp_path / "x.talweg"
    open_for_job(job_of(9), path, "other")[0].close()
    for _ in range(2):
        document, number = open_for_job(job_of(1, (1, 2)), path, "job", add=True)
        with document:
            assert names_of(document) == ("other", "job, seed 2", "job, seed 1")
            assert document.landscape(number).name == "job, seed 1"


def test_all_of_another_document_are_copied(tmp_path: Path) -> None:
    other = write(tmp_path / "other.talweg", "a", "b")
    with Document.open(write(tmp_path / "x.talweg", "b", "c")) as document:
        numbers = add_document(document, other)
        assert names_of(document) == ("b", "c", "a", "b (other)")
        assert [document.landscape(number).loss[0, 0] for number in numbers] == [0.0, 1.0]
        add_document(document, other)
        assert names_of(document)[4:] == ("a (other)", "b (other) 2")
        with pytest.raises(InputError, match="the document itself"):
            add_document(document, document.path)
        empty = tmp_path / "empty.talweg"
        Document.create(empty).close()
        with pytest.raises(InputError, match="holds no landscape yet"):
            add_document(document, empty)


def test_what_another_process_wrote_last_is_copied_too(tmp_path: Path) -> None:
    path = write(tmp_path / "other.talweg", "a")
    axis = np.linspace(0.0, 1.0, 3)
    with Document.open(path) as writing, Document.create(tmp_path / "x.talweg") as document:
        writing.add_landscape("b", axis, axis, fields={"loss": np.ones((3, 3))})  # it still lies beside the file
        add_document(document, path)
        assert names_of(document) == ("a", "b")


def test_a_merge_names_after_documents_and_leaves_nothing_where_one_is_bad(tmp_path: Path) -> None:
    paths = [write(tmp_path / "one.talweg", "model", "mine"), write(tmp_path / "two.talweg", "model")]
    assert merge_documents(paths, tmp_path / "all.talweg") == ("model (one)", "mine", "model (two)")
    empty = tmp_path / "empty.talweg"
    Document.create(empty).close()
    with pytest.raises(InputError, match="holds no landscape yet"):
        merge_documents([*paths, empty], tmp_path / "none.talweg")
    assert not (tmp_path / "none.talweg").exists()
