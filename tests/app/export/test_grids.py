import csv
import json
from dataclasses import replace

import h5py
import numpy as np
import pytest

from talweg.document import Document
from talweg.export import add_grids, export_landscape
from talweg.export.metadata import describe, read_description
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import JOB, PATH, PROVENANCE, bowl, only_grid


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".h5"])
@pytest.mark.parametrize("computed", [True, False])
def test_every_bit_comes_back(tmp_path, suffix, computed):
    landscape = bowl(computed=computed)
    loss = landscape.loss.copy()
    loss[4, 4], loss[4, 6] = -1.0, -0.25  # losses, not marks of missing points
    landscape = replace(landscape, fields={**landscape.fields, "loss": loss})
    (path, *_) = export_landscape(tmp_path / f"grid{suffix}", landscape, ViewState())
    grid = only_grid(path)
    assert np.array_equal(grid.u, landscape.u)
    assert np.array_equal(grid.v, landscape.v)
    assert np.array_equal(grid.computed, landscape.computed)
    assert {*grid.fields} == {*landscape.fields}
    for name, values in landscape.fields.items():
        assert np.array_equal(grid.fields[name], values, equal_nan=True), name
    assert grid.name == "Bögen"
    assert grid.job == JOB
    assert grid.provenance == PROVENANCE
    assert grid.origin == landscape.origin
    assert grid.path is not None
    assert grid.path.names == PATH.names
    for attribute in ("coordinates", "residual", "loss", "accuracy", "explained_variance"):
        assert np.array_equal(getattr(grid.path, attribute), getattr(PATH, attribute))
    assert np.array_equal(grid.path.metrics["brier_score"], PATH.metrics["brier_score"])
    assert grid.source == str(path)
    assert grid.notes[0] == "A note."


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".h5", ".ply"])
def test_a_file_becomes_the_same_landscape_in_a_document(tmp_path, suffix):
    landscape = bowl(computed=False, holes=False)
    (path, *_) = export_landscape(tmp_path / f"grid{suffix}", landscape, ViewState())
    with Document.create(tmp_path / "a.talweg") as document:
        read = document.landscape(add_grids(document, (only_grid(path),)))
    kind = np.float32 if suffix == ".ply" else np.float64
    assert np.array_equal(read.computed, landscape.computed)
    assert np.array_equal(read.loss, landscape.loss.astype(kind), equal_nan=True)
    assert read.job == JOB
    assert read.provenance == PROVENANCE
    assert read.path is not None
    assert read.path.explained_variance == PATH.explained_variance
    assert read.origin["loss"] == 0.5
    assert "A note." in read.notes


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".h5"])
def test_uneven_axes_and_unknown_fields(tmp_path, suffix):
    landscape = replace(bowl(5, 3, full=False), u=np.array([-1.0, 0.1, 0.2, 0.7, 3.0]))
    (path, *_) = export_landscape(tmp_path / f"grid{suffix}", landscape, ViewState())
    grid = only_grid(path)
    assert np.array_equal(grid.u, landscape.u)
    assert np.array_equal(grid.fields["loss"], landscape.loss, equal_nan=True)
    assert not np.isfinite(grid.fields.get("accuracy", np.array(np.nan))).any()
    assert grid.job is None
    assert grid.path is None


# npz


def test_npz_arrays(tmp_path):
    landscape = bowl()
    export_landscape(tmp_path / "a.npz", landscape, ViewState())
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert {*arrays} == {"u", "v", "loss", "accuracy", "loss_standard_error", "computed", "provenance"}
        for name, shape in {"u": (11,), "v": (9,), "loss": (9, 11), "accuracy": (9, 11)}.items():
            assert arrays[name].dtype == np.float64
            assert arrays[name].shape == shape
        assert json.loads(str(arrays["provenance"]))["provenance"]["data_sha256"] == "b" * 64
        assert np.array_equal(arrays["loss"], landscape.loss, equal_nan=True)


