"""Points that were not evaluated are marked in every file, and are not taken for evaluated ones when it is read."""

import json
from dataclasses import replace

import h5py
import numpy as np
import pytest
import pyvista as pv
from plyfile import PlyData

from talweg.export import export_landscape, import_grids
from talweg.export.metadata import describe
from talweg.landscape import Landscape
from talweg.picture import resolve
from talweg.view.state import ViewState
from tests.app.export.landscapes import bowl

MEASURED = {"interpolation": {"held_out": 48, "largest_deviation": 0.007, "tolerance": 0.01}}


@pytest.fixture
def refined() -> Landscape:
    """A quarter of the points were evaluated, their neighbours stand for the others."""
    whole = bowl(9, 9, holes=False)
    evaluated = np.zeros((9, 9), dtype=bool)
    evaluated[::2, ::2] = True
    return replace(whole, computed=evaluated, interpolated=~evaluated, measured=MEASURED)


def test_the_surface_is_drawn_as_known_and_says_the_share(refined):
    picture = resolve(refined, ViewState())
    assert refined.complete
    assert picture.critical_points.kind.size
    assert not picture.surface.interpolated.any()
    assert picture.surface.interpolated_share == pytest.approx(56 / 81)
    whole = resolve(bowl(9, 9, holes=False), ViewState())
    np.testing.assert_array_equal(picture.surface.points, whole.surface.points)
    assert whole.surface.interpolated_share == 0


def test_what_is_not_known_yet_is_drawn_as_such():
    unfinished = bowl(9, 9, holes=False, computed=False)
    picture = resolve(unfinished, ViewState())
    np.testing.assert_array_equal(picture.surface.interpolated, ~unfinished.computed.ravel())


def test_the_description_counts_them(refined):
    table = describe(refined)
    assert (table["computed"], table["interpolated"]) == (25, 56)
    assert table["measured"] == MEASURED


def test_csv(tmp_path, refined):
    path = export_landscape(tmp_path / "a.csv", refined, ViewState())[0]
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "u,v,loss,accuracy,loss_standard_error,interpolated"
    numbers = np.array([line.split(",") for line in lines[1:]], dtype=float)
    np.testing.assert_array_equal(numbers[:, 2], refined.loss.ravel())
    np.testing.assert_array_equal(numbers[:, 5], refined.interpolated.ravel())
    whole = export_landscape(tmp_path / "b.csv", bowl(9, 9, holes=False), ViewState())[0]
    assert "interpolated" not in next(line for line in whole.read_text().splitlines() if not line.startswith("#"))


def test_npz(tmp_path, refined):
    path = export_landscape(tmp_path / "a.npz", refined, ViewState())[0]
    with np.load(path) as file:
        np.testing.assert_array_equal(file["loss"], refined.loss)
        np.testing.assert_array_equal(file["computed"], refined.computed)
        assert json.loads(str(file["provenance"]))["interpolated"] == 56


def test_h5_gives_their_scripts_every_value_and_ours_the_marks(tmp_path, refined):
    path = export_landscape(tmp_path / "a.h5", refined, ViewState())[0]
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["train_loss"][()].ravel(), refined.loss.ravel())
        np.testing.assert_array_equal(file["talweg/computed"][()], refined.computed)


def test_maps_say_it(tmp_path, refined):
    path = export_landscape(tmp_path / "a.svg", refined, ViewState())[0]
    assert "69 % of the points interpolated" in path.read_text()
    unfinished = export_landscape(tmp_path / "b.svg", bowl(9, 9, holes=False, computed=False), ViewState())[0]
    assert "hatched: not computed yet" in unfinished.read_text()
    whole = export_landscape(tmp_path / "c.svg", bowl(9, 9, holes=False), ViewState())[0]
    assert "hatched" not in whole.read_text()


def test_meshes(tmp_path, refined):
    path = export_landscape(tmp_path / "a.ply", refined, ViewState())[0]
    data = PlyData.read(path)
    np.testing.assert_array_equal(data["vertex"]["scalar_interpolated"], refined.interpolated.ravel())
    assert any("56 vertices were not computed" in line for line in data.comments)
    mesh = pv.read(export_landscape(tmp_path / "a.vtp", refined, ViewState())[0])
    np.testing.assert_array_equal(mesh.point_data["interpolated"], refined.interpolated.ravel())
    np.testing.assert_array_equal(mesh.point_data["loss"], refined.loss.ravel())


@pytest.mark.parametrize("suffix", [".csv", ".npz", ".h5", ".ply", ".vtp"])
def test_read_back_only_the_evaluated_ones_count(tmp_path, refined, suffix):
    path = export_landscape(tmp_path / f"a{suffix}", refined, ViewState())[0]
    grid = import_grids(path)[0]
    np.testing.assert_array_equal(grid.computed, refined.computed)
    np.testing.assert_allclose(grid.fields["loss"][refined.computed], refined.loss[refined.computed], rtol=1e-6)
