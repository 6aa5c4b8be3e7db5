"""OBJ, STL, GLB and VTP."""

import json

import h5py
import numpy as np
import pytest
import pyvista as pv

from talweg.export import export_landscape
from talweg.export.colours import to_linear
from talweg.export.li2018_vtp import write_li2018_vtp
from talweg.export.mesh import build_mesh
from talweg.landscape import Landscape
from talweg.picture import resolve
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import bowl, only_grid, same_to_the_last_digit


@pytest.fixture
def mesh():
    landscape = bowl()
    return build_mesh(landscape, ViewState(), resolve(landscape, ViewState()))


def test_obj(tmp_path, mesh):
    export_landscape(tmp_path / "a.obj", bowl(), ViewState())
    lines = (tmp_path / "a.obj").read_text(encoding="ascii").splitlines()
    vertices = np.array([line.split()[1:] for line in lines if line.startswith("v ")], dtype=float)
    assert vertices.shape == (97, 6)
    assert np.allclose(vertices[:, :3], mesh.vertices[~mesh.hole], atol=1e-7)
    assert np.allclose(vertices[:, 3:] * 255, mesh.colours[~mesh.hole, :3], atol=0.02)
    assert sum(line.startswith("vn ") for line in lines) == 97
    faces = [line.split()[1:] for line in lines if line.startswith("f ")]
    assert len(faces) == len(mesh.triangles)
    corners = np.array([[int(corner.split("//")[0]) for corner in face] for face in faces]) - 1
    assert np.allclose(vertices[corners][:, :, :3], mesh.vertices[mesh.triangles], atol=1e-7)
    text = "".join(line.removeprefix("# json ") for line in lines if line.startswith("# json "))
    assert json.loads(text)["provenance"]["checkpoint_sha256"] == "a" * 64


def test_stl(tmp_path, mesh):
    written = export_landscape(tmp_path / "a.stl", bowl(), ViewState())
    assert [file.name for file in written] == ["a.stl", "a.json"]
    data = (tmp_path / "a.stl").read_bytes()
    assert not data.startswith(b"solid")
    assert len(data) == 84 + 50 * len(mesh.triangles)
    read = pv.read(tmp_path / "a.stl")
    assert read.n_cells == len(mesh.triangles)
    assert np.allclose(read.bounds, pv.PolyData(mesh.vertices[~mesh.hole]).bounds, atol=1e-6)


def test_glb(tmp_path, mesh):
    export_landscape(tmp_path / "a.glb", bowl(), ViewState())
    data = (tmp_path / "a.glb").read_bytes()
    magic, version, length, json_length = np.frombuffer(data, "<u4", 4)
    assert (data[:4], version, length, data[16:20]) == (b"glTF", 2, len(data), b"JSON")
    assert magic == 0x46546C67
    table = json.loads(data[20 : 20 + json_length])
    body = data[20 + json_length + 8 :]
    assert len(body) == table["buffers"][0]["byteLength"]
    primitive = table["meshes"][0]["primitives"][0]

    def array(index, kind):
        view = table["bufferViews"][table["accessors"][index]["bufferView"]]
        return np.frombuffer(body, kind, view["byteLength"] // 4, view["byteOffset"])

    position = array(primitive["attributes"]["POSITION"], "<f4").reshape(-1, 3)
    expected = mesh.vertices[~mesh.hole]
    assert np.allclose(position, np.stack([expected[:, 0], expected[:, 2], -expected[:, 1]], axis=1), atol=1e-6)
    assert table["accessors"][0]["max"] == position.max(axis=0).tolist()
    colour = array(primitive["attributes"]["COLOR_0"], "<f4").reshape(-1, 4)
    assert np.array_equal(colour, to_linear(mesh.colours[~mesh.hole]))
    faces = array(primitive["indices"], "<u4").reshape(-1, 3)
    across = np.cross(position[faces[:, 1]] - position[faces[:, 0]], position[faces[:, 2]] - position[faces[:, 0]])
    assert (across[:, 1] > 0).all()
    assert table["extensionsUsed"] == ["KHR_materials_unlit"]
    assert table["asset"]["extras"]["name"] == "Bögen"


def test_linear_light():
    linear = to_linear(np.array([[0, 10, 188, 128], [255, 255, 255, 255]], dtype=np.uint8))
    assert linear[1].tolist() == [1, 1, 1, 1]
    assert np.allclose(linear[0], [0, 10 / 255 / 12.92, 0.5029, 128 / 255], atol=1e-4)


def test_vtp_with_every_array(tmp_path, mesh):
    landscape = bowl()
    export_landscape(tmp_path / "a.vtp", landscape, ViewState())
    read = pv.read(tmp_path / "a.vtp")
    names = {"loss", "height", "interpolated", "accuracy", "loss_standard_error", "RGBA", "Normals"}
    assert {*read.point_data} == names
    assert read.active_scalars_name == "loss"
    assert np.array_equal(read["loss"], landscape.loss.ravel(), equal_nan=True)
    assert np.array_equal(read.points, mesh.vertices)
    assert np.array_equal(read.regular_faces, mesh.triangles)
    assert json.loads(read.field_data["talweg"][0])["kind"] == "talweg landscape"


def test_vtp_as_li_et_al_write_it(tmp_path, golden_vtp):
    surface, theirs = golden_vtp
    grid = only_grid(surface)
    landscape = Landscape(1, 0, "sq", grid.u, grid.v, grid.fields, grid.computed)
    view = ViewState(height_scale="log", height_cap=10.0)
    export_landscape(tmp_path / "a.vtp", landscape, view, flavour="li2018")
    assert same_to_the_last_digit((tmp_path / "a.vtp").read_bytes(), theirs.read_bytes())


def test_vtp_of_li_et_al_for_a_grid_that_is_not_square(tmp_path, golden_surface):
    grid = only_grid(golden_surface)
    landscape = Landscape(1, 0, "5x3", grid.u, grid.v, grid.fields, grid.computed)
    write_li2018_vtp(tmp_path / "a.vtp", landscape)
    read = pv.read(tmp_path / "a.vtp")
    with h5py.File(golden_surface) as file:
        assert np.array_equal(read["zvalue"], file["train_loss"][()].ravel().astype(np.float32))
    assert read.n_cells == 8
    assert read.n_points == 15
    with pytest.raises(InputError, match="not computed yet"):
        write_li2018_vtp(tmp_path / "b.vtp", bowl(computed=False))


@pytest.mark.shared
def test_vtp_pairs_of_li_et_al(tmp_path, shared_data):
    pairs = sorted((shared_data / "surfaces/zhenyuzhang/surf_file").glob("*.h5"))
    assert len(pairs) == 6
    for surface in pairs:
        grid = only_grid(surface)
        landscape = Landscape(1, 0, surface.stem, grid.u, grid.v, grid.fields, grid.computed)
        write_li2018_vtp(tmp_path / "a.vtp", landscape, highest=10.0, logarithm=True)
        theirs = shared_data / "surfaces/zhenyuzhang/vtpall" / f"{surface.name}_train_loss_zmax=10.0_log.vtp"
        ours = pv.read(tmp_path / "a.vtp")
        assert np.allclose(ours.points, pv.read(theirs).points, rtol=1e-12, atol=1e-12, equal_nan=True)
        assert same_to_the_last_digit((tmp_path / "a.vtp").read_bytes(), theirs.read_bytes())
