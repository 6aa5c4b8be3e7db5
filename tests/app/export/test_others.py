"""Files of other programs: each layout as its program writes it, and one sentence for what is none of them."""

import pickle
import random

import h5py
import numpy as np
import pytest

from talweg.document import Document
from talweg.export import Hints, ImportedPath, QuestionError, add_grids, export_landscape, import_file, import_grids
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import PATH, bowl, only_grid

U, V = np.linspace(-1.0, 1.0, 5), np.linspace(0.0, 3.0, 4)
LOSS = U[None, :] ** 2 + 0.5 * V[:, None] + 0.25  # [nv, nu], no two rows or columns alike
SQUARE = LOSS[:, :4]


def save_h5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path


def in_document(tmp_path, grids, name="a.talweg"):
    with Document.create(tmp_path / name) as document:
        number = add_grids(document, grids)
        return [document.landscape(each) for each in document.landscape_ids()], number


# Li et al.


def test_train_and_test_are_landscapes_of_their_own(tmp_path):
    theirs = LOSS.ravel().reshape(5, 4)
    path = save_h5(
        tmp_path / "a.h5",
        dir_file="directions.h5",
        xcoordinates=U,
        ycoordinates=V,
        train_loss=theirs,
        test_loss=theirs + 1,
        test_acc=theirs + 50,
        min_eig=theirs,
    )
    train, test = import_file(path)
    assert (train.name, test.name) == ("a (train_loss)", "a (test_loss)")
    assert np.array_equal(train.fields["loss"], LOSS)
    assert np.array_equal(test.fields["loss"], LOSS + 1)
    assert "accuracy" not in train.fields
    assert np.array_equal(test.fields["accuracy"], LOSS + 50)
    assert train.notes == ("The file names its directions: directions.h5.", "Not read from the file: min_eig.")
    landscapes, number = in_document(tmp_path, (train, test))
    assert [landscape.name for landscape in landscapes] == ["a (test_loss)", "a (train_loss)"]
    assert number == landscapes[1].id
    export_landscape(tmp_path / "b.h5", landscapes[0], ViewState())
    with h5py.File(tmp_path / "b.h5") as file:
        assert "train_loss" not in file
        assert np.array_equal(file["test_loss"][()], theirs + 1)
        assert np.array_equal(file["test_acc"][()], theirs + 50)
    (only,) = import_file(path, Hints(field="min_eig"))
    assert np.array_equal(only.fields["loss"], LOSS)
    with pytest.raises(
        InputError, match=r'got the field "loss"; this file has min_eig, test_acc, test_loss, train_loss'
    ):
        import_file(path, Hints(field="loss"))


def test_a_projection_is_placed_by_its_directions(tmp_path):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 12)).astype(np.float32)
    wanted = np.array([[3.0, -1.0], [0.5, 0.25], [0.0, 0.0]])
    moved = wanted @ np.stack([x, y]).astype(np.float64) + 0.0
    lengths = [moved @ d / np.linalg.norm(d.astype(np.float64)) for d in (x, y)]  # as plot_trajectory writes them
    proj = save_h5(tmp_path / "d.h5_proj_cos.h5", proj_xcoord=lengths[0], proj_ycoord=lengths[1])
    alone = import_file(proj)
    assert isinstance(alone, ImportedPath)
    assert np.array_equal(alone.path.coordinates, np.stack(lengths, axis=1))
    assert "only if its directions have the length 1" in alone.notes[0]
    with h5py.File(tmp_path / "d.h5", "w") as file:
        for name, vector in (("xdirection", x), ("ydirection", y)):
            file[f"{name}/0"], file[f"{name}/1"] = vector[:8].reshape(2, 4), vector[8:]
    read = import_file(proj)
    assert np.allclose(read.path.coordinates, wanted, atol=1e-12)
    assert np.isnan(read.path.residual).all()
    assert read.notes == ()
    surface = save_h5(
        tmp_path / "d.h5_[-1.0,1.0,5]x[0.0,3.0,4].h5", xcoordinates=U, ycoordinates=V, train_loss=LOSS.reshape(5, 4)
    )
    (landscape,), _ = in_document(tmp_path, import_file(surface))
    assert np.allclose(landscape.path.coordinates, wanted, atol=1e-12)
    with pytest.raises(InputError, match=r"this is a training path without a landscape; .*--trajectory d\.h5_proj"):
        import_grids(proj)
    with pytest.raises(InputError, match="this is a landscape; expected a file that holds a training path"):
        import_grids(surface, trajectory=surface)


