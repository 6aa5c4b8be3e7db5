"""The checkpoints that a plane was laid through, from the document to pictures and words."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg.document import Document
from talweg.export import add_grids, export_landscape, import_grids
from talweg.figures.curves import save_curves
from talweg.landscape import Landscape
from talweg.picture import describe_checkpoint, find_checkpoint, resolve
from talweg.picture.landmarks import shorten
from talweg.terminal.summary import summarise
from talweg.view.state import ViewState
from talweg_compute.messages import LANDMARKS, Block, Trajectory

AXIS = np.linspace(-1.0, 3.0, 9)
PLACES = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 2.0]])
LOSS = np.array([0.5, 4.5, 5.5])
LOSS_THERE = np.array([0.5, 4.75, 5.5])


def landmarks(w: np.ndarray | None = None) -> Trajectory:
    places = PLACES if w is None else np.column_stack([PLACES, w])
    zeros, accuracy = np.zeros(3), np.array([90.0, 50.0, 40.0])
    blocks = (places, zeros, LOSS, accuracy)
    return Trajectory("", ("a.pt", "b.pt", "c.pt"), *map(Block.of, blocks), (), Block.of(LOSS_THERE), LANDMARKS)


def run() -> Trajectory:
    places = np.array([[1.0, 1.0], [0.5, 0.25], [0.0, 0.0]])
    blocks = (places, np.array([0.75, 0.5, 0.0]), np.array([3.0, 1.5, 0.5]), np.array([10.0, 60.0, 90.0]))
    return Trajectory("", ("e_0.pt", "e_1.pt", "e_2.pt"), *map(Block.of, blocks), (0.6, 0.2), None, 0, "")


@pytest.fixture
def plane(tmp_path: Path) -> Landscape:
    """Loss 0.5 + u² + v², three landmarks, a run."""
    loss = 0.5 + AXIS[None, :] ** 2 + AXIS[:, None] ** 2
    with Document.create(tmp_path / "plane.talweg") as document:
        number = document.add_landscape("plane", AXIS, AXIS, fields={"loss": loss}, source="plane.npz")
        for event in (run(), landmarks()):
            document.commit(number, event)
    with Document.open(tmp_path / "plane.talweg") as document:
        return document.landscape(number)


@pytest.fixture
def line(tmp_path: Path) -> Landscape:
    with Document.create(tmp_path / "line.talweg") as document:
        number = document.add_landscape("line", AXIS, fields={"loss": 0.5 + AXIS**2}, source="line.npz")
        blocks = (np.array([[0.0], [2.0]]), np.zeros(2), LOSS[:2], np.zeros(2))
        document.commit(
            number, Trajectory("", ("a.pt", "b.pt"), *map(Block.of, blocks), (), Block.of(LOSS[:2]), LANDMARKS)
        )
        return document.landscape(number)


def test_a_document_tells_them_from_runs(plane: Landscape) -> None:
    assert [path.names for path in plane.paths] == [("e_0.pt", "e_1.pt", "e_2.pt")]
    assert plane.landmarks is not None
    assert plane.landmarks.names == ("a.pt", "b.pt", "c.pt")
    np.testing.assert_array_equal(plane.landmarks.coordinates, PLACES)
    points = summarise(plane)["plane_checkpoints"]
    assert [point["name"] for point in points] == ["a.pt", "b.pt", "c.pt"]
    assert points[1]["loss_at_projection"] == 4.75


def test_they_stand_on_the_surface_and_can_be_left_out(plane: Landscape) -> None:
    picture = resolve(plane, ViewState())
    part = picture.landmarks
    assert part is not None
    u, v = picture.frame.to_plane(part.positions[:, 0], part.positions[:, 1])
    np.testing.assert_allclose(np.column_stack([u, v]), PLACES, atol=1e-6)
    np.testing.assert_allclose(picture.frame.z_to_height(part.positions[:, 2]), 0.5 + (PLACES**2).sum(1), rtol=1e-5)
    assert part.names == ("a.pt", "b.pt", "c.pt")
    assert resolve(plane, ViewState(colour_map="magma"), picture).landmarks is part
    without = resolve(plane, ViewState(landmarks=False), picture).landmarks
    assert without is not None
    assert not without.visible


def test_a_checkpoint_is_told_with_its_own_loss_the_plane_s_and_the_distance(plane: Landscape) -> None:
    found = find_checkpoint(plane, 0, 1)
    assert found is not None
    assert (found.name, found.loss, found.residual) == ("e_1.pt", 1.5, 0.5)
    assert found.plane_loss == pytest.approx(0.5 + 0.25 + 0.125)  # of the drawn triangles, since it was not evaluated
    words = describe_checkpoint(found)
    assert words == "e_1.pt   its loss 1.5, accuracy 60.00 %   the plane's loss there 0.875   0.5 off the plane"
    mark = find_checkpoint(plane, LANDMARKS, 1)
    assert mark is not None
    assert mark.plane_loss == 4.75
    assert describe_checkpoint(mark).endswith("on the plane")
    assert find_checkpoint(plane, 1, 0) is None
    assert find_checkpoint(plane, 0, 3) is None


def test_a_pin_on_a_checkpoint_says_so(plane: Landscape) -> None:
    probe = resolve(plane, ViewState(pins=((0.5, 0.25), (2.0, 0.0), (0.5, 0.3)))).probe
    assert probe is not None
    run_pin, landmark_pin, other = probe.words
    assert run_pin == "e_1.pt: 1.5, plane 0.875, 0.5 off the plane"
    assert landmark_pin == "b.pt: 4.5, plane 4.75, on the plane"
    assert ".pt" not in other


def texts(path: Path) -> list[str]:
    tree = ElementTree.parse(path)  # noqa: S314 (our own file)
    return ["".join(element.itertext()).strip() for element in tree.iter() if "text" in element.tag]


def test_maps_and_curves_name_them(plane: Landscape, line: Landscape, tmp_path: Path) -> None:
    export_landscape(tmp_path / "map.svg", plane, ViewState())
    assert {"a.pt", "b.pt", "c.pt"} <= {*texts(tmp_path / "map.svg")}
    export_landscape(tmp_path / "bare.svg", plane, ViewState(landmarks=False))
    assert "a.pt" not in texts(tmp_path / "bare.svg")
    sizes = []
    for view in (ViewState(), ViewState(landmarks=False)):
        save_curves(tmp_path / "line.svg", [line], view=view)
        sizes.append((tmp_path / "line.svg").stat().st_size)
    assert sizes[0] > sizes[1] + 1000  # markers, and names as outlines


def test_a_sheet_of_a_volume_has_those_that_lie_in_it(tmp_path: Path) -> None:
    w = np.array([-1.0, 0.0, 1.0])
    with Document.create(tmp_path / "volume.talweg") as document:
        number = document.add_landscape("volume", AXIS, AXIS, w, fields={"loss": np.ones((3, 9, 9))}, source="v.npz")
        document.commit(number, landmarks(np.array([0.0, 0.9, 0.1])))
        volume = document.landscape(number)
    names = [sheet.landmarks.names for k in range(3) if (sheet := volume.sheet(k)).landmarks is not None]
    assert names == [(), ("a.pt", "c.pt"), ("b.pt",)]


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".h5", ".vtp", ".ply", ".vti"])
def test_exports_keep_every_run_and_the_landmarks(plane: Landscape, tmp_path: Path, suffix: str) -> None:
    second = msgspec.structs.replace(run(), run=1, run_name="adam", loss_at_projection=Block.of(np.array([1.0, 2, 3])))
    with Document.open(tmp_path / "plane.talweg") as document:
        document.commit(plane.id, second)
        export_landscape(tmp_path / f"out{suffix}", document.landscape(plane.id), ViewState())
    with Document.create(tmp_path / "back.talweg") as document:
        back = document.landscape(add_grids(document, import_grids(tmp_path / f"out{suffix}")))
    assert [path.title for path in back.paths] == ["", "adam"]
    assert back.paths[0].explained_variance == (0.6, 0.2)
    np.testing.assert_array_equal(back.paths[1].loss_at_projection, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(back.paths[0].residual, [0.75, 0.5, 0.0])
    assert back.landmarks is not None
    assert back.landmarks.names == ("a.pt", "b.pt", "c.pt")
    np.testing.assert_array_equal(back.landmarks.loss_at_projection, LOSS_THERE)


def test_long_names_lose_their_middle() -> None:
    assert shorten("model_300.t7") == "model_300.t7"
    assert shorten("resnet56_sgd_lr=0.1_bs=128_wd=0.0005/model_300.t7") == "resnet56_sgd_lr…05/model_300.t7"
