from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch.nn import functional

from talweg_compute.messages import PRESETS, InputError, Normalize, Training, build_training
from talweg_compute.problem import EpochResult, build_model, fit_checkpoint, read_checkpoint, train
from talweg_compute.problem.recipe import build_optimizer, crop_and_flip


def test_two_runs_leave_the_same_bytes_and_their_checkpoints_load(tmp_path: Path) -> None:
    results: list[EpochResult] = []
    for name in ("a", "b"):
        torch.rand(1)  # the global state must not matter
        assert train(Training(folder=str(tmp_path / name), epochs=2), results.append)

    names = ["epoch_000.pt", "epoch_001.pt", "epoch_002.pt"]
    assert [result.checkpoint.name for result in results] == names * 2
    for name in names:
        first = (tmp_path / "a" / name).read_bytes()
        assert first == (tmp_path / "b" / name).read_bytes()
        assert len(first) < 60_000
    assert sorted(path.name for path in (tmp_path / "a").glob("[!.]*")) == [*names, "log.csv"]
    content = torch.load(tmp_path / "a" / names[2], weights_only=True)
    build_model("digits_resnet", {}).load_state_dict(content["state_dict"])
    assert content["epoch"] == 2
    assert content["test_accuracy"] == results[2].test_accuracy
    assert results[0].train_loss is None
    state = read_checkpoint(tmp_path / "a" / names[0])
    assert not torch.equal(state["conv1.weight"], content["state_dict"]["conv1.weight"])
    train(Training(folder=str(tmp_path / "a"), epochs=1, seed=2), results.append)
    assert not torch.equal(read_checkpoint(tmp_path / "a" / names[0])["conv1.weight"], state["conv1.weight"])


@pytest.mark.parametrize(("shortcut", "epochs"), [("B", 20), ("none", 12)])
def test_it_learns(tmp_path: Path, shortcut: str, epochs: int) -> None:
    results: list[EpochResult] = []
    train(Training(folder=str(tmp_path), model_args={"shortcut": shortcut}, epochs=epochs), results.append)

    assert len(results) == epochs + 1
    assert results[0].test_accuracy is not None
    assert results[0].test_accuracy < 25
    assert results[-1].test_accuracy is not None
    assert results[-1].test_accuracy > 95