def test_directions_are_told_from_surfaces(tmp_path):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["xdirection/0"] = np.zeros(3)
    with pytest.raises(InputError, match=r'this file holds directions \(xdirection\), not losses; .*kind = "file"'):
        import_file(tmp_path / "d.h5")


def test_their_mesh_of_any_shape(tmp_path):
    (landscape,), _ = in_document(tmp_path, (only_grid(save_npz(tmp_path / "a.npz", u=U, v=V, loss=LOSS)),))
    for name, cap, log in (
        ("s.h5_train_loss", None, False),
        ("s.h5_train_loss_zmax=2.0", 2.0, False),
        ("s.h5_test_loss_zmax=2.0_log", 2.0, True),
    ):
        view = ViewState(height="loss", height_cap=cap, height_scale="log" if log else "linear")
        export_landscape(tmp_path / f"{name}.vtp", landscape, view, flavour="li2018")
        grid = only_grid(tmp_path / f"{name}.vtp")
        assert np.array_equal(grid.u, U)
        assert np.allclose(grid.fields["loss"], LOSS if cap is None else np.minimum(LOSS, cap), rtol=0, atol=1e-15 * 8)
        assert any("cut losses off at 2." in note for note in grid.notes) == (cap is not None)
    (tmp_path / f"{name}.vtp").rename(tmp_path / "renamed.vtp")
    with pytest.raises(QuestionError, match=r"say whether they are the loss, or ln.*\(--no-log or --log\)") as caught:
        import_file(tmp_path / "renamed.vtp")
    assert caught.value.logarithm
    (grid,) = import_file(tmp_path / "renamed.vtp", Hints(logarithm=True))
    assert np.allclose(grid.fields["loss"], np.minimum(LOSS, 2.0), atol=1e-14)


def test_our_vtp_keeps_every_bit(tmp_path):
    landscape = bowl(computed=False)
    (path,) = export_landscape(tmp_path / "a.vtp", landscape, ViewState())
    grid = only_grid(path)
    assert np.array_equal(grid.computed, landscape.computed)
    for name, values in landscape.fields.items():
        assert np.array_equal(grid.fields[name], values, equal_nan=True), name
    assert grid.job == landscape.job
    assert np.array_equal(grid.path.coordinates, PATH.coordinates)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="this VTP file is cut off"):
        import_file(path)


def test_a_mesh_of_heights(tmp_path):
    rows = [f"v {x} {y} {z}" for (y, row) in zip(V, LOSS, strict=True) for x, z in zip(U, row, strict=True)]
    path = tmp_path / "a.obj"
    path.write_text("# some program\n" + "\n".join(reversed(rows)) + "\nf 1 2 3\n")
    with pytest.raises(QuestionError):
        import_file(path)
    (grid,) = import_file(path, Hints(logarithm=False))
    assert np.array_equal(grid.fields["loss"], LOSS)
    (grid,) = import_file(path, Hints(logarithm=True))
    assert np.allclose(grid.fields["loss"], np.exp(LOSS) - 0.1)
    path.write_text("\n".join(rows[1:]))
    with pytest.raises(InputError, match="got 19 vertices with 5 different u and 4 different v, which are not"):
        import_file(path, Hints(logarithm=False))
    path.write_text("v 1 2\n")
    with pytest.raises(InputError, match="a vertex is not three numbers"):
        import_file(path)