def test_npz_of_another_program(tmp_path):
    loss = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.savez(tmp_path / "a.npz", u=[1, 2, 3], v=[0.0, 0.5], loss=loss)
    grid = only_grid(tmp_path / "a.npz")
    assert grid.name == "a"
    assert np.array_equal(grid.fields["loss"], loss)
    assert grid.computed.all()
    assert grid.notes == ()


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"X": np.zeros(3)}, r"no grid of losses in this file \(its arrays are X\); expected loss \[nv, nu\]"),
        ({"u": [0, 1], "v": [0, 1]}, r"no grid of losses .*its arrays are u, v"),
        ({"u": [0, 1, 2], "v": [0, 1], "loss": np.zeros((3, 2))}, r"got shape \[3, 2\].*\[2, 3\].*transpose it"),
        ({"u": [0, 1, 1], "v": [0, 1], "loss": np.zeros((2, 3))}, "u: expected ascending"),
        ({"u": [1, 0], "v": [0, 1], "loss": np.zeros((2, 2))}, "u: expected ascending"),
        ({"u": [0, np.nan], "v": [0, 1], "loss": np.zeros((2, 2))}, "u: expected ascending"),
        ({"u": [0, 1], "v": [[0, 1]], "loss": np.zeros((2, 2))}, r"v: got shape \[1, 2\]"),
        ({"u": [0, 1], "v": [1], "loss": np.zeros((1, 2))}, "v: .*at least two"),
        ({"u": [0, 1], "v": [0, 1], "loss": np.array([["a", "b"]] * 2)}, "loss: got values of type <U1"),
        ({"u": [0, 1], "v": [0, 1], "loss": np.zeros((2, 2)), "computed": np.ones(3)}, "computed: got float64"),
        ({"u": [0, 1], "v": [0, 1], "loss": np.zeros((2, 2)), "provenance": np.array("{")}, "damaged"),
        ({"u": [0, 1], "v": [0, 1], "loss": np.zeros((2, 2)), "provenance": np.array("[]")}, "not one of Talweg"),
    ],
)
def test_npz_that_is_no_grid_gets_a_sentence(tmp_path, arrays, sentence):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=sentence):
        only_grid(tmp_path / "a.npz")


def test_a_pickle_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", u=np.array([object()]), v=[0, 1], loss=np.zeros((2, 2)), allow_pickle=True)
    with pytest.raises(InputError, match="holds Python objects, whose reading could run code"):
        only_grid(tmp_path / "a.npz")


def test_damaged_files(tmp_path):
    for suffix in (".npz", ".h5", ".ply", ".csv"):
        (tmp_path / f"a{suffix}").write_bytes(b"PK\x03\x04\xff nonsense")
        with pytest.raises(InputError, match=rf"a\{suffix}: "):
            only_grid(tmp_path / f"a{suffix}")


# csv


def test_csv_as_text(tmp_path):
    landscape = bowl(computed=False, holes=False)
    export_landscape(tmp_path / "a.csv", landscape, ViewState())
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "# talweg 0.1.0"
    assert json.loads(lines[1].removeprefix("# "))["kind"] == "talweg landscape"
    assert lines[2] == "u,v,loss,accuracy,loss_standard_error"
    assert lines[3].split(",")[:3] == ["-1.0", "-2.0", repr(float(landscape.loss[0, 0]))]
    assert lines[4] == f"{float(landscape.u[1])!r},-2.0,,,"
    assert np.genfromtxt(tmp_path / "a.csv", delimiter=",", skip_header=3).shape == (99, 5)


def test_csv_trajectory_and_points_beside_it(tmp_path):
    written = export_landscape(tmp_path / "a.csv", bowl(holes=False), ViewState())
    assert [file.name for file in written] == ["a.csv", "a_trajectory.csv", "a_points.csv"]
    with written[1].open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows] == list(PATH.names)
    assert [float(row["residual"]) for row in rows] == PATH.residual.tolist()
    header, first, *_ = written[2].read_text().splitlines()
    assert header.startswith("type,u,v,loss,persistence,status,")
    assert first.startswith("minimum,")


def test_csv_in_any_order(tmp_path):
    (tmp_path / "a.csv").write_text("\ufeffloss,v,u,more\n4,1,1,x\n2,0,1,x\n,1,0,x\ninf,0,0,x\n\n", encoding="utf-8")
    grid = only_grid(tmp_path / "a.csv")
    assert np.array_equal(grid.fields["loss"], [[np.inf, 2], [np.nan, 4]], equal_nan=True)
    assert np.array_equal(grid.computed, [[True, True], [False, True]])
    assert grid.notes == ("1 of 4 points of the file are not computed.",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no row in this file"),
        ("a,b,c\n1,2,3\n", "got the columns a, b, c; expected at least u, v and loss"),
        ("u,v,loss\n0,0,1\n0,1,2\n1,0,3\n", "got 3 rows with 2 different u and 2 different v"),
        ("u,v,loss\n0,0,1\n0,0,2\n1,1,3\n1,0,3\n", "not the points of a grid"),
        ("u,v,loss\n0,0,one\n", 'row 1, loss: got "one"; expected a number'),
        ("u,v,loss\n0,,1\n", 'row 1, v: got ""'),
        ("u,v,loss\n0,0\n", "row 1 has 2 values; expected 3"),
    ],
)
def test_csv_that_is_no_grid_gets_a_sentence(tmp_path, text, sentence):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=sentence):
        only_grid(tmp_path / "a.csv")


