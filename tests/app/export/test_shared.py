"""Everything in the shared folder of other people's surfaces opens, and goes back where it can."""

from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import pytest

from talweg.document import Document
from talweg.export import Hints, add_grids, export_landscape, import_file
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import only_grid, same_to_the_last_digit

pytestmark = pytest.mark.shared

NOT_LANDSCAPES = ("LICENSE", "parameters.json", "resnet56.mtl")


def landscape_of(tmp_path: Path, grids):
    with Document.create(tmp_path / "a.talweg") as document:
        return document.landscape(add_grids(document, grids))


def test_every_surface_of_others_opens(shared_data):
    files = [path for path in shared_data.glob("surfaces/**/*") if path.is_file() and path.name not in NOT_LANDSCAPES]
    opened, missing, refused = Counter(), [], Counter()
    for path in files:
        hints = Hints(logarithm=True) if path.suffix == ".obj" else None
        try:
            read = import_file(path, hints)
        except InputError as error:
            sentences = ("this file holds directions (xdirection and ydirection)",)
            refused[next(sentence for sentence in sentences if sentence in str(error))] += 1
            continue
        (grid,) = read
        opened[path.suffix] += 1
        missing.append(int((~grid.computed).sum()))
    assert opened == {".h5": 16, ".vtp": 6, ".obj": 1}
    assert sorted(refused.values()) == [3]
    assert sorted(count for count in missing if count) == [1, 525, 2601]


def test_the_pairs_of_surface_and_mesh_agree(shared_data, tmp_path):
    meshes = sorted(shared_data.glob("surfaces/zhenyuzhang/vtpall/*.vtp"))
    assert len(meshes) == 6
    for number, mesh in enumerate(meshes):
        surface = only_grid(mesh.parents[1] / "surf_file" / f"{mesh.name.split('.h5')[0]}.h5")
        grid = only_grid(mesh)
        loss = surface.fields["loss"]
        wanted = np.where(loss > 10, 10, loss)
        assert np.array_equal(np.isnan(grid.fields["loss"]), np.isnan(wanted))
        assert np.nanmax(np.abs(grid.fields["loss"] - wanted)) < 1e-12
        assert np.allclose(grid.u, surface.u, rtol=0, atol=1e-12)
        assert np.allclose(grid.v, surface.v, rtol=0, atol=1e-12)
        (folder := tmp_path / str(number)).mkdir()
        view = ViewState(height="loss", height_cap=10.0, height_scale="log")
        export_landscape(folder / mesh.name, landscape_of(folder, (surface,)), view, flavour="li2018")
        assert same_to_the_last_digit((folder / mesh.name).read_bytes(), mesh.read_bytes())


def test_every_surface_goes_back_to_equal_numbers(shared_data, tmp_path):
    for number, path in enumerate(sorted(shared_data.glob("surfaces/**/*.h5"))):
        with h5py.File(path) as file:
            if "xcoordinates" not in file:
                continue
            theirs = {name: entry[()] for name, entry in file.items() if name != "dir_file"}
        (folder := tmp_path / str(number)).mkdir()
        landscape = landscape_of(folder, import_file(path))
        export_landscape(folder / "back.h5", landscape, ViewState())
        with h5py.File(folder / "back.h5") as ours:
            for name, values in theirs.items():
                if name.endswith("_acc") and (values == -1).all():
                    assert name not in ours
                    continue
                if name.endswith("_acc"):  # one file has an accuracy where it has no loss
                    values = np.where(theirs[name.replace("acc", "loss")] == -1, -1, values)
                assert np.array_equal(ours[name][()], values, equal_nan=True), (path, name)


def test_the_published_mesh_is_the_paper_s_surface(shared_data):
    (grid,) = import_file(shared_data / "surfaces" / "amosyou" / "resnet56.obj", Hints(logarithm=True))
    assert grid.fields["loss"].shape == (51, 51)
    assert grid.fields["loss"][25, 25] == pytest.approx(0.00092, abs=2e-6)
    assert np.nanmax(np.log(grid.fields["loss"] + 0.1)) == pytest.approx(np.log(17.28 + 0.1), abs=1e-3)


@pytest.mark.parametrize(("name", "steps"), [("ResNet_PCA", 11), ("VGG_PCA", 11), ("ResNet_Random", 0)])
def test_the_term_project_s_files_open_with_their_path(shared_data, name, steps):
    grid = only_grid(shared_data / "term_project" / f"{name}.ply")
    assert grid.fields["loss"].shape == (26, 26)
    assert (0 if grid.path is None else len(grid.path.names)) == steps


def test_a_mesh_of_a_grid_that_is_not_square(shared_data):
    """Their exporter gives it wrong cells; its points are right, and only those are read."""
    folder = shared_data / "golden_reference"
    (mesh,) = folder.glob("*x[[]-1.0,1.0,3].h5_train_loss.vtp")
    surface = only_grid(mesh.with_name(mesh.name.removesuffix("_train_loss.vtp")))
    grid = only_grid(mesh)
    assert np.array_equal(grid.u, surface.u)
    assert np.array_equal(grid.fields["loss"], surface.fields["loss"])
