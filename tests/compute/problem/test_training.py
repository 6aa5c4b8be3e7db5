from pathlib import Path

import numpy as np
import pytest
import torch

from talweg_compute.messages import InputError, Training
from talweg_compute.problem import EpochResult, build_model, fit_checkpoint, read_checkpoint, train


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
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
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
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "epoch_000.pt", "epoch_001.pt"}


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
        (Training(model="resnet20"), r"training\.model: a forward pass of one sample of shape \[1, 1, 8, 8\]"),
        (Training(device="cuda:9"), r'training\.device: got "cuda:9"'),
    ):
        with pytest.raises(InputError, match=words):
            train(training, lambda result: None)
