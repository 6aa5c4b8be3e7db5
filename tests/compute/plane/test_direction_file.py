from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from torch import nn

from talweg_compute.messages import InputError
from talweg_compute.plane import (
    principal_directions,
    random_directions,
    read_direction_file,
    write_direction_file,
)
from talweg_compute.problem.layout import Layout
from tests.reference.plane_directions import normalize_filters

RANDOM = "m.t7_{}_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter.h5"


@pytest.mark.parametrize("mode", ["weights", "states"])
def test_golden_directions_are_read_exactly(golden: Path, golden_model: nn.Module, mode: str) -> None:
    layout = Layout.of(golden_model)
    path = golden / RANDOM.format(mode)
    found = read_direction_file(path, golden_model, layout)
    assert found.mode == mode
    names = [n for n, _ in golden_model.named_parameters()] if mode == "weights" else list(golden_model.state_dict())
    with h5py.File(path) as file:
        for direction, group in zip(found.directions, ("xdirection", "ydirection"), strict=True):
            views = layout.views(direction)
            for index, name in enumerate(names):
                if name in views:
                    np.testing.assert_array_equal(views[name].numpy(), file[f"{group}/{index}"][()])
    assert not found.directions[:, layout.parameter_size :].any()  # biasbn: zero in both modes


def test_states_directions_may_move_buffers(golden: Path, golden_model: nn.Module) -> None:
    """A line between two models: the buffers move, and the counter's int64 difference is dropped."""
    layout = Layout.of(golden_model)
    path = golden / "m.t7_m2.t7_states.h5"
    found = read_direction_file(path, golden_model, layout, count=None)
    assert found.directions.shape == (1, layout.size)
    other = torch.load(golden / "m2.t7", weights_only=True)["state_dict"]
    difference = layout.flatten(other) - layout.flatten(golden_model.state_dict())
    torch.testing.assert_close(found.directions[0], difference, atol=0, rtol=0)
    assert difference[layout.parameter_size :].any()


def test_a_plane_needs_two_directions(golden: Path, golden_model: nn.Module) -> None:
    with pytest.raises(InputError, match="has no ydirection"):
        read_direction_file(golden / "m.t7_states_xnorm=filter.h5", golden_model, Layout.of(golden_model))


def test_a_states_file_without_counters_is_read(golden: Path, golden_model: nn.Module, tmp_path: Path) -> None:
    with h5py.File(golden / RANDOM.format("states")) as old, h5py.File(tmp_path / "old.h5", "w") as new:
        for group in ("xdirection", "ydirection"):
            for index, key in enumerate(key for key in "012345678" if key != "6"):
                new[f"{group}/{index}"] = old[f"{group}/{key}"][()]
    layout = Layout.of(golden_model)
    old_directions = read_direction_file(golden / RANDOM.format("states"), golden_model, layout)
    found = read_direction_file(tmp_path / "old.h5", golden_model, layout)
    assert found.mode == "states"
    assert torch.equal(found.directions, old_directions.directions)


@pytest.mark.parametrize("mode", ["weights", "states"])
def test_what_is_written_is_read_back(golden_model: nn.Module, tmp_path: Path, mode: str) -> None:
    layout = Layout.of(golden_model)
    directions = torch.randn(2, layout.size)
    if mode == "weights":
        directions[:, layout.parameter_size :] = 0
    write_direction_file(tmp_path / "d.h5", directions, golden_model, layout, mode)  # type: ignore[arg-type]
    found = read_direction_file(tmp_path / "d.h5", golden_model, layout)
    assert found.mode == mode
    assert torch.equal(found.directions, directions)
    with h5py.File(tmp_path / "d.h5") as file:
        assert len(file["xdirection"]) == (6 if mode == "weights" else 9)
        assert file["ydirection/0"].dtype == np.float32


def test_a_file_has_the_reference_layout(golden: Path, golden_model: nn.Module, tmp_path: Path) -> None:
    layout = Layout.of(golden_model)
    for mode in ("weights", "states"):
        path = golden / RANDOM.format(mode)
        directions = read_direction_file(path, golden_model, layout).directions
        write_direction_file(tmp_path / "d.h5", directions, golden_model, layout, mode)
        with h5py.File(path) as theirs, h5py.File(tmp_path / "d.h5") as ours:
            described = [
                {name: (d.shape, d.dtype) for group in f.values() for name, d in group.items()} for f in (theirs, ours)
            ]
            assert described[0] == described[1]


def test_moved_buffers_are_not_lost_silently(golden_model: nn.Module, tmp_path: Path) -> None:
    layout = Layout.of(golden_model)
    with pytest.raises(ValueError, match="mode states"):
        write_direction_file(tmp_path / "d.h5", torch.ones(2, layout.size), golden_model, layout)


def test_pca_extras(golden_model: nn.Module, tmp_path: Path) -> None:
    layout = Layout.of(golden_model)
    path = torch.randn(5, layout.size)
    pca = principal_directions(lambda index, part: path[index, part], 5, path[-1], layout)
    write_direction_file(tmp_path / "d.h5", pca.directions, golden_model, layout, pca=pca)
    with h5py.File(tmp_path / "d.h5") as file:
        np.testing.assert_allclose(file["explained_variance_ratio_"], pca.explained_variance_ratio[:2], rtol=1e-6)
        np.testing.assert_allclose(file["explained_variance_"], pca.singular_values[:2] ** 2 / 4, rtol=1e-6)
        np.testing.assert_allclose(file["singular_values_"], pca.singular_values[:2], rtol=1e-6)
    found = read_direction_file(tmp_path / "d.h5", golden_model, layout)
    assert torch.equal(found.directions, pca.directions)


