"""Finer grids inside a landscape go into files with it, and come back."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvista as pv
from plyfile import PlyData

from talweg.document import Document
from talweg.document.regions import refine_axes
from talweg.export import Hints, add_grids, export_landscape, holds_finer_grids, import_grids
from talweg.export.finer_grids import LEFT_OUT
from talweg.export.mesh import build_mesh
from talweg.landscape import Landscape, Region
from talweg.picture import resolve
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import PATCHES, SHAPES, bowl, refined

POINTS = 99 + 63 + 289


def flat(landscape: Landscape, name: str) -> np.ndarray:
    grids = [landscape, *(region.landscape for region in landscape.regions)]
    return np.concatenate([grid.fields[name].ravel() for grid in grids])


def opened(tmp_path: Path, file: Path) -> Landscape:
    with Document.create(tmp_path / "again.talweg") as document:
        return document.landscape(add_grids(document, import_grids(file)))


def inner_edges(triangles: np.ndarray) -> Counter[tuple[int, int]]:
    return Counter((min(edge), max(edge)) for a, b, c in triangles.tolist() for edge in ((a, b), (b, c), (c, a)))


@pytest.mark.parametrize("view", [ViewState(), ViewState(height_cap=1.2), ViewState(colour="basin")])
def test_the_mesh_is_the_one_that_is_drawn_without_a_gap(view: ViewState) -> None:
    landscape = refined()
    picture = resolve(landscape, view)
    mesh = build_mesh(landscape, view, picture)
    drawn = picture.surface.uncut or picture.surface
    assert len(mesh.vertices) == len(mesh.colours) == len(mesh.normals) == POINTS
    np.testing.assert_array_equal(mesh.triangles, drawn.triangles)
    np.testing.assert_array_equal(mesh.loss, flat(landscape, "loss"))
    np.testing.assert_array_equal(mesh.fields["accuracy"], flat(landscape, "accuracy"))
    assert not mesh.interpolated.any()
    edges = inner_edges(mesh.triangles)
    rim = [edge for edge, count in edges.items() if count == 1]
    assert set(edges.values()) == {1, 2}
    u, v = mesh.vertices[rim][:, :, 0], mesh.vertices[rim][:, :, 1]
    frame = (u == u.min()).all(axis=1) | (u == u.max()).all(axis=1) | (v == v.min()).all(axis=1)
    assert (frame | (v == v.max()).all(axis=1)).all()
    sides = mesh.vertices[mesh.triangles]
    area = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])[:, 2] / 2
    assert (area > 0).all()
    assert area.sum() == pytest.approx(np.ptp(landscape.u) * np.ptp(landscape.v))
    assert bool(mesh.plateau) == (view.height_cap is not None)
    assert mesh.height.max() == pytest.approx(1.2 if view.height_cap else mesh.loss.max(), rel=1e-6)


def test_a_ply_names_the_finer_grids_and_has_the_grid_first(tmp_path: Path) -> None:
    landscape = refined(complete=False)
    export_landscape(tmp_path / "a.ply", landscape, ViewState(height_cap=1.2))
    data = PlyData.read(tmp_path / "a.ply", known_list_len={"face": {"vertex_indices": 3}})
    assert len(data["vertex"].data) == POINTS
    np.testing.assert_array_equal(data["vertex"]["scalar_loss"][:99], landscape.loss.ravel().astype(np.float32))
    computed = np.concatenate([landscape.computed.ravel(), *(r.landscape.computed.ravel() for r in landscape.regions)])
    np.testing.assert_array_equal(data["vertex"]["scalar_interpolated"] == 0, computed)
    assert np.isfinite(data["vertex"]["scalar_loss"]).all()  # where it is not computed, what is around stands for it
    assert "vertices: the grid of 11 x 9 points, then each finer grid inside, row by row" in data.comments
    assert any(line.startswith("finer grid of 9 x 7 points, 2 times as fine: u -0.6 to 0.2") for line in data.comments)
    assert any(line == "values above 1.2 are a plateau" for line in data.comments)
    told = json.loads((tmp_path / "a.json").read_text())
    assert [entry["shape"] for entry in told["finer_grids"]] == [list(shape) for shape in SHAPES]
    assert told["plateau"] == "values above 1.2 are a plateau"


@pytest.mark.parametrize("suffix", [".ply", ".vtp", ".csv", ".npz"])
@pytest.mark.parametrize("complete", [True, False])
def test_a_file_opens_with_its_finer_grids(tmp_path: Path, suffix: str, complete: bool) -> None:
    landscape = refined(complete=complete)
    (file, *_) = export_landscape(tmp_path / f"a{suffix}", landscape, ViewState())
    again = opened(tmp_path, file)
    exact = np.float32 if suffix == ".ply" else np.float64
    assert [region.patch for region in again.regions] == list(PATCHES)
    pairs = (
        (region.landscape, other.landscape) for region, other in zip(landscape.regions, again.regions, strict=True)
    )
    for before, after in ((landscape, again), *pairs):
        np.testing.assert_array_equal(after.u, before.u)
        np.testing.assert_array_equal(after.v, before.v)
        np.testing.assert_array_equal(after.computed, before.computed)
        for name in ("loss", "accuracy", "loss_standard_error"):
            np.testing.assert_array_equal(after.fields[name], before.fields[name].astype(exact))
    finer = again.regions[0].landscape.job
    assert finer is not None
    assert (finer.grid.u.count, finer.grid.v.count) == (9, 7)  # Refine this region goes on from here
    shown, drawn = (resolve(each, ViewState()).surface for each in (landscape, again))
    np.testing.assert_array_equal(drawn.triangles, shown.triangles)
    np.testing.assert_allclose(drawn.points, shown.points, atol=1e-5)


def test_a_finer_grid_that_reaches_below_zero_does_not_harm_the_decades(tmp_path: Path) -> None:
    landscape = refined()
    loss = landscape.regions[1].landscape.loss.copy()
    loss[3, 3] = -0.2
    below = replace(landscape.regions[1], landscape=replace(landscape.regions[1].landscape, fields={"loss": loss}))
    landscape = replace(landscape, regions=(landscape.regions[0], below))
    export_landscape(tmp_path / "a.ply", landscape, ViewState(height="log_loss"))
    persistence = PlyData.read(tmp_path / "a_points.ply")["vertex"]["scalar_persistence"]
    assert persistence.size
    assert np.isfinite(persistence).all()


def test_a_picture_from_before_the_finer_grids_is_not_taken(tmp_path: Path) -> None:
    landscape = refined()
    before = resolve(replace(landscape, regions=()), ViewState())
    (file, *_) = export_landscape(tmp_path / "a.ply", landscape, ViewState(), picture=before)
    assert len(PlyData.read(file)["vertex"].data) == POINTS


def test_a_file_without_a_job_opens_with_its_finer_grids_too(tmp_path: Path) -> None:
    (file,) = export_landscape(tmp_path / "a.npz", refined(full=False), ViewState())
    assert [region.patch for region in opened(tmp_path, file).regions] == list(PATCHES)


def test_formats_for_viewers_have_what_is_drawn_and_nothing_else(tmp_path: Path) -> None:
    landscape = refined()
    mesh = build_mesh(landscape, ViewState(), resolve(landscape, ViewState()))
    count = np.unique(mesh.triangles).size
    assert count < POINTS
    export_landscape(tmp_path / "a.obj", landscape, ViewState())
    lines = (tmp_path / "a.obj").read_text().splitlines()
    assert sum(line.startswith("v ") for line in lines) == count
    assert sum(line.startswith("f ") for line in lines) == len(mesh.triangles)
    export_landscape(tmp_path / "a.stl", landscape, ViewState())
    assert pv.read(tmp_path / "a.stl").n_cells == len(mesh.triangles)
    export_landscape(tmp_path / "a.glb", landscape, ViewState())
    data = (tmp_path / "a.glb").read_bytes()
    table = json.loads(data[20 : 20 + int(np.frombuffer(data, "<u4", 4)[3])])
    assert table["accessors"][0]["count"] == count
    assert len(table["asset"]["extras"]["finer_grids"]) == 2


def test_a_table_says_which_grid_a_row_belongs_to(tmp_path: Path) -> None:
    (file, *_) = export_landscape(tmp_path / "a.csv", refined(), ViewState())
    with file.open() as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert Counter(row["finer_grid"] for row in rows) == {"0": 99, "1": 63, "2": 289}
    (plain, *_) = export_landscape(tmp_path / "b.csv", bowl(), ViewState())
    assert "finer_grid" not in plain.read_text()
    bare = tmp_path / "bare.csv"
    lines = file.read_text().splitlines(keepends=True)
    bare.write_text("".join(line for line in lines if not line.startswith("#")))
    (grid,) = import_grids(bare)
    assert grid.fields["loss"].shape == (9, 11)
    assert "left out" in grid.notes[-1]


@pytest.mark.parametrize(
    ("name", "flavour", "wanted"),
    [("a.h5", "talweg", False), ("a.vti", "talweg", False), ("a.vtp", "li2018", False), ("a.ply", "talweg", True)],
)
def test_the_grid_alone_is_written_where_a_format_or_the_user_wants_it(
    tmp_path: Path, name: str, flavour: str, wanted: bool
) -> None:
    landscape = refined(holes=flavour == "talweg")
    assert holds_finer_grids(Path(name).suffix, flavour) is wanted
    view = ViewState()
    written = export_landscape(
        tmp_path / name, landscape, view, picture=resolve(landscape, view), flavour=flavour, grid_only=wanted
    )
    (grid,) = import_grids(written[0], Hints(logarithm=False))
    assert grid.fields["loss"].shape == (9, 11)
    assert not grid.regions
    if flavour == "talweg":
        assert LEFT_OUT in grid.notes
    plain = export_landscape(tmp_path / f"b{name}", replace(landscape, regions=()), view, flavour=flavour)
    if name == "a.ply":
        one, other = (PlyData.read(files[0]) for files in (written, plain))
        assert one["vertex"].data.tobytes() == other["vertex"].data.tobytes()
    if flavour == "li2018":
        assert written[0].read_bytes() == plain[0].read_bytes()


def test_points_that_are_not_where_the_description_has_them_are_refused(tmp_path: Path) -> None:
    (file, *_) = export_landscape(tmp_path / "a.ply", refined(), ViewState())
    data = PlyData.read(file)
    data["vertex"].data["x"][120] += 0.05
    data.write(tmp_path / "b.ply")
    with pytest.raises(InputError, match="do not fit its description"):
        import_grids(tmp_path / "b.ply")
    text = export_landscape(tmp_path / "a.csv", refined(), ViewState())[0].read_text()
    lines = text.splitlines(keepends=True)
    (tmp_path / "c.csv").write_text("".join(lines[: -SHAPES[1][0] * SHAPES[1][1]]))
    with pytest.raises(InputError, match="points of 1 finer grids; expected 2"):
        import_grids(tmp_path / "c.csv")


def test_huge_coordinates_are_shifted_as_the_finest_grid_needs(tmp_path: Path) -> None:
    landscape = refined()
    regions = tuple(
        Region(replace(region.landscape, u=region.landscape.u + 500.0), region.patch) for region in landscape.regions
    )
    far = replace(landscape, u=landscape.u + 500.0, regions=regions)
    fine = tuple(refine_axes(far.u, far.v, patch)[0] for patch in PATCHES)
    far = replace(
        far,
        regions=tuple(
            Region(replace(region.landscape, u=u), region.patch) for region, u in zip(regions, fine, strict=True)
        ),
    )
    (file, *_) = export_landscape(tmp_path / "a.ply", far, ViewState())
    assert any(line.startswith("offset") for line in PlyData.read(file).comments)
    np.testing.assert_array_equal(opened(tmp_path, file).regions[1].landscape.u, fine[1])


def test_a_map_draws_the_levels_of_the_finer_grids(tmp_path: Path) -> None:
    landscape = refined(holes=True)
    coarse, (finer, finest) = landscape, landscape.regions
    u, v = np.meshgrid(finest.landscape.u, finest.landscape.v)
    dip = np.hypot(u - u.mean(), (v - v.mean()) / 2) < 0.15  # no point of the coarser grids is in there but one
    loss = np.where(dip, 0.01, finest.landscape.loss)
    deep = Region(replace(finest.landscape, fields={"loss": loss}), finest.patch)
    landscape = replace(coarse, regions=(finer, deep))
    view = ViewState(contour_levels=(0.125,), critical_points=False)
    (whole,) = export_landscape(tmp_path / "a.svg", landscape, view)
    (alone,) = export_landscape(tmp_path / "b.svg", landscape, view, grid_only=True)
    assert ">0.125<" in whole.read_text()
    assert ">0.125<" not in alone.read_text()
