"""What is asked of the worker, from what a document has."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg.document import Document
from talweg.work.missing_points import request_points
from talweg_compute.messages import Block, InputError, Points, Ready, Trajectory, read_job
from tests.app.export.landscapes import PROVENANCE
from tests.conftest import write_job

NAN = np.nan


def path_of(names: tuple[str, ...], loss: list[float], first: int = 0, shares: tuple[float, ...] = ()) -> Trajectory:
    count = len(names)
    residual = [NAN if name == "diverged.pt" else 1.0 for name in names]
    blocks = [Block.of(each) for each in (np.zeros((count, 2)), residual, loss, loss)]
    return Trajectory("1", names, *blocks, shares, Block.of(loss), first=first)


def test_checkpoints_that_wait_for_their_losses_are_asked_for(tmp_path: Path) -> None:
    job = read_job(write_job(tmp_path, grid=2))
    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    ones = Block.of([1.0] * (u.size * v.size))
    names = ("a.pt", "diverged.pt", "b.pt", "c.pt")
    with Document.create(tmp_path / "d.talweg") as document:
        number = document.add_landscape("x", u, v, job=job)
        document.commit(number, Points("1", Block.of(range(u.size * v.size)), {"loss": ones}))

        def state() -> tuple[tuple[str, ...], bool, tuple[float, ...]]:
            landscape = document.landscape(number)
            assert landscape.path is not None
            (placed,) = request_points("2", document, number).placed
            return placed, landscape.has_work, landscape.path.explained_variance

        shares = (0.7, 0.2)
        document.commit(number, path_of(names, [NAN] * 4, shares=shares))
        assert state() == ((), True, shares)
        document.commit(number, path_of(names, [3.0, NAN, NAN, NAN], shares=shares))
        assert state() == (names[:2], True, shares)  # weights that are not finite have no loss
        document.commit(number, path_of(names[2:], [2.0, NAN], first=2))
        assert state() == (names[:3], True, shares)  # they are those of the same checkpoints
        document.commit(number, path_of(names[3:], [1.0], first=3))
        assert state() == (names, False, shares)
        document.commit(number, path_of(("d.pt",), [0.5], first=4))
        assert state() == ((*names, "d.pt"), False, ())
        document.commit(number, msgspec.structs.replace(path_of(names, [1.0] * 4), loss_at_projection=None))
        assert state() == (names, False, ())


def test_only_points_that_more_samples_join_are_sent_with_their_sums(tmp_path: Path) -> None:
    job = read_job(write_job(tmp_path, grid=2))
    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    with Document.create(tmp_path / "d.talweg") as document:
        number = document.add_landscape("x", u, v, job=job)
        assert request_points("2", document, number).known is None
        document.commit(number, Ready("1", PROVENANCE))  # 100 samples
        loss, precision = {"loss": Block.of([1.0])}, Block.of(np.array(["float32"]))
        for index, samples, sums in ((0, 100, [9.0, 9.0, 9.0]), (2, 40, [1.0, 2.0, 3.0])):
            counts = Block.of([samples])
            told = Points("1", Block.of([index]), loss, sums=Block.of([sums]), samples=counts, precision=precision)
            document.commit(number, told)
        document.commit(number, Points("1", Block.of([3]), loss, interpolated=True))
        known = request_points("2", document, number).known
    assert known is not None
    assert known.sums is not None
    assert known.index.array().tolist() == [0, 2]  # what was only interpolated is to be computed
    assert known.samples.array().tolist() == [0, 40]
    np.testing.assert_array_equal(known.sums.array(), [[NAN] * 3, [1.0, 2.0, 3.0]])


def test_an_imported_grid_has_nothing_to_ask_for(tmp_path: Path) -> None:
    axis = np.arange(2.0)
    with Document.create(tmp_path / "d.talweg") as document:
        number = document.add_landscape("x", axis, axis, fields={"loss": np.ones((2, 2))})
        with pytest.raises(InputError, match="was imported"):
            request_points("2", document, number)