@pytest.mark.parametrize("suffix", [".obj", ".stl", ".glb"])
def test_our_meshes_without_losses_say_so(tmp_path, suffix):
    (path, *_) = export_landscape(tmp_path / f"a{suffix}", bowl(), ViewState())
    with pytest.raises(InputError, match="heights as they were drawn, and no losses"):
        import_file(path)


def test_a_line_opens_and_goes_back(tmp_path, golden_line):
    with h5py.File(golden_line) as file:
        theirs = {name: file[name][()] for name in ("xcoordinates", "train_loss", "train_acc")}
    (landscape,), _ = in_document(tmp_path, (only_grid(golden_line),))
    assert landscape.v.tolist() == [0.0]
    assert np.array_equal(landscape.u, theirs["xcoordinates"])
    assert np.array_equal(landscape.loss, theirs["train_loss"][None, :])
    for suffix in (".h5", ".csv", ".npz"):
        (path, *_) = export_landscape(tmp_path / f"a{suffix}", landscape, ViewState())
        grid = only_grid(path)
        assert grid.v.tolist() == [0.0]
        assert np.array_equal(grid.fields["loss"], landscape.loss)
    with h5py.File(tmp_path / "a.h5") as file:
        assert "ycoordinates" not in file
        for name, values in theirs.items():
            assert np.array_equal(file[name][()], values)
    with pytest.raises(
        InputError, match=r"this landscape is a line, and this format takes surfaces; export it to \.csv"
    ):
        export_landscape(tmp_path / "a.ply", landscape, ViewState())


def test_lines_of_other_programs(tmp_path):
    for arrays in ({"u": U}, {"x": U}, {"coordinates": U[None, :]}):
        grid = only_grid(save_npz(tmp_path / "a.npz", loss=U**2, **arrays))
        assert np.array_equal(grid.u, U)
        assert np.array_equal(grid.fields["loss"], U[None, :] ** 2)
    (tmp_path / "a.csv").write_text("loss,x\n4,2\n0,0\n1,1\n")
    grid = only_grid(tmp_path / "a.csv")
    assert grid.fields["loss"].tolist() == [[0.0, 1.0, 4.0]]


# the term project


def test_the_viewer_s_mesh_with_its_path_and_job(tmp_path):
    landscape = bowl(9, 9, holes=False)
    (path, table, sidecar) = export_landscape(tmp_path / "a.ply", landscape, ViewState(), flavour="learnply")
    grid = only_grid(path)
    assert np.array_equal(grid.fields["loss"], landscape.loss)
    assert grid.job == landscape.job
    assert grid.path.names == PATH.names
    sidecar.unlink()
    grid = only_grid(path)
    assert grid.job is None
    assert np.array_equal(grid.path.coordinates, PATH.coordinates)
    assert np.isnan(grid.path.loss).all()
    read = import_file(table)
    assert isinstance(read, ImportedPath)
    assert read.path.names == ("step 0", "step 1", "step 2", "step 3")


# arrays


def save_npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_a_plane_of_garipov_et_al(tmp_path):
    alphas, betas, dx, dy = np.linspace(-0.2, 1.2, 5), np.linspace(-0.2, 1.2, 4), 3.0, 7.0
    points = np.array([[[a * dx, b * dy] for b in betas] for a in alphas])
    curve = np.array([[0.0, 0.0], [1.5, 3.0], [3.0, 0.0]])
    path = save_npz(
        tmp_path / "plane.npz",
        ts=np.linspace(0, 1, 3),
        bend_coordinates=curve,
        curve_coordinates=curve,
        alphas=alphas,
        betas=betas,
        grid=points,
        **{f"{split}_{name}": LOSS.T + add for add, (split, name) in enumerate(
            (split, name) for split in ("tr", "te") for name in ("loss", "nll", "acc", "err")
        )},
    )  # fmt: skip
    grids = import_file(path)
    assert [grid.name for grid in grids] == [f"plane ({name})" for name in ("tr_nll", "tr_loss", "te_nll", "te_loss")]
    assert np.array_equal(grids[0].u, alphas * dx)
    assert np.array_equal(grids[0].v, betas * dy)
    assert np.array_equal(grids[0].fields["loss"], LOSS + 1)
    assert np.array_equal(grids[2].fields["accuracy"], LOSS + 6)
    assert any("includes the weight decay" in note for note in grids[1].notes)
    assert grids[0].path.names == ("t = 0", "t = 0.5", "t = 1")
    (grid,) = import_file(path, Hints(field="te_err"))
    assert np.array_equal(grid.fields["loss"], LOSS + 7)


