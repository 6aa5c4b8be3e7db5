"""Volumes: written, and read back as volumes, bit for bit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvista as pv

from talweg.document import Document
from talweg.export import add_grids, export_landscape, import_grids
from talweg.landscape import Landscape
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import bowl, only_grid

W = np.array([-0.5, 0.25, 1.0])


def volume() -> Landscape:
    """Three sheets with holes, points that were not computed, a path with a third coordinate, and a further field."""
    plane = bowl(7, 5)
    sheets = {name: np.stack([values + k for k in range(3)]) for name, values in plane.fields.items()}
    computed = np.ones((3, 5, 7), dtype=bool)
    computed[1, 2] = False
    sheets = {name: np.where(computed, values, np.nan) for name, values in sheets.items()}
    assert plane.path is not None
    path = replace(plane.path, w=np.array([0.5, 0.25, 0.125, 0.0]))
    fields = sheets | {"gradient_norm": np.abs(sheets["loss"]) / 3}
    return replace(plane, w=W, fields=fields, computed=computed, paths=(path,))


@pytest.mark.parametrize("suffix", [".vti", ".npz", ".csv"])
def test_a_volume_comes_back_as_a_volume(tmp_path: Path, suffix: str) -> None:
    landscape = volume()
    export_landscape(tmp_path / f"a{suffix}", landscape, ViewState())
    with Document.create(tmp_path / "back.talweg") as document:
        back = document.landscape(add_grids(document, import_grids(tmp_path / f"a{suffix}")))
    assert back.dimensions == 3
    for axis in ("u", "v", "w"):
        np.testing.assert_array_equal(getattr(back, axis), getattr(landscape, axis))
    np.testing.assert_array_equal(back.computed, landscape.computed)
    for name, values in landscape.fields.items():
        np.testing.assert_array_equal(back.fields[name], values, err_msg=name)
    assert (back.job, back.name) == (landscape.job, landscape.name)
    assert back.path is not None
    assert landscape.path is not None
    np.testing.assert_array_equal(back.path.w, landscape.path.w)
    np.testing.assert_array_equal(back.at(0.3).loss, landscape.loss[1])


@pytest.mark.parametrize("lines", [False, True])
def test_a_plane_as_image_data(tmp_path: Path, lines: bool) -> None:
    landscape = bowl()
    export_landscape(tmp_path / "a.vti", landscape, ViewState())
    if lines:  # of another program: no description
        image = pv.read(tmp_path / "a.vti")
        image.field_data.clear()
        image.save(tmp_path / "a.vti")
    grid = only_grid(tmp_path / "a.vti")
    np.testing.assert_array_equal(grid.fields["loss"], landscape.loss)
    np.testing.assert_allclose(grid.u, landscape.u, atol=1e-12)
    np.testing.assert_allclose(grid.v, landscape.v, atol=1e-12)
    assert grid.w.tolist() == [0.0]
    assert (grid.job is None) == lines


def test_image_data_of_another_program(tmp_path: Path) -> None:
    image = pv.ImageData(dimensions=(4, 3, 2), spacing=(0.5, 1.0, 2.0), origin=(-1.0, 0.0, 5.0))
    values = np.arange(24.0)
    image.point_data["energy"] = values
    image.save(tmp_path / "a.vti")
    with pytest.raises(InputError, match="nothing in this file is called loss; say which of energy is the loss"):
        only_grid(tmp_path / "a.vti")
    image.rename_array("energy", "loss")
    image.save(tmp_path / "a.vti")
    grid = only_grid(tmp_path / "a.vti")
    assert (grid.u.tolist(), grid.v.tolist(), grid.w.tolist()) == ([-1.0, -0.5, 0.0, 0.5], [0.0, 1.0, 2.0], [5.0, 7.0])
    np.testing.assert_array_equal(grid.fields["loss"], values.reshape(2, 3, 4))  # x runs fastest


@pytest.mark.parametrize("size", [60, 700, -200])
def test_damaged_image_data_gets_a_sentence(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.vti"
    export_landscape(path, volume(), ViewState())
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match=r"a\.vti: this VTI file is cut off"):
        only_grid(path)


def test_a_volume_of_landscaper(tmp_path: Path) -> None:
    steps = np.linspace(-1, 1, 4)
    x, y, z = np.meshgrid(steps, 2 * steps, 3 * steps, indexing="ij")
    np.savez(tmp_path / "a.npz", loss=x + 10 * y + 100 * z, coordinates=np.stack([steps, 2 * steps, 3 * steps]))
    grid = only_grid(tmp_path / "a.npz")
    np.testing.assert_array_equal(grid.w, 3 * steps)
    assert grid.fields["loss"][3, 0, 1] == steps[1] + 20 * steps[0] + 300 * steps[3]


def test_a_volume_without_coordinates_gets_a_sentence(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 3, 4)))
    with pytest.raises(
        InputError, match=r"a volume, without its coordinates; expected u \[nu\], v \[nv\] and w \[nw\]"
    ):
        only_grid(tmp_path / "a.npy")