def test_more_than_ten_tensors_keep_their_order(tmp_path: Path) -> None:
    model = nn.Sequential(*[nn.Linear(3, 3) for _ in range(7)])
    layout = Layout.of(model)
    directions = torch.randn(2, layout.size)
    write_direction_file(tmp_path / "d.h5", directions, model, layout)
    assert torch.equal(read_direction_file(tmp_path / "d.h5", model, layout).directions, directions)


def test_tied_parameters(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Embedding(5, 3), nn.BatchNorm1d(3), nn.Linear(3, 5, bias=False))
    model[2].weight = model[0].weight
    layout = Layout.of(model)
    directions = torch.randn(2, layout.size)
    write_direction_file(tmp_path / "d.h5", directions, model, layout, "states")
    assert torch.equal(read_direction_file(tmp_path / "d.h5", model, layout).directions, directions)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Linear(48, 5)),
            r"xdirection/4 has shape \[4, 48\].*\[5, 48\], 2\.weight",
        ),
        (nn.Sequential(nn.Conv2d(1, 3, 3), nn.Linear(48, 4)), r"xdirection/2 has shape \[3\].*\[4, 48\], 1\.weight"),
        (nn.Conv2d(1, 3, 3), r"xdirection/2 has shape \[3\].*no such tensor \(6 tensors in the file, 2"),
    ],
)
def test_the_first_tensor_that_differs_is_named(golden: Path, model: nn.Module, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_direction_file(golden / RANDOM.format("weights"), model, Layout.of(model))


def test_a_missing_tensor_is_named(golden: Path) -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Linear(48, 4), nn.Linear(4, 2))
    with pytest.raises(InputError, match=r"xdirection/6 is missing, the model has \[2, 4\], 3\.weight"):
        read_direction_file(golden / RANDOM.format("weights"), model, Layout.of(model))


def test_other_files_are_refused(golden: Path, golden_model: nn.Module, tmp_path: Path) -> None:
    layout = Layout.of(golden_model)
    surface = golden / (RANDOM.format("weights") + "_[-1.0,1.0,5]x[-1.0,1.0,3].h5")
    with pytest.raises(InputError, match=r"not a direction file.*It is a surface; its directions are in"):
        read_direction_file(surface, golden_model, layout)
    with pytest.raises(InputError, match="not an HDF5 file"):
        read_direction_file(golden / "m.t7", golden_model, layout)
    with pytest.raises(InputError, match="no such"):
        read_direction_file(tmp_path / "none.h5", golden_model, layout)
    directions = random_directions(layout, torch.ones(layout.size), 1)
    directions[1, 0] = torch.nan
    write_direction_file(tmp_path / "nan.h5", directions, golden_model, layout)
    with pytest.raises(InputError, match="ydirection holds numbers that are not finite"):
        read_direction_file(tmp_path / "nan.h5", golden_model, layout)


def test_the_golden_directions_are_understood(golden: Path, load_golden: Callable[[str], nn.Module]) -> None:
    """The reference code: seed, construct the network, draw every parameter of x, then of y, then normalize."""
    model = load_golden("m.t7")
    layout = Layout.of(model)
    found = read_direction_file(golden / RANDOM.format("weights"), model, layout).directions
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(123)
        type(model)()
        for direction in found:
            drawn = [torch.randn(p.shape) for p in model.parameters()]
            for (name, weight), d in zip(model.named_parameters(), drawn, strict=True):
                expected = normalize_filters(d, weight.detach()) if d.dim() > 1 else torch.zeros_like(d)
                assert torch.equal(layout.views(direction)[name], expected)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["small_dense_entropy", "cnn_margin"])
def test_published_directions_fit_their_networks(shared_data: Path, name: str) -> None:
    models = {
        "small_dense_entropy": nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)),
        "cnn_margin": nn.Sequential(nn.Conv2d(1, 3, 3), nn.Conv2d(3, 5, 3), nn.Linear(20, 10)),
    }
    model = models[name]
    path = shared_data / "surfaces/mbrar8_mnist" / name / RANDOM.format("states").replace("m.t7", "model_10")
    layout = Layout.of(model)
    state = torch.load(shared_data / f"checkpoints/mbrar8_mnist/{name}/model_10.pt", weights_only=True)
    state = state.get("state_dict", state)
    model.load_state_dict(dict(zip(model.state_dict(), state.values(), strict=True)))
    found = read_direction_file(path, model, layout)
    assert found.mode == "weights"  # the same, since there are no buffers
    for direction in found.directions:
        for (key, d), weight in zip(layout.views(direction).items(), model.parameters(), strict=True):
            if d.dim() == 1:
                assert not d.any(), key
            else:
                torch.testing.assert_close(d.flatten(1).norm(dim=1), weight.detach().flatten(1).norm(dim=1))