def test_a_plane_of_landscaper(tmp_path):
    path = save_npz(tmp_path / "a.npz", loss=SQUARE.T, coordinates=np.stack([U[:4], V]))
    grid = only_grid(path)
    assert np.array_equal(grid.u, U[:4])
    assert np.array_equal(grid.v, V)
    assert np.array_equal(grid.fields["loss"], SQUARE)
    save_npz(path, loss=np.zeros((3, 3, 3, 3)), coordinates=np.zeros((3, 3)))
    with pytest.raises(InputError, match=r"a loss with 4 dimensions and coordinates of shape \[3, 3\]"):
        import_file(path)


def test_coordinates_as_lists_and_as_mesh_grids(tmp_path):
    x, y = np.meshgrid(U, V)
    for arrays in ({"x": U, "y": V}, {"X": x, "Y": y}, {"xx": x, "yy": y}):
        grid = only_grid(save_npz(tmp_path / "a.npz", loss=LOSS, **arrays))
        assert np.array_equal(grid.u, U)
        assert np.array_equal(grid.v, V)
        assert np.array_equal(grid.fields["loss"], LOSS)
    x, y = np.meshgrid(U, V, indexing="ij")
    with pytest.raises(InputError, match='use indexing="xy"'):
        import_file(save_npz(tmp_path / "a.npz", loss=LOSS.T, X=x, Y=y))


def test_what_is_missing_is_asked_for(tmp_path):
    np.save(tmp_path / "a.npy", LOSS)
    np.savetxt(tmp_path / "a.csv", LOSS, delimiter=",")
    np.savetxt(tmp_path / "a.txt", LOSS)
    for name in ("a.npy", "a.csv", "a.txt"):
        with pytest.raises(QuestionError, match="4 rows and 5 columns of values and no coordinates") as caught:
            import_file(tmp_path / name)
        assert caught.value.shape == (4, 5)
        (grid,) = import_file(tmp_path / name, Hints(u=(-1, 1), v=(0, 3)))
        assert np.array_equal(grid.fields["loss"], LOSS)
        assert np.array_equal(grid.u, U)
        assert np.array_equal(grid.v, V)
    with pytest.raises(InputError, match="u: got 1 to -1; expected two ascending numbers"):
        import_file(tmp_path / "a.npy", Hints(u=(1, -1), v=(0, 1)))
    path = save_npz(tmp_path / "a.npz", u=U, v=V, train=LOSS, test=LOSS + 1)
    with pytest.raises(QuestionError, match=r"say which of train, test is the loss \(--field NAME\)") as caught:
        import_file(path)
    assert caught.value.fields == ("train", "test")
    (grid,) = import_file(path, Hints(field="test"))
    assert np.array_equal(grid.fields["loss"], LOSS + 1)
    with pytest.raises(InputError, match="this file has its own coordinates; leave --u and --v out"):
        import_file(path, Hints(field="test", u=(0, 1)))


# tables