# h5


def test_h5_of_li_et_al_follows_their_flat_index(golden_surface):
    grid = only_grid(golden_surface)
    assert grid.u.tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert grid.v.tolist() == [-1.0, 0.0, 1.0]
    with h5py.File(golden_surface) as file:
        theirs, accuracy = file["train_loss"][()], file["train_acc"][()]
    for k in range(15):
        assert grid.fields["loss"][k // 5, k % 5] == theirs.ravel()[k]
        assert grid.fields["accuracy"][k // 5, k % 5] == accuracy.ravel()[k]
    assert grid.fields["loss"][1, 2] == 1.4230826807022094  # the model itself, at the origin
    assert grid.computed.all()


def test_h5_goes_back_as_it_came(tmp_path, golden_surface):
    with Document.create(tmp_path / "a.talweg") as document:
        landscape = document.landscape(add_grids(document, (only_grid(golden_surface),)))
    export_landscape(tmp_path / "a.h5", landscape, ViewState())
    with h5py.File(golden_surface) as theirs, h5py.File(tmp_path / "a.h5") as ours:
        for name in ("xcoordinates", "ycoordinates", "train_loss", "train_acc"):
            assert ours[name].dtype == theirs[name].dtype
            assert np.array_equal(ours[name][()], theirs[name][()])
        assert ours.attrs["talweg"] == "0.1.0"


def test_h5_marks_what_is_not_computed(tmp_path):
    landscape = bowl(computed=False)
    export_landscape(tmp_path / "a.h5", landscape, ViewState())
    with h5py.File(tmp_path / "a.h5") as file:
        loss = file["train_loss"][()].ravel().reshape(9, 11)
        assert file["train_loss"].shape == (11, 9)
        assert np.array_equal(loss == -1, ~landscape.computed)
        assert np.isnan(loss[2, 3]) == landscape.computed[2, 3]
        assert loss[0, 0] == np.inf
        assert file.attrs["data_sha256"] == "b" * 64


def surface(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path


def test_h5_special_values(tmp_path):
    loss = np.array([[-1.0, np.nan], [1e22, -0.5], [0.0, -np.inf]])  # [nx, ny]
    path = surface(
        tmp_path / "a.h5",
        xcoordinates=[0.0, 1.0, 2.0],
        ycoordinates=[0.0, 1.0],
        test_loss=loss,
        test_acc=np.full((3, 2), -1.0),
    )
    grid = only_grid(path)
    assert np.array_equal(grid.fields["loss"], [[np.nan, np.nan, 1e22], [-0.5, 0.0, -np.inf]], equal_nan=True)
    assert np.array_equal(grid.computed, [[False, True, True], [True, True, True]])
    assert np.isnan(grid.fields["accuracy"][1]).any()
    assert grid.notes == ("1 of 6 points of the file are not computed.",)


def test_h5_that_is_no_surface_gets_a_sentence(tmp_path):
    x = [0.0, 1.0]
    for path, sentence in (
        (surface(tmp_path / "a.h5", xdirection=x), r"no grid of losses in this file \(its arrays are xdirection\)"),
        (surface(tmp_path / "b.h5", xcoordinates=x, ycoordinates=x, train_loss=np.zeros((3, 2))), r"of shape \[3, 2\]"),
        (
            surface(tmp_path / "c.h5", xcoordinates=x, ycoordinates=x[::-1], train_loss=np.zeros((2, 2))),
            "v: .*ascending",
        ),
    ):
        with pytest.raises(InputError, match=sentence):
            only_grid(path)


def test_a_description_of_an_older_talweg_has_one_trajectory():
    table = describe(bowl())
    (run,) = table.pop("trajectories")
    older = table | {"trajectory": {key: run[key] for key in run if key != "loss_at_projection"}}
    (path,) = read_description(older, "old.json").paths
    assert list(path.names) == run["names"]
    np.testing.assert_array_equal(path.residual, run["residual"])