def test_it_stops_when_asked(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    results: list[EpochResult] = []

    assert not train(Training(folder=str(tmp_path), epochs=5), results.append, lambda: len(results) > 1)

    assert len(results) == 2
    assert {path.name for path in tmp_path.glob("[!.]*")} == {"notes.txt", "log.csv", "epoch_000.pt", "epoch_001.pt"}


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw"])
def test_a_resumed_run_ends_as_one_that_was_never_stopped(tmp_path: Path, optimizer: str) -> None:
    whole = Training(
        folder=str(tmp_path / "whole"), epochs=4, optimizer=optimizer, learning_rate=0.01, augmentation="crop_flip",
        schedule="drops", drops=(2, 3),
    )  # fmt: skip
    parts = msgspec.structs.replace(whole, folder=str(tmp_path / "parts"), resume=True)
    results: list[EpochResult] = []
    train(whole, lambda result: None)
    assert not train(parts, results.append, lambda: len(results) == 3)
    assert train(parts, results.append)

    assert [result.epoch for result in results] == [0, 1, 2, 3, 4]
    for name in ("epoch_004.pt", "log.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    rows = [row.split(",") for row in (tmp_path / "whole" / "log.csv").read_text().splitlines()]
    assert rows[0] == ["epoch", "train_loss", "test_loss", "test_accuracy", "next_learning_rate"]
    assert [float(row[4]) for row in rows[1:]] == pytest.approx([0.01, 0.01, 0.001, 0.0001, 0.0001])
    assert float(rows[5][3]) == pytest.approx(results[-1].test_accuracy)
    with pytest.raises(InputError, match=r"training\.resume: .* holds a run with other settings"):
        train(msgspec.structs.replace(parts, seed=2), results.append)


@pytest.mark.parametrize(
    ("optimizer", "reference"),
    [
        ("sgd", lambda w: torch.optim.SGD([w], 0.1, weight_decay=0.01)),
        ("momentum", lambda w: torch.optim.SGD([w], 0.1, 0.9, weight_decay=0.01)),
        ("nesterov", lambda w: torch.optim.SGD([w], 0.1, 0.9, weight_decay=0.01, nesterov=True)),
        ("adam", lambda w: torch.optim.Adam([w], 0.1, weight_decay=0.01)),
        ("adamw", lambda w: torch.optim.AdamW([w], 0.1, weight_decay=0.01)),
    ],
)
def test_optimizers(optimizer: str, reference: Callable[[torch.Tensor], torch.optim.Optimizer]) -> None:
    training = Training(optimizer=optimizer, learning_rate=0.1, momentum=0.9, weight_decay=0.01, schedule="constant")
    model = torch.nn.Linear(3, 1, bias=False)
    weight = model.weight.detach().clone().requires_grad_()
    ours, theirs = build_optimizer(training, model), reference(weight)
    for _ in range(3):
        for parameter, step in ((model.weight, ours), (weight, theirs)):
            parameter.grad = 2 * parameter.detach()
            step.step()
    assert torch.equal(model.weight, weight)


def test_augmented_images_are_shifted_mirrored_and_padded_with_black() -> None:
    normalize = Normalize((0.5, 0.25), (0.5, 0.5))
    pixels = torch.rand(64, 2, 6, 5, generator=torch.Generator().manual_seed(0)) + 0.1
    mean, std = (torch.tensor(values).view(1, 2, 1, 1) for values in (normalize.mean, normalize.std))

    changed = crop_and_flip((pixels - mean) / std, normalize, torch.Generator().manual_seed(1)) * std + mean

    padded = functional.pad(pixels, (4, 4, 4, 4))
    found = set()
    for image, whole in zip(changed, padded, strict=True):
        matches = [
            (mirrored, row, column)
            for mirrored in (False, True)
            for row in range(9)
            for column in range(9)
            if torch.allclose(
                image.flip(2) if mirrored else image, whole[:, row : row + 6, column : column + 5], atol=1e-6
            )
        ]
        assert matches
        found.add(matches[0])
    assert {mirrored for mirrored, _, _ in found} == {False, True}
    assert {row for _, row, _ in found} == set(range(9))


def test_the_papers_recipes_are_valid() -> None:
    for name, preset in PRESETS.items():
        training = build_training(msgspec.to_builtins(preset), name)
        assert training.drops == (150, 225, 275)
    with pytest.raises(InputError, match=r"x: .*drops \(a list of epochs\) exactly when"):
        build_training({"drops": [3]}, "x")


def test_bf16_trains(tmp_path: Path) -> None:
    results: list[EpochResult] = []
    train(Training(folder=str(tmp_path), epochs=6, precision="bf16"), results.append)
    assert results[-1].test_accuracy is not None
    assert results[-1].test_accuracy > 90
    assert read_checkpoint(results[-1].checkpoint)["conv1.weight"].dtype == torch.float32


def test_own_data_without_a_test_set(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (33, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "d.npz", images=images, labels=np.arange(33) % 10)
    results: list[EpochResult] = []
    arguments = {"sizes": [64, 16, 10], "activation": "tanh"}
    train(
        Training(
            model="mlp",
            model_args=arguments,
            data=str(tmp_path / "d.npz"),
            folder=str(tmp_path / "run"),
            epochs=2,
            batch_size=8,
            momentum=0.0,
        ),
        results.append,
    )
    assert [result.test_accuracy for result in results] == [None] * 3
    assert results[2].train_loss is not None
    fit_checkpoint(build_model("mlp", arguments), read_checkpoint(results[2].checkpoint), "x")


def test_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    np.savez(tmp_path / "d.npz", inputs=np.ones((3, 64)), targets=np.ones(3))
    for training, words in (
        (Training(folder=str(tmp_path / "file")), r"training\.folder: got .* cannot be written: .*choose another"),
        (Training(data="digit"), r'training\.data: got "digit"; did you mean "digits"'),
        (Training(data=str(tmp_path / "d.npz")), r"training\.data: .* floating-point targets"),
        (Training(model="resnet20"), r"training\.model: a forward pass of 3 samples of shape \[3, 1, 8, 8\]"),
        (Training(device="cuda:9"), r'training\.device: got "cuda:9"'),
    ):
        with pytest.raises(InputError, match=words):
            train(training, lambda result: None)