def test_tables_of_points(tmp_path):
    path = tmp_path / "a.csv"
    lines = [f"{x};{y};{z}" for (y, row) in zip(V, LOSS, strict=True) for x, z in zip(U, row, strict=True)]
    path.write_text("\n".join(["x;y;loss", *lines]))
    assert np.array_equal(only_grid(path).fields["loss"], LOSS)
    path.write_text("\n".join(["x;y;z", *lines]))
    with pytest.raises(QuestionError, match="say which of z is the loss"):
        import_file(path)
    assert np.array_equal(import_file(path, Hints(field="z"))[0].fields["loss"], LOSS)
    path.write_text("\n".join(line.replace(";", "\t") for line in reversed(lines)))
    grid = only_grid(path)
    assert np.array_equal(grid.fields["loss"], LOSS)
    assert grid.notes == ("The file names no columns; they were read as u, v, loss.",)


def test_a_matrix_with_its_coordinates(tmp_path):
    path = tmp_path / "a.csv"
    rows = [",".join(map(repr, [float(y), *row.tolist()])) for y, row in zip(V, LOSS, strict=True)]
    path.write_text("\n".join(["v/u," + ",".join(map(repr, U.tolist())), *rows]))
    grid = only_grid(path)
    assert np.array_equal(grid.u, U)
    assert np.array_equal(grid.v, V)
    assert np.array_equal(grid.fields["loss"], LOSS)
    path.write_text("v/u,0,1,2\n0,1,2\n")
    with pytest.raises(InputError, match="row 2 has 3 values; expected 4"):
        import_file(path)


def test_our_tables_beside_a_landscape(tmp_path):
    _, trajectory, _ = export_landscape(tmp_path / "a.csv", bowl(holes=False), ViewState())
    read = import_file(trajectory)
    assert isinstance(read, ImportedPath)
    assert read.path.names == PATH.names
    for attribute in ("coordinates", "residual", "loss", "accuracy"):
        assert np.array_equal(getattr(read.path, attribute), getattr(PATH, attribute))
    assert np.array_equal(read.path.metrics["brier_score"], PATH.metrics["brier_score"])


# content, not suffix


def test_the_content_says_what_a_file_is(tmp_path):
    for suffix in (".npz", ".csv", ".h5", ".ply", ".vtp"):
        landscape = bowl(holes=False)
        (path, *_) = export_landscape(tmp_path / f"a{suffix}", landscape, ViewState())
        path.rename(tmp_path / "download.bin")
        assert np.allclose(only_grid(tmp_path / "download.bin").fields["loss"], landscape.loss, rtol=1e-6)


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".h5", ".ply", ".npy", ".pkl"])
def test_damage_of_any_kind_is_one_sentence_or_a_grid(tmp_path, suffix):
    """Changed, missing and cut off bytes: whatever they do to a library must not reach the user as its exception."""
    path = tmp_path / f"a{suffix}"
    if suffix == ".npy":
        np.save(path, LOSS)
    elif suffix == ".pkl":
        path.write_bytes(pickle.dumps({"u": U, "v": V, "loss": LOSS}))
    else:
        export_landscape(path, bowl(5, 5, holes=False, full=False), ViewState(), binary=False)
    content, rng = path.read_bytes(), random.Random(7)  # noqa: S311 (no secret)
    refused = 0
    for _ in range(120):
        damaged = bytearray(content)
        for _ in range(rng.choice((1, 2, 20))):
            damaged[rng.randrange(min(len(damaged), rng.choice((60, 600, 10**6))))] = rng.randrange(256)
        path.write_bytes(damaged[: rng.choice((len(damaged), rng.randrange(len(damaged))))])
        try:
            import_file(path)
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)  # noqa: PT017 (not every damage is found)
    assert refused > 30


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".ply", ".vtp"])
def test_a_file_that_is_cut_off_gets_a_sentence(tmp_path, suffix):
    (path, *_) = export_landscape(tmp_path / f"a{suffix}", bowl(), ViewState())
    content = path.read_bytes()
    for length in (10, len(content) // 2, len(content) - 20):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match=rf"a\{suffix}: "):
            import_file(path)
