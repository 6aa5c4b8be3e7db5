import json
import math
import re
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from plyfile import PlyData

from talweg.export import export_landscape
from talweg.picture import resolve
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import JOB, PATH, PROVENANCE, bowl, only_grid

STANDARD = ["x", "y", "z", "nx", "ny", "nz", "red", "green", "blue", "alpha", "quality"]
FACES = {"face": {"vertex_indices": 3}}


def header(path):
    """Lines of a header, checked to be ASCII with line feeds and short comments."""
    raw = path.read_bytes()
    raw = raw[: raw.index(b"end_header\n") + 11]
    assert b"\r" not in raw
    lines = raw.decode("ascii").splitlines()
    assert max(len(line) for line in lines) < 200
    return lines


def write(tmp_path, landscape, view=None, **options):
    path = tmp_path / "mesh.ply"
    export_landscape(path, landscape, view or ViewState(), **options)
    return path


def test_header_has_the_properties_in_the_order_that_readers_need(tmp_path):
    lines = header(write(tmp_path, bowl()))
    assert lines[:3] == ["ply", "format binary_little_endian 1.0", "comment talweg 0.1.0"]
    assert re.fullmatch(r"comment created \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lines[3])
    without_comments = [line for line in lines if not line.startswith("comment")]
    kinds = {"red": "uchar", "green": "uchar", "blue": "uchar", "alpha": "uchar"}
    names = [*STANDARD, "scalar_loss", "scalar_height", "scalar_accuracy", "scalar_loss_standard_error"]
    assert without_comments[2:-3] == ["element vertex 99"] + [
        f"property {kinds.get(name, 'float')} {name}" for name in names
    ]
    assert without_comments[-3:] == ["element face 152", "property list uchar int vertex_indices", "end_header"]


def test_no_field_looks_like_a_standard_property_to_cloudcompare(tmp_path):
    data = PlyData.read(write(tmp_path, bowl(computed=False, holes=False)), known_list_len=FACES)
    fields = [entry.name.upper() for entry in data["vertex"].properties][len(STANDARD) :]
    assert "SCALAR_INTERPOLATED" in fields
    assert all("SCAL" in name for name in fields)
    assert not any(part in name for name in fields for part in ("RED", "GREEN", "BLUE", "NX", "NY", "NZ", "NORM"))


@pytest.mark.parametrize("binary", [True, False])
def test_vertices_carry_the_picture(tmp_path, binary):
    landscape, view = bowl(), ViewState(colour_map="magma", colour="accuracy", colour_scale="linear")
    picture = resolve(landscape, view)
    data = PlyData.read(write(tmp_path, landscape, view, binary=binary), known_list_len=FACES)
    assert data.text is not binary
    vertex = data["vertex"]
    u, v = np.meshgrid(landscape.u, landscape.v)
    assert np.array_equal(vertex["x"], u.ravel().astype(np.float32))
    assert np.array_equal(vertex["y"], v.ravel().astype(np.float32))
    finite = np.isfinite(landscape.loss.ravel())
    loss = landscape.loss.ravel().astype(np.float32)
    assert np.array_equal(vertex["scalar_loss"], loss, equal_nan=True)
    assert np.array_equal(vertex["quality"], np.where(finite, loss, loss[finite].max()))
    assert np.array_equal(vertex["scalar_accuracy"], landscape.fields["accuracy"].ravel().astype(np.float32))
    share = (picture.surface.scalars.astype(float) - 70) / 20
    expected = mpl.colormaps["magma"](share, bytes=True)
    colours = np.stack([vertex[name] for name in ("red", "green", "blue", "alpha")], axis=1)
    assert np.abs(colours.astype(int) - expected).max() <= 2  # the range is float32 here, not exactly 70 to 90
    assert (colours[:, 3] == 255).all()
    for name in ("x", "y", "z", "nx", "ny", "nz", "quality", "scalar_height"):
        assert np.isfinite(vertex[name]).all()


GREY = (154, 160, 166, 255)


def test_unknown_colour_is_grey_and_colours_can_be_left_out(tmp_path):
    landscape = bowl()
    accuracy = landscape.fields["accuracy"].copy()
    accuracy[2, 3:5] = np.nan
    landscape = replace(landscape, fields={**landscape.fields, "accuracy": accuracy})
    data = PlyData.read(write(tmp_path, landscape, ViewState(colour="accuracy")), known_list_len=FACES)
    grey = [k for k in range(99) if tuple(data["vertex"].data[["red", "green", "blue", "alpha"]][k]) == GREY]
    assert grey == [2 * 11 + 3, 2 * 11 + 4]
    data = PlyData.read(write(tmp_path, landscape, colours=False), known_list_len=FACES)
    assert "red" not in data["vertex"].data.dtype.names


def test_triangles_are_counter_clockwise_and_leave_out_what_is_not_finite(tmp_path):
    landscape = bowl()
    data = PlyData.read(write(tmp_path, landscape), known_list_len=FACES)
    points = np.stack([data["vertex"][name] for name in "xyz"], axis=1).astype(float)
    faces = np.stack(data["face"]["vertex_indices"])
    across = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    assert (across[:, 2] > 0).all()
    holes = np.flatnonzero(~np.isfinite(landscape.loss))
    assert not np.isin(faces, holes).any()
    assert len(faces) == 2 * 10 * 8 - 6 - 2
    comments = [line for line in header(tmp_path / "mesh.ply") if line.startswith("comment 2 vertices")]
    assert len(comments) == 1
    assert "quality = highest finite loss" in comments[0]


def test_a_finite_accuracy_does_not_close_the_holes_of_the_loss(tmp_path):
    data = PlyData.read(write(tmp_path, bowl(), ViewState(height="accuracy")), known_list_len=FACES)
    assert not np.isin(np.stack(data["face"]["vertex_indices"]), [0, 25]).any()


def test_normals_are_unit_vectors_across_the_mesh(tmp_path):
    landscape = replace(
        bowl(41, 41, holes=False), v=np.linspace(0.0, 20.0, 41)
    )  # a long plane: the picture stretches x
    data = PlyData.read(write(tmp_path, landscape), known_list_len=FACES)
    points = np.stack([data["vertex"][name] for name in "xyz"], axis=1).astype(float)
    normals = np.stack([data["vertex"][name] for name in ("nx", "ny", "nz")], axis=1)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    grid = points.reshape(41, 41, 3)
    along_u = grid[20, 22] - grid[20, 20]
    along_v = grid[21, 21] - grid[19, 21]
    expected = np.cross(along_u, along_v)
    assert np.allclose(normals.reshape(41, 41, 3)[20, 21], expected / np.linalg.norm(expected), atol=0.02)


@pytest.mark.parametrize(
    ("view", "formula"),
    [
        (ViewState(height_cap=2.0), "min(loss,2.0)"),
        (ViewState(height_scale="log"), "log10(loss)"),
        (ViewState(height_scale="log", height_cap=2.0, height_factor=0.5), f"min(log10(loss),{math.log10(2.0)!r})"),
        (ViewState(height="log_loss"), "log10(loss)"),
        (ViewState(height="accuracy"), "accuracy"),
    ],
)
def test_the_axes_line_inverts_z(tmp_path, view, formula):
    landscape = bowl(holes=False)
    data = PlyData.read(write(tmp_path, landscape, view), known_list_len=FACES)
    line = next(line for line in data.comments if line.startswith("axes"))
    match = re.fullmatch(r"axes x=u y=v z=(\S+)\*\(height([+-]\S+)\) ; height = (.*)", line)
    assert match is not None
    assert match[3] == formula
    height = data["vertex"]["z"].astype(float) / float(match[1]) - float(match[2])
    loss, accuracy = landscape.loss.ravel(), landscape.fields["accuracy"].ravel()
    expected = {"min": np.minimum, "log10": np.log10, "loss": loss, "accuracy": accuracy, "__builtins__": {}}
    assert np.allclose(height, eval(match[3], expected), atol=2e-6 * np.ptp(height))  # noqa: S307 our own text
    assert np.allclose(data["vertex"]["scalar_height"], height, rtol=1e-5, atol=1e-5)


def test_the_mesh_has_the_proportions_of_the_picture(tmp_path):
    landscape = bowl(holes=False)
    data = PlyData.read(write(tmp_path, landscape), known_list_len=FACES)
    height = np.ptp(data["vertex"]["z"])
    assert height == pytest.approx(0.6 * np.ptp(landscape.v), rel=1e-5)  # 0.6 of the wider side


def test_values_without_a_logarithm_are_named_in_the_axes_line(tmp_path):
    landscape = bowl(holes=False)
    loss = landscape.loss.copy()
    loss[0, 0] = -1.5
    line = header(write(tmp_path, replace(landscape, fields={"loss": loss}), ViewState(height_scale="log")))
    assert any("height = asinh(loss/" in entry and entry.endswith(")/ln(10)") for entry in line)
    line = header(write(tmp_path, replace(landscape, fields={"loss": loss}), ViewState(height="log_loss")))
    assert any(f"height = log10(max(loss,{float(loss[loss > 0].min())!r}))" in entry for entry in line)


def test_provenance_is_in_comments_and_beside_the_mesh(tmp_path):
    lines = header(write(tmp_path, bowl()))
    assert "comment landscape B\\xf6gen" in lines
    assert "comment directions random, seed 7, filter-normalized" in lines
    assert f"comment model sha256 {'a' * 64}" in lines
    assert f"comment data sha256 {'b' * 64}" in lines
    assert any(line.startswith("comment colormap viridis range ") for line in lines)
    embedded = json.loads("".join(line.removeprefix("comment json ") for line in lines if "comment json " in line))
    sidecar = json.loads((tmp_path / "mesh.json").read_text())
    assert sidecar["job"]["problem"]["checkpoint"] == "/runs/größe 1/epoch_3.pt"
    assert sidecar["files"] == ["mesh.ply", "mesh_trajectory.ply", "mesh_points.ply", "mesh_points.csv", "mesh.json"]
    assert {*sidecar} - {*embedded} == {"trajectories", "files"}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(sidecar["files"])


def test_trajectory_file(tmp_path):
    landscape = bowl()
    write(tmp_path, landscape)
    data = PlyData.read(tmp_path / "mesh_trajectory.ply")
    header(tmp_path / "mesh_trajectory.ply")
    vertex, edge = data["vertex"], data["edge"]
    assert [entry.name for entry in vertex.properties] == ["x", "y", "z", "quality", "scalar_loss", "scalar_residual"]
    assert [str(entry) for entry in edge.properties] == ["property int vertex1", "property int vertex2"]
    assert edge["vertex1"].tolist() == [0, 1, 2]
    assert edge["vertex2"].tolist() == [1, 2, 3]
    assert np.array_equal(vertex["x"], PATH.coordinates[:, 0].astype(np.float32))
    assert vertex["quality"].tolist() == [0, 1, 2, 3]
    assert np.array_equal(vertex["scalar_loss"], PATH.loss.astype(np.float32))
    assert np.array_equal(vertex["scalar_residual"], PATH.residual.astype(np.float32))
    mesh = PlyData.read(tmp_path / "mesh.ply", known_list_len=FACES)["vertex"]
    assert vertex["z"].max() <= mesh["z"].max()  # the first checkpoint is outside and has its own loss as height
    assert vertex["z"][0] == pytest.approx(np.interp(2.5, np.sort(mesh["scalar_height"]), np.sort(mesh["z"])), rel=1e-4)
    assert any("1 checkpoints are not over the surface" in line for line in data.comments)


def test_points_files(tmp_path):
    landscape = bowl(holes=False)
    picture = resolve(landscape, ViewState())
    write(tmp_path, landscape)
    header(tmp_path / "mesh_points.ply")
    vertex = PlyData.read(tmp_path / "mesh_points.ply")["vertex"]
    part = picture.critical_points
    assert vertex["scalar_kind"].tolist() == part.kind.tolist()
    assert np.isfinite(vertex["scalar_persistence"]).all()
    assert vertex["scalar_persistence"].max() == pytest.approx(np.ptp(landscape.loss))
    assert len(set(zip(*(vertex[name].tolist() for name in ("red", "green", "blue")), strict=True))) == len(
        set(part.kind)
    )
    rows = (tmp_path / "mesh_points.csv").read_text().splitlines()
    assert rows[0].startswith("type,u,v,loss,persistence,status,")
    first = rows[1].split(",")
    assert first[0] == "minimum"
    assert [float(number) for number in first[1:4]] == [*part.coordinates[0], part.loss[0]]


def test_points_above_the_cap_lie_on_its_plateau_and_refuted_ones_are_left_out(tmp_path):
    landscape, view = bowl(holes=False), ViewState(persistence_threshold=0.0)
    losses = resolve(landscape, view).critical_points.loss
    view = ViewState(height_cap=float(losses.min() + losses.max()) / 2, persistence_threshold=0.0)
    picture = resolve(landscape, view)
    part = picture.critical_points
    above = ~np.isfinite(part.positions[:, 2])
    assert above.any()
    assert not above.all()
    write(tmp_path, landscape, view)
    top = PlyData.read(tmp_path / "mesh.ply", known_list_len=FACES)["vertex"]["z"].max()
    assert np.allclose(PlyData.read(tmp_path / "mesh_points.ply")["vertex"]["z"][above], top)
    refuted = np.zeros(len(above), dtype=bool)
    refuted[0] = True
    picture = replace(picture, critical_points=replace(part, refuted=refuted))
    write(tmp_path, landscape, view, picture=picture)
    assert len(PlyData.read(tmp_path / "mesh_points.ply")["vertex"].data) == len(above) - 1
    assert len((tmp_path / "mesh_points.csv").read_text().splitlines()) == len(above)


def test_points_not_computed_are_flagged_and_come_back_as_such(tmp_path):
    landscape = bowl(computed=False, holes=False)
    path = write(tmp_path, landscape)
    data = PlyData.read(path, known_list_len=FACES)
    assert np.array_equal(data["vertex"]["scalar_interpolated"] == 0, landscape.computed.ravel())
    assert np.isfinite(data["vertex"]["scalar_loss"]).all()
    assert len(data["face"].data) == 160
    assert any("were not computed" in line for line in data.comments)
    grid = only_grid(path)
    assert np.array_equal(grid.computed, landscape.computed)
    assert np.isnan(grid.fields["loss"][~grid.computed]).all()


@pytest.mark.parametrize("binary", [True, False])
def test_a_mesh_comes_back_as_its_landscape(tmp_path, binary):
    landscape = bowl()
    grid = only_grid(write(tmp_path, landscape, binary=binary))
    assert np.array_equal(grid.u, landscape.u)
    assert np.array_equal(grid.v, landscape.v)
    assert np.array_equal(grid.fields["loss"], landscape.loss.astype(np.float32), equal_nan=True)
    assert grid.name == landscape.name
    assert grid.job == JOB
    assert grid.provenance == PROVENANCE
    assert grid.origin == landscape.origin
    assert grid.path is not None
    assert np.array_equal(grid.path.coordinates, PATH.coordinates)
    (tmp_path / "mesh.json").unlink()
    assert only_grid(tmp_path / "mesh.ply").path is None


def test_a_mesh_that_lost_its_comments_still_opens(tmp_path):
    path = write(tmp_path, bowl(full=False))
    data = PlyData.read(path, known_list_len=FACES)
    data.comments = ["VCGLIB generated"]
    data.write(tmp_path / "other.ply")
    grid = only_grid(tmp_path / "other.ply")
    assert grid.name == "other"
    assert grid.fields["loss"].shape == (9, 11)
    assert np.array_equal(grid.u, np.linspace(-1, 1, 11).astype(np.float32))


def test_huge_coordinates_are_shifted(tmp_path):
    landscape = replace(bowl(), u=1e7 + np.linspace(0.0, 1.0, 11))
    path = write(tmp_path, landscape)
    data = PlyData.read(path, known_list_len=FACES)
    line = next(line for line in data.comments if line.startswith("offset"))
    offset = float(line.split()[1])
    assert np.allclose(np.unique(data["vertex"]["x"]) + offset, landscape.u, atol=1e-7)
    assert np.array_equal(only_grid(path).u, landscape.u)


def test_values_beyond_float32_are_its_largest(tmp_path):
    landscape = bowl(holes=False, full=False)
    loss = landscape.loss.copy()
    loss[1, 1] = 1e100
    data = PlyData.read(
        write(tmp_path, replace(landscape, fields={"loss": loss}), ViewState(height_scale="log")), known_list_len=FACES
    )
    assert data["vertex"]["scalar_loss"].max() == np.finfo(np.float32).max


def test_nothing_to_write_yet(tmp_path):
    landscape = bowl(full=False)
    empty = replace(
        landscape, fields={"loss": np.full_like(landscape.loss, np.nan)}, computed=np.zeros_like(landscape.computed)
    )
    with pytest.raises(InputError, match="no point with a finite loss"):
        write(tmp_path, empty)
    assert list(tmp_path.iterdir()) == []


def test_a_json_file_of_someone_else_is_not_replaced(tmp_path):
    (tmp_path / "mesh.json").write_text('{"name": "package"}')
    with pytest.raises(InputError, match=r"mesh\.json: this file is not from Talweg"):
        write(tmp_path, bowl())
    assert [entry.name for entry in tmp_path.iterdir()] == ["mesh.json"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no ply\n", "not a PLY file"),
        ("ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nend_header\n1\n2\n", "no loss"),
        (
            "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float quality\n"
            "end_header\n0 0 1\n1 0 2\n0 1 3\n",
            "not the points of a grid",
        ),
        ("ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nend_header\n1\n", "not a PLY file"),
    ],
)
def test_other_ply_files_get_a_sentence(tmp_path, text, sentence):
    (tmp_path / "a.ply").write_text(text)
    with pytest.raises(InputError, match=sentence):
        only_grid(tmp_path / "a.ply")


def test_points_csv_is_no_grid(tmp_path):
    write(tmp_path, bowl(holes=False))
    with pytest.raises(InputError, match="these are critical points"):
        only_grid(tmp_path / "mesh_points.csv")


def test_our_bytes_are_those_of_plyfile(tmp_path):
    path = write(tmp_path, bowl())
    PlyData.read(path, known_list_len=FACES).write(tmp_path / "theirs.ply")
    assert path.read_bytes() == (tmp_path / "theirs.ply").read_bytes()
