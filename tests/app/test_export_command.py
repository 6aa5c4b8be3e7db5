"""``talweg export``: which landscape of a document, and whether its finer grids go along."""

from pathlib import Path

import numpy as np
import pytest
from plyfile import PlyData

from talweg.cli import main
from talweg.document import Document
from talweg.document.regions import refine_axes
from talweg.export import import_grids
from talweg.view.arrangement import Arrangement, Pane, keep_arrangement
from talweg.view.state import ViewState
from talweg_compute.field import Patch
from talweg_compute.messages import Block, Points

AXIS = np.linspace(-1.0, 1.0, 5)
BOWL = 0.1 + AXIS[None, :] ** 2 + AXIS[:, None] ** 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two bowls, the older one with a finer grid inside."""
    found, patch = tmp_path / "several.talweg", Patch(1, 1, 2, 2, 2)
    with Document.create(found) as document:
        first = document.add_landscape("first", AXIS, AXIS, fields={"loss": BOWL})
        document.add_landscape("second", AXIS, AXIS, fields={"loss": 2 * BOWL})
        finer = document.add_region(first, patch, None)
        u, v = refine_axes(AXIS, AXIS, patch)
        loss = (0.1 + u[None, :] ** 2 + v[:, None] ** 2).ravel()
        document.commit(finer, Points("", Block.of(np.arange(25)), {"loss": Block.of(loss)}))
        panes = (Pane(1, ViewState(height_cap=0.5)), Pane(2, ViewState(height_cap=1.5)))
        keep_arrangement(document, Arrangement(panes, links=()))
    return found


def export(path: Path, target: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["export", str(path), "-o", str(target), *options])
    return int(end.value.code or 0)


def highest(path: Path) -> float:
    return float(PlyData.read(path)["vertex"]["scalar_height"].max())


def test_the_newest_landscape_is_exported_in_its_own_view_and_said(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(path, tmp_path / "a.ply") == 0
    said = capsys.readouterr()
    assert said.err == 'This is "second", the newest of 2 landscapes; --landscape names another.\n'
    assert said.out.startswith(f"Wrote {tmp_path / 'a.ply'}")
    assert import_grids(tmp_path / "a.ply")[0].name == "second"
    assert highest(tmp_path / "a.ply") == pytest.approx(1.5)


@pytest.mark.parametrize("name", ["first", "1"])
def test_another_one_is_named(path: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(path, tmp_path / "a.ply", "--landscape", name) == 0
    assert capsys.readouterr().err == ""
    grid = import_grids(tmp_path / "a.ply")[0]
    assert (grid.name, len(grid.regions)) == ("first", 1)
    assert highest(tmp_path / "a.ply") == pytest.approx(0.5)
    assert export(path, tmp_path / "b.ply", "--landscape", name, "--grid-only") == 0
    assert not import_grids(tmp_path / "b.ply")[0].regions
    assert export(path, tmp_path / "c.h5", "--landscape", name) == 0
    assert "no place for the finer grids" in capsys.readouterr().err


def test_a_name_that_is_none_is_answered_with_those_there_are(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(path, tmp_path / "a.ply", "--landscape", "third") == 2
    assert "expected a name or a number of: 1 first; 2 second" in capsys.readouterr().err
