import json
from dataclasses import replace

import numpy as np
import pytest
from plyfile import PlyData

from talweg.export import export_landscape
from talweg.landscape import Landscape, TrainingPath
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import bowl, only_grid

HEADER = """ply
format ascii 1.0
element vertex {vertices}
property double x
property double y
property double z
property double vx
property double vy
property double vz
property double s
element face {faces}
property list uchar int vertex_indices
end_header
"""


def test_a_small_grid_word_for_word(tmp_path):
    loss = np.array([[1.0, 2.0, 0.1], [np.nan, 5.5, 6.0], [7.0, 8.0, 9.25]])
    axis = np.array([-0.5, 0.0, 0.5])
    path = TrainingPath(("a", "b"), np.array([[0.5, 0.1], [0.0, 0.0]]), *[np.zeros(2)] * 3, explained_variance=())
    landscape = Landscape(1, 0, "small", axis, axis + 1, {"loss": loss}, np.ones((3, 3), dtype=bool), paths=(path,))
    written = export_landscape(tmp_path / "small.ply", landscape, ViewState(), flavour="learnply")
    assert [file.name for file in written] == ["small.ply", "small_gradient_descent_results.csv", "small.json"]
    text = HEADER.format(vertices=9, faces=4) + "\n".join(
        [
            "-0.5 0.5 0 0 0 0 1",
            "0 0.5 0 0 0 0 2",
            "0.5 0.5 0 0 0 0 0.100000000000000006",
            "-0.5 1 0 0 0 0 9.25",
            "0 1 0 0 0 0 5.5",
            "0.5 1 0 0 0 0 6",
            "-0.5 1.5 0 0 0 0 7",
            "0 1.5 0 0 0 0 8",
            "0.5 1.5 0 0 0 0 9.25",
            "4 0 1 4 3",
            "4 1 2 5 4",
            "4 3 4 7 6",
            "4 4 5 8 7\n",
        ]
    )
    assert (tmp_path / "small.ply").read_bytes() == text.encode()
    assert (tmp_path / "small_gradient_descent_results.csv").read_bytes() == b"0.5,0.1\r\n0.0,0.0\r\n"
    assert json.loads((tmp_path / "small.json").read_text())["capped"] == 1


def test_only_complete_square_grids(tmp_path):
    for landscape, sentence in (
        (bowl(11, 9), "square grids only, and this one has 11 x 9"),
        (bowl(9, 9, computed=False), "not computed yet"),
        (replace(bowl(9, 9), fields={"loss": np.full((9, 9), np.nan)}), "no point of this landscape"),
    ):
        with pytest.raises(InputError, match=sentence):
            export_landscape(tmp_path / "a.ply", landscape, ViewState(), flavour="learnply")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ResNet_PCA", "ResNet_Random", "VGG_PCA"])
def test_equal_to_the_term_project(tmp_path, shared_data, name):
    original = shared_data / "term_project" / f"{name}.ply"
    grid = only_grid(original)
    assert grid.fields["loss"].shape == (26, 26)
    path = None
    trajectory = original.with_name(f"{name}_gradient_descent_results.csv")
    if trajectory.exists():
        steps = np.loadtxt(trajectory, delimiter=",")
        rest = [np.zeros(len(steps))] * 3
        path = TrainingPath(tuple(map(str, range(len(steps)))), steps, *rest, explained_variance=())
    landscape = Landscape(1, 0, name, grid.u, grid.v, grid.fields, grid.computed, paths=() if path is None else (path,))
    export_landscape(tmp_path / f"{name}.ply", landscape, ViewState(), flavour="learnply")
    ours, theirs = PlyData.read(tmp_path / f"{name}.ply"), PlyData.read(original)
    assert ours.header == theirs.header
    assert np.array_equal(ours["vertex"].data, theirs["vertex"].data)
    assert np.array_equal(np.stack(ours["face"]["vertex_indices"]), np.stack(theirs["face"]["vertex_indices"]))
    assert (tmp_path / f"{name}.ply").read_bytes() == original.read_bytes()
    if trajectory.exists():
        assert (tmp_path / trajectory.name).read_bytes() == trajectory.read_bytes()
